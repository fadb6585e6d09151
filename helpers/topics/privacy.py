"""What a gradient gives away, and what hides it: recovering the input, clipping each example, noise."""

import numpy as np

from helpers.activations import PRIME
from helpers.checks.contracts import amount, count, generator, network, pairs, positive, takes
from helpers.network import backward, chain, forward
from helpers.parameters import layers, views


@takes(dW="(d, k)", db="(k,)")
def recover(dW, db):
    """x̂ = dW[:, j] / db[j] for every neuron j of the first layer that gets blame (db ≠ 0).

    Since dW = Σᵢ xᵢ δᵢⱼ and db = Σᵢ δᵢⱼ, that is a mean of the inputs, each weighted with its
    blame; of one input, it is the input.   dW (d, k), db (k,) → (at most k, d).
    Source: Phong, Aono, Hayashi, Wang and Moriai (2017).
    """
    blamed = db != 0
    return dW.T[blamed] / db[blamed, None]


@takes(X="(n, d) finite")
def distance(X, found):
    """How far each input is from the nearest of what was found: the root of the mean square over its pixels.

    X (n, d), found (c, d) → (n,); infinite where nothing was found.
    """
    if not len(found):
        return np.full(len(X), np.inf)
    nearest = ((found**2).sum(1) - 2 * X @ found.T).argmin(axis=1)  # ‖x‖² is the same for all of them
    return np.sqrt(np.square(X - found[nearest]).mean(axis=1))


@takes(layers=network(PRIME), cache=pairs(A_in="(n, m)", Z="(n, k)"), dA="(n, K)")
def blames(layers, cache, dA):
    """dZ (n, k) of every layer, the first layer's first: what `backward` sums over the examples."""
    found = []
    for (W, _, f), (_, Z) in zip(reversed(layers), reversed(cache)):
        dZ = chain(dA, PRIME[f](Z))
        found.insert(0, dZ)
        dA = dZ @ W.T
    return found


@takes(layers=network(PRIME), cache=pairs(A_in="(n, m)", Z="(n, k)"), dA="(n, K)")
def per_example_gradients(layers, cache, dA):
    """gᵢ for every example: dWᵢ = aᵢᵀ dzᵢ and dbᵢ = dzᵢ, laid out as θ is.   dA (n, K) → (n, P)."""
    parts = []
    for (A, _), dZ in zip(cache, blames(layers, cache, dA)):
        parts += [(A[:, :, None] * dZ[:, None, :]).reshape(len(A), -1), dZ]
    return np.hstack(parts)


@takes(layers=network(PRIME), cache=pairs(A_in="(n, m)", Z="(n, k)"), dA="(n, K)")
def norms(layers, cache, dA):
    """‖gᵢ‖ for every example, without any gᵢ: ‖dWᵢ‖² = ‖aᵢ‖² ‖dzᵢ‖².   dA (n, K) → (n,)."""
    squares = 0
    for (A, _), dZ in zip(cache, blames(layers, cache, dA)):
        squares = squares + (np.square(A).sum(axis=1) + 1) * np.square(dZ).sum(axis=1)  # 1 is for db
    return np.sqrt(squares)


@takes(theta="(P,)", X="(n, d) finite", Y="(n, K) finite", clip=positive, noise=amount, rng=generator,
       batch_size=count)
def private_gradient(theta, sizes, activations, X, Y, slope, clip, noise, rng, batch_size):
    """g = (Σᵢ min(1, C/‖gᵢ‖) gᵢ + σ C N) / B: no gᵢ longer than C, then noise N(0, 1) (P,).

    theta (P,), X (n, d), Y (n, K), slope the gradient of the mean loss over the examples, C = clip,
    σ = noise, B = batch_size, the expected n → (P,). A batch drawn at random may come out empty: then what is left of the
    formula is its noise, and not for this function, which asks for one example. Source: Abadi et al. (2016).
    """
    net, g = layers(theta, sizes, activations), np.zeros_like(theta)
    Z, cache = forward(net, X)
    dA = slope(Z, Y) * len(X)
    # The length of every gᵢ scales with its row of dA, so the cut can be made there.
    factors = np.minimum(1, clip / np.maximum(norms(net, cache, dA), 1e-30))
    dA = dA * factors[:, None].astype(dA.dtype)
    backward(net, cache, dA, views(g, sizes))
    return (g + noise * clip * rng.normal(size=g.shape).astype(g.dtype)) / batch_size
