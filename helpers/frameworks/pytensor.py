"""The seed network in PyTensor, Theano's heir: first a formula without numbers, then a program made from it."""

import numpy as np
import pytensor
import pytensor.tensor as pt

from helpers.parameters import views


def compiled(pairs, dtype):
    """A function (X, Y, α) that moves the shared W and b one step: symbols first, then compiled."""
    X, Y = pt.matrix("X", dtype=dtype), pt.matrix("Y", dtype=dtype)
    learning_rate = pt.scalar("learning_rate", dtype=dtype)
    A = X
    for W, b in pairs:
        Z = A @ W + b
        A = pt.maximum(Z, 0)
    loss = -(Y * pt.special.log_softmax(Z, axis=1)).sum(axis=1).mean()
    shared = [array for pair in pairs for array in pair]
    updates = [(p, p - learning_rate * g) for p, g in zip(shared, pt.grad(loss, shared))]
    return pytensor.function([X, Y, learning_rate], [], updates=updates)


def train(theta, sizes, X, Y, batches, learning_rate):
    """Descent on cross-entropy, a step for each batch → θ (P,).   θ (P,), X (n, d), Y (n, K)."""
    pairs = [(pytensor.shared(W), pytensor.shared(b)) for W, b in views(theta, sizes)]
    step = compiled(pairs, str(theta.dtype))
    for batch in batches:
        step(X[batch], Y[batch], learning_rate)
    return np.concatenate([array.get_value().ravel() for pair in pairs for array in pair])
