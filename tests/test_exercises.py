"""Every exercise accepts its solution and names each known mistake; a check survives whatever it is handed."""

import importlib
import os
import pkgutil
import shutil
import subprocess
import threading
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import wrong_turns

import helpers.exercises
from helpers.checks import evidence
from helpers.checks.evidence import alone, equal, rounded
from helpers.exercises import base, forward_propagation, mnist_from_scratch
from helpers.exercises.base import Exercise, Mistake, apart

MODULES = [m.name for m in pkgutil.iter_modules(helpers.exercises.__path__)]
EXERCISES = {
    f"{name}.{attribute}": value
    for name in MODULES
    for attribute, value in vars(importlib.import_module(f"helpers.exercises.{name}")).items()
    if isinstance(value, Exercise)
}
MISTAKES = [pytest.param(e, m, id=f"{name}-{m.name}") for name, e in EXERCISES.items() for m in e.mistakes]


@pytest.fixture(autouse=True)
def no_search(monkeypatch):
    """What a check says by itself; the search for an edit has its own tests."""
    monkeypatch.setattr(base, "edits", None)


def answer(exercise, function):
    return function if exercise.cases else function(*exercise.numbers())


@pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)
def test_the_solution_is_right_and_the_stub_is_open(exercise):
    reply = exercise.check(answer(exercise, exercise.truth))
    assert reply.state == "right" and reply.text.startswith("Right.") and exercise.then in reply.text
    assert exercise.check(None).state == exercise.check(...).state == "open"
    if exercise.cases:
        assert exercise.check(lambda *arguments: None).state == "open"
    assert "def " in exercise.solution().text


@pytest.mark.parametrize("exercise, mistake", MISTAKES)
def test_a_known_mistake_gets_its_own_message(exercise, mistake):
    reply = exercise.check(answer(exercise, mistake.answer))
    assert (reply.state, reply.mistake) == ("wrong", mistake.name)
    assert mistake.says in reply.text and mistake.asks in reply.text and "The evidence: " in reply.text
    assert mistake.asks.endswith("?")


@pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)
def test_hints_go_one_step_further_each(exercise):
    exercise.given = 0
    texts = [exercise.hint().text for _ in range(len(exercise.hints) + 1)]
    assert len(set(texts)) == len(exercise.hints) and texts[-1] == texts[-2]
    exercise.given = 0


def test_the_first_hint_comes_first():
    assert Exercise(abs, hints=("one", "two")).hint().text == "Hint 1 of 2: one"


def test_there_are_enough_known_mistakes():
    held = Counter(where for where, *_ in wrong_turns.HELD)  # found without a list: tests/test_edits.py
    coding = {name: e for name, e in EXERCISES.items() if e.cases and not name.startswith("start_here")}
    known = {name: len(e.mistakes) + held[name] for name, e in coding.items()}
    assert all(count >= 5 for count in known.values()), known
    assert len(MISTAKES) >= 60


def relu_layer(A, W, b):
    return np.maximum(A @ W + b, 0)


_rng = np.random.default_rng(1)
LAYER = Exercise(relu_layer, cases=[(_rng.normal(size=(4, 3)), _rng.normal(size=(3, 5)), _rng.normal(size=5)) for _ in range(3)],
                 hints=("A product, a sum, a bend.",), mistakes=[Mistake("no bend", lambda A, W, b: A @ W + b, "the bend is missing.", "What is f?")])


def endless(A, W, b):
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass


def deep(A, W, b):
    return deep(A, W, b)


def leaving(A, W, b):
    raise SystemExit


def killing(A, W, b):
    os._exit(1)


def huge(A, W, b):
    return np.ones((200_000, 200_000))


def talking(A, W, b):
    for i in range(100_000):
        print(i)
    return LAYER.truth(A, W, b)


def patching(A, W, b):
    np.maximum = lambda *arguments: 0.0
    return A @ W


def overwriting(A, W, b):
    result = LAYER.truth(A, W, b)
    A *= 0
    return result


def stubborn(A, W, b):
    raise BaseException("no")


