"""One pass forward through the layers, one pass back up the same lines, and ∇L from both."""

import numpy as np

from helpers.activations import PRIME
from helpers.checks.contracts import each_of, guard, loss_of, network
from helpers.losses import APPLIES, GRAD
from helpers.parameters import layers as layers_of
from helpers.parameters import views


def forward(layers, X):
    """Z = A_in W + b, then A = f(Z), layer after layer.

    layers [(W (m, k), b (k,), f)], X (n, d) → the last A (n, K), and the cache that `backward` needs:
    what entered each layer, A_in (n, m), and its Z (n, k).
    """
    A, cache = X, []
    for W, b, f in layers:
        A_in = A
        Z = A_in @ W + b
        A = f(Z)
        cache.append((A_in, Z))
    return A, cache


def backward(layers, cache, dA, grads):
    """The chain rule up the lines of `forward`: dZ = dA ⊙ f′(Z), dW = A_inᵀ dZ, db = Σᵢ dZᵢ, dA_in = dZ Wᵀ.

    dA (n, K) is ∂L/∂A of the last layer. Writes into `grads`, a list of (dW (m, k), db (k,)), and returns nothing.
    Source: Rumelhart, Hinton and Williams (1986).
    """
    for i, (W, b, f) in reversed(list(enumerate(layers))):
        (A_in, Z), (dW, db) = cache[i], grads[i]
        dZ = chain(dA, PRIME[f](Z))
        dW[...] = A_in.T @ dZ
        db[...] = dZ.sum(axis=0)
        if i:  # nothing below the input has a weight to blame: saves a third of the pass
            dA_in = dZ @ W.T
            dA = dA_in  # what enters this layer is what leaves the one below


def chain(dA, slope):
    """dZ from dA (n, k) and f′(Z): entry by entry, or through softmax's Jacobian (n, k, k) row by row."""
    return dA * slope if slope.ndim == dA.ndim else np.einsum("ni,nij->nj", dA, slope)


def gradient(theta, sizes, activations, X, Y, loss, grad=None, backward=backward):
    """∇L (P,) at θ (P,), written into `grad` where one is given, and L.   X (n, d), Y (n, K); loss such as mse."""
    grad = np.zeros_like(theta) if grad is None else grad
    layers = layers_of(theta, sizes, activations)
    Y_hat, cache = forward(layers, X)
    backward(layers, cache, GRAD[loss](Y_hat, Y), views(grad, sizes))
    return grad, float(loss(Y_hat, Y))


guard(__name__, layers=network(PRIME), activations=each_of(*PRIME), loss=loss_of(GRAD, APPLIES))
