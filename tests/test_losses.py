"""The losses and their gradients: by hand, against nudges, SciPy and JAX, and for answers that are very wrong."""

import inspect
import math

import numpy as np
import pytest

from helpers import losses
from helpers.activations import softmax
from helpers.losses import GRAD, cross_entropy, cross_entropy_grad, mse, mse_grad

each = pytest.mark.parametrize("loss", GRAD, ids=lambda f: f.__name__)


def batch(n=7, K=3):
    """Random predictions and one-hot targets."""
    rng = np.random.default_rng(2)
    return 2 * rng.normal(size=(n, K)), np.eye(K)[rng.integers(0, K, n)]


# By hand


def test_mse_is_half_the_mean_squared_distance():
    # Distances² by row: 1² + 2² = 5, 3² + 0² = 9; (5 + 9) / (2 · 2) = 3.5.
    Y_hat, Y = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[0.0, 4.0], [0.0, 4.0]])
    assert mse(Y_hat, Y) == 3.5


def test_gradient_of_mse_is_prediction_minus_target_over_n():
    Y_hat, Y = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[0.0, 4.0], [0.0, 4.0]])
    assert mse_grad(Y_hat, Y).tolist() == [[0.5, -1.0], [1.5, 0.0]]


def test_mse_is_n_and_k_blind_where_keras_divides_by_both():
    # One example with K = 4 errors of 1: ½ · 4 = 2, not ½ and not 1.
    assert mse(np.ones((1, 4)), np.zeros((1, 4))) == 2.0


def test_cross_entropy_is_the_mean_surprise_at_the_true_class():
    # softmax(log p) = p, so the losses are −log ¼ and −log ½.
    Z, Y = np.log([[0.25, 0.75], [0.5, 0.5]]), np.array([[1.0, 0.0], [0.0, 1.0]])
    assert cross_entropy(Z, Y) == pytest.approx((math.log(4) + math.log(2)) / 2, rel=1e-15)


def test_gradient_of_cross_entropy_is_softmax_minus_target_over_n():
    Z, Y = np.log([[0.25, 0.75], [0.5, 0.5]]), np.array([[1.0, 0.0], [0.0, 1.0]])
    assert np.allclose(cross_entropy_grad(Z, Y), [[-0.375, 0.375], [0.25, -0.25]], rtol=1e-15)


def test_cross_entropy_in_scalar_code():
    Z, Y = batch()
    total = 0.0
    for z, y in zip(Z.tolist(), Y.tolist()):
        total -= sum(t * math.log(math.exp(s) / sum(map(math.exp, z))) for s, t in zip(z, y))
    assert cross_entropy(Z, Y) == pytest.approx(total / 7, rel=1e-14)


def test_cross_entropy_of_someone_who_knows_nothing_is_log_K():
    assert cross_entropy(np.full((5, 10), 3.0), np.eye(10)[:5]) == pytest.approx(math.log(10), rel=1e-15)


def test_cross_entropy_takes_what_enters_softmax_and_not_what_leaves_it():
    Z, Y = batch()
    assert cross_entropy(Z, Y) == pytest.approx(-np.log(softmax(Z)[Y == 1]).mean(), rel=1e-14)
    assert cross_entropy(Z, Y) != pytest.approx(cross_entropy(softmax(Z), Y), rel=1e-3)


def test_loss_of_a_perfect_answer_is_0(no_warnings):
    _, Y = batch()
    assert mse(Y, Y) == 0 and not mse_grad(Y, Y).any()
    assert cross_entropy(1000 * Y, Y) == 0 and not cross_entropy_grad(1000 * Y, Y).any()


# Is the slope of


@each
def test_grad_is_the_slope_of_its_loss(loss):
    Y_hat, Y = batch()
    h, nudged = 1e-5, np.empty_like(Y_hat)
    for where in np.ndindex(Y_hat.shape):
        e = np.zeros_like(Y_hat)
        e[where] = h
        nudged[where] = (loss(Y_hat + e, Y) - loss(Y_hat - e, Y)) / (2 * h)
    assert np.linalg.norm(GRAD[loss](Y_hat, Y) - nudged) <= 1e-7 * np.linalg.norm(nudged)


@each
def test_grad_agrees_with_scipy(loss):
    optimize = pytest.importorskip("scipy.optimize", reason="a second opinion on slopes: pip install scipy")
    Y_hat, Y = batch()
    expected = optimize.approx_fprime(Y_hat.ravel(), lambda y: loss(y.reshape(7, 3), Y))
    assert np.allclose(GRAD[loss](Y_hat, Y).ravel(), expected, atol=1e-6)


