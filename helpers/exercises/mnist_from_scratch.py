"""Exercises of notebook 06: counting steps, cross-entropy's slope, the accuracy of each class, and mini-batches."""

import math

import numpy as np

from helpers.activations import softmax, softmax_prime
from helpers.exercises.base import Exercise, Mistake
from helpers.topics import parts

_rng = np.random.default_rng(6)

TRUTHS = {
    "06: training changes the weights of white pixels, yes or no": "no",
    "06: a tenth of α costs more with, MSE or cross-entropy": ("MSE", "mean squared error"),
    "06: with shuffled labels neighbours become alike, yes or no": "yes",
    "06: at α = 0.01 the accuracy, rises or falls": "falls",
}


def my_steps(epochs=5, n=55_000, batch=64):
    return epochs * int(np.ceil(n / batch))


def my_class_accuracy(table):
    return np.diag(table) / table.sum(axis=1)


def my_minibatches(order, batch_size):
    return [order[i : i + batch_size] for i in range(0, len(order), batch_size)]


def _overall(table):
    return np.trace(table) / table.sum()


def _table(K, n):
    return np.bincount(_rng.integers(0, K * K, n), minlength=K * K).reshape(K, K) + np.diag(_rng.integers(1, 20, K))


def _logits(n, K):
    return 2 * _rng.normal(size=(n, K)), np.eye(K)[_rng.integers(0, K, n)]


def _again(Z, Y):
    """Softmax's Jacobian once more, after it is in the slope already."""
    return np.einsum("ni,nij->nj", parts.cross_entropy_grad(Z, Y), softmax_prime(Z))


steps = Exercise(
    my_steps,
    own=lambda rng: (int(rng.integers(3, 13)), 1000 * int(rng.integers(5, 60)), int(rng.choice([24, 32, 48, 64, 96,
    128]))),
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
cross_entropy_grad = Exercise(
    parts.cross_entropy_grad,
    cases=[_logits(5, 3), _logits(4, 10), _logits(3, 2),
           (np.array([[800.0, 799.0, 798.0], [-801.0, -800.0, -799.0]]), np.eye(3)[[0, 2]])],  # e⁸⁰⁰ is infinite
    quantities=lambda Z, Y: {"the number of examples": len(Z), "the number of classes": Z.shape[1],
                             "the number of entries": Z.size},
    hints=["Prediction minus target: which function turns the z of a row into a prediction?",
           "The loss is a mean over n examples. Where does its 1/n go?", "(softmax(Z) - Y) / len(Y)"],
    then="This is the last of the eleven parts.",
    part=True,
    mistakes=(
        Mistake("no softmax", lambda Z, Y: (Z - Y) / len(Y), "the targets are taken from Z itself, without softmax.",
                "What do the targets have that Z does not?"),
        Mistake("softmax of columns", lambda Z, Y: (softmax(Z.T).T - Y) / len(Y),
                "softmax runs down the columns, over the examples.",
                "What should sum to 1: a row or a column?"),
        Mistake("1/n forgotten", lambda Z, Y: softmax(Z) - Y,
                "this is n times too large: it adds up over the examples.",
                "The loss is a mean. Where does its 1/n go?"),
        Mistake("softmax's slope once more", _again, "softmax's slope is multiplied in once more.",
                "Is this the slope at ŷ or at z? What did the logarithm undo?"),
        Mistake("σ′ once more", lambda Z, Y: parts.cross_entropy_grad(Z, Y) * softmax(Z) * (1 - softmax(Z)),
                "it is multiplied by ŷ (1 − ŷ) once more, as the MSE would be.", "What did the logarithm undo?"),
        Mistake("slope at ŷ", lambda Z, Y: -Y / softmax(Z) / len(Y),
                "this is the slope at ŷ, before softmax's own slope.",
                "Which of the two does the last layer compute, z or ŷ?"),
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
        Mistake("one number", _overall, "this is the accuracy over all classes together.",
                "What do you get for each row of the table alone?"),
    ),
)
minibatches = Exercise(
    my_minibatches,
    cases=[(_rng.permutation(n), size) for n, size in ((10, 4), (7, 3), (5, 2))],
    hints=["order[0:batch_size] is the first batch. Where does the second one begin?",
            "range(0, len(order), batch_size) gives all beginnings.",
           "A slice that reaches beyond the end is simply shorter."],
    then="`minibatches` of the helpers shuffles first, and then does the same.",
    mistakes=(
        Mistake("not shuffled", lambda order, batch_size: my_minibatches(np.arange(len(order)), batch_size),
                "these are the numbers 0, 1, 2 … in their own order.", "What is `order` for?"),
        Mistake("so many batches", lambda order, batch_size: np.array_split(order, batch_size),
                "`batch_size` is taken for the number of batches.",
                "How many examples should a batch have?"),
        Mistake("the rest dropped", lambda order, batch_size: [order[i : i + batch_size] for i in range(0,
                len(order) - batch_size + 1, batch_size)],
                "the examples that are left at the end are in no batch.", "Does an epoch see every example?"),
        Mistake("one example apart", lambda order, batch_size: [order[i : i + batch_size] for i in range(len(order))],
                "each batch begins one example after the last one.", "How often is an example seen in an epoch?"),
        Mistake("the first again", lambda order, batch_size: [order[:batch_size] for _ in range(0, len(order),
                batch_size)],
                "each batch is the first one.", "Where does the second batch begin?"),
    ),
)
