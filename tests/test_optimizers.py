"""The update rules: by hand, against Keras's formula in plain Python, and against Keras itself."""

import math
import os
import sys

import numpy as np
import pytest

from helpers.optimizers import adam, gradient_descent, momentum, remember

RULES = [gradient_descent, momentum, adam]
each = pytest.mark.parametrize("rule", RULES, ids=lambda f: f.__name__)


@pytest.fixture
def keras64(jax64, monkeypatch):
    """Keras in float64, on JAX unless the environment says otherwise."""
    if "keras" not in sys.modules and "KERAS_BACKEND" not in os.environ:
        monkeypatch.setenv("KERAS_BACKEND", "jax")  # read once, at the import
    keras = pytest.importorskip("keras", reason="Keras is the oracle for the update rules: pip install keras")
    before = keras.config.floatx()
    keras.config.set_floatx("float64")
    yield keras
    keras.config.set_floatx(before)


def gradients(steps=20, P=11):
    """A different gradient at every step, with entries from 1e-6 to 100."""
    rng = np.random.default_rng(6)
    return rng.normal(size=(steps, P)) * 10.0 ** rng.uniform(-6, 2, size=P)


def start(P=11):
    return np.random.default_rng(7).normal(size=P)


def keras_rules(rate):
    """Keras's own three optimizers, step by step in scalar code, as its documentation and source state them."""

    def gradient_descent(w, grads):
        for g in grads:
            w = w - rate * g
        return w

    def momentum(w, grads):
        velocity = 0.0
        for g in grads:
            velocity = 0.9 * velocity - rate * g
            w = w + velocity
        return w

    def adam(w, grads):
        m = v = 0.0
        for t, g in enumerate(grads, start=1):
            m = m + (g - m) * (1 - 0.9)
            v = v + (g * g - v) * (1 - 0.999)
            alpha = rate * math.sqrt(1 - 0.999**t) / (1 - 0.9**t)
            w = w - m * alpha / (math.sqrt(v) + 1e-7)
        return w

    return {"gradient_descent": gradient_descent, "momentum": momentum, "adam": adam}


def paper_adam(w, grads, rate, epsilon=1e-7):
    """Algorithm 1 of Kingma and Ba (2015): both averages are corrected first, ε stands beside √v̂."""
    m = v = 0.0
    for t, g in enumerate(grads, start=1):
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        w = w - rate * (m / (1 - 0.9**t)) / (math.sqrt(v / (1 - 0.999**t)) + epsilon)
    return w


# By hand


def test_gradient_descent_goes_the_learning_rate_times_the_gradient_downhill():
    theta = np.array([1.0, -2.0, 3.0])
    gradient_descent(theta, np.array([2.0, 4.0, 0.0]), 0.25)
    assert theta.tolist() == [0.5, -3.0, 3.0]


def test_momentum_keeps_a_share_beta_of_the_last_step():
    # m: −0.5, then 0.5 · (−0.5) − 0.5 = −0.75, then 0.5 · (−0.75) − 0.5 = −0.875.
    theta, path = np.array([10.0]), []
    memory = remember(theta)
    for _ in range(3):
        momentum(theta, np.array([2.0]), 0.25, memory, beta=0.5)
        path.append((float(memory["m"][0]), float(theta[0])))
    assert path == [(-0.5, 9.5), (-0.75, 8.75), (-0.875, 7.875)]


def test_momentum_keeps_nine_tenths_unless_told_otherwise():
    theta = np.array([0.0])
    memory = remember(theta)
    for _ in range(2):
        momentum(theta, np.array([1.0]), 1.0, memory)
    assert theta[0] == pytest.approx(-1 - 1.9, rel=1e-15)


def test_adam_takes_two_steps_by_hand():
    # β₁ = ½, β₂ = ¾, ε = 1, α = 1, gradients 4 and then 2:
    # t = 1: m = 2, v = 4, θ = −√¼ / ½ · 2 / (2 + 1) = −2/3;
    # t = 2: m = 2, v = 4 again, θ = −2/3 − √(7/16) / ¾ · 2 / 3.
    theta = np.array([0.0])
    memory = remember(theta)
    adam(theta, np.array([4.0]), 1.0, memory, beta1=0.5, beta2=0.75, epsilon=1.0)
    assert (memory["t"], memory["m"][0], memory["v"][0]) == (1, 2.0, 4.0)
    assert theta[0] == pytest.approx(-2 / 3, rel=1e-15)
    adam(theta, np.array([2.0]), 1.0, memory, beta1=0.5, beta2=0.75, epsilon=1.0)
    assert (memory["t"], memory["m"][0], memory["v"][0]) == (2, 0.5 * 2 + 0.5 * 2, 0.75 * 4 + 0.25 * 4)
    assert theta[0] == pytest.approx(-2 / 3 - math.sqrt(7 / 16) / 0.75 * 2 / 3, rel=1e-15)


