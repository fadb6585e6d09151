"""Parts of a batch, their mean, the ring and the reckoning of time, each against something simpler."""

import numpy as np
import pytest

from helpers.activations import identity, relu
from helpers.data import tiny
from helpers.losses import cross_entropy, mse
from helpers.network import gradient
from helpers.optimizers import adam, gradient_descent, momentum, remember
from helpers.parameters import glorot
from helpers.topics import machines

SIZES, ACTIVATIONS = [6, 5, 4], [relu, identity]
RNG = np.random.default_rng(5)
X, Y = RNG.normal(size=(64, 6)), np.eye(4)[RNG.integers(0, 4, 64)]
START = glorot(SIZES, RNG)
BATCHES = [RNG.integers(0, 64, n) for n in (32, 31, 7, 32, 3)]


def by_one(optimizer, loss=cross_entropy):
    """θ after every step of a plain loop over the batches."""
    theta, memory = START.copy(), remember(START)
    for batch in BATCHES:
        optimizer(theta, gradient(theta, SIZES, ACTIVATIONS, X[batch], Y[batch], loss)[0], 0.1, memory)
        yield theta


def test_the_weighted_mean_by_hand():
    assert machines.weighted([np.array([0.3, 1.0]), np.array([0.6, 1.0])], [1, 3]) == pytest.approx([2.1 / 4, 1.0])


@pytest.mark.parametrize("workers", [1, 2, 3, 5])
@pytest.mark.parametrize("optimizer", [gradient_descent, momentum, adam])
def test_unequal_workers_end_where_one_ends(workers, optimizer):
    batches = [batch for batch in BATCHES if len(batch) >= workers]  # the mean over no example is nan
    theta, memory = START.copy(), remember(START)
    steps = machines.in_parts(START.copy(), SIZES, ACTIVATIONS, X, Y, batches, workers,
                              optimizer=optimizer, learning_rate=0.1)
    for batch, shared in zip(batches, steps, strict=True):
        optimizer(theta, gradient(theta, SIZES, ACTIVATIONS, X[batch], Y[batch], cross_entropy)[0], 0.1, memory)
        assert np.abs(shared - theta).max() <= 1e-12


def test_the_mean_of_the_means_ends_elsewhere_and_with_equal_parts_it_does_not():
    plain = {"learning_rate": 0.1, "reduce": lambda parts, counts: np.mean(parts, axis=0)}
    *_, one = by_one(gradient_descent)
    *_, off = machines.in_parts(START.copy(), SIZES, ACTIVATIONS, X, Y, BATCHES, 3, **plain)
    assert np.abs(off - one).max() > 1e-4
    whole = [np.arange(32), np.arange(32, 64)]
    *_, equal = machines.in_parts(START.copy(), SIZES, ACTIVATIONS, X, Y, whole, 4, **plain)
    *_, right = machines.in_parts(START.copy(), SIZES, ACTIVATIONS, X, Y, whole, 1, learning_rate=0.1)
    assert np.abs(equal - right).max() <= 1e-14


def test_the_tiny_network_of_the_series_is_shared_by_two():
    theta, _ = tiny.network()
    *_, shared = machines.in_parts(theta.copy(), tiny.sizes, tiny.activations, tiny.X, tiny.Y, [[0, 1, 2]], 2,
                                   loss=mse, learning_rate=1.0)
    grad, _ = gradient(theta, tiny.sizes, tiny.activations, tiny.X, tiny.Y, mse)
    assert np.abs(theta - shared - grad).max() < 1e-15


def test_weights_averaged_after_every_step_are_the_gradients_averaged_and_after_ten_they_are_not():
    batches = [np.random.default_rng(i).integers(0, 64, 12) for i in range(20)]
    *_, shared = machines.in_parts(START.copy(), SIZES, ACTIVATIONS, X, Y, batches, 3, learning_rate=0.1)
    often, seldom = (machines.averaged(START, SIZES, ACTIVATIONS, X, Y, batches, 3, every=every, learning_rate=0.1)
                     for every in (1, 10))
    assert np.abs(often - shared).max() <= 1e-12 < 1e-4 < np.abs(seldom - shared).max()


def test_averaging_leaves_its_start_alone():
    before = START.copy()
    machines.averaged(START, SIZES, ACTIVATIONS, X, Y, BATCHES[:2], 2, every=1, learning_rate=0.1)
    assert np.array_equal(START, before)


@pytest.mark.parametrize("w", [1, 2, 3, 4, 7])
@pytest.mark.parametrize("P", [1, 12, 29])
def test_the_ring_gives_everybody_the_sum(w, P):
    vectors = np.random.default_rng(w).normal(size=(w, P))
    before = vectors.copy()
    sums, sent = machines.ring(vectors)
    assert np.allclose(sums, vectors.sum(axis=0), rtol=0, atol=1e-13) and sums.shape == (w, P)
    assert np.array_equal(vectors, before) and (sums == sums[0]).all()
    assert sent.sum() == 2 * (w - 1) * vectors[0].nbytes
    if P % w == 0:
        assert (sent == 2 * (w - 1) * vectors[0].nbytes // w).all()


def test_the_time_of_the_ring_by_hand():
    assert machines.wire_seconds(8_000_000, 2, 1e9) == pytest.approx(0.008)  # each sends its 8 MB once
    assert machines.wire_seconds(8_000_000, 4, 1e9, 1e-3) == pytest.approx(6 * (1e-3 + 0.002))
    assert machines.wire_seconds(8_000_000, 1, 1e9, 1e-3) == 0


def test_the_time_of_a_step_by_hand():
    assert machines.step_seconds(10, 1, 2e-3, 1e-3, 5.0) == pytest.approx(0.021)  # one machine waits for no wire
    assert machines.step_seconds(10, 3, 2e-3, 1e-3, 0.5) == pytest.approx(0.001 + 4 * 2e-3 + 0.5)  # 10 = 4 + 3 + 3


@pytest.mark.parametrize("w", [2, 3, 16])
def test_at_the_break_even_both_take_equally_long(w):
    n = machines.break_even(1e-5, 4e-3, w)
    assert 1e-5 * n == pytest.approx(1e-5 * n / w + 4e-3)


@pytest.mark.parametrize(("call", "named"), [
    (lambda: machines.break_even(1e-5, 1e-3, 1), "workers: got 1"),
    (lambda: machines.step_seconds(0, 1, 1.0, 0.0, 0.0), "n: got 0"),
    (lambda: machines.wire_seconds(8, 2, 0.0), "bandwidth: got 0.0"),
    (lambda: machines.averaged(START, SIZES, ACTIVATIONS, X, Y, [[0]], 2, every=0, learning_rate=0.1), "every: got 0"),
    (lambda: next(machines.in_parts(START, SIZES, ACTIVATIONS, X, Y, [[0]], 0, learning_rate=0.1)), "workers: got 0")])
def test_a_wrong_argument_is_named(call, named):
    with pytest.raises(ValueError, match=named):
        call()