def wandering(A, W, b):
    os.chdir("/")
    return LAYER.truth(A, W, b)


def staying(A, W, b):
    threading.Thread(target=time.sleep, args=(60,)).start()
    return LAYER.truth(A, W, b)


def dividing(A, W, b):
    while os.fork() == 0:  # each copy makes the next, and none waits
        time.sleep(0.3)
    return LAYER.truth(A, W, b)


@pytest.mark.parametrize("hostile, words", [
    (stubborn, "BaseException: no"), (wandering, "Right."), (staying, "Right."), (dividing, "Right."),
    (endless, "still running"), (deep, "RecursionError"), (leaving, "SystemExit"), (killing, "ended the process"),
    (huge, "MemoryError"), (patching, "Not right yet"), (overwriting, "overwrites its input A"), (talking, "Right."),
    (lambda A: A, "takes 1 positional argument"), (lambda A, W, b: "a word", "a word"), (lambda A, W, b: {1: 2}, "dict"),
    (lambda A, W, b: A @ W.T, "matmul"), (lambda A, W, b: np.full((4, 5), np.nan), "not numbers"), (42, "Hand in the function itself"),
    (lambda A, W, b: np.array(["0.5"]), "an array of <U3"), (lambda A, W, b: 10**400, "there is a int"), (lambda A, W, b: np.array(None), "an array of object"),
    (lambda A, W, b: np.float16(1) + 1j, "your result holds complex numbers, such as 1+1j"), (lambda A, W, b: [np.array(["x"]), None], "a tuple of 2"),
    (lambda A, W, b: np.array([None, "x"], dtype=object), "Not right yet"), (lambda A, W, b: [[1], [2, 3]], "Not right yet"),
    (lambda A, W, b: LAYER.truth(A, W, b).astype(int), "whole numbers"), (lambda A, W, b: 3.0 * LAYER.truth(A, W, b), "exactly 3 times"),
], ids=lambda value: getattr(value, "__name__", "")[:20])
def test_whatever_is_handed_in_gets_a_sentence(hostile, words, capfd):
    maximum, started = np.maximum, time.monotonic()
    reply = LAYER.check(hostile)
    assert words in reply.text, reply.text
    assert (reply.state == "right") == (words == "Right.")
    assert time.monotonic() - started < 60 and np.maximum is maximum
    assert capfd.readouterr() == ("", "")


def alive(pid):
    """Whether a process is there and no zombie."""
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="only Linux tells in /proc who is alive")
def test_what_an_answer_starts_ends_with_the_check(tmp_path):
    def breeding(A, W, b):
        child = os.fork() or time.sleep(60)
        grandchild = subprocess.Popen(["sleep", "60"]).pid
        (tmp_path / "pids").write_text(f"{child} {grandchild}")
        return LAYER.truth(A, W, b)

    assert LAYER.check(breeding).state == "right"
    pids = (tmp_path / "pids").read_text().split()
    until = time.monotonic() + 5
    while any(map(alive, pids)) and time.monotonic() < until:
        time.sleep(0.01)
    assert len(pids) == 2 and not any(map(alive, pids))


def test_an_answer_works_in_an_empty_folder_that_is_gone_afterwards(tmp_path, monkeypatch):
    def sweeping(A, W, b):
        if not (tmp_path / "seen").exists():  # the first of several calls
            (tmp_path / "seen").write_text(f"{os.getcwd()} {os.listdir()}")
        open("new", "w").close()
        shutil.rmtree("keep", ignore_errors=True)
        return LAYER.truth(A, W, b)

    monkeypatch.chdir(tmp_path)
    (tmp_path / "keep").mkdir()
    assert LAYER.check(sweeping).state == "right"
    folder, inside = (tmp_path / "seen").read_text().split(" ", 1)
    assert inside == "[]" and not Path(folder).exists() and sorted(os.listdir()) == ["keep", "seen"]


