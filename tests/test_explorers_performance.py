"""The explorer of notebook 10 says nothing about the machine before it is asked, and then tells guess and truth apart."""

import numpy as np
import pytest

from helpers.topics import speed
from helpers.explorers import performance
from helpers.explorers.performance import SIZES, VERSIONS, cost, explore_time, timed


def test_before_it_is_asked_it_shows_what_is_counted_and_nothing_of_the_machine():
    one, two = explore_time(), explore_time()
    assert one.picture.value == two.picture.value and one.alt == two.alt and one.formula.value == two.formula.value
    assert one.drawn["measured"] is None and not one.truth.get_visible() and "nothing has been measured yet" in one.alt
    assert one.alt.startswith("60,000 examples, pure Python, 64 at a time: 60 Gflop, and 3.9 Tbyte read and written.")


@pytest.mark.parametrize(("guess", "seconds", "words"), [(10.0, 2.0, "Your guess was 5.0 times too long."), (0.1, 5.0, "Your guess was 50 times too short."),
                                                         (1.0, 1.9, "Within a factor of 2: well guessed."), (1.0, 1.0, "Within a factor of 2")])
def test_guess_and_truth_are_compared_as_a_factor(guess, seconds, words):
    shown = explore_time(guess=guess, version="NumPy, batch")
    shown.measure(lambda version, batch, examples: (seconds, examples))
    assert shown.drawn["error"] == pytest.approx(max(guess / seconds, seconds / guess)) and words in shown.alt
    assert shown.mine.get_xdata()[0] == guess and shown.truth.get_xdata()[0] == seconds and shown.truth.get_visible()
    assert sorted(shown.bar.get_xdata()) == sorted([guess, seconds]) and "reckoned" not in shown.alt


def test_the_machine_is_asked_what_the_controls_say():
    asked = []
    shown = explore_time(version="batch, float32", batch=16, examples=1000, guess=0.5)
    shown.measure(lambda *question: asked.append(question) or (0.25, 400))
    assert asked == [("batch, float32", 16, 1000)] and "Measured on 400 of them" in shown.alt


@pytest.mark.parametrize("change", [{"guess": 2.0}, {"batch": 1}, {"examples": 10}, {"version": "batch, float32"}])
def test_a_new_question_or_a_new_guess_hides_the_answer(change):
    shown = explore_time()
    shown.measure(lambda *question: (9.0, 60_000))
    assert shown.drawn["measured"] == 9.0
    shown.set(**change)
    assert shown.drawn["measured"] is None and not shown.truth.get_visible() and not shown.bar.get_visible()
    assert shown.drawn["errors"] == [9.0] and "factors: 9.0" in shown.formula.value


def test_reset_forgets_all_errors():
    shown = explore_time()
    first = shown.alt, shown.formula.value, shown.picture.value
    for seconds in (3.0, 4.0):
        shown.measure(lambda *question: (seconds, 60_000))
    assert shown.drawn["errors"] == [3.0, 4.0]
    next(w for w in shown.children[0].children if getattr(w, "description", "") == "Reset").click()
    assert (shown.alt, shown.formula.value, shown.picture.value) == first and shown.errors == []


def test_the_button_measures_here_and_now(monkeypatch):
    monkeypatch.setattr(performance, "PATIENCE", 0.01)
    shown = explore_time(version="NumPy, batch", batch=16, examples=64)
    next(w for w in shown.children[0].children if getattr(w, "description", "") == "Measure").click()
    assert 0 < shown.drawn["measured"] < 60 and shown.drawn["error"] >= 1


@pytest.mark.parametrize("version", list(VERSIONS))
@pytest.mark.parametrize(("batch", "examples"), [(1, 3), (4, 10), (16, 16), (64, 5)])
def test_the_cost_is_that_of_every_batch(version, batch, examples):
    gradient, dtype = VERSIONS[version]
    theta, X, Y = performance.problem(dtype)
    expected = {"flops": 0, "bytes": 0}
    for start in range(0, examples, batch):
        n = min(batch, examples - start)
        book = {"flops": speed.flops(SIZES, n), "bytes": speed.list_bytes(SIZES, n)} if gradient is speed.in_loops else speed.books(gradient, theta, SIZES, X[:n], Y[:n])
        expected = {key: expected[key] + book[key] for key in expected}
    assert cost(version, batch, examples) == expected


@pytest.mark.parametrize("version", list(VERSIONS))
def test_what_takes_long_is_measured_on_a_part_and_the_rest_is_reckoned(version, monkeypatch):
    clock, seen = [0.0], []
    monkeypatch.setattr(performance.time, "perf_counter", lambda: clock[0])

    def gradient(theta, sizes, X, Y):
        seen.append(len(X))
        clock[0] += 0.01 * len(X)

    monkeypatch.setitem(VERSIONS, version, (gradient, VERSIONS[version][1]))
    seconds, tried = timed(version, 4, 1000)
    assert seconds == pytest.approx(10) and 28 <= tried <= 36 and max(seen) == 4
    seconds, tried = timed(version, 4, 6)
    assert seconds == pytest.approx(0.06) and tried == 6


def test_the_ends_of_every_scale_stay_in_the_picture(no_warnings):
    for guess in (1e-4, 1e5):
        for seconds in (1e-7, 1e-4, 1.0, 1e5, 1e9):
            shown = explore_time(guess=guess, examples=1_000_000)
            shown.measure(lambda *question: (seconds, 1))
            assert 1e-4 <= shown.truth.get_xdata()[0] <= 1e5 and np.isfinite(shown.drawn["error"]) and "<img" in shown.picture.value
