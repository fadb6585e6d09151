"""Exercises of notebook 05: the stability limit, a step, the training loop, and a step with momentum."""

import numpy as np

from helpers.activations import identity, sigmoid
from helpers.checks import diagnosis
from helpers.exercises.base import Exercise, Mistake, equal
from helpers.topics import parts

_rng = np.random.default_rng(5)

TRUTHS = {
    "05: the α that gets closest in sixty steps": 0.4,
    "05: 1 % above the limit, it arrives, circles or explodes": "explodes",
    "05: with α = 0.43 it ends nearer than with 0.4, yes or no": "no",
    "05: steps with one example come to rest, yes or no": "no",
    "05: the boundary of one hidden neuron, bends or stays straight": "stays straight",
    "05: momentum in the longer valley, as many steps or eleven times": "as many",
}


def my_limit(steep=8, flat=0.4):
    return 2 / max(steep, flat)


def my_momentum(theta, grad, m, learning_rate, beta) -> ("the new θ", "the new m"):
    m_new = beta * m - learning_rate * grad
    return theta + m_new, m_new


class OfLayers(Exercise):
    """A task whose result is a list of layers (W, b, f)."""

    def evidence(self, pairs):
        """The first array that is wrong, by its layer."""
        for given, truth in pairs:
            if not isinstance(given, (tuple, list)) or len(given) != len(truth) or any(not isinstance(one, tuple) or len(one) != 3 for one in given):
                return f"there should be a list of {len(truth)} layers, each (W, b, f)"
            for i, (ours, theirs) in enumerate(zip(given, truth), start=1):
                for name, a, b in zip(("W", "b"), ours, theirs):
                    if isinstance(a, str) or not equal(a, b):
                        said = f"there is {a}" if isinstance(a, str) else (diagnosis.diagnose([(a, b)]) or ("", "it is nearly right"))[1]
                        return f"in {name} of layer {i}, {said}"
        return "the f of a layer is another one"


def _forward_layers(rng, sizes):
    """A network with these sizes, all its numbers drawn at random; the sigmoid in every layer but the last."""
    bends = [sigmoid] * (len(sizes) - 2) + [identity]
    return [(rng.normal(size=(m, k)), rng.normal(size=k), f) for m, k, f in zip(sizes, sizes[1:], bends)]


def _task(sizes, n, learning_rate, batches):
    X, Y = _rng.normal(size=(n, sizes[0])), _rng.normal(size=(n, sizes[-1]))
    return _forward_layers(_rng, sizes), X, Y, parts.mse_grad, learning_rate, batches


def _grads(layers, X, Y, loss_grad):
    Y_hat, cache = parts.forward(layers, X)
    return parts.backward(layers, cache, loss_grad(Y_hat, Y))


def _moved(layers, grads, rate):
    return [(W - rate * dW, b - rate * db, f) for (W, b, f), (dW, db) in zip(layers, grads)]


def _last_batch(layers, X, Y, loss_grad, learning_rate, batches):
    return parts.train(layers, X, Y, loss_grad, learning_rate, batches[-1:])


def _no_batches(layers, X, Y, loss_grad, learning_rate, batches):
    return parts.train(layers, X, Y, loss_grad, learning_rate, [slice(None)] * len(batches))


def _no_step(layers, X, Y, loss_grad, learning_rate, batches):
    return layers


def _rate_forgotten(layers, X, Y, loss_grad, learning_rate, batches):
    return parts.train(layers, X, Y, loss_grad, 1.0, batches)


def _old_gradient(layers, X, Y, loss_grad, learning_rate, batches):
    start = layers
    for batch in batches:
        layers = _moved(layers, _grads(start, X[batch], Y[batch], loss_grad), learning_rate)
    return layers


def _biases_left(layers, X, Y, loss_grad, learning_rate, batches):
    for batch in batches:
        stepped = _moved(layers, _grads(layers, X[batch], Y[batch], loss_grad), learning_rate)
        layers = [(W, b, f) for (W, _, f), (_, b, _) in zip(stepped, layers)]
    return layers