def test_what_happens_in_one_case_alone_counts():
    last = LAYER.cases[-1]

    def is_last(A):
        return A.shape == last[0].shape and np.array_equal(A, last[0])

    def raising(A, W, b):
        return LAYER.truth(A, W, b) if not is_last(A) else A["no"]

    def spoiling(A, W, b):
        result = LAYER.truth(A, W, b)
        W *= 0 if is_last(A) else 1
        return result

    assert len(LAYER.cases) > 1
    said = LAYER.check(raising).text
    assert "IndexError" in said and f"It was called with A of shape {last[0].shape}, W of shape {last[1].shape}" in said
    assert LAYER.check(lambda A, W, b: None if is_last(A) else LAYER.truth(A, W, b)).state == "wrong", "not open"
    assert "overwrites its input W" in LAYER.check(spoiling).text


def both(x):
    return x + 1, 2 * x


BOTH = Exercise(both, cases=[(np.array([0.0, 1.0]),), (np.array([1.0, 2.0, 4.0]),)])


@pytest.mark.parametrize("wrong, words", [
    (lambda x: (x + 1, 2 * x + 5), "in result 2, every entry is off by the same amount"),
    (lambda x: (x, 2 * x), "in result 1, every entry is off by the same amount"),
    (lambda x: (x + 1, 2 * x + (len(x) == 3)), "in result 2, "), (lambda x: (x + (len(x) == 2), 2 * x), "in result 1, "),
    (lambda x: (x + 1,), "in result 2, there should be an array of shape (2,), and there is nothing"),
    (lambda x: x + 1, "there should be a tuple of 2, and there is an array of shape (2,)"),
    (lambda x: (x + 1, 2 * x, x), "there should be a tuple of 2, and there is a tuple of 3"), (lambda x: (2 * x, x + 1), "stand in another order"),
])
def test_of_several_results_the_wrong_one_is_named(wrong, words):
    assert BOTH.check(both).state == "right"
    assert words in BOTH.check(wrong).text


def test_results_are_open_only_where_nothing_is_handed_in():
    assert BOTH.check(lambda x: (None, None)).state == "open"
    assert BOTH.check(lambda x: (x + 1, None)).state == "wrong"


@pytest.mark.parametrize("length", [2, 3])
def test_what_a_function_was_called_with_is_of_the_case_that_it_stops_in(length):
    assert BOTH.check(lambda x: 1 / 0 if len(x) == length else both(x)).text.endswith(f"called with x = {[0, 1] if length == 2 else [1, 2, 4]}.")


def test_a_factor_is_called_by_its_name():
    def total(x):
        return x * x

    cases = [(np.array([1.0, 2.0]),), (np.array([1.0, 2.0, 4.0]),)]
    named = Exercise(total, cases=cases, quantities=lambda x: {"the number of entries": len(x)})
    assert "the number of entries" in named.check(lambda x: x * x / len(x)).text


def test_without_cases_several_numbers_or_arrays_can_be_asked_for_too():
    pair = Exercise(lambda: (1.0, 2.0))
    assert pair.check((1.0, 2.0)).state == pair.check([1, 2]).state == "right" and pair.check((1.0, 3.0)).state == "wrong"
    arrays = Exercise(lambda: (np.ones(2), np.ones(3)))
    assert arrays.check((np.ones(2), np.ones(3))).state == "right"
    assert "in result 2, " in arrays.check((np.ones(2), np.zeros(3))).text


@pytest.mark.parametrize("given, words", [
    ([1.0, 2.0], "there should be a single number, and there are 2 numbers"), ({}, "there should be a single number, and there is a dict"),
    ("a word", "a word is not a number that can be read"), ("235,146", "Write the one that you mean"), ((235, 146), "write 235146")])
def test_what_is_no_single_number_is_called_that(given, words):
    assert words in Exercise(lambda: 2.0).check(given).text


NUMBERS = {name: e for name, e in EXERCISES.items() if not e.cases and np.ndim(e.truth()) == 0}


