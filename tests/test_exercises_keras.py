"""The checks of notebook 07 accept what is right however it is written, and their truths are the helpers' own."""

import numpy as np
import pytest

from helpers.exercises import the_same_network_in_keras as exercises
from helpers.losses import mse_grad
from helpers.optimizers import momentum, remember
from helpers.parameters import size, views


def rate_in_a_loop(learning_rate, K):
    return sum(learning_rate / 2 for _ in range(K))


def weights_by_slicing(theta, sizes):
    arrays, at = [], 0
    for m, k in zip(sizes, sizes[1:]):
        arrays.append([[theta[at + i * k + j] for j in range(k)] for i in range(m)])
        arrays.append([theta[at + m * k + j] for j in range(k)])
        at += (m + 1) * k
    return tuple(np.array(array) for array in arrays)


def gradient_in_a_loop(start, one, two, learning_rate, beta):
    return [(beta * (b - a) - (c - b)) / learning_rate for a, b, c in zip(start, one, two)]


@pytest.mark.parametrize("exercise, variant", [
    (exercises.rate, rate_in_a_loop), (exercises.weights, weights_by_slicing), (exercises.gradient, gradient_in_a_loop),
])
def test_it_accepts_loops(exercise, variant):
    assert exercise.check(variant).state == "right"


@pytest.mark.parametrize("exercise, wrong", [
    (exercises.rate, lambda learning_rate, K: learning_rate + K / 2),
    (exercises.rate, lambda learning_rate, K: K / 2),
    (exercises.rate, 2.5),
    (exercises.weights, lambda theta, sizes: theta),
    (exercises.weights, lambda theta, sizes: [*exercises.my_weights(theta, sizes), theta]),
    (exercises.weights, lambda theta, sizes: [0 * array for array in exercises.my_weights(theta, sizes)]),
    (exercises.gradient, lambda start, one, two, learning_rate, beta: two - start),
    (exercises.gradient, lambda start, one, two, learning_rate, beta: (start - two) / (2 * learning_rate)),
    (exercises.gradient, lambda start, one, two, learning_rate, beta: 0 * start),
])
def test_other_wrong_answers_are_wrong(exercise, wrong):
    assert exercise.check(wrong).state == "wrong"


@pytest.mark.parametrize("n, K", [(3, 1), (5, 4), (2, 10)])
def test_the_rate_makes_the_steps_equal(n, K):
    rng = np.random.default_rng(n)
    Y_hat, Y = rng.normal(size=(2, n, K))
    of_keras = 2 * (Y_hat - Y) / (n * K)  # the gradient of the mean of (y − ŷ)² over examples and outputs
    np.testing.assert_allclose(exercises.my_rate(0.3, K) * of_keras, 0.3 * mse_grad(Y_hat, Y), rtol=1e-14)


def test_the_list_is_a_theta_in_pieces():
    sizes = [4, 3, 2, 5]
    theta = np.random.default_rng(0).normal(size=size(sizes))
    pieces = exercises.my_weights(theta, sizes)
    assert np.array_equal(np.concatenate([piece.ravel() for piece in pieces]), theta)
    assert all(piece is not None and np.shares_memory(piece, theta) for piece in pieces)
    assert len(views(theta, sizes)) * 2 == len(pieces)


def test_the_gradient_is_the_one_that_momentum_used():
    rng = np.random.default_rng(1)
    theta, memory, snapshots = rng.normal(size=6), None, []
    memory = remember(theta)
    snapshots.append(theta.copy())
    for _ in range(2):
        g = rng.normal(size=6)
        momentum(theta, g, 0.05, memory, beta=0.9)
        snapshots.append(theta.copy())
    np.testing.assert_allclose(exercises.my_gradient(*snapshots, 0.05, 0.9), g, rtol=1e-12)
