"""One training on many machines: parts of a batch, their mean, the way of numbers round a ring, what it costs."""

import numpy as np

from helpers.activations import PRIME
from helpers.checks.contracts import amount, count, counts, each_of, function, loss_of, one_of, positive, takes
from helpers.losses import APPLIES, GRAD, cross_entropy
from helpers.network import gradient
from helpers.optimizers import adam, gradient_descent, momentum, remember

DATA = dict(theta="(P,) finite", sizes=counts, activations=each_of(*PRIME), X="(n, d) finite", Y="(n, K) finite")


def weighted(parts, counts):
    """∇L of a whole batch: Σᵢ nᵢ gᵢ / Σᵢ nᵢ.   parts gᵢ (w, P), counts nᵢ (w,) → (P,).

    Each gᵢ is the mean over the nᵢ examples of a worker.
    """
    return np.average(parts, axis=0, weights=counts)


@takes(**DATA, workers=count, loss=loss_of(GRAD, APPLIES), optimizer=one_of(gradient_descent, momentum, adam),
       learning_rate=positive, reduce=function)
def in_parts(theta, sizes, activations, X, Y, batches, workers, *, loss=cross_entropy, optimizer=gradient_descent,
             learning_rate, reduce=weighted, memory=None):
    """Train θ (P,) in place as `workers` would: each takes its part of a batch, one mean of all gradients, one step.

    X (n, d), Y (n, K), batches a list of row numbers; reduce(parts (w, P), counts (w,)) → (P,). Yields θ after a step.
    """
    memory = memory or remember(theta)
    for batch in batches:
        shards = np.array_split(batch, workers)
        parts = [gradient(theta, sizes, activations, X[rows], Y[rows], loss)[0] for rows in shards]
        optimizer(theta, reduce(parts, [len(rows) for rows in shards]), learning_rate, memory)
        yield theta


@takes(**DATA, workers=count, every=count, loss=loss_of(GRAD, APPLIES), learning_rate=positive)
def averaged(theta, sizes, activations, X, Y, batches, workers, *, every, loss=cross_entropy, learning_rate):
    """θ (P,) of `workers` that go their own way by gradient descent and take the mean of their weights `every` steps.

    Everybody takes a part of every batch. With every = 1 that is the mean of the gradients, where the parts are equal.
    Source: McMahan, Moore, Ramage, Hampson and Agüera y Arcas (2017).
    """
    own = np.tile(theta, (workers, 1))
    for step, batch in enumerate(batches, start=1):
        for mine, rows in zip(own, np.array_split(batch, workers)):
            gradient_descent(mine, gradient(mine, sizes, activations, X[rows], Y[rows], loss)[0], learning_rate)
        if step % every == 0:
            own[:] = own.mean(axis=0)
    return own.mean(axis=0)


@takes(vectors="(w, P) finite")
def ring(vectors):
    """The sum of w vectors, at every worker, by messages to the right-hand neighbour alone.

    vectors (w, P) → the sums (w, P), and the bytes that each worker has sent (w,).
    Each vector is cut into w pieces. In w − 1 rounds the pieces collect their sum, in w − 1 more they are passed on:
    2 (w − 1) / w · P numbers from everybody. Source: Patarasuk and Yuan (2009).
    """
    held, w, sent = vectors.copy(), len(vectors), np.zeros(len(vectors), int)
    pieces = [np.array_split(row, w) for row in held]  # views: writing into one writes into `held`
    for turn in range(2 * (w - 1)):
        messages = [pieces[k][(k - turn) % w].copy() for k in range(w)]
        for k, message in enumerate(messages):
            piece = pieces[(k + 1) % w][(k - turn) % w]
            piece[:] = piece + message if turn < w - 1 else message
            sent[k] += message.nbytes
    return held, sent


@takes(size=count, workers=count, bandwidth=positive, latency=amount)
def wire_seconds(size, workers, bandwidth, latency=0.0):
    """Seconds in which a ring adds up `size` bytes of every worker: 2 (w − 1) (latency + size / (w · bandwidth)).

    bandwidth in byte/s, latency in s for each message.
    """
    return 2 * (workers - 1) * (latency + size / (workers * bandwidth))


@takes(n=count, workers=count, per_example=positive, fixed=amount, wire=amount)
def step_seconds(n, workers, per_example, fixed, wire):
    """Seconds of a step on n examples: fixed + per_example · ⌈n / w⌉ + wire; everybody waits for the largest part."""
    return fixed + per_example * -(-n // workers) + (wire if workers > 1 else 0.0)


@takes(per_example=positive, wire=amount, workers=count)
def break_even(per_example, wire, workers=2):
    """The batch from which `workers` are as quick as one: c n = c n / w + wire, so n = wire / (c (1 − 1 / w))."""
    if workers < 2:
        raise ValueError(f"workers: got {workers}, wanted at least 2")
    return wire / (per_example * (1 - 1 / workers))
