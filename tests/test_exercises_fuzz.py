"""Whatever is handed in, in whatever type, shape and container, and whatever it does to its arguments: a check has a true sentence for it."""

import importlib
import itertools
import pkgutil
import warnings

import numpy as np
import pytest

import helpers.exercises
from helpers.checks import worker
from helpers.exercises import base, performance

EXERCISES = {
    f"{module.name}.{name}": value
    for module in pkgutil.iter_modules(helpers.exercises.__path__)
    for name, value in vars(importlib.import_module(f"helpers.exercises.{module.name}")).items()
    if isinstance(value, base.Exercise)
}
PER_EXERCISE, SAMPLE = 180, 4

TYPES = [None, None, None, bool, np.int8, np.uint8, np.int64, np.uint64, np.float16, np.float32, np.longdouble, np.complex64, complex, object, str, "M8[s]"]
SHAPES = {
    "as it is": lambda a: a, "transposed": lambda a: a.T, "flat": np.ravel, "a row": lambda a: a[None], "a column": lambda a: a[..., None],
    "one entry": lambda a: np.ravel(a)[:1], "no axes": lambda a: np.ravel(a)[0], "the first": lambda a: a[0] if np.ndim(a) else a,
    "empty": lambda a: np.ravel(a)[:0], "empty in two": lambda a: np.zeros((0, 3)), "doubled": lambda a: np.stack([a, a]), "many axes": lambda a: np.reshape(a, (1,) * 20 + np.shape(a)),
}
CHANGES = {
    "nothing": lambda a: a, "one entry off": lambda a: a + (0.5 + np.abs(a)) * (np.arange(np.size(a)).reshape(np.shape(a)) == 0), "tripled": lambda a: 3 * a + 1, "negated": lambda a: -a - 1,
    "zeros": lambda a: 0 * a, "nan": lambda a: a * np.nan, "infinite": lambda a: np.full(np.shape(a), np.inf), "huge": lambda a: a + 1e300, "tiny": lambda a: a * 1e-300 + 1e-308,
    "one value": lambda a: np.full(np.shape(a), 7.0), "mask": lambda a: a > 0, "nearly": lambda a: a * (1 + 1e-13),
}
def matrix(a):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return np.asmatrix(a) if np.ndim(a) < 3 else a


CONTAINERS = {
    "bare": lambda a: a, "a list": lambda a: a.tolist() if hasattr(a, "tolist") else a, "in a list": lambda a: [a], "in a tuple": lambda a: (a,), "in pairs": lambda a: (a, a),
    "with None": lambda a: [a, None], "in a dict": lambda a: {"a": a}, "in a set": lambda a: {1.0, 2.0}, "a generator": lambda a: (x for x in [1.0]), "a range": lambda a: range(3),
    "a matrix": matrix, "masked": lambda a: np.ma.masked_array(a), "deep": lambda a: [[[[a]]]], "bytes": lambda a: b"a", "a function": lambda a: abs,
    "objects": lambda a: np.array([a, None], dtype=object), "a record": lambda a: np.zeros(2, dtype=[("x", float)]), "ragged": lambda a: [[1.0], [2.0, 3.0]], "an exception": lambda a: ValueError("x"),
    "not implemented": lambda a: NotImplemented, "a long number": lambda a: 10**400, "text": lambda a: "0,5", "long text": lambda a: "x" * 10_000,
}


def overwrite(arguments):
    for a in arguments:
        if isinstance(a, np.ndarray):
            a *= 0
        elif isinstance(a, list):
            a.append(a)


def free(arguments):
    raise [ValueError("x" * 10**5), KeyError(None), StopIteration(), SystemExit(3), AssertionError(np.zeros((3, 3))), UnicodeDecodeError("utf-8", b"\xff", 0, 1, "no")][len(arguments) % 6]


DEEDS = {"nothing": lambda arguments: None, "prints": lambda arguments: print(*arguments), "overwrites": overwrite, "raises": free,
         "warns": lambda arguments: warnings.warn("look"), "divides": lambda arguments: np.float64(1) / np.float64(0)}


def dressed(result, change, kind, shape, container):
    """A result, changed part by part, in another type and shape, in a container."""
    if isinstance(result, (tuple, list)):
        return CONTAINERS[container](tuple(dressed(part, change, kind, shape, "bare") for part in result)) if container != "a list" else list(result)
    if isinstance(result, (bool, np.bool_)):
        result = float(result)
    with np.errstate(all="ignore"):
        result = SHAPES[shape](np.asarray(CHANGES[change](np.asarray(result, float))))
        return CONTAINERS[container](result if kind is None else np.asarray(result).astype(kind))


