"""θ and its windows W and b: where each number lies, whose memory it is, and what a network starts from."""

import math

import numpy as np
import pytest

from helpers.activations import identity, relu, sigmoid
from helpers.parameters import glorot, he, layers, size, views, zeros

START = [zeros, glorot, he]
each_start = pytest.mark.parametrize("start", START, ids=lambda f: f.__name__)


def begin(start, sizes, seed=0, **kwargs):
    return start(sizes, **kwargs) if start is zeros else start(sizes, np.random.default_rng(seed), **kwargs)


# By hand


def test_size_is_weights_and_biases_of_every_layer():
    assert size([2, 1]) == 2 + 1
    assert size([2, 2, 1]) == (4 + 2) + (2 + 1) == 9
    assert size([784, 256, 128, 10]) == 200_960 + 32_896 + 1_290 == 235_146


def test_views_lay_out_each_layer_as_its_weights_row_by_row_and_then_its_biases():
    (W1, b1), (W2, b2) = views(np.arange(17.0), [2, 3, 2])
    assert W1.tolist() == [[0, 1, 2], [3, 4, 5]] and b1.tolist() == [6, 7, 8]
    assert W2.tolist() == [[9, 10], [11, 12], [13, 14]] and b2.tolist() == [15, 16]


def test_layers_are_the_views_with_their_activations():
    theta = np.arange(17.0)
    net = layers(theta, [2, 3, 2], [relu, identity])
    assert [f for _, _, f in net] == [relu, identity]
    for (W, b, _), (W_, b_) in zip(net, views(theta, [2, 3, 2]), strict=True):
        assert np.array_equal(W, W_) and np.array_equal(b, b_)


def test_zeros_is_all_0():
    assert zeros([2, 2, 1]).tolist() == [0.0] * 9


# Keeps


def test_writing_to_theta_writes_to_w_and_b_and_back():
    theta = np.zeros(9)
    (W1, b1, _), (W2, b2, _) = layers(theta, [2, 2, 1], [sigmoid, identity])
    for array in (W1, b1, W2, b2):
        assert np.shares_memory(array, theta)
    theta += 1
    assert W1.tolist() == [[1, 1], [1, 1]] and b2.tolist() == [1]
    W1[1, 0], b1[1], W2[0, 0], b2[0] = 5, 6, 7, 8
    assert theta.tolist() == [1, 1, 5, 1, 1, 6, 7, 1, 8]


def test_views_cover_every_number_of_theta_once():
    sizes = [4, 5, 6, 3]
    theta = np.zeros(size(sizes))
    for W, b in views(theta, sizes):
        W += 1
        b += 1
    assert (theta == 1).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_views_keep_the_dtype_and_have_the_shapes_of_a_keras_dense(dtype):
    pairs = views(np.zeros(82, dtype), [4, 5, 6, 3])
    assert [(W.shape, b.shape) for W, b in pairs] == [((4, 5), (5,)), ((5, 6), (6,)), ((6, 3), (3,))]
    assert all(a.dtype == dtype for pair in pairs for a in pair)


@each_start
def test_a_start_is_one_flat_vector_of_the_wanted_dtype(start):
    assert begin(start, [4, 5, 3]).shape == (size([4, 5, 3]),)
    assert begin(start, [4, 5, 3]).dtype == np.float64
    assert begin(start, [4, 5, 3], dtype=np.float32).dtype == np.float32


@each_start
def test_a_start_has_biases_0(start):
    assert not any(b.any() for _, b in views(begin(start, [40, 50, 60, 30]), [40, 50, 60, 30]))


@each_start
def test_the_same_seed_gives_the_same_start_and_nothing_global_moves(start):
    before = np.random.get_state()
    assert np.array_equal(begin(start, [4, 5, 3], seed=7), begin(start, [4, 5, 3], seed=7))
    if start is not zeros:
        assert not np.array_equal(begin(start, [4, 5, 3], seed=7), begin(start, [4, 5, 3], seed=8))
    after = np.random.get_state()
    assert all(np.array_equal(a, b) for a, b in zip(before, after))


def test_float32_starts_from_the_same_numbers_as_float64_rounded():
    for start in (glorot, he):
        assert np.array_equal(begin(start, [4, 5, 3], dtype=np.float32), begin(start, [4, 5, 3]).astype(np.float32))


# The laws of the two starts, on layers whose m and k differ much: 120,000 and 30,000 weights


SIZES = [600, 200, 150]


def test_glorot_is_uniform_within_the_root_of_6_over_m_plus_k():
    stats = pytest.importorskip("scipy.stats", reason="a test of the distribution: pip install scipy")
    for (W, _), (m, k) in zip(views(begin(glorot, SIZES), SIZES), zip(SIZES, SIZES[1:]), strict=True):
        limit = math.sqrt(6 / (m + k))
        assert 0.999 * limit < W.max() <= limit and -0.999 * limit > W.min() >= -limit
        assert W.var() == pytest.approx(2 / (m + k), rel=0.02)
        assert stats.kstest(W.ravel(), "uniform", args=(-limit, 2 * limit)).pvalue > 1e-4


def test_he_is_normal_with_variance_2_over_m():
    stats = pytest.importorskip("scipy.stats", reason="a test of the distribution: pip install scipy")
    for (W, _), m in zip(views(begin(he, SIZES), SIZES), SIZES[:-1], strict=True):
        assert W.var() == pytest.approx(2 / m, rel=0.02)
        assert stats.kstest(W.ravel() / math.sqrt(2 / m), "norm").pvalue > 1e-4


def test_the_two_layers_of_a_start_are_drawn_apart():
    for start in (glorot, he):
        (W1, _), (W2, _) = views(begin(start, [30, 30, 30]), [30, 30, 30])
        assert abs(np.corrcoef(W1.ravel(), W2.ravel())[0, 1]) < 0.1


def test_he_keeps_the_spread_of_signals_through_relu():
    rng = np.random.default_rng(0)
    sizes = [500] * 6
    A = rng.normal(size=(200, 500))
    for W, _ in views(he(sizes, rng), sizes):
        Z = A @ W
        A = relu(Z)
    # Var Z = 2 after every layer, however many there are.
    assert Z.var() == pytest.approx(2, rel=0.2)
