"""Exercises of notebook 13: a digit from a gradient, the right way to clip, and how large the noise must be."""

import numpy as np

from helpers.activations import identity, relu
from helpers.checks import worker
from helpers.checks.evidence import there, thing
from helpers.exercises.base import Exercise, Mistake, Reply, rng_of, unwritten
from helpers.figures.leaks import opened
from helpers.losses import cross_entropy
from helpers.network import gradient
from helpers.parameters import glorot, views

_rng = np.random.default_rng(11)
TRUTHS = {"13: at equal accuracy, what hides the members better": "stopping"}


def my_recovery(dW, db):
    blamed = np.flatnonzero(db)
    return dW[:, blamed[0]] / db[blamed[0]]


def my_clip(G, C):
    lengths = np.linalg.norm(G, axis=1)
    return (G * np.minimum(1, C / lengths)[:, None]).mean(axis=0)


def my_noise(sigma, C, B):
    return sigma * C / B


def _gradient(d, k):
    x, dz = _rng.uniform(0.1, 1, d), _rng.normal(size=k)
    dz[:2] = 0  # two neurons are silent, the first among them
    return np.outer(x, dz), dz


def letter(X, Y, name=""):
    """dW (d, 64) and db (64,) of the first layer, for one digit of X (n, d), Y (n, K) that belongs to a name."""
    rng = rng_of(name)
    i, sizes = rng.integers(len(X)), [X.shape[1], 64, Y.shape[1]]
    grad, _ = gradient(glorot(sizes, rng), sizes, [relu, identity], X[i : i + 1], Y[i : i + 1], cross_entropy)
    return views(grad, sizes)[0]


def read_letter(recovery, X, Y, name=""):
    """A picture of what a student's `recovery` makes of the letter; nothing as long as it is unwritten."""
    if unwritten(recovery):
        return None
    (kind, found, *_), = worker.run(recovery, [letter(X, Y, name)])
    if kind != "gave":
        return Reply("wrong", f"Your function {'stops with ' if kind == 'raised' else ''}{found}.")
    if found is None:
        return Reply("wrong", "Your function returns nothing. Is there a `return`?")
    if isinstance(found, (str, tuple)) or np.iscomplexobj(found) or np.shape(found) != X.shape[1:]:
        return Reply("wrong", f"A digit is {thing(X[0])}, and your function returns {there(found)}.")
    return opened(np.asarray(found, float))


recovery = Exercise(
    my_recovery,
    cases=[_gradient(5, 6), _gradient(8, 4), _gradient(6, 6)],
    hints=["For one example dW[:, j] = x · dz[j] and db[j] = dz[j].", "Divide one by the other, for one neuron j.",
           "Take a j with db[j] ≠ 0: np.flatnonzero(db)[0]."],
    then="Whoever sees this gradient has seen the example.",
    mistakes=(
        Mistake("a row for a column", lambda dW, db: dW[0] / np.where(db, db, 1),
                "you take a row of dW, which belongs to one pixel.", "In dW (d, k), where does a neuron live: in a row or in a column?"),
        Mistake("not divided", lambda dW, db: dW[:, np.flatnonzero(db)[0]],
                "this is the column of dW, the image times its blame.", "Which factor does every pixel still carry?"),
        Mistake("multiplied", lambda dW, db: dW[:, np.flatnonzero(db)[0]] * db[np.flatnonzero(db)[0]],
                "you multiply by the blame that is in it already.", "dW = x · dz. How do you get rid of dz?"),
        Mistake("divided by the sum", lambda dW, db: dW[:, np.flatnonzero(db)[0]] / db.sum(),
                "you divide by the blame of all neurons together.", "Whose blame is in this column?"),
        Mistake("upside down", lambda dW, db: db[np.flatnonzero(db)[0]] / dW[:, np.flatnonzero(db)[0]],
                "the fraction is upside down.", "Which of the two contains x?"),
        Mistake("columns added", lambda dW, db: dW.sum(axis=1),
                "you added up all columns.", "What does each column lack until it is x?"),
    ),
)
clip = Exercise(
    my_clip,
    cases=[(_rng.normal(size=(n, P)) * _rng.uniform(0.1, 4, (n, 1)), C) for n, P, C in [(6, 5, 2.0), (9, 3, 1.0), (8, 7, 3.0)]],
    quantities=lambda G, C: {"the number of examples": len(G)},
    hints=["The length of each row: np.linalg.norm(G, axis=1).", "Each row is multiplied by min(1, C / its length).",
           "Then the mean over the rows."],
    then="Now nobody can pull the mean farther than C / n, whatever their example is.",
    mistakes=(
        Mistake("the mean clipped", lambda G, C: (m := G.mean(axis=0)) * min(1, C / np.linalg.norm(m)),
                "you cut the mean. One example can still push it all the way.", "What must be bounded before the examples meet?"),
        Mistake("every entry clipped", lambda G, C: np.clip(G, -C, C).mean(axis=0),
                "you cut every number by itself, which bends the direction.", "Of what should C be the length?"),
        Mistake("all brought to C", lambda G, C: (G * (C / np.linalg.norm(G, axis=1))[:, None]).mean(axis=0),
                "short gradients are stretched to the length C.", "What should happen to a gradient that is short already?"),
        Mistake("sum for mean", lambda G, C: my_clip(G, C) * len(G), "this is the sum.", "What does a gradient of the batch divide by?"),
        Mistake("lengths down the columns", lambda G, C: (G * np.minimum(1, C / np.linalg.norm(G, axis=0))).mean(axis=0),
                "you measure columns.", "Where is an example in G: in a row or in a column?"),
        Mistake("not clipped", lambda G, C: G.mean(axis=0), "nothing is cut.", "What does C do?"),
        Mistake("squared lengths", lambda G, C: (G * np.minimum(1, C / np.square(G).sum(axis=1))[:, None]).mean(axis=0),
                "you divide by the squared length.", "Which root is missing in the length?"),
    ),
)
noise = Exercise(
    my_noise,
    cases=[(1.0, 1.0, 250), (0.5, 2.0, 64), (2.0, 0.1, 10)],
    hints=["The noise is added to the sum of the clipped gradients, with spread σ C.", "Then everything is divided by B."],
    then="A larger batch drowns the noise; that is why private training likes large batches.",
    mistakes=(
        Mistake("B forgotten", lambda sigma, C, B: sigma * C, "this is the noise of the sum.", "What happens to the sum before the step?"),
        Mistake("C forgotten", lambda sigma, C, B: sigma / B, "C is missing: the noise must match what one example can do.",
                "If every gradient may be twice as long, how much noise hides one of them?"),
        Mistake("root of B", lambda sigma, C, B: sigma * C / np.sqrt(B), "you divide by the root of B.",
                "The noise is drawn once for the sum. Is there a mean over B draws in it?"),
        Mistake("the wrong way round", lambda sigma, C, B: sigma * C * B, "you multiply by B.", "Is the mean larger or smaller than the sum?"),
        Mistake("divided by C", lambda sigma, C, B: sigma / (C * B), "C stands on the wrong side.",
                "Do longer gradients need more noise, or less?"),
    ),
)
