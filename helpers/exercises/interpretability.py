"""Exercises of notebook 12: the slope of a score, integrated gradients, and a control that an explanation can fail."""

import numpy as np

from helpers.checks import contracts
from helpers.activations import identity, relu, softmax
from helpers.exercises.base import Exercise, Mistake
from helpers.topics.explain import input_gradient, rank_correlation
from helpers.parameters import glorot, layers
from helpers.training import predict

_rng = np.random.default_rng(10)
TRUTHS = {"12: the slope at pixels that never had ink, zero or not zero": "not zero"}


def my_gradient(x, W1, b1, W2, b2, k):
    gate = x @ W1 + b1 > 0
    return (W2[:, k] * gate) @ W1.T


def my_attributions(gradient, x, baseline, steps):
    total = np.zeros_like(x)
    for s in range(steps):
        t = (s + 0.5) / steps
        total += gradient(baseline + t * (x - baseline))
    return (x - baseline) * total / steps


def my_control(explain, layers, X):
    rng = np.random.default_rng(0)
    random = [(rng.normal(0, 0.1, W.shape), b, f) for W, b, f in layers]
    return abs(rank_correlation(explain(layers, X), explain(random, X))) < 0.5


# What goes wrong with the slope of a score


def _of_probability(x, W1, b1, W2, b2, k):
    Y_hat = softmax(np.maximum(x @ W1 + b1, 0) @ W2 + b2)
    return ((W2 @ (Y_hat[k] * (np.eye(len(Y_hat))[k] - Y_hat))) * (x @ W1 + b1 > 0)) @ W1.T


def _of_all_scores(x, W1, b1, W2, b2, k):
    return (W2.sum(axis=1) * (x @ W1 + b1 > 0)) @ W1.T


def _gate_open(x, W1, b1, W2, b2, k):
    return W2[:, k] @ W1.T


def _gate_without_bias(x, W1, b1, W2, b2, k):
    return (W2[:, k] * (x @ W1 > 0)) @ W1.T


def _activation_for_gate(x, W1, b1, W2, b2, k):
    return (W2[:, k] * np.maximum(x @ W1 + b1, 0)) @ W1.T


# What goes wrong with the way from the baseline


def _without_factor(gradient, x, baseline, steps):
    return sum(gradient(baseline + (s + 0.5) / steps * (x - baseline)) for s in range(steps)) / steps


def _factor_x(gradient, x, baseline, steps):
    return x * _without_factor(gradient, x, baseline, steps)


def _from_zero(gradient, x, baseline, steps):
    return my_attributions(gradient, x, 0 * x, steps)


def _from_zero_times_distance(gradient, x, baseline, steps):
    return (x - baseline) * _without_factor(gradient, x, 0 * x, steps)


def _at_the_end(gradient, x, baseline, steps):
    return (x - baseline) * gradient(x)


def _right_ends(gradient, x, baseline, steps):
    return (x - baseline) * sum(gradient(baseline + (s + 1) / steps * (x - baseline)) for s in range(steps)) / steps


# What goes wrong with a control, and the four explanations that it is tried on


def _all_pass(explain, layers, X):
    return True


def _none_passes(explain, layers, X):
    return not np.allclose(explain(layers, X), explain(layers, X))


def _brightness(explain, layers, X):
    random = [(np.random.default_rng(0).normal(0, 0.1, W.shape), b, f) for W, b, f in layers]
    return not np.allclose(explain(layers, X), explain(random, X))


def _another_picture(explain, layers, X):
    other = np.random.default_rng(0).uniform(size=X.shape)
    return abs(rank_correlation(explain(layers, X), explain(layers, other))) < 0.5


def _last_layer_only(explain, layers, X):
    W, b, f = layers[-1]
    random = [*layers[:-1], (np.random.default_rng(0).normal(size=W.shape), b, f)]
    return abs(rank_correlation(explain(layers, X), explain(random, X))) < 0.5


def _verdict_turned(explain, layers, X):
    return not my_control(explain, layers, X)


def gradient(layers, X):
    """The slope of each picture's highest score."""
    return input_gradient(layers, X, np.eye(layers[-1][0].shape[1])[predict(layers, X)])


def edges(layers, X):
    """How much each pixel differs from the one before it: nothing here asks the network."""
    return np.abs(np.diff(X, axis=1, prepend=0.0))


def bright_edges(layers, X):
    """The same edges, drawn as strongly as the network's weights are large."""
    return edges(layers, X) * sum(np.abs(W).sum() for W, *_ in layers)


def first_weights(layers, X):
    """What leaves each pixel, the same for every picture."""
    return np.broadcast_to(np.abs(layers[0][0]).sum(axis=1), X.shape).copy()


EXPLANATIONS = {"the gradient": gradient, "the edge detector": edges,
                "the edge detector with a brightness": bright_edges, "the map of first weights": first_weights}


def network():
    """A small network to explain."""
    sizes = [400, 24, 16, 5]  # so many pixels that two unrelated maps are alike by no chance
    return layers(glorot(sizes, np.random.default_rng(7)), sizes, [relu, relu, identity])


