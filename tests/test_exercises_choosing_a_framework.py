"""The checks of notebook 09 accept what is right however it is written, and name what is wrong."""

import numpy as np
import pytest

from helpers.exercises import choosing_a_framework as exercises

ALL = [exercises.size_of_file, exercises.weights, exercises.choice]


def answer(exercise, function):
    return function if exercise.cases else function(*exercise.numbers())


@pytest.mark.parametrize("exercise", ALL)
def test_it_is_open_until_attempted_and_accepts_its_own_solution(exercise):
    assert exercise.check(None).state == "open"
    assert exercise.check(answer(exercise, exercise.truth)).state == "right"
    assert exercise.truth.__name__ in exercise.solution().text


@pytest.mark.parametrize("exercise", ALL)
def test_each_known_mistake_is_named_with_its_own_words(exercise):
    said = set()
    for mistake in exercise.mistakes:
        reply = exercise.check(answer(exercise, mistake.answer))
        assert (reply.state, reply.mistake) == ("wrong", mistake.name), reply.text
        said.add(reply.text.splitlines()[0])
    assert len(said) == len(exercise.mistakes)


def with_loops(arrays):
    theta = []
    for array in arrays:
        if array.ndim == 1:
            theta += list(array)
            continue
        for i in range(array.shape[1]):
            theta += [array[o, i] for o in range(array.shape[0])]
    return theta


def totals_with_loops(S, w, allowed):
    return [sum(a * b for a, b in zip(row, w)) / sum(w) if good else -1 for row, good in zip(S, allowed)]


def test_it_accepts_other_ways():
    assert exercises.weights.check(with_loops).state == "right"
    assert exercises.weights.check(lambda arrays: np.hstack([a.ravel(order="F") for a in arrays])).state == "right"
    assert exercises.choice.check(totals_with_loops).state == "right"
    assert exercises.size_of_file.check(235146 * 4).state == "right"


@pytest.mark.parametrize("wrong", [lambda arrays: arrays, lambda arrays: np.zeros(3), lambda arrays: "theta", lambda arrays: arrays[99], lambda: 1])
def test_other_wrong_answers_are_wrong(wrong):
    assert exercises.weights.check(wrong).state == "wrong"


def test_the_inputs_must_stay_as_they_are():
    def greedy(S, w, allowed):
        S[...] = S * w / w.sum()
        return np.where(allowed, S.sum(axis=1), -1.0)

    assert exercises.choice.check(greedy).mistake == "input overwritten"
