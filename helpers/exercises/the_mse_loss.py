"""Exercises of notebook 02: the loss by hand, the loss and its slope in code, and another book's constant."""

import numpy as np

from helpers.exercises.base import Exercise, Mistake
from helpers.topics import parts

_rng = np.random.default_rng(2)

TRUTHS = {
    "02: the sum of the flat line's errors": 0,
    "02: every example twice, and the loss doubles or stays": ("stays", "stays the same", "no"),
    "02: raise the first prediction, and the loss rises or falls": "falls",
    "02: with Keras's constant the bottom moves, yes or no": "no",
    "02: the slope w that the wrong loss prefers": 0,
    "02: the α that suits Keras's loss": 0.15,
}


def my_loss(Y_hat=(2, 4, 1), Y=(1, 4, 3)):
    squares = [(y - y_hat) ** 2 for y_hat, y in zip(Y_hat, Y)]
    return sum(squares) / (2 * len(Y))


def my_learning_rate(learning_rate, n):
    return learning_rate / (2 * n)


def _errors(Y_hat, Y):
    return np.subtract(Y, Y_hat)


def _three_of_one_to_nine(rng):
    return tuple(rng.integers(1, 10, 3).tolist()), tuple(rng.integers(1, 10, 3).tolist())


by_hand = Exercise(
    my_loss,
    own=_three_of_one_to_nine,
    asks=lambda Y_hat, Y: f"ŷ = {Y_hat} and y = {Y}. What is L?",
    digits=3,
    hints=["How large is each error, y − ŷ?", "Square, add, divide by 2n, and n is 3."],
    then="Twice the error costs four times as much.",
    mistakes=[
        Mistake("½ forgotten", lambda Y_hat, Y: np.mean(_errors(Y_hat, Y) ** 2),
                "this is the mean of the squares.", "What does the formula divide by besides n?"),
        Mistake("1/n forgotten", lambda Y_hat, Y: np.sum(_errors(Y_hat, Y) ** 2) / 2,
                "this is half the sum of the squares.", "How many examples share the blame?"),
        Mistake("constants forgotten", lambda Y_hat, Y: np.sum(_errors(Y_hat, Y) ** 2),
                "this is the sum of the squares.", "What stands in front of the sum?"),
        Mistake("not squared", lambda Y_hat, Y: np.sum(abs(_errors(Y_hat, Y))) / 6,
                "the errors are added as they are.", "What happens to each error before it is added?"),
        Mistake("errors cancel", lambda Y_hat, Y: np.sum(_errors(Y_hat, Y)) ** 2 / 6,
                "the errors are added before they are squared, so that too high and too low cancel.",
                "Which comes first, the square or the sum?"),
        Mistake("root taken", lambda Y_hat, Y: np.sqrt(np.sum(_errors(Y_hat, Y) ** 2) / 6),
                "you took a root at the end.", "Is there a root in the formula?"),
    ],
)
mse = Exercise(
    parts.mse,
    cases=[(_rng.normal(size=(n, K)), _rng.normal(size=(n, K))) for n, K in [(5, 2), (4, 3), (7, 4)]],
    quantities=lambda Y_hat, Y: {"the number of examples": len(Y), "the number of outputs": Y.shape[1]},
    hints=["n is the number of rows: len(Y).", "Add up the squares of all entries.", "Then divide by 2 * n."],
    then="n counts the examples; with more outputs the loss is larger.",
    part=True,
    mistakes=[
        Mistake("½ forgotten", lambda Y_hat, Y: ((Y - Y_hat) ** 2).sum() / len(Y),
                "the ½ is missing.", "What would the gradient of your loss have in front that ours has not?"),
        Mistake("1/n forgotten", lambda Y_hat, Y: ((Y - Y_hat) ** 2).sum() / 2,
                "the 1/n is missing.", "What happens to your loss when every example comes twice?"),
        Mistake("constants forgotten", lambda Y_hat, Y: ((Y - Y_hat) ** 2).sum(),
                "this is the plain sum of the squares.", "Which two numbers does the formula divide by?"),
        Mistake("averaged over outputs too", lambda Y_hat, Y: ((Y - Y_hat) ** 2).mean(),
                "this is the mean over all entries, examples and outputs.", "What does n count, rows or entries?"),
        Mistake("always 8 examples", lambda Y_hat, Y: ((Y - Y_hat) ** 2).sum() / (2 * 8),
                "you divide by 16, however many examples come.", "Is n the number of rows of this Y, or a number from elsewhere in the notebook?"),
        Mistake("always 3 examples", lambda Y_hat, Y: ((Y - Y_hat) ** 2).sum() / (2 * 3),
                "you divide by 6, however many examples come.", "Is n the number of rows of this Y, or a number from elsewhere in the notebook?"),
    ],
)
mse_grad = Exercise(
    parts.mse_grad,
    cases=[(_rng.normal(size=(n, K)), _rng.normal(size=(n, K))) for n, K in [(5, 2), (4, 3), (7, 4)]],
    quantities=lambda Y_hat, Y: {"the number of examples": len(Y), "the number of outputs": Y.shape[1]},
    hints=["Each prediction has its own slope, so the result has the shape of Y_hat.", "Prediction minus target.", "Shared among the examples: divide by len(Y)."],
    then="This is where the way back will start.",
    part=True,
    mistakes=[
        Mistake("1/n forgotten", lambda Y_hat, Y: Y_hat - Y, "the 1/n is missing.", "What does the loss divide by besides 2?"),
        Mistake("2 for 1", lambda Y_hat, Y: 2 * (Y_hat - Y) / len(Y), "there is a 2 too many.", "What does the ½ in the loss do to the slope of the square?"),
        Mistake("½ kept", lambda Y_hat, Y: (Y_hat - Y) / (2 * len(Y)), "the ½ is still there.", "What is the slope of ½ e²?"),
        Mistake("always 3 examples", lambda Y_hat, Y: (Y_hat - Y) / 3,
                "you divide by 3, however many examples come.", "Is n the number of rows of this Y, or a number from elsewhere in the notebook?"),
    ],
)
same_step = Exercise(
    my_learning_rate,
    cases=[(0.1, 8), (0.5, 32), (3.0, 1)],
    hints=["The step is α times the gradient.", "The gradient of the sum is how many times ours?", "2n times larger, so α must be 2n times smaller."],
    then="A sum grows with the batch, so its learning rate must shrink with it.",
    mistakes=[
        Mistake("the wrong way round", lambda learning_rate, n: learning_rate * 2 * n,
                "it is the right factor, the wrong way round.", "The other gradient is larger. Must α become larger or smaller?"),
        Mistake("unchanged", lambda learning_rate, n: learning_rate, "the same α makes a much longer step.", "How many times larger is the gradient of the sum?"),
    ],
)