def test_first_step_of_adam_is_the_learning_rate_whatever_the_gradient():
    theta = np.zeros(3)
    adam(theta, np.array([1e-2, 1.0, -1e6]), 0.01, remember(theta))
    assert np.allclose(theta, [-0.01, -0.01, 0.01], rtol=1e-3)
    # Where the gradient is as small as ε, √v = |g| √(1 − β₂) is smaller still: ε then brakes the step.
    theta = np.zeros(1)
    adam(theta, np.array([1e-7]), 0.01, remember(theta))
    root = math.sqrt(0.001)
    assert theta[0] == pytest.approx(-0.01 * root / (root + 1), rel=1e-9)


def test_remember_starts_from_nothing():
    memory = remember(np.array([3.0, 4.0]))
    assert memory["t"] == 0 and memory["m"].tolist() == memory["v"].tolist() == [0.0, 0.0]
    assert set(memory) == {"t", "m", "v"}


# Against independent oracles


@each
def test_twenty_steps_agree_with_the_formula_of_keras_in_plain_python(rule):
    theta, grads = start(), gradients()
    expected = [keras_rules(0.03)[rule.__name__](w, g) for w, g in zip(theta.tolist(), grads.T.tolist())]
    memory = remember(theta)
    for grad in grads:
        rule(theta, grad, 0.03, memory)
    scale = np.maximum(1, np.abs(expected))
    assert np.abs((theta - expected) / scale).max() <= 1e-15


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # inside Keras
@each
def test_twenty_steps_agree_with_keras_itself(rule, keras64):
    beta, beta2, epsilon = np.float64(0.9), np.float64(0.999), np.float64(1e-7)
    theirs = {
        gradient_descent: lambda: keras64.optimizers.SGD(0.03),
        momentum: lambda: keras64.optimizers.SGD(0.03, momentum=beta),
        adam: lambda: keras64.optimizers.Adam(0.03, beta, beta2, epsilon),
    }[rule]()
    theta = start()
    variable = keras64.Variable(theta.copy(), dtype="float64")
    theirs.build([variable])
    memory = remember(theta)
    for grad in gradients():
        before = theta.copy()
        rule(theta, grad, 0.03, memory)
        theirs.apply([keras64.ops.convert_to_tensor(grad.copy())], [variable])
        there = keras64.ops.convert_to_numpy(variable)
        assert there.dtype == np.float64 and not np.array_equal(before, theta)
        assert (np.abs(theta - there) / np.maximum(1, np.abs(theta))).max() <= 1e-14


def test_defaults_are_those_of_keras(keras64):
    theirs = keras64.optimizers.Adam()
    memory = {"t": 0, "m": np.zeros(1), "v": np.zeros(1)}
    told, untold = np.zeros(1), np.zeros(1)
    for grad in gradients(P=1):
        adam(untold, grad, 0.1, memory)
    memory = remember(told)
    for grad in gradients(P=1):
        adam(told, grad, 0.1, memory, beta1=theirs.beta_1, beta2=theirs.beta_2, epsilon=theirs.epsilon)
    assert np.array_equal(told, untold)


def test_adam_of_the_paper_puts_epsilon_elsewhere_and_differs():
    grads = np.full((20, 1), 1e-6)
    theta = np.zeros(1)
    memory = remember(theta)
    for grad in grads:
        adam(theta, grad, 0.03, memory)
    paper = paper_adam(0.0, grads[:, 0].tolist(), 0.03)
    assert abs(theta[0] - paper) > 0.1 * abs(paper)
    # The step of the paper is ours with an ε that shrinks as the correction of v does: for one step, ε √(1 − β₂).
    one = np.zeros(1)
    adam(one, grads[0], 0.03, remember(one), epsilon=1e-7 * math.sqrt(1 - 0.999))
    assert one[0] == pytest.approx(paper_adam(0.0, [1e-6], 0.03), rel=1e-12)


def test_momentum_without_memory_share_is_gradient_descent():
    with_momentum, without = start(), start()
    memory = remember(with_momentum)
    for grad in gradients():
        momentum(with_momentum, grad, 0.03, memory, beta=0.0)
        gradient_descent(without, grad, 0.03)
    assert np.array_equal(with_momentum, without)


@each
def test_every_number_of_theta_is_updated_without_a_look_at_the_others(rule):
    together, grads = start(), gradients()
    memory, alone = remember(together), []
    for j, w in enumerate(start()):
        theta = np.array([w])
        own = remember(theta)
        for grad in grads:
            rule(theta, grad[j : j + 1], 0.03, own)
        alone.append(theta[0])
    for grad in grads:
        rule(together, grad, 0.03, memory)
    assert np.allclose(together, alone, rtol=1e-15)


