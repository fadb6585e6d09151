"""Why this answer? Three explanations, the nudge that fools with the same gradient, and a measure for two pictures."""

import numpy as np

from helpers.activations import PRIME, softmax
from helpers.checks.contracts import count, network, numbers, positive, takes, unchecked
from helpers.losses import cross_entropy_grad
from helpers.network import chain, forward


@takes(layers=network(PRIME), X="(n, d) finite", dA="(n, K) finite")
def input_gradient(layers, X, dA):
    """∂/∂X of Σ dA ⊙ Ŷ: the loop of `backward` run down to the pixels, dX = dZ₁ W₁ᵀ, and no weight's gradient kept.

    layers [(W, b, f)], X (n, d), dA (n, K) as `backward` takes it: one-hot rows ask for one score each → (n, d).
    Source: Simonyan, Vedaldi and Zisserman (2013), who take its absolute value for a picture.
    """
    _, cache = forward(layers, X)
    for (W, _, f), (_, Z) in zip(reversed(layers), reversed(cache)):
        dA = chain(dA, PRIME[f](Z)) @ W.T
    return dA


@takes(layers=network(PRIME), x="(d,) finite", y="(K,) finite", side=count, ink=numbers)
def occlusion(layers, x, y, side, ink=0.5):
    """How far the score y · Ŷ falls when a square of `side` pixels, filled with `ink`, is centred on each pixel.

    x (d,), d = s² pixels, y (K,) one-hot → (d,). At the border what is left of the square is used.
    Source: Zeiler and Fergus (2014).
    """
    covered = np.where(squares(len(x), side), x.dtype.type(ink), x)
    before, after = forward(layers, x[None])[0], forward(layers, covered)[0]
    return (before - after) @ y


@takes(d=count, side=count)
def squares(d, side):
    """Which pixels a square covers when it is centred on each pixel.   d = s² pixels → (d, d), True where covered."""
    s = round(d**0.5)
    if s * s != d:
        raise ValueError(f"d: got {d} pixels, wanted a square number such as 784 = 28 · 28")
    first = np.arange(s)[:, None] - (side - 1) // 2
    line = (np.arange(s) >= first) & (np.arange(s) < first + side)
    return np.kron(line, line)


@takes(layers=network(PRIME), X="(n, d) finite", Y="(n, K) finite", baseline="(d,) finite", steps=count)
def integrated_gradients(layers, X, Y, baseline, steps=100):
    """(x − x′) ⊙ the mean of ∂(y · Ŷ)/∂x on the straight way from the baseline x′ to x, taken at `steps` midpoints.

    X (n, d), Y (n, K) one-hot, baseline x′ (d,) → (n, d). Each row sums to y · Ŷ(x) − y · Ŷ(x′), up to the steps:
    this is called completeness. Source: Sundararajan, Taly and Yan (2017).
    """
    gradient, total = unchecked(input_gradient), np.zeros_like(X)
    for t in (np.arange(steps) + 0.5) / steps:
        total += gradient(layers, baseline + X.dtype.type(t) * (X - baseline), Y)
    return (X - baseline) * total / steps


@takes(layers=network(PRIME, without=softmax), X="(n, d) finite", Y="(n, K) finite", epsilon=positive)
def fast_gradient_sign(layers, X, Y, epsilon):
    """x + ε sign(∂L/∂x), kept between paper 0 and ink 1: every pixel moves by ε the way that the loss grows.

    L is the cross-entropy, so the last layer gives Z. X (n, d) in [0, 1], Y (n, K) one-hot → (n, d).
    Source: Goodfellow, Shlens and Szegedy (2015).
    """
    slope = input_gradient(layers, X, cross_entropy_grad(forward(layers, X)[0], Y))
    return np.clip(X + X.dtype.type(epsilon) * np.sign(slope), 0, 1)


@takes(a=numbers, b=numbers)
def rank_correlation(a, b):
    """Spearman's ρ: do two pictures put their pixels in the same order? 1 the same, −1 reversed, 0 unrelated.

    The correlation of the ranks; equal numbers share theirs. Two arrays of one shape → a number (0: one is constant; nan:
    one holds a nan).
    """
    if np.shape(a) != np.shape(b):
        raise ValueError(f"a and b: got shapes {np.shape(a)} and {np.shape(b)}, wanted the same shape twice")
    if np.isnan(a).any() or np.isnan(b).any():
        return float("nan")
    a, b = (centred(ranks(values)) for values in (a, b))
    scale = np.linalg.norm(a) * np.linalg.norm(b)
    return float(a @ b / scale) if scale else 0.0


def ranks(values):
    """The place of each number in order, from 0; equal ones share the mean of their places.   Any shape → (n,)."""
    # What differs by rounding alone is equal, or the same picture would rank differently on another machine.
    largest = np.abs(values).max()
    values = np.round(values / largest, 10) if largest else values
    _, which, many = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(many) - (many + 1) / 2)[which.ravel()]


def centred(values):
    """Minus their mean."""
    return values - values.mean()