def generated(exercise, rng):
    """So many ways to answer: (what is done to the right result, a function that does it)."""
    for deed, change, kind, shape, container in zip(*(rng.choice(len(x), PER_EXERCISE) for x in (DEEDS, CHANGES, TYPES, SHAPES, CONTAINERS))):
        # Half of them differ in one thing or two alone, so that most do not stop at the first oddity.
        mask = rng.random(5) < (0.3 if rng.random() < 0.5 else 0.8)
        deed, change, kind, shape, container = np.where(mask, [deed, change, kind, shape, container], 0)
        way = list(DEEDS)[deed], list(CHANGES)[change], TYPES[kind], list(SHAPES)[shape], list(CONTAINERS)[container]

        def answer(*arguments, way=way):
            result = exercise.truth(*arguments)
            DEEDS[way[0]](arguments)
            return dressed(result, *way[1:])

        yield way, answer


def verdict(way):
    """The state that the reply must have, where it is beyond doubt; else None."""
    deed, change, kind, shape, container = way
    if shape == "as it is" and kind in (None, np.longdouble) and change in ("nothing", "nearly") and container in ("bare", "a list", "masked") and deed in ("nothing", "prints", "warns", "divides"):
        return "right"
    if deed == "raises" or change in ("one entry off", "tripled", "nan", "infinite", "huge") and kind is None and container in ("bare", "a list") or container in ("in a dict", "a generator", "bytes", "ragged"):
        return "wrong"
    return None


@pytest.fixture
def inside(monkeypatch):
    """Answers run here, through the same plain data as from a worker; nothing searches and nothing races."""
    monkeypatch.setenv(worker.MARK, "here")
    monkeypatch.setattr(base, "edits", None)
    monkeypatch.setattr(performance.Faster, "race", lambda self, answer: base.Reply("right", "Right."))


def judged(exercise, answer, way):
    """The reply, held to what every reply must be."""
    reply = exercise.reply(answer)  # and not `check`, which catches what reply raises
    assert reply.state in ("right", "wrong", "open") and 0 < len(reply.text) < 3000, way
    assert reply.state != "open", (way, reply.text)
    assert "unreadable" != reply.mistake and "entries are right; at []" not in reply.text and "wanted ()" not in reply.text
    truth = verdict(way)
    assert truth in (None, reply.state), (way, reply.text)
    return reply


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", [name for name, e in EXERCISES.items() if e.cases])
def test_every_function_gets_a_true_sentence(name, inside, capfd):
    rng = np.random.default_rng(sum(map(ord, name)))
    for way, answer in generated(EXERCISES[name], rng):
        if isinstance(EXERCISES[name].truth(*EXERCISES[name].cases[0]), bool) and verdict(way):
            continue  # there a number for True is another answer
        judged(EXERCISES[name], answer, way)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", [name for name, e in EXERCISES.items() if not e.cases])
def test_every_number_gets_a_true_sentence(name, inside):
    exercise = EXERCISES[name]
    truth = exercise.truth(*exercise.numbers())
    for change, kind, shape, container in itertools.product(["nothing", "tripled", "nan", "infinite", "huge"], [None, np.int64, np.float32, complex, object, str], SHAPES, CONTAINERS):
        try:
            answer = dressed(truth, change, kind, shape, container)
        except (ValueError, TypeError, OverflowError, IndexError, RuntimeWarning):
            continue
        reply = exercise.reply(answer)
        assert reply.state in ("right", "wrong", "open") and reply.text, (change, kind, shape, container)
        alone = shape in ("as it is", "a row", "a column", "one entry", "no axes") and container in ("bare", "a list", "in a list", "in a tuple", "deep", "masked", "a matrix")
        if np.ndim(truth) == 0 and change == "nothing" and kind is None and alone:
            assert reply.state == "right", (shape, container, reply.text)
        if change == "tripled" and kind is None and alone:
            assert reply.state == "wrong", (shape, container, reply.text)


def test_five_thousand_are_tried():
    assert PER_EXERCISE * sum(bool(e.cases) for e in EXERCISES.values()) >= 4500


@pytest.mark.parametrize("name", [name for name, e in EXERCISES.items() if e.cases and name != "performance.faster"])
def test_in_the_worker_itself_the_reply_is_the_same(name, monkeypatch):
    monkeypatch.setattr(base, "edits", None)
    rng = np.random.default_rng(1)
    for way, answer in itertools.islice(generated(EXERCISES[name], rng), SAMPLE):
        there = EXERCISES[name].reply(answer)
        with monkeypatch.context() as here:
            here.setenv(worker.MARK, "here")
            assert EXERCISES[name].reply(answer).text.partition("\nYour function printed")[0] == there.text.partition("\nYour function printed")[0], way
