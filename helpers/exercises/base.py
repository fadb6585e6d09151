"""Exercises: a check that names the mistake, hints that each go one step further, and a solution."""

import hashlib
import inspect
import itertools
import numbers
import os
from dataclasses import dataclass, field

import numpy as np

from helpers.checks import diagnosis, worker


class Reply:
    """What an exercise answers: its `state` (open, wrong, right, task, hint, solution), the mistake's name, and the text shown."""

    def __init__(self, state, text, mistake=None):
        self.state, self.text, self.mistake = state, text, mistake

    def __repr__(self):
        return self.text


@dataclass(frozen=True)
class Mistake:
    """A wrong turn that people take: an answer that makes it, what it is, and the question that leads on.

    `answer` has the form of a student's answer, so that tests hand it in: a function, or for a number a function of
    the numbers that the task gives.
    """

    name: str
    answer: object
    says: str
    asks: str


@dataclass
class Exercise:
    """A task. `truth` solves it; with `cases` the answer is a function of such arguments, else the value of `truth()`.

    `mistakes` are recognized by what they compute; `quantities(*case)` names the numbers a wrong factor may come from;
    `then` is the sentence that follows from a right answer. A task with numbers of one's own has `own`, which draws the
    arguments of `truth` from a random generator, and `asks`, which puts them into words. Where a number is worked out by
    hand, so many `digits` of it are enough.
    """

    truth: object
    cases: list = field(default_factory=list)
    hints: tuple = ()
    then: str = ""
    mistakes: tuple = ()
    quantities: object = None
    own: object = None
    asks: object = None
    digits: int = 0
    given: int = 0

    def numbers(self, name=""):
        """The arguments of `truth`: as on the page, or for a name its own, always the same ones."""
        own = [parameter.default for parameter in inspect.signature(self.truth).parameters.values()]
        if self.own and str(name).strip():
            rng = rng_of(name)
            answers = [self.truth, *(mistake.answer for mistake in self.mistakes)]
            own = self.own(rng)
            while not apart([answer(*own) for answer in answers], self.digits):
                own = self.own(rng)  # two ways to one number would hide a mistake
        return tuple(own)

    def task(self, name=""):
        """The question, with the numbers that belong to a name."""
        return Reply("task", self.asks(*self.numbers(name)))

    def check(self, answer, name=""):
        """Not attempted yet, wrong with the diagnosis, or right. Never raises, never hangs, changes nothing.

        Under nbgrader, which takes points only for a cell that fails, anything but "right" is an AssertionError.
        """
        reply = self.reply(answer, name)
        if os.environ.get("NBGRADER_EXECUTION") and reply.state != "right":
            raise AssertionError(reply.text)
        return reply

    def reply(self, answer, name=""):
        """What `check` says."""
        if answer is None or answer is ...:
            return Reply("open", "Not attempted yet.")
        if not self.cases:
            own = self.numbers(name)
            truth = worker.plain(self.truth(*own))
            return unfinished(answer, truth) or self.judge([truth], [worker.plain(answer)], [[]], own)
        if not callable(answer):
            return Reply("wrong", f"Hand in the function itself, check(my_function), not what it returns. Got {worker.plain(answer)!r:.60}.")
        outcomes = worker.run(answer, self.cases)
        kind, what, *_ = outcomes[-1]
        if kind == "stopped":
            return Reply("wrong", f"Your function {what}{'' if what.endswith('?') else '.'}", kind)
        if kind == "raised" and what.startswith("NotImplementedError"):
            return Reply("open", "Not attempted yet.")
        if kind == "raised":
            shapes = ", ".join(f"{n} {describe(v)}" for n, v in zip(inspect.signature(self.truth).parameters, self.cases[len(outcomes) - 1]))
            return Reply("wrong", f"Your function stops with {what}\nIt was called with {shapes}.", kind)
        return self.judge([worker.plain(self.truth(*case)) for case in self.cases], *zip(*(o[1:3] for o in outcomes)))

    def judge(self, truths, results, changed, own=()):
        """Compare results with truths, case by case."""
        if all(result is None or (isinstance(result, tuple) and all(part is None for part in result)) for result in results):
            return Reply("open", "Not attempted yet.")
        pairs = list(zip(results, truths))
        if all(equal(*pair) or rounded(*pair, self.digits) for pair in pairs):
            if any(changed):
                name = list(inspect.signature(self.truth).parameters)[next(c for c in changed if c)[0][0]]
                return Reply("wrong", f"The result is right, but your function overwrites its input {name}. Who else may still need it?", "input overwritten")
            return Reply("right", f"Right. {self.then}".rstrip())
        for mistake in self.mistakes:
            if all(equal(*pair) or rounded(*pair, self.digits) for pair in zip(results, self.results_of(mistake.answer, own))):
                return Reply("wrong", f"Not right yet: {mistake.says}\nThe evidence: {self.evidence(pairs)}.\n{mistake.asks}", mistake.name)
        evidence = self.evidence(pairs)
        return Reply("wrong", f"Not right yet. I don't recognize this one: {evidence}.", "unknown")

    def results_of(self, answer, own):
        """What an answer gives for all cases; nan where it fails."""
        if not self.cases:
            return [worker.plain(answer(*own))]
        return [outcome[1] if outcome[0] == "gave" else np.nan for outcome in worker.attempt(answer, self.cases)]

    def evidence(self, pairs):
        """How the results differ, in a sentence with a number in it."""
        quantities = [self.quantities(*case) for case in self.cases] if self.quantities else None
        if isinstance(pairs[0][1], tuple):
            names = self.truth.__annotations__.get("return", [f"result {i}" for i in range(1, len(pairs[0][1]) + 1)])
            for i, name in enumerate(names):
                parts = [(given[i] if isinstance(given, tuple) and i < len(given) else None, truth[i]) for given, truth in pairs]
                if not all(equal(*part) for part in parts):
                    return f"in {name}, {sentence(parts, quantities)}"
        given, truth = pairs[0]
        if not self.cases and not isinstance(given, (str, tuple)) and not isinstance(truth, str) and np.size(given) == np.size(truth):
            given, truth = np.ravel(given), np.ravel(truth)
            i = next(i for i in range(len(truth)) if not diagnosis.close(given[i], truth[i]))
            which = f"answer {i + 1} of {len(truth)}: " if len(truth) > 1 else ""
            return which + (alone(given[i], truth[i]) if np.isrealobj(given) else f"your number is {given[i]}")
        return sentence(pairs, quantities)

    def hint(self):
        """The next hint; the last one stays."""
        self.given = min(self.given + 1, len(self.hints))
        return Reply("hint", f"Hint {self.given} of {len(self.hints)}: {self.hints[self.given - 1]}")

    def solution(self):
        """One solution, as source."""
        return Reply("solution", inspect.getsource(self.truth).rstrip())


