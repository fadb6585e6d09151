"""Exercises of notebook 02: the loss by hand, in code, and with another book's constant."""

import numpy as np

from helpers.exercises import Exercise

_rng = np.random.default_rng(2)


def my_loss():
    return (1**2 + 0**2 + 2**2) / (2 * 3)


def my_mse(Y_hat, Y):
    n = len(Y)
    return np.sum((np.asarray(Y) - Y_hat) ** 2) / (2 * n)


def my_alpha(alpha, n):
    return alpha / (2 * n)


by_hand = Exercise(
    my_loss,
    hints=["The errors are 1, 0 and 2 in size.", "Square, add, divide by 2n, and n is 3."],
    then="The error of 2 alone brings four fifths of the loss.",
)
loss = Exercise(
    my_mse,
    cases=[(_rng.normal(size=(n, K)), _rng.normal(size=(n, K))) for n, K in [(5, 1), (4, 3), (1, 2)]],
    hints=["n is the number of rows: len(Y).", "Add up the squares of all entries.", "Then divide by 2 * n."],
    then="K does not appear: more outputs mean a larger loss, unlike in Keras.",
)
same_step = Exercise(
    my_alpha,
    cases=[(0.1, 8), (0.5, 32), (3.0, 1)],
    hints=["The step is α times the gradient.", "The gradient of the sum is how many times ours?", "2n times larger, so α must be 2n times smaller."],
    then="A sum grows with the batch, so its learning rate must shrink with it.",
)
