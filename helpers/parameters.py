"""Every weight and bias of a network in one flat vector θ, and the W and b that are windows into it."""

import math

import numpy as np

from helpers.activations import PRIME
from helpers.checks.contracts import each_of, guard


def size(sizes):
    """P = Σ (m + 1) k over the layers m → k: how many numbers a network with these layer sizes learns."""
    return sum((m + 1) * k for m, k in zip(sizes, sizes[1:]))


def views(theta, sizes):
    """The W (m, k) and b (k,) of each layer as views of θ (P,): writing to one writes to the other.

    The same call on a gradient gives each layer's dW and db. Raises ValueError where P does not fit `sizes`.
    """
    pairs, start = [], 0
    for m, k in zip(sizes, sizes[1:]):
        end = start + m * k
        pairs.append((theta[start:end].reshape(m, k), theta[end : end + k]))
        start = end + k
    return pairs


def layers(theta, sizes, activations):
    """The network as a list of (W, b, f), one a layer, with W and b views of θ (P,)."""
    return [(W, b, f) for (W, b), f in zip(views(theta, sizes), activations)]


def zeros(sizes, dtype=np.float64):
    """θ = 0 (P,). Notebook 06 shows why a network never learns from here."""
    return np.zeros(size(sizes), dtype)


def glorot(sizes, rng, dtype=np.float64):
    """W uniform in ±√(6 / (m + k)), b = 0, as Keras starts a Dense layer (Glorot and Bengio, 2010) → θ (P,)."""
    theta = zeros(sizes, dtype)
    for W, _ in views(theta, sizes):
        limit = math.sqrt(6 / sum(W.shape))
        W[...] = rng.uniform(-limit, limit, W.shape)
    return theta


def he(sizes, rng, dtype=np.float64):
    """W normal with variance 2 / m, b = 0: keeps the spread of signals through ReLU (He et al., 2015) → θ (P,)."""
    theta = zeros(sizes, dtype)
    for W, _ in views(theta, sizes):
        W[...] = rng.normal(0, math.sqrt(2 / len(W)), W.shape)
    return theta


guard(__name__, activations=each_of(*PRIME))
