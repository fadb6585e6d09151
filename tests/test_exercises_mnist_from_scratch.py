"""The checks of notebook 06 accept what is right however it is written, and name what is wrong."""

import math

import numpy as np
import pytest

from helpers.activations import identity, relu
from helpers.exercises import mnist_from_scratch as exercises
from helpers.losses import cross_entropy_grad
from helpers.network import backward, forward

ALL = [exercises.steps, exercises.class_accuracy, exercises.training_step]


def answer(exercise, function):
    return function if exercise.cases else function(*exercise.numbers())


def accuracy_in_loops(table):
    return [table[i][i] / sum(table[i]) for i in range(len(table))]


def step_in_loops(W1, b1, W2, b2, X, Y, alpha):
    new = W1.copy(), b1.copy(), W2.copy(), b2.copy()
    n = len(X)
    for x, y in zip(X, Y):
        z1 = [sum(x[j] * W1[j, k] for j in range(len(x))) + b1[k] for k in range(len(b1))]
        a1 = [max(z, 0.0) for z in z1]
        z2 = [sum(a1[j] * W2[j, k] for j in range(len(a1))) + b2[k] for k in range(len(b2))]
        total = sum(math.exp(z) for z in z2)
        dz2 = [(math.exp(z) / total - t) / n for z, t in zip(z2, y)]
        for k in range(len(b2)):
            new[3][k] -= alpha * dz2[k]
            for j in range(len(a1)):
                new[2][j, k] -= alpha * a1[j] * dz2[k]
        for j in range(len(b1)):
            dz1 = sum(dz2[k] * W2[j, k] for k in range(len(b2))) if z1[j] > 0 else 0.0
            new[1][j] -= alpha * dz1
            for i in range(len(x)):
                new[0][i, j] -= alpha * x[i] * dz1
    return new


@pytest.mark.parametrize("exercise", ALL)
def test_it_is_open_until_attempted_and_accepts_its_own_solution(exercise):
    assert exercise.check(None).state == "open"
    assert exercise.check(answer(exercise, exercise.truth)).state == "right"
    assert exercise.truth.__name__ in exercise.solution().text


def test_it_accepts_loops():
    assert exercises.class_accuracy.check(accuracy_in_loops).state == "right"
    assert exercises.training_step.check(step_in_loops).state == "right"
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
        (exercises.training_step, lambda W1, b1, W2, b2, X, Y, alpha: (W1, b1, W2, b2)),
        (exercises.training_step, lambda W1, b1, W2, b2, X, Y, alpha: W1),
    ],
)
def test_other_wrong_answers_are_wrong(exercise, wrong):
    assert exercise.check(wrong).state == "wrong"


@pytest.mark.parametrize("seed", range(5))
def test_the_step_by_hand_is_the_helpers_step(seed):
    rng = np.random.default_rng(seed)
    W1, b1, W2, b2, X = (rng.normal(size=shape) for shape in [(5, 4), 4, (4, 3), 3, (6, 5)])
    Y = np.eye(3)[rng.integers(0, 3, 6)]
    grads = [(np.empty_like(W1), np.empty_like(b1)), (np.empty_like(W2), np.empty_like(b2))]
    layers = [(W1, b1, relu), (W2, b2, identity)]
    Z, cache = forward(layers, X)
    backward(layers, cache, cross_entropy_grad(Z, Y), grads)
    expected = [p - 0.3 * g for p, g in zip((W1, b1, W2, b2), (g for pair in grads for g in pair))]
    for ours, theirs in zip(exercises.my_step(W1, b1, W2, b2, X, Y, 0.3), expected):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-14)