@each
@pytest.mark.parametrize("targets", ["one-hot", "any numbers"])
def test_loss_and_grad_agree_with_jax(loss, targets, jax64):
    jnp = jax64.numpy
    Y_hat, Y = batch()
    if targets == "any numbers":
        Y = np.random.default_rng(3).normal(size=Y.shape)
        if loss is cross_entropy:  # its targets are shares of 1
            Y = np.abs(Y) / np.abs(Y).sum(axis=1, keepdims=True)
    theirs = {
        mse: lambda P: jnp.mean(jnp.sum((P - Y) ** 2, axis=1)) / 2,
        cross_entropy: lambda P: -jnp.mean(jnp.sum(Y * jax64.nn.log_softmax(P, axis=1), axis=1)),
    }[loss]
    value, grad = jax64.value_and_grad(theirs)(jnp.asarray(Y_hat))
    assert grad.dtype == np.float64
    assert loss(Y_hat, Y) == pytest.approx(float(value), abs=1e-14)
    assert np.allclose(GRAD[loss](Y_hat, Y), grad, rtol=0, atol=1e-15)


# Keeps


def test_every_loss_stands_beside_its_gradient():
    public = {name for name, f in vars(losses).items() if inspect.isfunction(f) and f.__module__ == "helpers.losses"}
    assert {f.__name__: grad.__name__ for f, grad in GRAD.items()} == \
        {name: f"{name}_grad" for name in public if not name.endswith("_grad")}


@each
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_shape_and_dtype_stay_and_the_inputs_are_untouched(loss, dtype):
    Y_hat, Y = (a.astype(dtype) for a in batch())
    before = Y_hat.copy(), Y.copy()
    value, grad = loss(Y_hat, Y), GRAD[loss](Y_hat, Y)
    assert np.ndim(value) == 0 and value.dtype == dtype
    assert grad.shape == (7, 3) and grad.dtype == dtype
    assert np.array_equal(Y_hat, before[0]) and np.array_equal(Y, before[1])
    assert loss(Y_hat, Y) == value and np.array_equal(GRAD[loss](Y_hat, Y), grad)


@each
def test_the_same_examples_twice_keep_the_loss_and_halve_each_gradient(loss):
    Y_hat, Y = batch()
    twice = np.vstack([Y_hat, Y_hat]), np.vstack([Y, Y])
    assert loss(*twice) == pytest.approx(loss(Y_hat, Y), rel=1e-14)
    assert np.allclose(GRAD[loss](*twice)[:7], GRAD[loss](Y_hat, Y) / 2, rtol=1e-14)


@each
def test_the_order_of_the_examples_does_not_matter(loss):
    (Y_hat, Y), order = batch(), np.random.default_rng(4).permutation(7)
    assert loss(Y_hat[order], Y[order]) == pytest.approx(loss(Y_hat, Y), rel=1e-14)
    assert np.array_equal(GRAD[loss](Y_hat[order], Y[order]), GRAD[loss](Y_hat, Y)[order])


def test_a_diverged_prediction_gives_a_diverged_loss_and_no_error():
    _, Y = batch()
    assert np.isnan(mse(np.full_like(Y, np.nan), Y)) and mse(np.full_like(Y, np.inf), Y) == np.inf


# Extreme values


def test_cross_entropy_of_a_very_wrong_and_confident_answer_is_finite_and_exact(no_warnings):
    Y = np.array([[0.0, 1.0]])
    assert cross_entropy(np.array([[1000.0, -1000.0]]), Y) == 2000.0
    assert cross_entropy(np.array([[8e307, -8e307]]), Y) == 1.6e308
    assert cross_entropy(np.array([[1000, -1000]], np.float32), Y.astype(np.float32)) == np.float32(2000)
    assert cross_entropy_grad(np.array([[1000.0, -1000.0]]), Y).tolist() == [[1.0, -1.0]]
    assert cross_entropy_grad(np.array([[8e307, -8e307]]), Y).tolist() == [[1.0, -1.0]]


def test_cross_entropy_keeps_its_digits_where_softmax_alone_rounds_to_1(no_warnings):
    # −log softmax = log(1 + e⁻³⁰) ≈ e⁻³⁰ up to the last digits that 1 + e⁻³⁰ can hold.
    assert cross_entropy(np.array([[30.0, 0.0]]), np.array([[1.0, 0.0]])) == pytest.approx(math.exp(-30), rel=1e-2)


def test_cross_entropy_does_not_see_the_same_number_added_to_a_row(no_warnings):
    Z, Y = batch()
    assert cross_entropy(Z + 1e6, Y) == pytest.approx(cross_entropy(Z, Y), rel=1e-9)


def test_mse_of_a_prediction_that_is_far_off_is_finite(no_warnings):
    assert mse(np.array([[1e150]]), np.array([[0.0]])) == pytest.approx(5e299)
    assert mse_grad(np.array([[1e308]]), np.array([[0.0]])).tolist() == [[1e308]]
