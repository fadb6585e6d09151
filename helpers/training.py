"""Learning from examples in mini-batches, and measuring what was learned."""

import numpy as np

from helpers.activations import PRIME
from helpers.checks.contracts import count, counts, each_of, float_type, function, generator, one_of, positive, takes, trusted
from helpers.losses import GRAD, HAS_ITS_OWN
from helpers.network import backward, forward
from helpers.optimizers import adam, gradient_descent, momentum, remember
from helpers.parameters import layers, views


@takes(labels="(n,) labels", K=count, dtype=float_type)
def one_hot(labels, K, dtype=np.float64):
    """yᵢₖ = 1 where k is the label of example i, else 0.   labels (n,) whole numbers below K → Y (n, K)."""
    if labels.max() >= K:
        raise ValueError(f"labels: got a label {labels.max()}, wanted labels below K = {K}")
    return np.eye(K, dtype=dtype)[labels]


@takes(n=count, batch_size=count, rng=generator)
def minibatches(n, batch_size, rng):
    """The numbers 0 … n−1 in random order, `batch_size` at a time; the last batch holds what is left."""
    order = rng.permutation(n)
    return [order[i : i + batch_size] for i in range(0, n, batch_size)]


@takes(theta="(P,) finite", sizes=counts, activations=each_of(*PRIME), X="(n, d) finite", Y="(n, K) finite",
       loss=one_of(*GRAD, own=HAS_ITS_OWN), optimizer=one_of(gradient_descent, momentum, adam), learning_rate=positive,
       epochs=count, batch_size=count, rng=generator, backward=function)
def train(theta, sizes, activations, X, Y, *, loss, optimizer, learning_rate, epochs, batch_size, rng, backward=backward):
    """Mini-batch training of θ (P,) in place, on X (n, d) and Y (n, K). A generator: nothing happens until you loop.

    Yields (epoch, step, L) after every step, both counted from 1; L is the loss of that batch before the step.
    Raises ValueError where softmax would come twice, or where the loss does not take such a Y.
    """
    loss(Y, Y)  # for its contract
    net, grad = layers(theta, sizes, activations), np.zeros_like(theta)
    grads = views(grad, sizes)
    memory, step = remember(theta), 0
    # All that comes in was checked above; to check every batch again would cost a third of a small step.
    run, back, slope, update, how_wrong = map(trusted, (forward, backward, GRAD[loss], optimizer, loss))
    for epoch in range(1, epochs + 1):
        for batch in minibatches(len(X), batch_size, rng):
            Y_batch = Y[batch]
            Y_hat, cache = run(net, X[batch])
            back(net, cache, slope(Y_hat, Y_batch), grads)
            update(theta, grad, learning_rate, memory)
            step += 1
            yield epoch, step, float(how_wrong(Y_hat, Y_batch))


def predict(layers, X):
    """The most likely class of each example, argmaxₖ ŷᵢₖ.   X (n, d) → labels (n,)."""
    return forward(layers, X)[0].argmax(axis=1)


@takes(predicted="(n,) labels", labels="(n,) labels")
def accuracy(predicted, labels):
    """The share of examples that are predicted right, 0 to 1.   predicted (n,), labels (n,)."""
    return float(np.mean(predicted == labels))


@takes(predicted="(n,) labels", labels="(n,) labels", K=count)
def confusion(predicted, labels, K):
    """How many examples of class i (row) were predicted as class j (column).   (n,), (n,) → (K, K), sum n."""
    for name, given in ("predicted", predicted), ("labels", labels):
        if given.max() >= K:
            raise ValueError(f"{name}: got a label {given.max()}, wanted labels below K = {K}")
    table = np.zeros((K, K), int)
    np.add.at(table, (labels, predicted), 1)
    return table