@pytest.mark.parametrize("exercise", NUMBERS.values(), ids=NUMBERS)
def test_an_answer_of_another_type_does_not_give_the_number_away(exercise):
    truth = exercise.truth()
    for answer in ["a word", "7/6", {}, object()]:
        reply = exercise.check(answer)
        assert reply.state == "wrong" and (truth == 0 or f"{truth:.3g}" not in reply.text.replace(str(answer), "")), reply.text


def test_of_several_numbers_the_missing_one_is_named():
    pair = Exercise(lambda: np.array([2.0, 4.0]))
    for given in (2, None), [2, ...]:
        assert (pair.check(given).state, pair.check(given).text) == ("wrong", "Answer 2 of 2 is still missing.")
    assert pair.check((None, 4)).text == "Answer 1 of 2 is still missing."
    assert pair.check(("2", 4)).state == "right" and "more than one number" in pair.check("2, 4").text
    assert "there are 3 numbers" in pair.check((1, 2, 3)).text and pair.check((None, None)).state == "open"
    assert pair.check((2, 4)).state == pair.check([2.0, 4.0]).state == "right"


@pytest.mark.parametrize("truth, words", [("yes", "there should be a word"), (3.5, "there should be a single number"),
                                          (np.ones((2, 3)), "there should be an array of shape (2, 3)")])
def test_what_is_wanted_is_said_in_words_that_do_not_give_it_away(truth, words):
    said = Exercise(lambda x: truth, cases=[(1.0,)]).check(lambda x: "no").text
    assert words in said and "3.5" not in said and "yes" not in said
    several = Exercise(lambda x: truth, cases=[(1.0,)]).check(lambda x: (np.ones(2), 1.0)).text
    assert f"{words}, and there is a tuple of 2." in several


@pytest.mark.parametrize("given, truth, digits, right", [
    (0.833, 5 / 6, 3, True), (0.8333, 5 / 6, 3, True), (0.834, 5 / 6, 3, False), (0.83, 5 / 6, 3, False), (0.83, 5 / 6, 2, True), (5 / 6, 5 / 6, 0, False),
    (0.833, 5 / 6, 0, False), (12.7, 38 / 3, 3, True), (12.6, 38 / 3, 3, False), (-0.833, -5 / 6, 3, True), (-0.833, 5 / 6, 3, False),
    (1.005, 1.0, 3, True), (1.006, 1.0, 3, False), (9.995, 10.0, 3, True), (0, 0.0, 3, False), (np.inf, 1.0, 3, False), (np.nan, 1.0, 3, False),
    (1e300, 1.0, 3, False), (1j, 1.0, 3, False), (np.float32(0.833), 5 / 6, 3, True), (np.ones(1), 1.0, 3, False), ("a dict", 1.0, 3, False)])
def test_a_number_may_be_rounded_where_so_many_digits_are_enough(given, truth, digits, right):
    assert rounded(given, truth, digits) is right


def test_by_hand_three_digits_or_a_fraction_are_enough():
    by_hand = EXERCISES["the_mse_loss.by_hand"]
    assert [by_hand.check(answer).state for answer in (5 / 6, 0.833, 0.8333, 0.8)] == ["right"] * 3 + ["wrong"]
    for name in map(str, range(200)):
        truth, *wrong = (answer(*by_hand.numbers(name)) for answer in (by_hand.truth, *(m.answer for m in by_hand.mistakes)))
        assert by_hand.check(float(f"{truth:.3g}"), name).state == "right"
        assert "right" not in [by_hand.check(float(f"{answer:.3g}"), name).state for answer in wrong]


def test_equal_is_up_to_case_for_words_and_by_table_for_rows():
    assert equal(" Yes", "yes") and not equal("no", "yes") and not equal(1.0, "yes") and not equal("yes", 1.0)
    assert equal((np.ones(2),), np.ones((1, 2))) and not equal((np.ones(2), np.ones(3)), np.ones((2, 2)))


def test_a_number_with_an_imaginary_part_is_said_back():
    assert "your number is 1j" in Exercise(lambda: 2.0).check(1j).text


