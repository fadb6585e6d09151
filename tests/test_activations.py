"""The activations and their slopes: by hand, against nudges, SciPy and JAX, and at the ends of the number line."""

import inspect
import math

import numpy as np
import pytest

from helpers import activations
from helpers.activations import (PRIME, identity, identity_prime, relu, relu_prime, sigmoid, sigmoid_prime, softmax,
                                 softmax_prime)

ELEMENTWISE = [identity, sigmoid, relu]
ALL = [*PRIME, *PRIME.values()]
each = pytest.mark.parametrize("f", PRIME, ids=lambda f: f.__name__)
each_elementwise = pytest.mark.parametrize("f", ELEMENTWISE, ids=lambda f: f.__name__)
each_of_all = pytest.mark.parametrize("f", ALL, ids=lambda f: f.__name__)


def random_Z(shape=(7, 5)):
    """Random numbers, none nearer than 1/1000 to the kink of ReLU."""
    Z = 3 * np.random.default_rng(1).normal(size=shape)
    assert np.abs(Z).min() > 1e-3
    return Z


# By hand


def test_identity_of_z_is_z_and_its_slope_is_1():
    Z = np.array([-2.5, 0.0, 7.0])
    assert identity(Z).tolist() == [-2.5, 0.0, 7.0]
    assert identity_prime(Z).tolist() == [1.0, 1.0, 1.0]


def test_sigmoid_of_z_is_one_over_one_plus_e_to_the_minus_z():
    assert sigmoid(0.0) == 0.5
    assert sigmoid(math.log(3)) == pytest.approx(3 / 4, rel=1e-15)
    for z in [-30.0, -2.0, -0.1, 0.5, 0.6, 4.0, 30.0]:
        assert sigmoid(np.array([[z]]))[0, 0] == pytest.approx(1 / (1 + math.exp(-z)), rel=1e-14)


def test_slope_of_sigmoid_is_f_times_one_minus_f_at_most_a_quarter():
    assert sigmoid_prime(0.0) == 0.25
    assert sigmoid_prime(math.log(3)) == pytest.approx(3 / 16, rel=1e-15)
    assert sigmoid_prime(np.linspace(-9, 9, 999)).max() == 0.25


def test_slope_of_sigmoid_takes_z_and_not_a():
    # At z = 1 the slope is 0.1966; at a = sigmoid(1) it would be 0.2191.
    assert sigmoid_prime(1.0) == pytest.approx(0.19661193324148185, rel=1e-14)


def test_sigmoid_of_minus_z_is_one_minus_sigmoid_of_z():
    Z = random_Z()
    assert np.allclose(sigmoid(-Z), 1 - sigmoid(Z), rtol=0, atol=1e-15)


def test_relu_of_z_is_the_larger_of_z_and_0():
    assert relu(np.array([-2.0, -0.0, 0.0, 0.5, 3.0])).tolist() == [0.0, 0.0, 0.0, 0.5, 3.0]


def test_slope_of_relu_is_1_above_0_and_0_elsewhere_at_the_kink_too():
    assert relu_prime(np.array([-2.0, -1e-300, 0.0, 1e-300, 3.0])).tolist() == [0.0, 0.0, 0.0, 1.0, 1.0]


def test_softmax_of_z_is_e_to_the_z_over_their_sum_along_each_row():
    assert np.allclose(softmax(np.log([[1.0, 2.0, 5.0], [3.0, 3.0, 4.0]])), [[0.125, 0.25, 0.625], [0.3, 0.3, 0.4]])
    e = [math.exp(z) for z in (2.0, 1.0, 0.1)]
    assert np.allclose(softmax(np.array([2.0, 1.0, 0.1])), [x / sum(e) for x in e], rtol=1e-15, atol=0)


def test_slope_of_softmax_is_a_i_times_delta_minus_a_j():
    # a = (1/4, 3/4): on the diagonal a (1 − a) = 3/16, off it −3/16.
    assert np.allclose(softmax_prime(np.log([[1.0, 3.0]])), [[[0.1875, -0.1875], [-0.1875, 0.1875]]])
    a = [0.125, 0.25, 0.625]
    expected = [[a[i] * ((i == j) - a[j]) for j in range(3)] for i in range(3)]
    assert np.allclose(softmax_prime(np.log([a]))[0], expected, rtol=1e-14)


def test_softmax_does_not_see_the_same_number_added_to_a_row():
    Z = random_Z()
    assert np.allclose(softmax(Z + 1000), softmax(Z), rtol=1e-12)


def test_every_row_of_softmax_is_computed_from_that_row_alone():
    Z = random_Z()
    for z, a in zip(Z, softmax(Z)):
        assert np.array_equal(softmax(z), a)


# Is the slope of


@each_elementwise
def test_prime_is_the_slope_of_its_activation(f):
    Z, h = random_Z(), 1e-6
    nudged = (f(Z + h) - f(Z - h)) / (2 * h)
    slope = PRIME[f](Z)
    assert np.linalg.norm(slope - nudged) <= 1e-7 * np.linalg.norm(slope)


