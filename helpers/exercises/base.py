"""Exercises: a check that names the mistake, hints that each go one step further, and a solution."""

import contextlib
import dis
import hashlib
import inspect
import itertools
import json
import os
import re
import sys
import types
from dataclasses import dataclass, field

import numpy as np

from helpers import yours
from helpers.checks import diagnosis, edits, worker
from helpers.checks.evidence import alone, amount, beginning, both, count, described
from helpers.checks.evidence import as_single, equal, rounded, single, structure, thing, unstacked
from helpers.checks.spoken import read_number

STATES = "WFW_STATES"  # in the environment: the file in which a grader wants to be told
# Kinds of difference that two values do not show.
INCOMPARABLE = {"kind", "order", "complex", "shape", "transposed", "not finite"}
CLEAR = {"order", "complex"}  # and those of which no edit would say more
# Errors that an edit may explain.
SEARCHED = "ValueError", "TypeError", "IndexError", "AxisError", "NameError", "UnboundLocalError"

if "ipykernel" in sys.modules:
    worker.warm()  # in the background, so that the first check in a notebook finds it ready


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
    hand, so many `digits` of it are enough. A choice or a place in a row is `ordinal`: near is as wrong as far. A number
    that `each` of several things has may be handed in for all of them. A `part` of the reader's network is kept.
    Where what uses it needs an `array`, a list is sent back. Where the numbers of a case hang together they are `tied`,
    and the search for the mistake changes none of them.
    `names` are what several numbers or results are called, where a reply names the one that is wrong.
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
    ordinal: bool = False
    each: bool = False
    part: bool = False
    array: bool = False
    names: tuple = ()
    tied: bool = False
    given: int = 0

    @property
    def name(self):
        """What its module calls it."""
        modules = [vars(module) for name, module in list(sys.modules.items()) if name.startswith("helpers.exercises.")]
        return next((name for names in modules for name, value in names.items() if value is self), self.truth.__name__)

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
        try:
            reply = self.reply(answer, name)
        except Exception as error:  # an answer that even names and compares itself falsely
            reply = Reply("wrong", f"This answer cannot be read: {worker.told(error)}.", "unreadable")
        with contextlib.suppress(KeyError, OSError), open(os.environ[STATES], "a", encoding="utf-8") as stream:
            stream.write(json.dumps([self.name, reply.state]) + "\n")  # for the grader
        if os.environ.get("NBGRADER_EXECUTION") and reply.state != "right":
            raise AssertionError(reply.text)
        return reply

    def reply(self, answer, name=""):
        """What `check` says."""
        if unwritten(answer):
            return Reply("open", "Not attempted yet.")
        if not self.cases:
            return self.of_number(answer, self.numbers(name))
        if not callable(answer):
            got = thing(handed(answer))
            return Reply("wrong", f"Hand in the function itself, check(my_function), not what it returns. Got {got}.")
        outcomes = worker.run(answer, self.cases)
        last = outcomes[-1]
        if last.kind == "stopped":
            reply = Reply("wrong", f"Your function {last.what}{'' if last.what.endswith('?') else '.'}", last.kind)
        elif last.kind == "raised":
            said = last.what.startswith(SEARCHED) and self.explained(answer) or f"Your function stops with {last.what}"
            if last.what.startswith("NotImplementedError"):
                said += ". Which of the functions that it calls is not written yet?"
            reply = Reply("wrong", f"{said}\nIt was called with {self.called(len(outcomes) - 1)}.", last.kind)
        else:
            truths = [worker.plain(self.truth(*case)) for case in self.cases]
            reply = self.judge(truths, [o.what for o in outcomes], [o.changed for o in outcomes], answer=answer)
            if reply.state == "right" and self.array and listed(answer, self.cases[0]):
                reply = Reply("wrong", "The numbers are right, but your function returns a list, and what uses it calculates with "
                                       "arrays. Which function of NumPy makes an array of a list?", "list for array")
        if reply.state == "right" and self.part:
            reply.text += kept(self.name, answer)
        if last.printed.strip():
            reply.text += f"\nYour function printed:\n{beginning(last.printed)}"
        return reply

    def of_number(self, answer, own):
        """The reply to an answer that is no function."""
        truth, many = worker.plain(self.truth(*own)), type(answer) in (tuple, list)
        if not isinstance(truth, (str, tuple)):
            parts = list(answer) if many else [answer]
            missing = [i for i, part in enumerate(parts, start=1) if part is None or part is ...]
            if missing and len(parts) == np.size(truth):
                which = self.names[missing[0] - 1] if self.names else f"Answer {missing[0]} of {len(parts)}"
                return Reply("wrong", f"{which} is still missing.", "unfinished")
            try:
                parts = [read_number(part) if isinstance(part, str) else part for part in parts]
            except ValueError as error:
                return Reply("wrong", str(error), "words")
            answer = parts if many else parts[0]
        given = handed(answer)
        while isinstance(given, tuple) and len(given) == 1 and not isinstance(truth, tuple):
            given = given[0]
        alone = not isinstance(truth, tuple) and np.ndim(truth) == 0
        if alone and isinstance(given, np.ndarray) and given.size:
            if given.size == 1 or self.each and (given == given.flat[0]).all():
                given = given.flat[0]
        return self.judge([truth], [given], [()], own)

    @np.errstate(all="ignore")
    def judge(self, truths, results, changed, own=(), answer=None):
        """Compare results with truths, case by case."""
        pairs = list(zip(results, truths))
        coarse = self.exact and single(results) and not single(truths)
        if coarse and self.agree((as_single(result), truth) for result, truth in pairs):
            return Reply("wrong", "Not right yet: this is right to about seven digits, and float64 has sixteen.\n"
                                  "The evidence: every number in your results is one that float32 can hold.\n"
                                  "Where do your numbers become float32?", "float32")
        if self.agree(pairs):
            if any(changed):
                i, nearly = next(c for c in changed if c)[0]
                name = list(inspect.signature(self.truth).parameters)[i]
                does = f"your function overwrites its input {name}. Who else may still need it?"
                if nearly:
                    does = f"{name} comes back only up to rounding. Can you keep the old value?"
                return Reply("wrong", f"The result is right, but {does}", "input overwritten")
            return Reply("right", f"Right. {self.then}".rstrip())
        if self.cases and all(result is None for result in results):
            return Reply("wrong", "Your function returns nothing. Is there a `return`?", "nothing returned")
        for mistake in self.mistakes:
            if self.agree(zip(results, self.results_of(mistake.answer, own))):
                evidence = self.evidence(pairs)
                return Reply("wrong", f"Not right yet: {mistake.says}\nThe evidence: {evidence}.\n{mistake.asks}", mistake.name)
        kind, evidence = self.difference(pairs)[0], self.evidence(pairs)
        said = None if answer is None or kind in CLEAR else self.explained(answer)
        if said is None and kind == "unknown":
            said = f"Not right yet. This is new to me: {evidence}."
        elif self.cases:
            seen = self.sample(pairs, kind)
            if said and kind == "not finite":
                seen = f"{evidence}. {seen[0].upper()}{seen[1:]}"
            said = f"{said or f'Not right yet: {evidence}.'}\n{seen[0].upper()}{seen[1:]}."
        return Reply("wrong", said or f"Not right yet: {evidence}.", "unknown")

    @property
    def exact(self):
        """Whether float32 is not enough: 07 lays the reader's network beside Keras to the last digits."""
        return self.part

    def agree(self, pairs):
        """Whether all results are the true ones, up to rounding."""
        return all(equal(*pair) or rounded(*pair, self.digits) for pair in pairs)

    def results_of(self, answer, own):
        """What an answer gives for all cases; nan where it fails."""
        if not self.cases:
            return [worker.plain(answer(*own))]
        return [result if kind == "gave" else np.nan for kind, result, _ in worker.attempt(answer, self.cases)]

    def explained(self, answer):
        """Where a wrong answer differs from a right one, in words, if an edit is found that makes it right."""
        with contextlib.suppress(Exception):
            named = [(f"{mistake.says}\n{mistake.asks}", mistake.answer) for mistake in self.mistakes]
            return edits.explain(answer, self.truth, self.cases, tied=self.tied, named=named)

    def evidence(self, pairs):
        """How the results differ, in a sentence with a number in it."""
        return self.difference(pairs)[1]

    def difference(self, pairs):
        """How the results differ → the kind of difference, a sentence."""
        if not self.cases:
            return "number", self.of_one(*pairs[0])
        if self.reordered(pairs):
            return "order", "each of your results is right, and they stand in another order"
        where, parts = self.wrong_part(pairs)
        quantities = [self.quantities(*case) for case in self.cases] if self.quantities else None
        kind, said = structure(parts) or not self.ordinal and diagnosis.diagnose(parts, quantities) or ("unknown", "")
        return (kind, where + said) if kind != "unknown" else (kind, self.sample(pairs))

    def reordered(self, pairs):
        """Whether all of several results are there, in an order that is not the one asked for."""
        def place(one, parts):
            return next((j for j, part in enumerate(parts) if equal(part, one)), -1)

        orders = {tuple(place(one, unstacked(given, truth)) for one in truth) for given, truth in pairs if isinstance(truth, tuple)}
        return len(orders) == 1 and all(sorted(order) == list(range(len(order))) != list(order) for order in orders)

    def wrong_part(self, pairs):
        """Of several results the first that is wrong: its name, and its pairs. Of one result no name, and all pairs."""
        truth = pairs[0][1]
        if not isinstance(truth, tuple):
            return "", pairs
        results = [(unstacked(given, true) or (() if type(given) is tuple else None), true) for given, true in pairs]
        if any(given is None for given, _ in results):  # one thing, where several are asked for
            return "", [(pair[0] if given is None else true, true) for pair, (given, true) in zip(pairs, results)]
        names = self.truth.__annotations__.get("return", [f"result {i}" for i in range(1, len(truth) + 1)])
        for i, name in enumerate(self.names if isinstance(self.names, tuple) and self.names else names):
            parts = [(given[i] if i < len(given) else None, true[i]) for given, true in results]
            if not all(equal(*part) for part in parts):
                return f"in {name}, ", parts
        return "", results  # more than are asked for

    def sample(self, pairs, kind="unknown"):
        """The smallest case in which the results differ: its arguments, and both values where they can be compared."""
        where, parts = self.wrong_part(pairs)
        wrong = [k for k, part in enumerate(parts) if not equal(*part)]
        k = min(wrong, key=lambda k: sum(map(amount, self.cases[k])))
        called = self.called(k)
        return f"it was called with {called}" if kind in INCOMPARABLE else f"for {called}: {where}{both(*parts[k])}"

    def called(self, k):
        """The arguments of a case, by name."""
        names = inspect.signature(self.truth).parameters
        return ", ".join(f"{name} {described(value)}" for name, value in zip(names, self.cases[k]))

    def of_one(self, given, truth):
        """The evidence for an answer that is no function."""
        if isinstance(truth, tuple) or isinstance(given, (str, tuple)) or given is None or isinstance(truth, str):
            where, parts = self.wrong_part([(given, truth)])
            return where + (structure(parts) or (0, both(*parts[0])))[1]
        given, truth = np.ravel(given), np.ravel(truth)
        if len(given) != len(truth):
            said = f"there should be {count(len(truth))}, and there {'is' if len(given) == 1 else 'are'} {count(len(given))}"
            comma = ". In Python a comma makes two numbers of one: write 235146, and 0.25 with a point"
            return said + (comma if len(truth) == 1 else "")
        wrong = [i for i in range(len(truth)) if not diagnosis.close(given[i], truth[i])] or [0]
        i, called = wrong[0], self.names or [f"answer {i} of {len(truth)}" for i in range(1, len(truth) + 1)]
        which = called[i] if len(truth) > 1 else "your number"
        also = f"; wrong too: {', '.join(called[j] for j in wrong[1:])}" if self.names and wrong[1:] else ""
        return (f"{which} is another one" if self.ordinal else alone(which, given[i], truth[i], self.digits)) + also

    def hint(self):
        """The next hint; the last one stays."""
        if not self.hints:
            return Reply("hint", "There is no hint for this one.")
        self.given = min(self.given + 1, len(self.hints))
        return Reply("hint", f"Hint {self.given} of {len(self.hints)}: {self.hints[self.given - 1]}")

    def solution(self):
        """One solution, as source; a part of the network calls the other parts as the notebook does, by the reader's names."""
        source = inspect.getsource(self.truth).rstrip()
        return Reply("solution", re.sub(rf"\b({'|'.join(yours.PARTS)})(?=\()", r"my_\1", source) if self.part else source)


