"""The check of the gradient, checked: slopes known by hand, SciPy, and gradients that are wrong on purpose."""

import math
import tracemalloc

import numpy as np
import pytest

from helpers.data import tiny
from helpers.gradcheck import compare, diagnose, numerical_gradient, relative_error, slope_along
from helpers.losses import mse, mse_grad
from helpers.network import backward, forward
from helpers.parameters import layers, views


def quadratic(theta):
    return theta[0] ** 2 + 3 * theta[1] + theta[0] * theta[2]


def tiny_loss(theta):
    return mse(forward(layers(theta, tiny.sizes, tiny.activations), tiny.X)[0], tiny.Y)


def tiny_gradient():
    theta, net = tiny.network()
    grad = np.zeros_like(theta)
    Y_hat, cache = forward(net, tiny.X)
    backward(net, cache, mse_grad(Y_hat, tiny.Y), views(grad, tiny.sizes))
    return theta, grad


class Counted:
    """A function that notes where it is evaluated."""

    def __init__(self, f):
        self.f, self.at = f, []

    def __call__(self, theta):
        self.at.append(theta.copy())
        return self.f(theta)


# By hand


def test_numerical_gradient_of_a_polynomial_known_by_hand():
    # f = θ₀² + 3 θ₁ + θ₀ θ₂, so ∇f = (2 θ₀ + θ₂, 3, θ₀) = (9, 3, 2) at (2, 7, 5).
    assert np.allclose(numerical_gradient(quadratic, np.array([2.0, 7.0, 5.0])), [9, 3, 2], atol=1e-8)


def test_the_difference_is_central_so_its_error_is_epsilon_squared():
    # ((1 + ε)³ − (1 − ε)³) / 2ε = 3 + ε², where a one-sided difference gives 3 + 3ε + ε².
    for epsilon in (0.5, 0.1):
        assert numerical_gradient(lambda t: t[0] ** 3, np.array([1.0]), epsilon)[0] == pytest.approx(3 + epsilon**2, rel=1e-13)
        slope = slope_along(lambda t: t[0] ** 3, np.array([1.0]), np.array([1.0]), epsilon)
        assert slope == pytest.approx(3 + epsilon**2, rel=1e-13)


def test_slope_along_is_the_gradient_times_the_direction():
    # ∇f · v = 9 · 1 + 3 · (−2) + 2 · 0.5 = 4.
    assert slope_along(quadratic, np.array([2.0, 7.0, 5.0]), np.array([1.0, -2.0, 0.5])) == pytest.approx(4, abs=1e-8)


def test_relative_error_by_hand():
    # ‖(3, 0) − (0, 4)‖ / (3 + 4) = 5/7.
    assert relative_error(np.array([3.0, 0.0]), np.array([0.0, 4.0])) == pytest.approx(5 / 7, rel=1e-15)
    assert relative_error(np.array([[1.0, 2.0], [2.0, 4.0]]), np.array([[2.0, 4.0], [4.0, 8.0]])) == pytest.approx(1 / 3, rel=1e-15)
    assert relative_error(1.0, 3.0) == 0.5


def test_relative_error_is_0_where_equal_and_1_where_opposite_or_one_is_0():
    a = np.array([0.3, -4.0, 5e-9])
    assert relative_error(a, a) == 0 and relative_error(np.zeros(3), np.zeros(3)) == 0
    assert relative_error(a, -a) == 1 and relative_error(a, np.zeros(3)) == 1
    assert relative_error(a, 1e-12 * a) <= 1


def test_relative_error_is_the_same_either_way_and_in_any_unit():
    a, b = np.random.default_rng(0).normal(size=(2, 3, 4))
    assert relative_error(a, b) == relative_error(b, a)
    for unit in (1e-100, 1e100):
        assert relative_error(unit * a, unit * b) == pytest.approx(relative_error(a, b), rel=1e-12)


