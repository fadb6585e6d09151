"""The seed network in JAX: a function of θ, and `grad` that makes its gradient function out of it."""

import jax
import numpy as np

from helpers.parameters import views

jax.config.update("jax_enable_x64", True)  # JAX has no float64 until it is asked


def loss(pairs, X, Y):
    """Mean cross-entropy of a ReLU network.   pairs [(W (m, k), b (k,))], X (n, d), Y (n, K)."""
    *hidden, (W, b) = pairs
    for V, c in hidden:
        X = jax.nn.relu(X @ V + c)
    return -(Y * jax.nn.log_softmax(X @ W + b)).sum(axis=1).mean()


@jax.jit
def step(pairs, X, Y, learning_rate):
    """θ − α ∇L, for every W and b."""
    return jax.tree.map(lambda p, g: p - learning_rate * g, pairs, jax.grad(loss)(pairs, X, Y))


def train(theta, sizes, X, Y, batches, learning_rate):
    """Descent on cross-entropy, a step for each batch → θ (P,).   θ (P,), X (n, d), Y (n, K)."""
    pairs = views(theta, sizes)
    for batch in batches:
        pairs = step(pairs, X[batch], Y[batch], learning_rate)
    return np.concatenate([np.ravel(array) for pair in pairs for array in pair])
