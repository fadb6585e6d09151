"""What a gradient gives away: against a loop of single examples, finite differences by hand, and another library."""

import numpy as np
import pytest

from helpers.topics.accountant import RECORDED, spent
from helpers.activations import identity, relu, sigmoid
from helpers.exercises.privacy import letter, my_recovery, read_letter
from helpers.explorers.privacy import FromNothing
from helpers.losses import cross_entropy_grad
from helpers.network import backward, forward
from helpers.parameters import glorot, layers, size, views
from helpers.topics.privacy import blames, distance, norms, per_example_gradients, private_gradient, recover

SIZES, BENDS = [5, 7, 4, 3], [relu, sigmoid, identity]


@pytest.fixture
def batch():
    rng = np.random.default_rng(0)
    theta = glorot(SIZES, rng) + 0.1 * rng.normal(size=size(SIZES))
    return theta, rng.normal(size=(6, 5)), np.eye(3)[rng.integers(0, 3, 6)]


def alone(theta, x, y):
    """One example's gradient, by `backward` on a batch of one."""
    net, g = layers(theta, SIZES, BENDS), np.zeros_like(theta)
    Z, cache = forward(net, x[None])
    backward(net, cache, cross_entropy_grad(Z, y[None]), views(g, SIZES))
    return g


def passed(theta, X, Y):
    net = layers(theta, SIZES, BENDS)
    Z, cache = forward(net, X)
    return net, cache, cross_entropy_grad(Z, Y) * len(X)


def test_every_example_has_the_gradient_that_it_has_alone(batch):
    theta, X, Y = batch
    G = per_example_gradients(*passed(theta, X, Y))
    assert G.shape == (6, theta.size)
    assert max(np.abs(g - alone(theta, x, y)).max() for g, x, y in zip(G, X, Y)) < 1e-14
    assert np.allclose(norms(*passed(theta, X, Y)), np.linalg.norm(G, axis=1), rtol=1e-12)
    assert all(np.allclose(dZ.sum(axis=0), db) for dZ, (_, db) in zip(blames(*passed(theta, X, Y)), views(G.sum(axis=0), SIZES)))


def test_the_private_gradient_is_the_mean_of_gradients_cut_one_by_one(batch):
    theta, X, Y = batch
    G = per_example_gradients(*passed(theta, X, Y))
    for C in (0.1, 0.5, 1e3):
        cut = sum(g * min(1, C / np.linalg.norm(g)) for g in G) / 8
        ours = private_gradient(theta, SIZES, BENDS, X, Y, cross_entropy_grad, C, 0, np.random.default_rng(0), 8)
        assert np.allclose(ours, cut, rtol=1e-12, atol=1e-15)
        assert np.linalg.norm(ours) <= len(X) * C / 8 * (1 + 1e-12)


def test_the_noise_has_the_spread_that_it_says(batch):
    theta, X, Y = batch
    rng = np.random.default_rng(1)
    quiet = private_gradient(theta, SIZES, BENDS, X, Y, cross_entropy_grad, 0.5, 0, rng, 6)
    loud = np.array([private_gradient(theta, SIZES, BENDS, X, Y, cross_entropy_grad, 0.5, 3.0, rng, 6) for _ in range(200)])
    assert np.isclose((loud - quiet).std(), 3.0 * 0.5 / 6, rtol=0.05) and np.abs((loud - quiet).mean()) < 0.01


def test_float32_stays_float32(batch):
    theta, X, Y = (a.astype(np.float32) for a in batch)
    assert private_gradient(theta, SIZES, BENDS, X, Y, cross_entropy_grad, 1, 1, np.random.default_rng(0), 6).dtype == np.float32


def test_one_example_is_read_out_exactly_and_silent_neurons_say_nothing(batch):
    theta, X, Y = batch
    (dW, db), *_ = views(alone(theta, X[0], Y[0]), SIZES)
    found = recover(dW, db)
    assert 0 < len(found) == np.count_nonzero(db) < 7 and np.abs(found - X[0]).max() < 1e-12
    assert recover(np.zeros((5, 7)), np.zeros(7)).shape == (0, 5)


