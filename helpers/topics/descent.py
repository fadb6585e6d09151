"""Descent on the smallest network, the line ŷ = w x + b: the path over its loss, and how far a step may go."""

import numpy as np

from helpers.activations import identity
from helpers.checks.contracts import count, describe, function, generator, positive, takes
from helpers.losses import mse
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
