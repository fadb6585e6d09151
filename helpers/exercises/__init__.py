"""Exercises: a check that answers, hints that each go one step further, and a solution."""

import copy
import inspect

import numpy as np


class Reply:
    """What an exercise answers: a sentence, shown as it is."""

    def __init__(self, text, state):
        self.text, self.state = text, state

    def __repr__(self):
        return self.text


class Exercise:
    """A task: `truth` solves it, `cases` are the inputs it is tried on, `then` is what follows from a right answer.

    With cases the answer is a function of such inputs; without, it is the value that `truth()` gives.
    """

    def __init__(self, truth, cases=None, hints=(), then=""):
        self.truth, self.cases, self.hints, self.then = truth, cases, hints, then
        self.given = 0

    def check(self, answer):
        """Compare the answer with the truth: not attempted yet, not right (and where it differs), or right."""
        for case in self.cases or [()]:
            if self.cases and answer is not None and not callable(answer):
                return Reply(f"Pass your function itself, without calling it: check(my_function). Got {answer!r}.", "wrong")
            try:
                given = answer(*copy.deepcopy(case)) if self.cases and answer is not None else answer
            except Exception as error:
                return Reply(f"Your function stopped with {type(error).__name__}: {error}", "wrong")
            if given is None or given is ... or (isinstance(given, tuple) and all(part is None for part in given)):
                return Reply("Not attempted yet.", "open")
            difference = first_difference(given, self.truth(*copy.deepcopy(case)))
            if difference:
                return Reply(f"Not right yet: {difference}.", "wrong")
        return Reply(f"Right. {self.then}".rstrip(), "right")

    def hint(self):
        """The next hint; the last one stays."""
        self.given = min(self.given + 1, len(self.hints))
        return Reply(f"Hint {self.given} of {len(self.hints)}: {self.hints[self.given - 1]}", "hint")

    def solution(self):
        """One solution, as source."""
        return Reply(inspect.getsource(self.truth).rstrip(), "solution")


def first_difference(given, truth):
    """Where two results differ first, in words; None where they agree to 1e-6."""
    if isinstance(truth, tuple):
        if not isinstance(given, (tuple, list)) or len(given) != len(truth):
            return f"wanted {len(truth)} results, got {given!r}"
        differences = [first_difference(*pair) for pair in zip(given, truth)]
        return next((f"result {i}: {words}" for i, words in enumerate(differences, start=1) if words), None)
    try:
        given, truth = np.asarray(given, float), np.asarray(truth, float)
    except (TypeError, ValueError):
        return f"wanted numbers, got {given!r}"
    if given.shape != truth.shape:
        return f"the result has shape {given.shape}, wanted {truth.shape}"
    wrong = ~np.isclose(given, truth, rtol=1e-6, atol=1e-9)
    if not wrong.any():
        return None
    where = tuple(int(i) for i in np.argwhere(wrong)[0]) if truth.ndim else ()
    at = f" at {list(where)}" if where else ""
    return f"you have {given[where]:.6g}{at}, wanted {truth[where]:.6g}"
