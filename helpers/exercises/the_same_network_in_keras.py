"""Exercises of notebook 07: Keras's learning rate, the list for set_weights, and a gradient read off two steps."""

import numpy as np

from helpers import parameters
from helpers.exercises.base import Exercise, Mistake
from helpers.parameters import glorot, views

_rng = np.random.default_rng(7)

TRUTHS = {
    "07: rows of the weights of a Dense, 784 or 256": 784,
    "07: Keras's MSE gradient is ours times": 2,
    "07: the worst two weights, a thousandth, a millionth, a billionth or less": ("less", "less than that", "less than a billionth"),
    "07: below a millionth for fifty steps": "float32",
    "07: reversed inside each batch, it breaks, yes or no": ("no", "does not break"),
    "07: in float32 the gap, grows or jumps": "jumps",
}


def my_rate(learning_rate, K):
    return learning_rate * K / 2


def my_weights(theta, sizes) -> ("W1", "b1", "W2", "b2", "W3", "b3"):
    arrays = []
    for W, b in parameters.views(theta, sizes):
        arrays += [W, b]
    return arrays


def my_gradient(start, one, two, learning_rate, beta):
    first_move, second_move = one - start, two - one
    return (beta * first_move - second_move) / learning_rate


def _network(sizes):
    theta = glorot(sizes, _rng)
    return theta + 0.1 * _rng.normal(size=theta.shape), sizes


def _two_steps(P, learning_rate, beta):
    start, g1, g2 = _rng.normal(size=(3, P))
    m1 = -learning_rate * g1
    m2 = beta * m1 - learning_rate * g2
    return start, start + m1, start + m1 + m2, learning_rate, beta


rate = Exercise(
    my_rate,
    cases=[(0.5, 10), (0.1, 4), (0.2, 1), (1.5, 3)],
    hints=["Keras's loss is 2/K times ours. How much larger is its gradient, then?",
           "The step α ∇L must stay the same: where ∇L shrinks, α grows."],
    then="For one output Keras gets half your rate, for ten outputs five times as much.",
    quantities=lambda learning_rate, K: {"K, the number of outputs": K},
    mistakes=(
        Mistake("the wrong way round", lambda learning_rate, K: learning_rate * 2 / K,
                "you multiply by 2/K, as the loss is multiplied.",
                "If a gradient is half as long, must α halve or double for the same step?"),
        Mistake("K forgotten, and the wrong way round", lambda learning_rate, K: learning_rate * 2, "you double α.",
                "What does your answer give for K = 1, where Keras's loss is twice ours?"),
    ),
)
weights = Exercise(
    my_weights,
    cases=[_network([2, 3, 4, 2]), _network([4, 3, 5, 1]), _network([3, 3, 3, 3])],
    hints=["`parameters.views(theta, sizes)` gives the pairs (W, b), layer after layer.",
           "Keras wants one flat list: W of layer 1, b of layer 1, W of layer 2, …",
           "Loop over the pairs, and extend the list by [W, b]."],
    then="`model.set_weights(my_weights(theta, sizes))` would put your θ into Keras.",
    mistakes=(
        Mistake("all W first",
                lambda theta, sizes: [W for W, _ in views(theta, sizes)] + [b for _, b in views(theta, sizes)],
                "all W come first and then all b.", "What does one Dense own, and what does the next one?"),
        Mistake("biases forgotten", lambda theta, sizes: [W for W, _ in views(theta, sizes)], "the biases are missing.",
                "How many arrays does a Dense own?"),
        Mistake("b before W", lambda theta, sizes: [a for W, b in views(theta, sizes) for a in (b, W)],
                "each b stands before its W.", "Which of the two comes first in θ?"),
        Mistake("last layer first", lambda theta, sizes: [a for pair in reversed(views(theta, sizes)) for a in pair],
                "the layers stand in reverse.", "Which layer meets the input first?"),
        Mistake("pairs", lambda theta, sizes: views(theta, sizes), "this is a list of pairs.",
                "How would you get rid of the inner brackets?"),
    ),
)
gradient = Exercise(
    my_gradient,
    cases=[_two_steps(5, 0.1, 0.9), _two_steps(3, 0.5, 0.5), _two_steps(8, 0.01, 0.8)],
    hints=["Momentum: m ← βm − α∇L, then θ ← θ + m. So each move is an m.",
           "The first move is m₁ = one − start, the second is m₂ = two − one.",
           "m₂ = βm₁ − α∇L. Solve for ∇L."],
    then="Any framework gives its gradient away: two snapshots of its weights for plain descent, three with momentum.",
    mistakes=(
        Mistake("momentum forgotten", lambda start, one, two, learning_rate, beta: (one - two) / learning_rate,
                "this reads the second step as a plain one.", "Which part of the second move is an echo of the first?"),
        Mistake("the first gradient", lambda start, one, two, learning_rate, beta: (start - one) / learning_rate,
                "this is the gradient of the first step.", "What does `two` tell you that `one` does not?"),
    ),
)