def test_softmax_prime_is_the_slope_of_every_output_by_every_input():
    Z, h = random_Z(), 1e-6
    nudged = np.stack([(softmax(Z + h * e) - softmax(Z - h * e)) / (2 * h) for e in np.eye(5)], axis=-1)
    slope = softmax_prime(Z)
    assert slope.shape == (7, 5, 5)
    assert np.linalg.norm(slope - nudged) <= 1e-7 * np.linalg.norm(slope)


@each
def test_prime_agrees_with_scipy(f):
    optimize = pytest.importorskip("scipy.optimize", reason="a second opinion on slopes: pip install scipy")
    for z in random_Z((3, 4)):
        slope = PRIME[f](z)
        expected = optimize.approx_fprime(z, f)  # one-sided: half as many digits
        assert np.allclose(slope if f is softmax else np.diag(slope), expected, atol=1e-6)


@each
def test_activation_and_prime_agree_with_jax(f, jax64):
    theirs = {identity: lambda z: z, sigmoid: jax64.nn.sigmoid, relu: jax64.nn.relu, softmax: jax64.nn.softmax}[f]
    for z in random_Z()[:3]:
        assert np.allclose(f(z), theirs(z), rtol=0, atol=1e-14)
        slope = PRIME[f](z)
        expected = np.asarray(jax64.jacobian(theirs)(z))
        assert expected.dtype == np.float64
        assert np.allclose(slope if f is softmax else np.diag(slope), expected, rtol=0, atol=1e-14)


# Keeps


def test_every_activation_stands_beside_its_prime():
    public = {name: f for name, f in vars(activations).items() if inspect.isfunction(f) and f.__module__ == "helpers.activations"}
    assert {f.__name__: prime.__name__ for f, prime in PRIME.items()} == \
        {name: f"{name}_prime" for name in public if not name.endswith("_prime")}
    assert set(public) == {f.__name__ for f in ALL}


@each_of_all
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_shape_and_dtype_stay_and_the_input_is_untouched(f, dtype):
    for shape in [(4,), (7, 4), (2, 3, 4)]:
        Z = random_Z(shape).astype(dtype)
        before = Z.copy()
        out = f(Z)
        assert out.dtype == dtype
        assert out.shape == (shape + shape[-1:] if f is softmax_prime else shape)
        assert np.array_equal(Z, before)
        assert np.array_equal(f(Z), out)


@each_elementwise
def test_a_plain_number_is_welcome(f):
    for z in [-2.0, 3, np.float32(0.5)]:
        for function in (f, PRIME[f]):
            assert np.ndim(function(z)) == 0 and function(z) == function(np.array([z]))[0]


@each
def test_whole_numbers_give_the_same_values_as_floats(f):
    Z = np.array([[-2, 0, 3]])
    assert np.array_equal(f(Z), f(Z.astype(float)))
    assert np.array_equal(PRIME[f](Z), PRIME[f](Z.astype(float)))


# Extreme values


def test_sigmoid_at_the_ends_of_the_number_line_is_0_and_1_without_a_warning(no_warnings):
    assert sigmoid(np.array([-1e308, -1000.0, 1000.0, 1e308])).tolist() == [0.0, 0.0, 1.0, 1.0]
    assert sigmoid_prime(np.array([-1e308, -1000.0, 1000.0, 1e308])).tolist() == [0.0, 0.0, 0.0, 0.0]
    assert sigmoid(np.array([-1e38, -200, 200, 1e38], np.float32)).tolist() == [0.0, 0.0, 1.0, 1.0]
    assert sigmoid(np.array([-np.inf, np.inf])).tolist() == [0.0, 1.0]


def test_sigmoid_keeps_its_digits_far_below_0(no_warnings):
    for z in [-50.0, -300.0, -700.0]:
        assert float(sigmoid(z)) == pytest.approx(math.exp(z), rel=1e-12)


def test_relu_at_the_ends_of_the_number_line(no_warnings):
    assert relu(np.array([-1e308, 1e308])).tolist() == [0.0, 1e308]
    assert relu_prime(np.array([-1e308, 1e308])).tolist() == [0.0, 1.0]


def test_softmax_of_huge_scores_is_finite_and_its_rows_sum_to_1(no_warnings):
    Z = np.array([[1000.0, 0.0, -1000.0], [1e308, 1e308, 0.0], [-1e308, -1e308, -1e308], [0.0, 700.0, 800.0]])
    A = softmax(Z)
    assert np.allclose(A, [[1, 0, 0], [0.5, 0.5, 0], [1 / 3] * 3, [0, math.exp(-100), 1]], rtol=1e-14, atol=0)
    assert np.allclose(A.sum(axis=1), 1, rtol=0, atol=1e-15)
    assert np.isfinite(softmax_prime(Z)).all()
    assert np.allclose(softmax(Z[[0, 3]].astype(np.float32)).sum(axis=1), 1)


def test_rows_of_softmax_sum_to_1_and_rows_of_its_slope_to_0():
    Z = 100 * np.random.default_rng(1).normal(size=(97, 13))
    assert np.allclose(softmax(Z).sum(axis=-1), 1, rtol=0, atol=1e-14)
    assert np.allclose(softmax_prime(Z).sum(axis=-1), 0, rtol=0, atol=1e-14)
    assert np.allclose(softmax_prime(Z), np.swapaxes(softmax_prime(Z), -1, -2), rtol=0, atol=1e-16)
