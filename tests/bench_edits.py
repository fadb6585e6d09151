"""The search for the edit, measured at length: wrong answers from files, every named mistake, pairs, random
programs, right ones in many forms.

    python tests/bench_edits.py answers FILE…     replies to wrong answers: lists of {"exercise", "source", "what"}
    python tests/bench_edits.py mistakes [WORD]   replies to the mistakes that the exercises name, without their names
    python tests/bench_edits.py pairs | random [N] | forms [N]
"""

import collections
import importlib
import inspect
import itertools
import linecache
import pkgutil
import runpy
import sys
import time
import traceback
import types

import numpy as np
import test_edits

import helpers.exercises
from helpers import activations, parameters
from helpers.checks import edits, worker
from helpers.exercises.base import Exercise
from helpers.gradcheck import numerical_gradient, relative_error
from helpers.topics import parts

SCOPE = {"np": np, "parameters": parameters, "numerical_gradient": numerical_gradient, "relative_error": relative_error}
SCOPE |= {name: value for name, value in vars(activations).items() if callable(value) or name == "PRIME"}
SCOPE |= {f"my_{name}": value for name,
    value in vars(parts).items() if getattr(value, "__module__", "") == parts.__name__}


def exercises():
    """(module, name, exercise) of all that ask for a function."""
    for module in pkgutil.iter_modules(helpers.exercises.__path__):
        for name, value in vars(importlib.import_module(f"helpers.exercises.{module.name}")).items():
            if isinstance(value, Exercise) and value.cases:
                yield module.name, name, value


def written(source, number):
    """The last function of a source, as a notebook's cell makes it."""
    file = f"<answer {number}>"
    linecache.cache[file] = (len(source), None, source.splitlines(True), file)
    cell = types.ModuleType("notebook")
    vars(cell).update(SCOPE, __name__="notebook")
    sys.modules["notebook"] = cell
    exec(compile(source, file, "exec"), vars(cell))
    made = [value for value in vars(cell).values() if isinstance(value, types.FunctionType)
        and value.__module__ == "notebook"]
    return next((f for f in reversed(made) if f.__name__.startswith("my_")
        and f.__name__[3:] not in ("softmax", "sigmoid")), made[-1])


def reply(exercise, answer, named=True):
    """(state, text, seconds) of the reply, with the mistakes that the exercise names or without them."""
    start = time.thread_time()
    known, exercise.mistakes = exercise.mistakes, exercise.mistakes if named else ()
    asked, state = worker.ask, []

    def ask(where, arguments, seconds):
        if where != "helpers.checks.edits:search":
            return asked(where, arguments, seconds)
        try:
            found = edits.search(*arguments)
        except Exception:
            traceback.print_exc()
            raise
        state.append(found["state"] if found else "none")
        return found

    edits.worker = types.SimpleNamespace(ask=ask)
    try:
        outcomes = worker.attempt(answer, exercise.cases)
        if outcomes[-1][0] == "raised":
            text = exercise.explained(answer) or f"stops with {outcomes[-1][1]}"
        else:
            truths = [worker.plain(exercise.truth(*case)) for case in exercise.cases]
            said = exercise.judge(truths, [o[1] for o in outcomes], [o[2] for o in outcomes], answer=answer)
            text = said.text
            state = state or ["unknown" if said.mistake == "unknown" else f"named {said.mistake}" if said.mistake
                else "right"]
    finally:
        exercise.mistakes, edits.worker = known, worker
    return (state or ["none"])[-1], text, time.thread_time() - start


def answers(files):
    """Print the reply to each wrong answer, with what is wrong according to who wrote it."""
    known, number, seconds, states = list(exercises()), 0, [], {}
    for file in files:
        for case in runpy.run_path(file)["CASES"]:
            number += 1
            answer = written(case["source"], number)
            count = answer.__code__.co_argcount
            same = [e for _, name, e in known if name == case["exercise"] and e.truth.__code__.co_argcount == count]
            if not same:
                print("==", number, case["exercise"], "is no exercise")
                continue
            best = max(same,
                key=lambda e: len({*e.truth.__code__.co_varnames[:count]} & {*answer.__code__.co_varnames[:count]}))
            state, text, took = reply(best, answer)
            seconds.append(took)
            states[state] = states.get(state, 0) + 1
            head = f"== {number} {case['exercise']} × {case.get('mistakes', 1)}: {state}, {1000 * took:.0f} ms"
            print(f"{head} | {case['what']}\n{text}", flush=True)
            if state in ("none", "unknown", "shapes", "right"):
                print(case["source"])
    print(states, f"median {1000 * np.median(seconds):.0f} ms, worst {1000 * max(seconds):.0f} ms")


def mistakes(words):
    """Print the reply to each mistake that is named, without its name."""
    for module, name, exercise in exercises():
        for mistake in exercise.mistakes if not words or any(word in f"{module}.{name}" for word in words) else ():
            state, text, took = reply(exercise, mistake.answer, named=False)
            print(f"== {module}.{name} | {mistake.name} | {mistake.says} | {state}, {1000 * took:.0f} ms\n{text}",
                flush=True)


def pairs(_):
    """Of two mistakes at once, how often one is found in its line."""
    found = [test_edits.pair(*one) for one in test_edits.PAIRS]
    for one, (reply_, right) in zip(test_edits.PAIRS, found):
        if not right:
            print(list(one[1].values()), reply_ and reply_["text"])
    print(f"{sum(right for _, right in found)} of {len(found)}")


def random(arguments):
    """Random programs of right length: how many get a name, and how many a false one."""
    states, seconds = collections.Counter(), []
    for i, (reference, program) in enumerate(test_edits.random_programs(int((arguments or [1000])[0]),
        int((arguments[1:] or [1])[0])), start=1):
        start = time.thread_time()
        found = edits.diagnose(program, reference, test_edits.CASES[reference], seconds=0.6)
        seconds.append(time.thread_time() - start)
        states[found["state"] if found else None] += 1
        if test_edits.false_name(found, reference, program):
            states["false"] += 1
            print("FALSE", inspect.getsource(program), found["text"], found["source"], flush=True)
        if i % 50 == 0:
            print(i, dict(states), f"median {1000 * np.median(seconds):.0f} ms, worst {1000 * max(seconds):.0f} ms",
                flush=True)


def forms(arguments):
    """Right answers in unusual form: how many are called right, and how many are searched."""
    many, searched = int((arguments or [1000])[0]), []
    edits.Search.singles = lambda *_, **__: searched.append(1) or []
    right = [test_edits.diagnose(program, reference, test_edits.CASES[reference]) is None for reference,
        program in itertools.islice(test_edits.right_forms(), many)]
    print(f"{sum(right)} of {len(right)} right, {len(searched)} searched")


if __name__ == "__main__":
    edits.time = types.SimpleNamespace(thread_time=time.thread_time, monotonic=lambda: 0.0)
    {one.__name__: one for one in (answers, mistakes, pairs, random, forms)}[sys.argv[1]](sys.argv[2:])
