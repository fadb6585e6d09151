"""Exercises of notebook 07: Keras's learning rate, the list for set_weights, and one more change to predict."""

import numpy as np

from helpers.exercises import Exercise, Reply
from helpers.parameters import glorot, views

_rng = np.random.default_rng(7)


class ListExercise(Exercise):
    """A task whose answer is a list of arrays: their shapes are compared first, then every number in turn."""

    def check(self, answer):
        if callable(answer):
            for case in self.cases:
                given, wanted = answer(*case), [np.shape(array) for array in self.truth(*case)]
                if given is None or given is ...:
                    return Reply("Not attempted yet.", "open")
                if not isinstance(given, (list, tuple)):
                    return Reply(f"Not right yet: wanted a list of {len(wanted)} arrays, got {type(given).__name__}.", "wrong")
                shapes = [np.shape(array) for array in given]
                if shapes != wanted:
                    return Reply(f"Not right yet: for sizes {case[1]} the shapes are {shapes}, wanted {wanted}.", "wrong")
        one_row = Exercise(lambda *case: flat(self.truth(*case)), self.cases, then=self.then)
        return one_row.check(answer and (lambda *case: flat(answer(*case)) if callable(answer) else answer))


def flat(arrays):
    return np.concatenate([np.ravel(array) for array in arrays])


def my_rate(alpha, K):
    return alpha * K / 2


def my_weights(theta, sizes):
    arrays = []
    for W, b in views(theta, sizes):
        arrays += [W, b]
    return arrays


def harmless():
    return 2