def rng_of(name):
    """A random generator that belongs to a name, however it is spaced and capitalized."""
    words = " ".join(str(name).lower().split())
    return np.random.default_rng(int.from_bytes(hashlib.sha256(words.encode()).digest()[:8], "big"))


def sentence(pairs, quantities):
    """The evidence for one result, over all cases."""
    for given, truth in pairs:
        if given is None or isinstance(given, (str, tuple)):
            there = "nothing" if given is None else given if isinstance(given, str) else f"a tuple of {len(given)}"
            return f"there should be {wanted(truth)}, and there is {there}"
    return diagnosis.diagnose(pairs, quantities)[1]


def wanted(truth):
    """What a result should be, in words that do not give it away."""
    if isinstance(truth, str):
        return "a word"
    if isinstance(truth, tuple):
        return f"a tuple of {len(truth)}"
    return f"an array of shape {np.shape(truth)}" if np.ndim(truth) else "a number"


def unfinished(answer, truth):
    """The reply to numbers in quotation marks and to numbers of which one is missing; None where there is nothing to say."""
    if isinstance(truth, (str, tuple)):
        return None
    parts = list(answer) if isinstance(answer, (tuple, list)) else [answer]
    if any(isinstance(part, str) for part in parts):
        return Reply("wrong", f"Put {'numbers' if np.ndim(truth) else 'a number'}, without quotation marks.", "words")
    missing = [i for i, part in enumerate(parts, start=1) if part is None or part is ...]
    if missing and len(missing) < len(parts) == np.size(truth):
        return Reply("wrong", f"Answer {missing[0]} of {len(parts)} is still missing.", "unfinished")
    return None


def apart(values, digits):
    """Whether no two numbers are equal, or equal up to rounding to so many digits."""
    return not any(diagnosis.close(a, b) or rounded(a, b, digits) or rounded(b, a, digits) for a, b in itertools.combinations(values, 2))


def rounded(given, truth, digits):
    """Whether a number is the true one up to rounding to so many significant digits; with none nothing is rounded."""
    if not digits or not isinstance(given, numbers.Real) or not truth:
        return False
    return bool(abs(given - truth) <= 0.5001 * 10.0 ** (np.floor(np.log10(abs(truth))) + 1 - digits))


def alone(given, truth):
    """The evidence for a single number, which must not give the number away."""
    if not np.isfinite(given):
        return f"your number is {given}"
    ratio = given / truth if given and truth else np.nan
    for r in (ratio, 1 / ratio):
        if np.isclose(r, np.rint(r)) and 0.5 < abs(r) < 999.5 and not np.isclose(r, 1):
            return f"your number is {diagnosis.said(ratio)} the true one"
    return f"your number is too {'large' if given > truth else 'small'}"


def equal(given, truth):
    """Whether a result is the true one, up to rounding."""
    if isinstance(truth, tuple):
        return isinstance(given, (tuple, list)) and len(given) == len(truth) and all(map(equal, given, truth))
    if isinstance(given, tuple) and all(np.shape(part) == np.shape(given[0]) for part in given):
        given = np.array(given)  # rows handed over one by one are a table
    if isinstance(truth, str) or isinstance(given, (str, tuple)) or given is None:
        return isinstance(given, str) and isinstance(truth, str) and given.strip().lower() == truth.strip().lower()
    return diagnosis.close(given, truth)


def describe(value):
    """An argument in a few words."""
    return f"of shape {value.shape}" if isinstance(value, np.ndarray) else f"= {value!r:.60}"
