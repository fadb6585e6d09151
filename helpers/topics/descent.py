"""Descent that can be watched: the path of a line ŷ = w x + b over its loss, and a boundary between two moons."""

import numpy as np

from helpers.activations import identity, sigmoid
from helpers.checks.contracts import count, describe, function, generator, positive, takes
from helpers.losses import mse, mse_grad
from helpers.network import gradient
from helpers.optimizers import gradient_descent, remember

STEPS = 60


def point(name, value, lengths=None):
    """A check for a place (w, b) on the surface: two finite numbers."""
    if np.shape(value) != (2,) or not np.isfinite(value).all():
        raise ValueError(f"{name}: got {describe(value)}, wanted two finite numbers (w, b)")


def part(name, value, lengths):
    """A check for how many of the n examples a step looks at; None is all of them."""
    if value is not None:
        count(name, value)
        if value > lengths.get("n", value):
            raise ValueError(f"{name}: got {value}, wanted at most the {lengths['n']} examples that there are")


@takes(X="(n, 1) finite")
def stability_limit(X):
    """2/λmax, above which gradient descent on the MSE of ŷ = w x + b diverges.   X (n, 1) → a number.

    λmax is the largest eigenvalue of the Hessian of L, (1/n) Σᵢ (xᵢ, 1)ᵀ(xᵢ, 1).
    """
    inputs = np.hstack([X, np.ones_like(X)])
    return float(2 / np.linalg.eigvalsh(inputs.T @ inputs / len(X))[-1])


@takes(X="(n, 1) finite", Y="(n, K) finite", start=point, learning_rate=positive, optimizer=function, batch_size=part, steps=count)
def descend(X, Y, start, learning_rate, optimizer=gradient_descent, batch_size=None, steps=STEPS, rng=None):
    """The (w, b) of every step from `start`, (steps + 1, 2); it ends early where the numbers grow beyond 10¹⁰⁰.

    X (n, 1), Y (n, 1). With a batch_size each step looks at that many examples, drawn by `rng`.
    """
    theta = np.array(start, float)
    if batch_size:
        generator("rng", rng)
    grad, memory = np.zeros(2), remember(theta)
    path = [theta.copy()]
    for _ in range(steps):
        batch = rng.choice(len(X), batch_size, replace=False) if batch_size else slice(None)
        grad, _ = gradient(theta, [1, 1], [identity], X[batch], Y[batch], mse, grad)
        optimizer(theta, grad, learning_rate, memory)
        if np.abs(theta).max() > 1e100:
            break
        path.append(theta.copy())
    return np.array(path)


@takes(n=count, rng=generator)
def moons(n, rng):
    """Two bent clouds of n points each, the lower one with target 1 → X (2n, 2), Y (2n, 1)."""
    t = np.linspace(0, np.pi, n)
    upper = np.column_stack([np.cos(t), np.sin(t)])
    lower = np.column_stack([1 - np.cos(t), 0.45 - np.sin(t)])
    X = np.vstack([upper, lower]) - [0.5, 0.22]  # the middle of both is 0
    return X + 0.12 * rng.normal(size=X.shape), np.repeat([[0.0], [1.0]], n, axis=0)


def watched(train, network, X, Y, learning_rate, stops):
    """The layers after each number of steps in `stops`, from 0 on, all examples in each step → {steps: layers}.

    `train` is called as `parts.train` is. X (n, d), Y (n, K).
    """
    found, done = {}, 0
    for stop in stops:
        if stop > done:
            network = train(network, X, Y, mse_grad, learning_rate, [list(range(len(X)))] * (stop - done))
        found[stop], done = network, stop
    return found


@takes(hidden=count, rng=generator)
def for_moons(hidden, rng):
    """A network 2-hidden-1 with the sigmoid in both layers, its weights drawn around 0 with a spread of 1/√m → its layers."""
    W1 = rng.normal(size=(2, hidden)) / np.sqrt(2)
    W2 = rng.normal(size=(hidden, 1)) / np.sqrt(hidden)
    return [(W1, np.zeros(hidden), sigmoid), (W2, np.zeros(1), sigmoid)]
