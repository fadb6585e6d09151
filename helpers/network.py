"""One pass forward through the layers, and one pass back up the same lines."""

import numpy as np

from helpers.activations import PRIME
from helpers.checks.contracts import matching, network, pairs, takes


@takes(layers=network(PRIME), X="(n, d) finite")
def forward(layers, X):
    """Z = A W + b, then A = f(Z), layer after layer.

    layers [(W (m, k), b (k,), f)], X (n, d) → the last A (n, K), and the cache that `backward` needs:
    what entered each layer, A (n, m), and its Z (n, k).
    """
    A, cache = X, []
    for W, b, f in layers:
        Z = A @ W + b
        cache.append((A, Z))
        A = f(Z)
    return A, cache


@takes(layers=network(PRIME), cache=pairs(A="(n, m)", Z="(n, k)"), dA="(n, K)", grads=pairs(dW="(m, k)", db="(k,)"))
def backward(layers, cache, dA, grads):
    """The chain rule up the lines of `forward`: dZ = dA ⊙ f′(Z), dW = Aᵀ dZ, db = Σᵢ dZᵢ, then dA = dZ Wᵀ.

    dA (n, K) is ∂L/∂A of the last layer. Writes into `grads`, a list of (dW (m, k), db (k,)), and returns nothing.
    Source: Rumelhart, Hinton and Williams (1986).
    """
    for i, (W, b, f) in reversed(list(enumerate(layers))):
        (A, Z), (dW, db) = cache[i], grads[i]
        dZ = chain(dA, PRIME[f](Z))
        np.matmul(A.T, dZ, out=dW)
        np.sum(dZ, axis=0, out=db)
        if i:  # nothing below the input has a weight to blame: saves a third of the pass
            dA = dZ @ W.T


@takes(dA="(n, k)", slope=matching("(n, k)", "(n, k, k)"))
def chain(dA, slope):
    """dZ from dA (n, k) and f′(Z): entry by entry, or through softmax's Jacobian (n, k, k) row by row."""
    return dA * slope if slope.ndim == dA.ndim else np.einsum("ni,nij->nj", dA, slope)