def test_a_wrong_factor_has_the_relative_error_that_it_must_have():
    # |1 − r| / (1 + r): a half that was lost gives 1/3, a wrong sign 1.
    a = np.random.default_rng(0).normal(size=9)
    for r, error in [(2, 1 / 3), (0.5, 1 / 3), (3, 0.5), (1.01, 0.01 / 2.01)]:
        assert relative_error(a, r * a) == pytest.approx(error, rel=1e-12)


def test_compare_names_the_array_in_which_the_fault_sits():
    grad = np.arange(1.0, 10.0)
    assert compare(grad, grad, [2, 2, 1]) == {"dW1": 0, "db1": 0, "dW2": 0, "db2": 0}
    for j, name in enumerate(["dW1"] * 4 + ["db1"] * 2 + ["dW2"] * 2 + ["db2"]):
        wrong = grad.copy()
        wrong[j] *= -1
        errors = compare(wrong, grad, [2, 2, 1])
        assert list(errors) == ["dW1", "db1", "dW2", "db2"]
        assert {where for where, error in errors.items() if error} == {name}


def test_compare_gives_the_relative_error_of_each_array():
    # b of the last layer: 9 against 3, so 6/12; all else equal.
    reference = np.arange(1.0, 10.0)
    grad = reference.copy()
    grad[8] = 3.0
    assert compare(grad, reference, [2, 2, 1])["db2"] == 0.5


def test_diagnose_gives_for_each_array_its_ratio_to_the_reference_and_what_is_wrong_in_words():
    reference = np.arange(1.0, 10.0)
    grad = reference.copy()
    grad[4:6] *= 3  # db1
    grad[6:8] *= -1  # dW2
    found = diagnose(grad, reference, [2, 2, 1], {"the number of examples": 3})
    assert list(found) == ["dW1", "db1", "dW2", "db2"]
    assert [ratio.tolist() for ratio, _ in found.values()] == [[[1, 1], [1, 1]], [3, 3], [[-1], [-1]], [1]]
    words = {name: words for name, (_, words) in found.items()}
    assert words["dW1"] == words["db2"] == "right"
    assert "3" in words["db1"] and "sign" in words["dW2"]


def test_diagnose_names_the_quantity_that_a_factor_may_come_from():
    reference = np.arange(1.0, 10.0)
    words = diagnose(32 * reference, reference, [2, 2, 1], {"the number of examples": 32})["dW1"][1]
    assert words == "every entry is exactly 32 times too large, and the number of examples is 32"
    assert diagnose(32 * reference, reference, [2, 2, 1])["dW1"][1] == "every entry is exactly 32 times the true one"


def test_diagnose_calls_right_what_differs_by_a_ten_millionth_and_no_more():
    reference = np.arange(1.0, 10.0)
    for shift, right in ((0.9e-7, True), (1.1e-7, False)):
        # Entries of alternating sign are pushed apart: each by 2 · shift · itself, a relative error of `shift`.
        grad = reference * (1 + 2 * shift * np.array([1, -1] * 4 + [1]))
        assert np.isclose(relative_error(grad[:4], reference[:4]), shift, rtol=1e-4)
        assert diagnose(grad, reference, [2, 2, 1])["dW1"][1] == ("right" if right else "equal to six digits, no more")


def test_diagnose_sees_a_transposed_array():
    reference = np.arange(1.0, 10.0)
    grad = reference.copy()
    grad[[1, 2]] = grad[[2, 1]]
    assert "transposed" in diagnose(grad, reference, [2, 2, 1])["dW1"][1]


def test_diagnose_never_calls_nan_right_and_has_no_ratio_to_0(no_warnings):
    reference = np.arange(0.0, 9.0)
    grad = reference.copy()
    grad[5] = np.nan
    found = diagnose(grad, reference, [2, 2, 1])
    assert found["dW1"][1] == found["db2"][1] == "right" and np.isnan(found["dW1"][0][0, 0])
    assert found["db1"][1] != "right"


# Is the slope of


def test_every_gradient_of_the_tiny_network_passes_the_check():
    theta, grad = tiny_gradient()
    errors = compare(grad, numerical_gradient(tiny_loss, theta), tiny.sizes)
    assert list(errors) == ["dW1", "db1", "dW2", "db2"] and max(errors.values()) < 1e-7