limit = Exercise(
    my_limit,
    own=lambda rng: (int(rng.integers(2, 41)), int(rng.integers(1, 20)) / 10),
    asks=lambda steep, flat: f"A loss has curvatures {steep} and {flat}. Above which α does gradient descent explode?",
    hints=["Which of the two directions gives way first?", "The limit is 2 / λmax."],
    then="The flat direction could take longer steps, but there is only one α for both.",
    digits=3,
    mistakes=[
        Mistake("the flat direction", lambda steep, flat: 2 / flat, "this is the limit of the flat direction.", "What does the other direction do with such a step?"),
        Mistake("one for two", lambda steep, flat: 1 / steep, "with this α a single step along the steep direction lands on the bottom.", "May a step not also go beyond the bottom and come back?"),
        Mistake("curvatures added", lambda steep, flat: 2 / (steep + flat), "the curvatures are added up.", "Do the two directions disturb each other?"),
        Mistake("upside down", lambda steep, flat: steep / 2, "this grows with the curvature.", "Does a steeper valley bear longer steps, or shorter ones?"),
    ],
)
step = Exercise(
    parts.step,
    cases=[(_rng.normal(size=shape), _rng.normal(size=shape), rate) for shape, rate in ((5, 0.1), ((2, 3), 1.5), (4, 0.003))],
    hints=["The gradient points uphill.", "theta minus learning_rate times grad."],
    then="A minus makes a new array, and the old one stays as it was.",
    part=True,
    array=True,
    mistakes=[
        Mistake("only the step", lambda theta, grad, learning_rate: -learning_rate * grad, "this is the step, not the place where it leads.", "Where do you start from?"),
    ],
)
train = OfLayers(
    parts.train,
    cases=[_task([2, 3, 1], 6, 0.5, [[0, 1, 2, 3, 4, 5]] * 3), _task([3, 4, 2], 7, 0.2, [np.array([0, 2, 4]), np.array([1, 3, 5, 6]), np.array([2, 6])]),
           _task([2, 2, 3, 1], 5, 1.5, [[0, 1], [2, 3, 4]])],
    hints=["One loop over the batches; X[batch] and Y[batch] are the examples of a step.",
           "Forward, then backward with loss_grad(Y_hat, Y[batch]): that gives a (dW, db) for each layer.",
           "zip(layers, grads) brings each (W, b, f) together with its (dW, db). Collect the stepped ones in a new list.",
           "my_step makes the new W of a layer from its W and dW, and the new b from b and db; f stays. From this list the next batch goes on."],
    then="These few lines are what every framework runs when you call fit.",
    part=True,
    mistakes=[
        Mistake("begins anew", _last_batch, "every step begins at the first layers, so only the last batch counts.", "From which layers should the next step start?"),
        Mistake("all examples at once", _no_batches, "each step looks at all examples.", "Which rows of X and Y belong to a batch?"),
        Mistake("no step", _no_step, "you return the layers that you were given.", "Where do the new W and b go?"),
        Mistake("α forgotten", _rate_forgotten, "every step is as long as the gradient.", "Which argument says how far to go?"),
        Mistake("old gradient", _old_gradient, "the gradient is always that of the first layers.", "What changes for forward after the first step?"),
        Mistake("biases left", _biases_left, "the biases stay as they were.", "What besides W does a layer learn?"),
    ],
)
momentum_step = Exercise(
    my_momentum,
    cases=[(_rng.normal(size=4), _rng.normal(size=4), _rng.normal(size=4), 0.1, beta) for beta in (0.9, 0.5, 0.2)],
    hints=["First the new memory, from the old one and the gradient.", "Then add the new memory to theta, not the old one."],
    then="With β = 0 it is plain gradient descent again.",
    mistakes=[
        Mistake("old memory used", lambda theta, grad, m, learning_rate, beta: (theta + m, beta * m - learning_rate * grad),
                "θ moves by the old memory.", "Which comes first, remembering or moving?"),
        Mistake("α in the wrong place", lambda theta, grad, m, learning_rate, beta: (theta - learning_rate * (v := beta * m + grad), v),
                "the memory holds gradients instead of steps, as in PyTorch.", "Does m in the formula contain α already?"),
        Mistake("no memory", lambda theta, grad, m, learning_rate, beta: (theta - learning_rate * grad, -learning_rate * grad),
                "this is plain gradient descent.", "Where does the old m come in?"),
        Mistake("nothing but the step", lambda theta, grad, m, learning_rate, beta: ((v := beta * m - learning_rate * grad), v),
                "you return the step in the place of the new θ.", "Where do you start from?"),
    ],
)