# Keeps


@each
def test_theta_changes_in_place_nothing_is_returned_and_the_gradient_is_untouched(rule):
    theta, grad = start(), gradients()[0]
    window, before, memory = theta[2:5], grad.copy(), remember(theta)
    kept = memory["m"], memory["v"]
    moved = start()
    assert rule(theta, grad, 0.03, memory) is None
    assert not np.array_equal(theta, moved)
    assert np.shares_memory(window, theta) and np.array_equal(window, theta[2:5])
    assert np.array_equal(grad, before)
    assert memory["m"] is kept[0] and memory["v"] is kept[1]


@each
def test_float32_stays_float32(rule):
    theta = start().astype(np.float32)
    memory = remember(theta)
    for grad in gradients().astype(np.float32):
        rule(theta, grad, 0.03, memory)
    assert theta.dtype == memory["m"].dtype == memory["v"].dtype == np.float32
    exact = start()
    memory = remember(exact)
    for grad in gradients():
        rule(exact, grad, 0.03, memory)
    assert np.allclose(theta, exact, rtol=1e-4, atol=1e-5)


@each
def test_all_that_a_rule_remembers_is_in_memory(rule):
    results = []
    for _ in range(2):
        theta = start()
        memory = remember(theta)
        for grad in gradients():
            rule(theta, grad, 0.03, memory)
        results.append(theta)
    assert np.array_equal(*results)


def test_two_memories_do_not_share():
    theta = start()
    one, two = remember(theta), remember(theta)
    adam(theta, gradients()[0], 0.03, one)
    assert one["t"] == 1 and two["t"] == 0 and not two["m"].any() and not two["v"].any()
    assert not np.shares_memory(one["m"], one["v"]) and not np.shares_memory(one["m"], theta)


@each
def test_each_rule_finds_the_bottom_of_a_bowl(rule):
    theta, bottom = start(), np.arange(11.0) / 10
    memory = remember(theta)
    for _ in range(800):
        rule(theta, theta - bottom, 0.05, memory)
    assert np.abs(theta - bottom).max() < 1e-3


@each
def test_a_diverged_gradient_makes_a_diverged_theta_and_no_error(rule):
    theta = start()
    with np.errstate(invalid="ignore"):
        rule(theta, np.full_like(theta, np.inf), 0.03, remember(theta))
    assert not np.isfinite(theta).any()


# Numbers that fade


def denormal(array):
    return int(((array != 0) & (np.abs(array) < np.finfo(array.dtype).tiny)).sum())


@pytest.mark.parametrize("rule", [momentum, adam])
@pytest.mark.parametrize("dtype, steps", [(np.float32, 1500), (np.float64, 8000)])
def test_what_is_remembered_of_a_gradient_that_came_once_fades_to_nothing_and_theta_is_the_same(rule, dtype, steps):
    rng = np.random.default_rng(0)
    theta, grad = rng.normal(size=50).astype(dtype), rng.normal(size=50).astype(dtype)
    plain, none, m, v = theta.copy(), np.zeros(50, dtype), np.zeros(50, dtype), np.zeros(50, dtype)
    memory, worst = remember(theta), 0
    for t in range(1, steps + 1):
        g = grad if t == 1 else none
        rule(theta, g, dtype(0.01), memory)
        worst = max(worst, denormal(memory["m"]), denormal(memory["v"]))
        if rule is momentum:
            m = dtype(0.9) * m - dtype(0.01) * g
            plain = plain + m
        else:
            m, v = 0.9 * m + (1 - 0.9) * g, 0.999 * v + (1 - 0.999) * g * g
            plain = plain - 0.01 * math.sqrt(1 - 0.999**t) / (1 - 0.9**t) * m / (np.sqrt(v) + 1e-7)
    assert worst == 0
    assert denormal(m) == 50, "without the helper's care every one of them stays below the normal range"
    assert np.allclose(theta, plain, rtol=0, atol=2 * np.finfo(dtype).eps)


def test_adam_piece_by_piece_is_adam_at_once():
    rng = np.random.default_rng(1)
    theta, grads = rng.normal(size=70_001), rng.normal(size=(3, 70_001))
    plain, m, v, memory = theta.copy(), np.zeros(70_001), np.zeros(70_001), remember(theta)
    for t, grad in enumerate(grads, start=1):
        adam(theta, grad, 0.01, memory)
        m, v = 0.9 * m + 0.1 * grad, 0.999 * v + 0.001 * grad**2
        plain -= 0.01 * m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-7 / math.sqrt(1 - 0.999**t))
    assert np.allclose(theta, plain, rtol=0, atol=1e-15)