def test_one_random_direction_tells_the_same():
    theta, grad = tiny_gradient()
    direction = np.random.default_rng(1).normal(size=9)
    assert slope_along(tiny_loss, theta, direction) == pytest.approx(grad @ direction, rel=1e-7)


def test_numerical_gradient_agrees_with_scipy():
    optimize = pytest.importorskip("scipy.optimize", reason="a second opinion on gradients: pip install scipy")
    theta, _ = tiny_gradient()
    assert np.allclose(numerical_gradient(tiny_loss, theta), optimize.approx_fprime(theta, tiny_loss), atol=1e-7)


def test_the_usual_mistakes_do_not_pass_the_check():
    theta, grad = tiny_gradient()
    truth = numerical_gradient(tiny_loss, theta)
    biases_averaged = grad.copy()
    biases_averaged[[4, 5, 8]] /= 3
    transposed = grad.copy()
    transposed[[1, 2]] = grad[[2, 1]]
    for wrong in (2 * grad, 3 * grad, -grad, biases_averaged, transposed, np.zeros(9), grad + 1e-4):
        assert max(compare(wrong, truth, tiny.sizes).values()) > 1e-4


# Keeps


def test_theta_is_untouched_and_every_number_is_nudged_alone_both_ways():
    f, theta = Counted(quadratic), np.array([2.0, 7.0, 5.0])
    numerical_gradient(f, theta, 0.25)
    assert theta.tolist() == [2.0, 7.0, 5.0]
    nudges = sorted((at - theta).tolist() for at in f.at)
    assert nudges == sorted([s * 0.25 if i == j else 0.0 for i in range(3)] for j in range(3) for s in (1, -1))


def test_slope_along_costs_two_evaluations_however_many_numbers_there_are():
    f, theta = Counted(lambda theta: theta.sum()), np.zeros(10_000)
    assert slope_along(f, theta, np.ones(10_000)) == pytest.approx(10_000, rel=1e-8)
    assert len(f.at) == 2 and not theta.any()


def test_the_step_is_a_millionth_unless_told_otherwise():
    f = Counted(quadratic)
    numerical_gradient(f, np.zeros(3))
    slope_along(f, np.zeros(3), np.ones(3))
    assert {float(np.abs(at).max()) for at in f.at} == {1e-6}


def test_results_are_float64_arrays_and_plain_numbers():
    gradient = numerical_gradient(quadratic, np.array([2.0, 7.0, 5.0]))
    assert gradient.shape == (3,) and gradient.dtype == np.float64
    assert np.ndim(slope_along(quadratic, np.zeros(3), np.ones(3))) == 0
    assert type(relative_error(np.ones(2), np.zeros(2))) is float
    assert all(type(error) is float for error in compare(np.ones(9), np.zeros(9), [2, 2, 1]).values())


def test_float32_gradients_can_be_compared_though_not_nudged():
    theta, grad = tiny_gradient()
    errors = compare(grad.astype(np.float32), numerical_gradient(tiny_loss, theta), tiny.sizes)
    assert 0 < max(errors.values()) < 1e-6


def test_nan_in_a_gradient_is_never_reported_as_equal():
    assert math.isnan(relative_error(np.array([np.nan, 1.0]), np.array([np.nan, 1.0])))


def test_checking_prints_nothing(capsys):
    theta, grad = tiny_gradient()
    compare(grad, numerical_gradient(tiny_loss, theta), tiny.sizes)
    assert capsys.readouterr() == ("", "")


def test_thousands_of_numbers_need_no_table_of_their_square():
    theta = np.linspace(-1, 1, 3000)
    tracemalloc.start()
    grad = numerical_gradient(lambda t: float(t @ t) / 2, theta)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    np.testing.assert_allclose(grad, theta, atol=1e-6)
    assert peak < 3000**2, f"{peak / 1e6:.0f} MB"