class Control(Exercise):
    """An exercise whose evidence is which explanation passes."""

    def evidence(self, pairs):
        correct = [verdict(given) and given == truth for given, truth in pairs]
        right, first = sum(correct), correct.index(False)
        name, given = list(EXPLANATIONS)[first], pairs[first][0]
        odd = f"gets {contracts.describe(given)}, wanted True or False"
        said = ("fails", "passes")[int(given)] if verdict(given) else odd
        return f"{name} {said}; {right} of {len(pairs)} verdicts {'is' if right == 1 else 'are'} right"


def verdict(given):
    """Whether an answer is True or False, and not a number or an array of them."""
    return isinstance(given, (bool, np.bool_))


def _layer_pair(d):
    return tuple(_rng.normal(size=shape) for shape in (d, (d, d), d, (d, d), d))


def _pictures():
    # Around 0 on average, so that other pictures open other gates and the gradient changes with them too.
    return np.random.default_rng(8).normal(size=(6, 400))


def _bowl(x):
    return 2 * x + np.roll(x, 1) ** 2 + np.array([1.0, -2.0, 0.5, -0.3])


slope = Exercise(
    my_gradient,
    cases=[(*_layer_pair(d), k) for d, k in [(5, 2), (6, 0), (4, 3)]],
    hints=["Score k is z_k = a₁ · W2[:, k] + b2[k], and a₁ = ReLU(x W1 + b1).",
           "Going back: dA1 = W2[:, k], then dZ1 = dA1 ⊙ (Z1 > 0).",
           "And one line more than backward: dx = dZ1 @ W1.T."],
    then="Three lines of notebook 03 and one more: that is a saliency map.",
    mistakes=(
        Mistake("slope of the probability", _of_probability, "this is the slope of softmax(z)ₖ, not of the score zₖ.",
                "What can raise a probability without raising its own score?"),
        Mistake("all scores", _of_all_scores,
                "this is the slope of all scores together.", "Which column of W2 leads to score k?"),
        Mistake("gate open", _gate_open,
                "the slope passes units that ReLU has shut.", "What does a unit with z < 0 hand on?"),
        Mistake("gate without bias", _gate_without_bias,
                "your gate looks at x W1 and forgets b1.", "What does ReLU see?"),
        Mistake("activation for slope", _activation_for_gate, "you multiply by ReLU(z) where its slope belongs.",
                "How steep is ReLU at z = 3?"),
    ),
)
integrated = Exercise(
    my_attributions,
    cases=[(_bowl, _rng.normal(size=4), _rng.normal(size=4), steps) for steps in (4, 7, 10)],
    hints=["At the midpoint of step s the share of the way is t = (s + 0.5) / steps.",
           "The place there is baseline + t * (x − baseline).",
           "Average the gradients, then multiply by (x − baseline)."],
    then="Their sum is the score's whole rise from the baseline: nothing is left over, and nothing is counted twice.",
    mistakes=(
        Mistake("factor missing", _without_factor, "this is the mean gradient along the way, without (x − x′).",
                "How far does each pixel travel?"),
        Mistake("factor x", _factor_x,
                "you multiply by x, which is the way only if the baseline is 0.", "Where does the way begin?"),
        Mistake("baseline missing", _from_zero, "your way begins at 0, whatever the baseline is.", "What is x′ for?"),
        Mistake("path from zero", _from_zero_times_distance,
                "your factor knows the baseline, and your path begins at 0.",
                "Where should the gradient be taken at t = 0?"),
        Mistake("no path", _at_the_end, "you take one gradient, at x itself.", "What happens on the way?"),
        Mistake("right ends", _right_ends,
                "you look at the end of each step, not at its middle.", "Why is x itself among your places?"),
    ),
)
control = Control(
    my_control,
    cases=[(explain, network(), _pictures()) for explain in EXPLANATIONS.values()],
    hints=["What must change in an explanation when the network has other weights? And in a picture of edges?",
           "Build a network with random weights: [(rng.normal(size=W.shape), b, f) for W, b, f in layers].",
           "Compare explain(layers, X) with explain(random, X) by rank_correlation, which is blind to brightness."],
    then="A control can only convict: the map of first weights, the same for every digit, has passed this one.",
    mistakes=(
        Mistake("nothing fails", _all_pass, "every explanation passes, even one that never asks the network.",
                "What would a fake have to do to fail your control?"),
        Mistake("nothing passes", _none_passes, "every explanation fails, the gradient too.",
                "Do you compare an explanation with itself, or with that of another network?"),
        Mistake("brightness", _brightness, "edges pass where their strength depends on the network.",
                "Does your comparison see the pattern alone, and has the second network weights of its own?"),
        Mistake("another picture", _another_picture, "you change the picture, so whatever looks at the picture passes.",
                "Which part of the network should an explanation depend on?"),
        Mistake("last layer only", _last_layer_only,
                "you change the last layer alone, and what looks at the first one fails.",
                "Where does the network keep what it has learned?"),
        Mistake("verdict turned round", _verdict_turned, "every verdict is the wrong one.",
                "If another network is explained by the same picture, should that pass?"),
    ),
)
