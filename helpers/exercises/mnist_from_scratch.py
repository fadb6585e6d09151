"""Exercises of notebook 06: counting steps, the accuracy of each class, and one training step by hand."""

import math
from functools import partial

import numpy as np

from helpers.exercises.base import Exercise, Mistake

_rng = np.random.default_rng(6)


def my_steps(epochs=5, n=55_000, batch=64):
    return epochs * int(np.ceil(n / batch))


def my_class_accuracy(table):
    return np.diag(table) / table.sum(axis=1)


def my_step(W1, b1, W2, b2, X, Y, alpha) -> ("new_W1", "new_b1", "new_W2", "new_b2"):
    Z1 = X @ W1 + b1
    A1 = np.maximum(Z1, 0)
    Z2 = A1 @ W2 + b2
    E = np.exp(Z2 - Z2.max(axis=1, keepdims=True))
    Y_hat = E / E.sum(axis=1, keepdims=True)
    dZ2 = (Y_hat - Y) / len(X)
    dW2, db2 = A1.T @ dZ2, dZ2.sum(axis=0)
    dZ1 = (dZ2 @ W2.T) * (Z1 > 0)
    dW1, db1 = X.T @ dZ1, dZ1.sum(axis=0)
    return W1 - alpha * dW1, b1 - alpha * db1, W2 - alpha * dW2, b2 - alpha * db2


def _precision(table):
    return np.diag(table) / table.sum(axis=0)


def _of_all(table):
    return np.diag(table) / table.sum()


def _only_counts(table):
    return 1.0 * np.diag(table)


def _errors(table):
    return 1 - my_class_accuracy(table)


def _overall(table):
    return np.trace(table) / table.sum()


def _step(W1, b1, W2, b2, X, Y, alpha, mask=True, soft=True, axis=1, mean_db=False, W2_first=False):
    """`my_step` with one thing done differently."""
    Z1 = X @ W1 + b1
    A1 = np.maximum(Z1, 0)
    Z2 = A1 @ W2 + b2
    E = np.exp(Z2 - Z2.max())
    dZ2 = ((E / E.sum(axis=axis, keepdims=True) if soft else Z2) - Y) / len(X)
    new_W2 = W2 - alpha * A1.T @ dZ2
    dZ1 = (dZ2 @ (new_W2 if W2_first else W2).T) * ((Z1 > 0) if mask else 1)
    share = len(X) if mean_db else 1
    return W1 - alpha * X.T @ dZ1, b1 - alpha * dZ1.sum(axis=0) / share, new_W2, b2 - alpha * dZ2.sum(axis=0) / share


def _sum(*case):
    return my_step(*case[:-1], case[-1] * len(case[4]))


def _uphill(*case):
    return my_step(*case[:-1], -case[-1])


def _table(K, n):
    return np.bincount(_rng.integers(0, K * K, n), minlength=K * K).reshape(K, K) + np.diag(_rng.integers(1, 20, K))


def _batch(n, d, k, K, alpha):
    Y = np.eye(K)[_rng.integers(0, K, n)]
    return (*(_rng.normal(size=shape) for shape in [(d, k), k, (k, K), K, (n, d)]), Y, alpha)


steps = Exercise(
    my_steps,
    own=lambda rng: (int(rng.integers(3, 13)), 1000 * int(rng.integers(5, 60)), int(rng.choice([24, 32, 48, 64, 96, 128]))),
    asks=lambda epochs, n, batch: f"How many steps are {epochs} epochs of {n:,} examples in batches of {batch}?",
    hints=["How many batches does one epoch need? The last one may be smaller.",
           "Divide the examples by the batch, and round up: a part of a batch is a step too.",
           "Then multiply by the epochs."],
    then="The last batch of an epoch is smaller, and its gradient is the mean of what it holds.",
    mistakes=(
        Mistake("the last batch forgotten", lambda epochs, n, batch: epochs * (n // batch),
                "you left out the last, smaller batch of each epoch.",
                "What happens to the examples that remain?"),
        Mistake("rounded at the end", lambda epochs, n, batch: math.ceil(epochs * n / batch),
                "you put all epochs in one row and rounded once.",
                "Does a batch reach from one epoch into the next?"),
        Mistake("one epoch", lambda epochs, n, batch: math.ceil(n / batch), "these are the steps of one epoch.",
                "How often are all examples seen?"),
        Mistake("examples for batches", lambda epochs, n, batch: epochs * n, "these are the examples that are seen.",
                "How many of them share one step?"),
    ),
)
class_accuracy = Exercise(
    my_class_accuracy,
    cases=[(_table(K, n),) for K, n in [(4, 60), (10, 400), (2, 9)]],
    hints=["The right answers of each class stand on the diagonal: np.diag.",
           "How many digits are a 4? That is the sum of a row.",
           "Divide the diagonal by the sums of the rows."],
    then="Other names for it: recall, sensitivity. One number for all classes hides the weakest of them.",
    mistakes=(
        Mistake("precision", _precision,
                "you divide by the sums of the columns: of all answers \"4\", how many were a 4.",
                "That is called precision. Which sum counts the digits that are a 4?"),
        Mistake("share of all", _of_all, "you divide by the number of all digits.",
                "How many of them are of this class?"),
        Mistake("counts", _only_counts, "these are the right answers of each class, as counts.", "Out of how many?"),
        Mistake("error rate", _errors, "this is the share that is read wrongly.",
                "Which numbers stand on the diagonal?"),
        Mistake("one number", _overall, "this is the accuracy over all classes together.",
                "What do you get for each row of the table alone?"),
    ),
)
training_step = Exercise(
    my_step,
    cases=[_batch(5, 4, 6, 3, 0.1), _batch(7, 3, 2, 4, 0.5), _batch(2, 6, 5, 2, 1.0)],
    hints=["Forward: Z1, A1, Z2, then softmax of each row.", "At the end of the network dZ2 = (Y_hat - Y) / n.",
           "dW2 = A1.T @ dZ2, and dZ1 = (dZ2 @ W2.T) * (Z1 > 0).",
           "Every new array is the old one minus alpha times its gradient."],
    then="These are all the formulas of the series in one function; MNIST needs one layer more and a loop around it.",
    mistakes=(
        Mistake("gate open", partial(_step, mask=False), "the way back ignores ReLU's slope.",
                "Which neurons had no part in the answer?"),
        Mistake("no softmax", partial(_step, soft=False), "dZ2 is made from Z2 itself, without softmax.",
                "What do the targets have that Z2 does not?"),
        Mistake("softmax of columns", partial(_step, axis=0), "softmax runs down the columns, over the examples.",
                "What should sum to 1: a row or a column?"),
        Mistake("biases averaged", partial(_step, mean_db=True), "db is divided by n once more.", "Is the 1/n not in dZ2 already?"),
        Mistake("W2 changed too early", partial(_step, W2_first=True), "the way back uses the new W2.",
                "Which W2 did the forward pass use?"),
        Mistake("sum instead of mean", _sum, "the step is n times too long: the loss is a mean over the batch.",
                "Where does the 1/n of the loss go?"),
        Mistake("uphill", _uphill, "the step has the right length and climbs.", "Which way does a gradient point?"),
    ),
)
