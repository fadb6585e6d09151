"""Descent on a line: the path against two lines of plain Python, the limit against what happens on both sides of it."""

import numpy as np
import pytest

from helpers.data import tiny
from helpers.topics import parts
from helpers.topics.descent import STEPS, descend, for_moons, moons, stability_limit, watched
from helpers.figures.surface import minimum
from helpers.optimizers import adam, gradient_descent, momentum, remember

X, Y = tiny.line_X, tiny.line_Y


def plain_path(start, alpha, steps, chosen=None):
    """The same path in plain Python; `chosen` gives for each step the numbers of its examples."""
    (w, b), path = start, [tuple(start)]
    pairs = list(zip(X.ravel().tolist(), Y.ravel().tolist()))
    for step in range(steps):
        batch = [pairs[i] for i in chosen[step]] if chosen else pairs
        errors = [(w * x + b - y, x) for x, y in batch]
        w, b = w - alpha * sum(e * x for e, x in errors) / len(batch), b - alpha * sum(e for e, _ in errors) / len(batch)
        path.append((w, b))
    return np.array(path)


def test_every_step_is_the_one_of_the_formula():
    path = descend(X, Y, (2.0, -1.0), 0.1, steps=40)
    assert path.shape == (41, 2) and path[0].tolist() == [2.0, -1.0]
    assert np.allclose(path, plain_path((2.0, -1.0), 0.1, 40), rtol=1e-12)


def test_it_takes_as_many_steps_as_are_named_or_60():
    assert len(descend(X, Y, (0, 0), 0.1)) == STEPS + 1 == 61
    assert len(descend(X, Y, (0, 0), 0.1, steps=1)) == 2


def test_a_batch_is_drawn_by_the_generator_without_repeating_an_example():
    rng = np.random.default_rng(3)
    chosen = [rng.choice(6, 4, replace=False).tolist() for _ in range(25)]
    path = descend(X, Y, (1.0, 1.0), 0.2, batch_size=4, steps=25, rng=np.random.default_rng(3))
    assert np.allclose(path, plain_path((1.0, 1.0), 0.2, 25, chosen), rtol=1e-12)
    assert all(len(set(batch)) == 4 for batch in chosen)


def test_a_batch_of_all_examples_is_the_full_gradient():
    whole = descend(X, Y, (1.0, 1.0), 0.2, batch_size=6, rng=np.random.default_rng(0))
    assert np.allclose(whole, descend(X, Y, (1.0, 1.0), 0.2), rtol=1e-12)


@pytest.mark.parametrize("rule", [momentum, adam])
def test_an_update_rule_keeps_its_memory_from_step_to_step(rule):
    theta, memory, path = np.array([2.0, -1.0]), None, []
    memory = remember(theta)
    for _ in range(10):
        path.append(theta.copy())
        errors = theta[0] * X + theta[1] - Y
        rule(theta, np.array([(errors * X).mean(), errors.mean()]), 0.1, memory)
    assert np.allclose(descend(X, Y, (2.0, -1.0), 0.1, rule, steps=9), path, rtol=1e-10)


def test_the_limit_is_2_over_the_larger_root_of_the_characteristic_polynomial():
    xx, x = float((X * X).mean()), float(X.mean())
    largest = ((xx + 1) + ((xx - 1) ** 2 + 4 * x * x) ** 0.5) / 2
    assert np.isclose(stability_limit(X), 2 / largest, rtol=1e-12) and type(stability_limit(X)) is float


@pytest.mark.parametrize("seed", range(5))
def test_below_the_limit_it_arrives_and_above_it_runs_away(seed):
    rng = np.random.default_rng(seed)
    X, Y = rng.normal(size=(7, 1)), rng.normal(size=(7, 1))
    limit, best = stability_limit(X), minimum(X, Y)
    far = [np.linalg.norm(descend(X, Y, best + 1, f * limit, steps=4000)[-1] - best) for f in (0.9, 1.001)]
    assert far[0] < 1e-6 and far[1] > 1


def test_it_ends_before_the_numbers_are_beyond_1e100(no_warnings):
    path = descend(X, Y, (2.0, 1.8), 5 * stability_limit(X), steps=2000)
    assert 1e90 < np.abs(path[-1]).max() <= 1e100 and len(path) < 2001
    longer = plain_path((2.0, 1.8), 5 * stability_limit(X), len(path))
    assert np.abs(longer[-1]).max() > 1e100, "and no step before that is left out"


def test_it_ends_where_one_of_the_two_numbers_is_beyond(no_warnings):
    X, Y = np.array([[1.0], [-1.0]]), np.zeros((2, 1))  # w is multiplied by 1 − α, and b by 1 − α · 1 as well
    path = descend(X, Y, (1.0, 0.0), 3.0, steps=2000)
    assert path[-1].tolist() == [2.0**332, 0.0], "the last power of 2 below 1e100; b stays 0"


