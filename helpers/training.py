"""Learning from examples in mini-batches, and measuring what was learned."""

import numpy as np

from helpers.activations import PRIME
from helpers.checks.contracts import each_of, guard, loss_of, network, one_of
from helpers.losses import APPLIES, GRAD
from helpers.network import backward, forward, gradient
from helpers.optimizers import adam, gradient_descent, momentum, remember


def one_hot(labels, K, dtype=np.float64):
    """yᵢₖ = 1 where k is the label of example i, else 0.   labels (n,) whole numbers below K → Y (n, K)."""
    if labels.max() >= K:
        raise ValueError(f"labels: got a label {labels.max()}, wanted labels below K = {K}")
    return np.eye(K, dtype=dtype)[labels]


def minibatches(n, batch_size, rng):
    """The numbers 0 … n−1 in random order, `batch_size` at a time; the last batch holds what is left."""
    order = rng.permutation(n)
    return [order[i : i + batch_size] for i in range(0, n, batch_size)]


def train(theta, sizes, activations, X, Y, *, loss, optimizer, learning_rate, epochs, batch_size, rng, backward=backward):
    """Mini-batch training of θ (P,) in place, on X (n, d) and Y (n, K). A generator: nothing happens until you loop.

    Yields (epoch, step, L) after every step, both counted from 1; L is the loss of that batch before the step.
    Raises ValueError where softmax would come twice, or where the loss does not take such a Y.
    """
    grad, memory, step = np.zeros_like(theta), remember(theta), 0
    for epoch in range(1, epochs + 1):
        for batch in minibatches(len(X), batch_size, rng):
            grad, L = gradient(theta, sizes, activations, X[batch], Y[batch], loss, grad, backward)
            optimizer(theta, grad, learning_rate, memory)
            step += 1
            yield epoch, step, L


def predict(layers, X):
    """The most likely class of each example, argmaxₖ ŷᵢₖ.   X (n, d) → labels (n,)."""
    return forward(layers, X)[0].argmax(axis=1)


def accuracy(predicted, labels):
    """The share of examples that are predicted right, 0 to 1.   predicted (n,), labels (n,)."""
    return float(np.mean(predicted == labels))


def confusion(predicted, labels, K):
    """How many examples of class i (row) were predicted as class j (column).   (n,), (n,) → (K, K), sum n."""
    for name, given in ("predicted", predicted), ("labels", labels):
        if given.max() >= K:
            raise ValueError(f"{name}: got a label {given.max()}, wanted labels below K = {K}")
    table = np.zeros((K, K), int)
    np.add.at(table, (labels, predicted), 1)
    return table


guard(__name__, theta="(P,) finite", layers=network(PRIME), activations=each_of(*PRIME), loss=loss_of(GRAD, APPLIES),
      optimizer=one_of(gradient_descent, momentum, adam))
