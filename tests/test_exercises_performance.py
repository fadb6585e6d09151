"""The checks of notebook 10 accept what is right and fast however it is written, and name what is wrong or slow."""

import numpy as np
import pytest

from helpers.exercises import performance as exercises

ALL = [exercises.work, exercises.roof, exercises.faster]


def answer(exercise, function):
    return function if exercise.cases else function(*exercise.numbers())


def with_einsum(W, b, X, Y, learning_rate, batch_size):
    """Another right and fast one, written differently."""
    theta = np.vstack([W, b])
    X1 = np.column_stack([X, np.ones(len(X))])
    for x, y in zip(np.split(X1, range(batch_size, len(X), batch_size)), np.split(Y, range(batch_size, len(X), batch_size))):
        Z = np.einsum("nd,dk->nk", x, theta)
        P = np.exp(Z - Z.max(1)[:, None])
        P /= P.sum(1)[:, None]
        P -= y
        theta = theta - learning_rate / len(x) * np.einsum("nd,nk->dk", x, P)
    return theta[:-1], theta[-1]


@pytest.mark.parametrize("exercise", ALL)
def test_it_is_open_until_attempted_and_accepts_its_own_solution(exercise):
    assert exercise.check(None).state == "open"
    assert exercise.check(answer(exercise, exercise.truth)).state == "right"
    assert exercise.truth.__name__ in exercise.solution().text


def test_the_stub_is_open():
    def my_training(W, b, X, Y, learning_rate, batch_size): ...

    assert exercises.faster.check(my_training).state == "open"


def test_it_accepts_other_ways():
    assert exercises.faster.check(with_einsum).state == "right"
    assert exercises.roof.check(lambda i, p, b: p if i > p / b else b * i).state == "right"
    assert exercises.work.check(64 * 256 * (784 + 784)).state == "right"


@pytest.mark.parametrize("exercise", ALL)
def test_each_known_mistake_is_named(exercise):
    for mistake in exercise.mistakes:
        reply = exercise.check(answer(exercise, mistake.answer))
        assert (reply.state, reply.mistake) == ("wrong", mistake.name), reply.text


def test_the_trainer_has_more_than_five_wrong_turns_each_with_its_own_words():
    said = {exercises.faster.check(m.answer).text.splitlines()[0] for m in exercises.faster.mistakes}
    assert len(said) == len(exercises.faster.mistakes) >= 9


def test_a_slow_answer_is_told_how_slow_and_the_evidence_does_not_depend_on_the_machine():
    reply = exercises.faster.check(exercises.slow_training)
    first, evidence, question = reply.text.splitlines()
    assert evidence == "The evidence: less than 5 times as fast as the slow one."
    assert 0.3 < float(question.split("just now: ")[1].split(" times")[0]) < 3


def test_the_slow_one_and_the_solution_agree_to_the_last_digits():
    for case in [*exercises.faster.cases, exercises.faster.speed_case(np.random.default_rng(1))]:
        for ours, theirs in zip(exercises.slow_training(*case), exercises.my_training(*case)):
            np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-13)


def test_a_memory_of_the_data_does_not_help_because_every_turn_brings_new_data():
    memory = {}

    def remembering(W, b, X, Y, learning_rate, batch_size):
        key = X.tobytes()
        if key not in memory:
            memory[key] = exercises.slow_training(W, b, X, Y, learning_rate, batch_size)
        return memory[key]

    assert exercises.faster.check(remembering).mistake == "not faster"


def test_what_is_right_in_small_and_not_in_large_is_found_out():
    def lazy(W, b, X, Y, learning_rate, batch_size):
        return (W, b) if len(X) > 100 else exercises.my_training(W, b, X, Y, learning_rate, batch_size)

    def fragile(W, b, X, Y, learning_rate, batch_size):
        if len(X) > 100:
            raise MemoryError("too much")
        return exercises.my_training(W, b, X, Y, learning_rate, batch_size)

    assert exercises.faster.check(lazy).mistake == "different in large"
    reply = exercises.faster.check(fragile)
    assert reply.state == "wrong" and "with 960 examples" in reply.text and "too much" in reply.text


def test_float32_is_found_out_however_it_is_hidden():
    def hidden(*case):
        W, b = exercises.my_training(*(a.astype(np.float32) if isinstance(a, np.ndarray) else a for a in case))
        return W.astype(np.float64), b.astype(np.float64)

    assert exercises.faster.check(hidden).mistake == "float32"


@pytest.mark.parametrize("wrong", [lambda *case: case[0], lambda *case: (case[0], case[1]), lambda *case: 3, lambda *case: [1.0, 2.0], lambda: 1,
                                   lambda *case: (case[0].T, case[1]), lambda *case: ("W", "b"), lambda *case: (case[0] * np.nan, case[1])])
def test_other_wrong_answers_are_wrong(wrong):
    assert exercises.faster.check(wrong).state == "wrong"


def test_one_quiet_moment_is_enough_on_a_busy_machine(monkeypatch):
    ratios = iter([3.0, 4.9, 7.5])
    monkeypatch.setattr(exercises.worker, "run", lambda function, cases: [("gave", next(ratios), [])])
    assert exercises.faster.race(exercises.my_training).state == "right"


def test_the_ratio_is_the_median_of_the_turns(monkeypatch):
    # Ten times as fast, and twice in seven turns somebody else has the processor.
    clock, turn = [0.0], [0]
    monkeypatch.setattr(exercises.time, "perf_counter", lambda: clock[0])

    def slow(*case):
        clock[0] += 10
        return case[:2]

    def fast(*case):
        turn[0] += 1
        clock[0] += 1 if turn[0] not in (2, 5) else 100
        return case[:2]

    race = exercises.Faster(slow, lambda rng: exercises._case(rng), truth=slow)
    assert race.turns(fast) == 10
    assert race.turns(slow) == 1