def listed(answer, case):
    """Whether an answer returns a list: what comes from the worker no longer tells."""
    (outcome,) = worker.run(lambda *case: isinstance(answer(*case), (list, tuple)), [case])
    return outcome.what is True


def unwritten(answer):
    """Whether an answer is the stub: an empty slot, or a function whose code only returns None or says that it is not written."""
    if type(answer) in (tuple, list):
        return len(answer) > 0 and all(part is None or part is ... for part in answer)
    if type(answer) is not types.FunctionType:
        return answer is None or answer is ...
    code = answer.__code__
    arguments = {*inspect.getargs(code).args, inspect.getargs(code).varargs, inspect.getargs(code).varkw}
    words = {const for const in code.co_consts if isinstance(const, str)}
    others = [const if isinstance(const, tuple) else (const,) for const in code.co_consts if not isinstance(const, str)]
    steps = list(dis.get_instructions(code))
    loads = [step.argval for step in steps if step.opname.startswith("LOAD_FAST")]
    used = {name for loaded in loads for name in (loaded if isinstance(loaded, tuple) else [loaded])}
    busy = any("JUMP" in step.opname or step.opname.startswith("BUILD") and not step.arg for step in steps)
    silent = words <= {answer.__doc__} or "NotImplementedError" in code.co_names
    nothing = all(set(const) <= {None, ...} for const in others) and not code.co_freevars
    return set(code.co_names) <= {"NotImplementedError"} and nothing and silent and not busy and not used & arguments


def handed(answer):
    """What is handed in as plain data. All but numbers and words is read in the worker: it may do anything when it is read."""
    parts = answer if type(answer) in (tuple, list) else [answer]
    if all(type(part) in (bool, int, float, complex, str, type(None)) for part in parts):
        return worker.plain(answer)
    with contextlib.suppress(worker.Stopped):
        return worker.ask("helpers.checks.worker:plain", (answer,))
    return f"a {type(answer).__name__}"


def kept(name, function):
    """A line about the reader's network, of which this is a part."""
    with contextlib.suppress(Exception):
        return f"\n{yours.keep(name, function)}"
    return ""


def rng_of(name):
    """A random generator that belongs to a name, however it is spaced and capitalized."""
    words = " ".join(str(name).lower().split())
    return np.random.default_rng(int.from_bytes(hashlib.sha256(words.encode(errors="replace")).digest()[:8], "big"))


def apart(values, digits):
    """Whether no two numbers are equal, or equal up to rounding to so many digits."""
    return not any(diagnosis.close(a, b) or rounded(a, b, digits) or rounded(b, a, digits) for a, b in itertools.combinations(values, 2))