def test_distance_is_that_of_the_nearest(batch):
    _, X, _ = batch
    found = np.vstack([X[2] + 0.1, X[4], np.full(5, 9.0)])
    expected = [min(np.sqrt(np.mean((x - f) ** 2)) for f in found) for x in X]
    assert np.allclose(distance(X, found), expected) and distance(X, found)[4] == 0
    assert np.isinf(distance(X, found[:0])).all()


def test_another_library_differentiates_example_by_example_too(batch):
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    theta, X, Y = batch

    def loss(theta, x, y):
        a, start = x, 0
        for m, k, f in zip(SIZES, SIZES[1:], (jax.nn.relu, jax.nn.sigmoid, lambda z: z)):
            W, b = theta[start : start + m * k].reshape(m, k), theta[start + m * k : start + (m + 1) * k]
            a, start = f(a @ W + b), start + (m + 1) * k
        return -(y * jax.nn.log_softmax(a)).sum()

    theirs = jax.vmap(jax.grad(loss), in_axes=(None, 0, 0))(theta, X, Y)
    assert np.abs(per_example_gradients(*passed(theta, X, Y)) - theirs).max() < 1e-12


def test_the_recorded_privacy_is_what_the_accountant_says():
    now = {noise: spent(noise, **{key: RECORDED[key] for key in ("batch", "n", "steps", "delta")}) for noise in RECORDED["epsilon"]}
    if None in now.values():
        pytest.skip('dp-accounting is not installed: pip install -e ".[privacy]"')
    assert now == pytest.approx(RECORDED["epsilon"], abs=0.001)
    assert now[4] < now[2] < now[1] < spent(1, 250, 10_000, 800, 1e-5)


def test_a_letter_holds_a_digit_that_belongs_to_a_name():
    rng = np.random.default_rng(0)
    X, Y = rng.random((50, 16)), np.eye(3)[rng.integers(0, 3, 50)]

    def sent(name):
        off = np.abs(X - read_letter(my_recovery, X, Y, name).drawn["found"]).max(axis=1)
        assert off.min() < 1e-12
        return off.argmin()

    assert sent("Ada Lovelace") == sent(" ada  lovelace ") and len({sent(name) for name in "abcdefgh"}) > 4
    assert any(db[0] == 0 for _, db in (letter(X, Y, name) for name in "abcdefgh")), "the first neuron may be silent"


def test_a_letter_stays_closed_until_the_function_is_written():
    X, Y = np.random.default_rng(0).random((5, 16)), np.eye(5)

    def unwritten(dW, db):
        raise NotImplementedError

    assert read_letter(lambda dW, db: ..., X, Y) is read_letter(lambda dW, db: None, X, Y) is read_letter(unwritten, X, Y) is None
    assert "shape (16,), and your function returns an array of shape (16, 64)" in read_letter(lambda dW, db: dW, X, Y).text


def test_the_slider_of_the_noise_ends_at_nothing():
    noise = FromNothing("σ", 1e-5, 1)
    assert noise.value == noise.box.value == 0 and noise.slider.value == pytest.approx(1e-5)
    noise.slider.value = 0.1
    assert noise.value == noise.box.value == 0.1
    noise.slider.value = 1e-5
    assert noise.value == noise.box.value == 0
    noise.box.value = 0.25
    assert noise.value == noise.slider.value == 0.25
    noise.value = 1e-7
    assert noise.value == noise.box.value == 0 and noise.slider.value == pytest.approx(1e-5)
    noise.value = 7
    assert noise.value == noise.box.value == noise.slider.value == 1


@pytest.mark.parametrize("arguments, words", [
    ((np.zeros((5, 7)), np.zeros(6)), "db: got shape \\(6,\\), wanted"), (([1.0], np.zeros(6)), "dW: got")])
def test_bad_arguments_are_named(arguments, words):
    with pytest.raises((TypeError, ValueError), match=words):
        recover(*arguments)


@pytest.mark.parametrize("noise", [-1, np.nan, np.inf, "1", True])
def test_noise_is_an_amount(batch, noise):
    theta, X, Y = batch
    with pytest.raises((ValueError, TypeError), match=f"noise: got .*{noise}.*wanted a .*number from 0"):
        private_gradient(theta, SIZES, BENDS, X, Y, cross_entropy_grad, 1.0, noise, np.random.default_rng(0), 6)