@pytest.mark.parametrize("given, truth, words", [
    (2.0, 1.0, "is too large"), (1.0, 2.0, "is too small"), (-1.0, 2.0, "has the wrong sign"), (-1.0, 1.0, "has the wrong sign"), (1e9, 1.0, "is too large"),
    (-2.0, -3.0, "is too large"), (0.0, 1.0, "is too small"), (1.0, 0.0, "is too large"), (-1.0, 0.0, "is too small"), (1.000002, 1.0, "is too large"),
    (np.nan, 1.0, "is nan"), (np.inf, 1.0, "is inf"), (-np.inf, 1.0, "is -inf"), (1j, 1.0, "is 1j")])
def test_a_single_number_is_compared_in_words_that_do_not_give_the_true_one_away(given, truth, words):
    assert alone("your number", given, truth) == "your number " + words


def test_a_number_that_is_rounded_too_far_is_told_so():
    assert alone("it", 0.83, 5 / 6, 3) == "it is rounded too far: give 3 digits" and alone("it", 0.832, 5 / 6, 3) == "it is too small"


def test_under_nbgrader_only_what_is_right_passes(monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert LAYER.check(LAYER.truth).state == "right"
    for answer, words in (None, "Not attempted"), (lambda A, W, b: 0, "Not right yet"):
        with pytest.raises(AssertionError, match=words):
            LAYER.check(answer)


def test_a_check_changes_nothing(capfd):
    state, before = np.random.get_state()[1].copy(), [a.copy() for a in LAYER.cases[0]]
    LAYER.check(overwriting)
    assert all(map(np.array_equal, before, LAYER.cases[0])) and np.array_equal(state, np.random.get_state()[1])


@pytest.mark.parametrize("variant", [
    lambda A, W, b: [[max(sum(A[i][j] * W[j][k] for j in range(len(W))) + b[k], 0) for k in range(len(b))] for i in range(len(A))],
    lambda A, W, b: np.maximum(np.einsum("nm,mk->nk", A, W) + b[None], 0),
    lambda A, W, b: np.where((Z := np.dot(A, W) + b) > 0, Z, 0.0),
    lambda A, W, b: ((Z := A @ W + b) + np.abs(Z)) / 2,
    lambda A, W, b: np.maximum(A.astype(np.float32) @ W.astype(np.float32) + b.astype(np.float32), 0),
    lambda A, W, b: np.maximum(np.hstack([A, np.ones((len(A), 1))]) @ np.vstack([W, b]), 0),
    lambda A, W, b: np.maximum((W.T @ A.T).T + b, 0).astype(np.longdouble),
    lambda A, W, b: tuple(np.maximum(row @ W + b, 0) for row in A),
], ids=["loops", "einsum", "where", "abs", "float32", "augmented", "longdouble", "tuple of rows"])
def test_correct_variants_are_accepted(variant):
    assert LAYER.check(variant).state == "right"


def test_an_answer_off_by_rounding_is_right_and_one_off_by_more_is_not():
    assert LAYER.check(lambda A, W, b: LAYER.truth(A, W, b) * (1 + 1e-12)).state == "right"
    assert LAYER.check(lambda A, W, b: LAYER.truth(A, W, b) * (1 + 1e-4)).state == "wrong"


OWN = {name: e for name, e in EXERCISES.items() if e.own}


@pytest.mark.parametrize("exercise", OWN.values(), ids=OWN)
def test_a_name_has_its_own_numbers_and_the_same_check(exercise):
    names = [f"student {i}" for i in range(60)]
    drawn = {name: exercise.numbers(name) for name in names}
    assert len(set(drawn.values())) > 50, "neighbours have different numbers"
    for name, numbers in drawn.items():
        assert exercise.numbers(f"  {name.upper()} ") == numbers, "capitals and spaces do not change who you are"
        assert exercise.check(exercise.truth(*numbers), name).state == "right"
        for mistake in exercise.mistakes:
            assert exercise.check(mistake.answer(*numbers), name).mistake == mistake.name, (name, mistake.name)
        for part in np.concatenate([np.ravel(n) for n in numbers]):
            assert f"{part:,g}" in exercise.task(name).text
    assert exercise.numbers() == exercise.numbers("  ") != exercise.numbers("Ada")
    assert exercise.check(exercise.truth(*exercise.numbers("Ada")), "Ben").state == "wrong"


def test_a_name_may_be_anything():
    for name in [42, None, "Ægir 😀", "x" * 10_000]:
        assert EXERCISES["the_mse_loss.by_hand"].task(name).state == "task"


@pytest.mark.parametrize("exercise", [e for e in EXERCISES.values() if not e.cases], ids=[n for n, e in EXERCISES.items() if not e.cases])
@pytest.mark.filterwarnings("error")
def test_any_number_gets_a_sentence(exercise):
    for number in [0, 0.0, -1, 1e300, 1e-300, np.inf, np.nan, True, 1j, "a word", [1, 2], np.zeros(3), np.zeros((2, 2)), {}, object()]:
        assert exercise.check(number).text, number


def test_a_wrong_turn_is_known_by_its_rounded_number_too():
    exercise = EXERCISES["the_mse_loss.by_hand"]
    for mistake in exercise.mistakes:
        wrong = mistake.answer(*exercise.numbers())
        assert exercise.check(float(f"{wrong:.3g}")).mistake == mistake.name
    limit = EXERCISES["gradient_descent.limit"]
    assert limit.check(0.182, "Carla").state == "right" and limit.truth(*limit.numbers("Carla")) == pytest.approx(2 / 11)


def test_own_numbers_keep_every_mistake_apart_from_the_truth_after_rounding():
    assert not apart([0.1, 0.0995], 3) and apart([0.1, 0.0995], 4) and apart([1.0, 1.01], 0) and not apart([1.0, 1.0 + 1e-9, 2.0], 0)
    crowded = Exercise(lambda a=0.1: a, own=lambda rng: (float(rng.choice([0.1, 4.0])),), digits=3,
                       mistakes=[Mistake("near", lambda a: 0.0995, "near.", "How near?")])
    assert {crowded.numbers(name) for name in "abcdefgh"} == {(4.0,)}


def test_several_numbers_do_not_give_the_wrong_one_away():
    pair = Exercise(lambda: np.array([2.0, 4.0]))
    assert pair.check([2, 3]).text == "Not right yet: answer 2 of 2 is too small."
    assert "answer 1 of 2 is too large" in pair.check([4, 4]).text and "wanted" not in pair.check([3, 5]).text
    assert "answer 2 of 2 is 1j" in pair.check(np.array([2, 1j])).text
    assert "there are 3 numbers" in pair.check([2, 4, 6]).text and "a tuple of 2" in pair.check([[1], [2, 3]]).text


def test_a_choice_is_right_or_another_one_and_never_near():
    layer = Exercise(lambda: 2, ordinal=True)
    assert {layer.check(number).text for number in (1, 4, -2, 2.5)} == {"Not right yet: your number is another one."}
    assert "exactly" not in Exercise(lambda n: n, cases=[(2,), (4,)], ordinal=True).check(lambda n: 2 * n).text


def plainly(x, w, b):
    """Z = x w + b."""
    return float(np.dot(x, w) + b)


PLAIN = Exercise(plainly, cases=[([1.0, 2.0, 4.0], [0.5, 0.2, 1.0], -0.4), ([1.0, 2.0], [0.5, 0.2], -0.4)])
SLOPES = Exercise(lambda: 0.0, each=True)


@pytest.mark.parametrize("given", [(235146,), [235146], [235146.0], np.array([235146]), np.array([[235146]]), np.array(235146), np.int32(235146), "235146", ["235146"]])
def test_a_single_number_in_brackets_is_that_number(given):
    assert Exercise(lambda: 235146).check(given).state == "right"


def test_one_number_for_each_of_several_is_right_where_all_have_it():
    assert [SLOPES.check(given).state for given in (0, np.zeros(3), [0.0, 0.0], np.zeros((3, 1)), [0, 1])] == ["right"] * 4 + ["wrong"]
    assert Exercise(lambda: 5.0).check([5.0, 5.0]).state == "wrong"


@pytest.mark.parametrize("stub", ["...", "pass", "'''A sentence.'''", "raise NotImplementedError", "raise NotImplementedError('write me')", "return None", "return ...",
                                  "z = y = None\n    return z, y", "'''A sentence.'''\n    raise NotImplementedError", "return (None, None)"])
def test_not_attempted_is_the_code_of_the_stub(stub):
    exec(f"def f(x, w, b):\n    {stub}", space := {})
    assert PLAIN.check(space["f"]).text == "Not attempted yet."


@pytest.mark.parametrize("attempt, words", [
    ("print(2 * x)", "Your function returns nothing. Is there a `return`?\nYour function printed:"), ("w -= b", "stops with TypeError"), ("x.append(1)", "returns nothing"),
    ("z = b", "returns nothing"), ("for _ in x: pass", "returns nothing"), ("return []", "there should be a single number"), ("return helper(x)", "stops with NameError"),
    ("return (lambda: None)()", "returns nothing"), ("if x: return", "returns nothing"), ("print(x)\n    raise NotImplementedError", "stops with NotImplementedError")])
def test_whatever_is_more_than_the_stub_is_an_attempt(attempt, words):
    exec(f"def f(x, w, b):\n    {attempt}", space := {})
    reply = PLAIN.check(space["f"])
    assert reply.state == "wrong" and words in reply.text, reply.text


@pytest.mark.parametrize("answer, words", [
    (lambda x, w, b: x[-1] * w[-1] + (0 if len(x) == 2 else 1), "This is new to me: for x = [1, 2], w = [0.5, 0.2], b = -0.4: you have 0.4, wanted 0.5."),
    (lambda x, w, b: plainly(x, w, b) * (1 + 2e-6), "you have 0.500001, wanted 0.5."),
    (lambda x, w, b: plainly(x, w, b) + 1j, "your result holds complex numbers, such as"),
    (lambda x, w, b: np.array([plainly(x, w, b)]), "there should be a single number, and there is an array of shape (1,), with the right number in it"),
    (lambda x, w, b: 3 * plainly(x, w, b), "your number is exactly 3 times the true one.\nFor x = [1, 2], w = [0.5, 0.2], b = -0.4: you have 1.5, wanted 0.5."),
    (lambda x, w, b: print("w is", w), "Your function printed:\nw is [0.5, 0.2, 1.0]"),
    (lambda x, w, b: [print("now"), 1.0][1], "Your function printed:\nnow"),
])
def test_a_reply_shows_the_smallest_input_that_differs_and_what_was_printed(answer, words):
    assert words in PLAIN.check(answer).text, PLAIN.check(answer).text


def test_what_comes_back_up_to_rounding_is_told_apart_from_what_is_overwritten():
    total = Exercise(lambda x: float(x.sum()), cases=[(np.array([0.1, 0.3]),)])
    assert "comes back only up to rounding" in total.check(lambda x: [x.__iadd__(0.1), x.__isub__(0.2), x.__iadd__(0.1), 0.4][3]).text
    assert "overwrites its input x" in total.check(lambda x: [x.__iadd__(1), 0.4][1]).text


@pytest.mark.parametrize("probe", [1, 2, 0.5, 1 / 12, 1e-5, 7, 1e6])
@pytest.mark.parametrize("exercise", [e for e in NUMBERS.values() if e.own], ids=[n for n, e in NUMBERS.items() if e.own])
def test_no_single_probe_gives_a_number_away(exercise, probe):
    for name in map(str, range(20)):
        reply = exercise.check(probe, name)
        assert reply.mistake not in (None, "unknown") or reply.state == "right" or not any(c.isdigit() for c in reply.text.replace("give 3 digits", "")), reply.text


class Hostile:
    """An object that refuses everything."""

    def __getattribute__(self, name):
        raise RuntimeError(name)

    def __array__(self, *arguments, **named):
        raise ValueError("no")


@pytest.mark.parametrize("exercise", [PLAIN, SLOPES], ids=["function", "number"])
@pytest.mark.parametrize("make", [
    lambda: Hostile(), lambda: Hostile, lambda: type("T", (), {"__array__": lambda self: 1 / 0, "__call__": lambda self, *a: self, "__eq__": lambda a, b: True})(),
    lambda: np.sin, lambda: print, lambda: (i for i in []), threading.Lock, lambda: open(os.devnull), lambda: np.array(["x"]), lambda: [Hostile()], lambda: {"a": Hostile()},
    lambda: 10**400, lambda: b"x", lambda: float, lambda: Exercise, lambda: lambda *a: Hostile()])
def test_a_check_survives_objects_that_refuse_everything(exercise, make):
    assert exercise.check(make()).state == "wrong"


def test_a_right_part_is_kept_and_the_reader_is_told(monkeypatch):
    monkeypatch.setattr(base.yours, "keep", lambda name, function: f"Kept: `{name}`, which is {function.__name__}.")
    part = Exercise(plainly, cases=PLAIN.cases, then="Good.", part=True)
    assert part.check(plainly).text == "Right. Good.\nKept: `plainly`, which is plainly." and "Kept" not in PLAIN.check(plainly).text
    assert {name for name, e in EXERCISES.items() if name.rpartition(".")[2] != e.name} == set(), "each is called what its module calls it"


def test_a_check_tells_the_grader(tmp_path, monkeypatch):
    monkeypatch.setenv(base.STATES, str(tmp_path / "told"))
    PLAIN.check(None)
    LAYER.check(LAYER.truth)
    assert (tmp_path / "told").read_text() == '["plainly", "open"]\n["relu_layer", "right"]\n'


def test_a_search_says_more_about_what_is_wrong_and_nothing_about_the_rest(monkeypatch):
    class Search:
        @staticmethod
        def explain(program, reference, cases, tied=False, named=()):
            return f"Not right yet. Look at {program.__name__}, not {reference.__name__}; {len(cases)} cases." if program is not broken else 1 / 0

    def broken(x, w, b):
        return 7.0

    monkeypatch.setattr(base, "edits", Search)
    assert PLAIN.check(lambda x, w, b: 8.0).text == "Not right yet. Look at <lambda>, not plainly; 2 cases.\nFor x = [1, 2], w = [0.5, 0.2], b = -0.4: you have 8, wanted 0.5."
    assert "Look at" in PLAIN.check(lambda x, w, b: w.nothing if False else [][0]).text and "Look at" not in PLAIN.check(lambda x, w, b: 1 / 0).text
    assert "This is new to me" in PLAIN.check(broken).text, "a search that fails says nothing"
    for known in (plainly, lambda x, w, b: None, lambda x, w, b: 1j, 3):
        assert "Look at" not in PLAIN.check(known).text


def test_a_reply_names_an_activation_and_not_where_it_lies_in_memory():
    layers = [(np.ones((1, 1)), np.zeros(1), np.tanh), (np.ones((1, 1)), np.zeros(1), relu_layer)]
    assert evidence.described(layers) == "= [[[[1]], [0], tanh], [[[1]], [0], relu_layer]]"


# Precision, and numbers that are too large


def _without_maximum(Z, Y):
    E = np.exp(Z)
    return (E / E.sum(axis=1, keepdims=True) - Y) / len(Y)


def test_a_softmax_that_overflows_is_wrong_and_the_reply_says_what_came():
    reply = mnist_from_scratch.cross_entropy_grad.check(_without_maximum)
    assert reply.state == "wrong" and "are not numbers" in reply.text and "overflows" in reply.text


@pytest.mark.parametrize("hide", [lambda a: a, lambda a: a.astype(float)], ids=["float32", "hidden in float64"])
def test_a_part_of_the_network_computes_in_float64(hide):
    def single(A_in, W, b, f):
        Z = A_in.astype(np.float32) @ W.astype(np.float32) + b.astype(np.float32)
        return hide(Z), hide(f(Z))

    reply = forward_propagation.layer.check(single)
    assert reply.state == "wrong" and "float64 has sixteen" in reply.text
