"""The checks of notebook 06 accept what is right however it is written, and name what is wrong."""

import math

import numpy as np
import pytest

from helpers.exercises import mnist_from_scratch as exercises
from helpers.training import minibatches

ALL = [exercises.steps, exercises.cross_entropy_grad, exercises.class_accuracy, exercises.minibatches]


def answer(exercise, function):
    return function if exercise.cases else function(*exercise.numbers())


def accuracy_in_loops(table):
    return [table[i][i] / sum(table[i]) for i in range(len(table))]


def slope_in_loops(Z, Y):
    new = np.zeros(Z.shape)
    for i, (z, y) in enumerate(zip(Z, Y)):
        powers = [math.exp(value - max(z)) for value in z]
        for k in range(len(z)):
            new[i, k] = (powers[k] / sum(powers) - y[k]) / len(Z)
    return new


def batches_one_by_one(order, batch_size):
    batches = []
    for place, number in enumerate(order):
        if place % batch_size == 0:
            batches.append([])
        batches[-1].append(number)
    return [np.array(batch) for batch in batches]


@pytest.mark.parametrize("exercise", ALL)
def test_it_is_open_until_attempted_and_accepts_its_own_solution(exercise):
    assert exercise.check(None).state == "open"
    assert exercise.check(answer(exercise, exercise.truth)).state == "right"
    assert exercise.truth.__name__ in exercise.solution().text


def test_it_accepts_loops():
    assert exercises.class_accuracy.check(accuracy_in_loops).state == "right"
    assert exercises.cross_entropy_grad.check(slope_in_loops).state == "right"
    assert exercises.minibatches.check(batches_one_by_one).state == "right"
    assert exercises.steps.check(sum(1 for _ in range(5) for _ in range(0, 55_000, 64))).state == "right"


@pytest.mark.parametrize("exercise", ALL)
def test_each_known_mistake_is_named(exercise):
    for mistake in exercise.mistakes:
        reply = exercise.check(answer(exercise, mistake.answer))
        assert (reply.state, reply.mistake) == ("wrong", mistake.name)


@pytest.mark.parametrize(
    ("exercise", "wrong"),
    [
        (exercises.steps, 5 * 55_000),
        (exercises.class_accuracy, lambda table: np.diag(table)),
        (exercises.class_accuracy, lambda table: np.trace(table) / table.sum()),
        (exercises.cross_entropy_grad, lambda Z, Y: Z),
        (exercises.cross_entropy_grad, lambda Z, Y: (np.exp(Z) - Y) / len(Y)),
        (exercises.cross_entropy_grad, lambda Z, Y: exercises.parts.cross_entropy_grad(Z, Y).sum()),
        (exercises.minibatches, lambda order, batch_size: order),
        (exercises.minibatches, lambda order, batch_size: [order]),
        (exercises.minibatches, lambda order, batch_size: exercises.my_minibatches(order, batch_size)[::-1]),
    ],
)
def test_other_wrong_answers_are_wrong(exercise, wrong):
    assert exercise.check(wrong).state == "wrong"


@pytest.mark.parametrize("seed", range(5))
def test_the_slope_is_that_of_the_loss(seed):
    """By a complex step, which rounds nothing away."""
    rng = np.random.default_rng(seed)
    n, K = rng.integers(2, 6, 2)
    Z, Y = 3 * rng.normal(size=(n, K)), np.eye(K)[rng.integers(0, K, n)]
    slopes = np.zeros((n, K))
    for i, k in np.ndindex(n, K):
        nudged = Z.astype(complex)
        nudged[i, k] += 1e-30j
        slopes[i, k] = (np.log(np.exp(nudged).sum(axis=1)) - (nudged * Y).sum(axis=1)).mean().imag / 1e-30
    np.testing.assert_allclose(exercises.cross_entropy_grad.truth(Z, Y), slopes, rtol=1e-12, atol=1e-15)


def test_the_batches_are_those_of_the_helpers():
    ours = exercises.my_minibatches(np.random.default_rng(3).permutation(103), 10)
    theirs = minibatches(103, 10, np.random.default_rng(3))
    assert len(ours) == len(theirs) == 11 and all(map(np.array_equal, ours, theirs))