def arrival(X, optimizer, alpha):
    """After how many steps the loss stays within 0.001 % of its drop, 701 where that is later."""
    w, b = descend(X, Y, (2.0, 1.8), alpha, optimizer, steps=700).T
    gap = np.square(X * w + b - Y).mean(axis=0) - np.square(X * minimum(X, Y)[0] + minimum(X, Y)[1] - Y).mean()
    return np.flatnonzero(gap > 1e-5 * gap[0])[-1] + 1 if len(w) == 701 else 701


@pytest.mark.parametrize("optimizer, near, far", [(gradient_descent, 0.4, 0.125), (momentum, 0.05, 0.07), (adam, 0.1, 1.4)])
def test_the_rates_of_notebook_05_are_about_the_best_that_there_are(optimizer, near, far):
    for inputs, alpha in ((X, near), (X + 2, far)):
        assert arrival(inputs, optimizer, alpha) < 1.12 * min(arrival(inputs, optimizer, a) for a in np.geomspace(0.02, 2, 25))


def test_inputs_stay_as_they_were():
    start, before = np.array([2.0, -1.0]), (X.copy(), Y.copy())
    descend(X, Y, start, 0.1)
    assert start.tolist() == [2.0, -1.0] and np.array_equal(X, before[0]) and np.array_equal(Y, before[1])


@pytest.mark.parametrize("changes, error, named", [
    ({"X": np.ones((6, 2))}, ValueError, "X"), ({"X": np.full((6, 1), np.nan)}, ValueError, "X"),
    ({"X": [1.0]}, TypeError, "X"), ({"Y": np.ones((5, 1))}, ValueError, "Y"),
    ({"start": (1.0,)}, ValueError, "start"), ({"start": (np.nan, 0)}, ValueError, "start"), ({"start": None}, ValueError, "start"),
    ({"learning_rate": 0}, ValueError, "learning_rate"), ({"learning_rate": "0.1"}, TypeError, "learning_rate"),
    ({"optimizer": None}, TypeError, "optimizer"), ({"steps": 0}, ValueError, "steps"), ({"steps": 2.5}, TypeError, "steps"),
    ({"batch_size": 0}, ValueError, "batch_size"), ({"batch_size": 7}, ValueError, "batch_size"),
    ({"batch_size": 2.0}, TypeError, "batch_size"), ({"batch_size": 2, "rng": None}, TypeError, "rng"),
    ({"batch_size": 2, "rng": 0}, TypeError, "rng"),
])
def test_a_bad_argument_is_named(changes, error, named):
    good = {"X": X, "Y": Y, "start": (0.0, 0.0), "learning_rate": 0.1, "rng": np.random.default_rng(0)}
    descend(**good)
    with pytest.raises(error, match=rf"^{named}: got .*wanted"):
        descend(**good | changes)


@pytest.mark.parametrize("X", [np.ones(3), np.zeros((0, 1)), np.array([[np.inf]]), [[1.0]]])
def test_the_limit_names_a_bad_X(X):
    with pytest.raises((TypeError, ValueError), match="^X: got"):
        stability_limit(X)


def test_two_moons_are_the_same_for_one_seed_and_bend_towards_each_other():
    X, Y = moons(200, np.random.default_rng(5))
    assert np.array_equal(X, moons(200, np.random.default_rng(5))[0]) and X.shape == (400, 2)
    assert Y[:200].sum() == 0 and Y[200:].sum() == 200 and np.allclose(X.mean(axis=0), 0, atol=0.05)
    upper, lower = X[:200], X[200:]
    assert upper[80:120, 1].mean() > max(upper[:20, 1].mean(), upper[-20:, 1].mean())
    assert lower[80:120, 1].mean() < min(lower[:20, 1].mean(), lower[-20:, 1].mean())


def test_a_network_that_is_watched_is_the_one_that_train_makes():
    X, Y = moons(10, np.random.default_rng(1))
    start = for_moons(3, np.random.default_rng(2))
    assert [W.shape for W, _, _ in start] == [(2, 3), (3, 1)]
    found = watched(parts.train, start, X, Y, 2.0, [0, 3, 7])
    whole = parts.train(start, X, Y, parts.mse_grad, 2.0, [slice(None)] * 7)
    assert list(found) == [0, 3, 7] and found[0] is start
    for (W, b, _), (V, c, _) in zip(found[7], whole):
        assert np.allclose(W, V, rtol=1e-12) and np.allclose(b, c, rtol=1e-12)
