"""Exercises of notebook 02: the loss by hand, in code, and with another book's constant."""

import numpy as np

from helpers.exercises.base import Exercise, Mistake

_rng = np.random.default_rng(2)


def my_loss(Y_hat=(2, 4, 1), Y=(1, 4, 3)):
    squares = [(y - y_hat) ** 2 for y_hat, y in zip(Y_hat, Y)]
    return sum(squares) / (2 * len(Y))


def my_mse(Y_hat, Y):
    n = len(Y)
    return np.sum((np.asarray(Y) - Y_hat) ** 2) / (2 * n)


def my_alpha(alpha, n):
    return alpha / (2 * n)


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
    then="A large error counts twice over: once for its size, once for the size of its slope.",
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
loss = Exercise(
    my_mse,
    cases=[(_rng.normal(size=(n, K)), _rng.normal(size=(n, K))) for n, K in [(5, 2), (4, 3), (7, 4)]],
    quantities=lambda Y_hat, Y: {"the number of examples": len(Y), "the number of outputs": Y.shape[1]},
    hints=["n is the number of rows: len(Y).", "Add up the squares of all entries.", "Then divide by 2 * n."],
    then="K does not appear: more outputs mean a larger loss, unlike in Keras.",
    mistakes=[
        Mistake("½ forgotten", lambda Y_hat, Y: ((Y - Y_hat) ** 2).sum() / len(Y),
                "the ½ is missing.", "What would the gradient of your loss have in front that ours has not?"),
        Mistake("1/n forgotten", lambda Y_hat, Y: ((Y - Y_hat) ** 2).sum() / 2,
                "the 1/n is missing.", "What happens to your loss when every example comes twice?"),
        Mistake("constants forgotten", lambda Y_hat, Y: ((Y - Y_hat) ** 2).sum(),
                "this is the plain sum of the squares.", "Which two numbers does the formula divide by?"),
        Mistake("averaged over outputs too", lambda Y_hat, Y: ((Y - Y_hat) ** 2).mean(),
                "this is Keras's loss: the mean over examples and outputs.", "What does n count, rows or entries?"),
        Mistake("half the mean of all entries", lambda Y_hat, Y: ((Y - Y_hat) ** 2).mean() / 2,
                "you divide by the number of entries, n times K.", "What does n count, rows or entries?"),
        Mistake("not squared", lambda Y_hat, Y: np.abs(Y - Y_hat).sum() / (2 * len(Y)),
                "the errors are not squared.", "How much worse is an error of 2 than an error of 1?"),
        Mistake("errors cancel", lambda Y_hat, Y: (Y - Y_hat).sum() ** 2 / (2 * len(Y)),
                "you square the sum instead of summing the squares.", "What is your loss for the errors +1 and −1?"),
        Mistake("root taken", lambda Y_hat, Y: np.sqrt(((Y - Y_hat) ** 2).sum() / (2 * len(Y))),
                "you took a root at the end.", "Is there a root in the formula?"),
        Mistake("a loss for each example", lambda Y_hat, Y: ((Y - Y_hat) ** 2).sum(axis=1) / 2,
                "you return one number for each example.", "How do n numbers become one?"),
    ],
)
same_step = Exercise(
    my_alpha,
    cases=[(0.1, 8), (0.5, 32), (3.0, 1)],
    hints=["The step is α times the gradient.", "The gradient of the sum is how many times ours?", "2n times larger, so α must be 2n times smaller."],
    then="A sum grows with the batch, so its learning rate must shrink with it.",
    mistakes=[
        Mistake("the wrong way round", lambda alpha, n: alpha * 2 * n,
                "it is the right factor, the wrong way round.", "The other gradient is larger. Must α become larger or smaller?"),
        Mistake("2 forgotten", lambda alpha, n: alpha / n, "there is a factor of 2 left.", "Which two constants does our loss have, and the sum has not?"),
        Mistake("n forgotten", lambda alpha, n: alpha / 2, "there is a factor of n left.", "Which two constants does our loss have, and the sum has not?"),
        Mistake("unchanged", lambda alpha, n: alpha, "the same α makes a much longer step.", "How many times larger is the gradient of the sum?"),
        Mistake("n² for n", lambda alpha, n: alpha / (2 * n * n), "n comes in twice.", "By which factor do the two losses differ?"),
    ],
)
