"""No right answer is called wrong: a thousand ways to write each task, on inputs that no check has seen before."""

import dataclasses

import numpy as np
import pytest

from helpers.exercises import backpropagation, checking_gradients, forward_propagation, gradient_descent, the_same_network_in_keras as keras
from helpers.exercises import mnist_from_scratch, the_mse_loss
from helpers.activations import PRIME, identity, relu, relu_prime, sigmoid, sigmoid_prime
from helpers.checks import worker
from helpers.topics import parts

ROUNDS = 12  # new inputs for each way to write it, in each dress


def f(z):
    return 1 / (1 + np.exp(-z))


def layer_by_examples(dA, A_in, Z, W, f_prime):
    dW, db, below = np.zeros(W.shape), np.zeros(W.shape[1]), []
    for a, z, d in zip(A_in, Z, dA):
        dz = d * f_prime(z)
        dW += np.outer(a, dz)
        db += dz
        below.append(W @ dz)
    return dW, db, np.array(below)


def layer_by_einsum(dA, A_in, Z, W, f_prime):
    dZ = np.multiply(f_prime(Z), dA)
    return np.einsum("nm,nk->mk", A_in, dZ), np.einsum("nk->k", dZ), np.einsum("nk,mk->nm", dZ, W)


def layer_by_entries(dA, A_in, Z, W, f_prime):
    (n, m), k = A_in.shape, W.shape[1]
    dZ = [[dA[i, j] * f_prime(Z)[i, j] for j in range(k)] for i in range(n)]
    return (np.array([[sum(A_in[i, a] * dZ[i][j] for i in range(n)) for j in range(k)] for a in range(m)]),
            np.array([sum(row[j] for row in dZ) for j in range(k)]),
            np.array([[sum(dZ[i][j] * W[a, j] for j in range(k)) for a in range(m)] for i in range(n)]))


def forward_by_recursion(layers, X):
    if not layers:
        return X, []
    (W, b, g), *above = layers
    Z = np.dot(X, W) + b[None]
    A, cache = forward_by_recursion(above, g(Z))
    return A, [(X, Z), *cache]


def forward_by_examples(layers, X):
    cache = []
    for W, b, g in layers:
        Z = np.array([[sum(a * w for a, w in zip(row, column)) + c for column, c in zip(W.T, b)] for row in X])
        cache += [(X, Z)]
        X = g(Z)
    return X, cache


def backward_by_index(layers, cache, dA):
    grads = [None] * len(layers)
    for i in range(len(layers) - 1, -1, -1):
        A_in, Z = cache[i]
        dZ = PRIME[layers[i][2]](Z) * dA
        grads[i] = (np.dot(dZ.T, A_in).T, np.ones(len(dZ)) @ dZ)
        dA = np.dot(layers[i][0], dZ.T).T
    return grads


def backward_by_recursion(layers, cache, dA):
    if not layers:
        return []
    (W, _, g), (A_in, Z) = layers[-1], cache[-1]
    dZ = dA * PRIME[g](Z)
    return backward_by_recursion(layers[:-1], cache[:-1], np.einsum("nk,mk->nm", dZ, W)) + [(np.einsum("nm,nk->mk", A_in, dZ), dZ.sum(0))]


def slope_by_examples(Z, Y):
    rows = []
    for z, y in zip(Z, Y):
        e = np.exp(z - max(z))
        rows.append((e / e.sum() - y) / len(Z))
    return rows


def slope_by_logarithm(Z, Y):
    Z = Z - Z.max(1)[:, None]
    shares = np.exp(Z - np.log(np.exp(Z).sum(1, keepdims=True)))
    shares[Y == 1] -= 1
    return np.multiply(shares, 1 / Y.shape[0])


def batches_while_any_are_left(order, size):
    batches = []
    while len(order):
        batches.append(order[:size])
        order = order[size:]
    return batches


def central_by_eye(g, theta, epsilon=1e-6):
    return np.array([(g(theta + epsilon * e) - g(theta - epsilon * e)) / epsilon / 2 for e in np.eye(len(theta))])


def central_put_back(g, theta, epsilon=1e-6):
    theta, slopes = theta.copy(), []
    for j in range(theta.size):
        old = theta[j]
        theta[j] = old + epsilon
        up = g(theta)
        theta[j] = old - epsilon
        slopes.append((up - g(theta)) / (2 * epsilon))
        theta[j] = old
    return np.array(slopes)


def flat_list(theta, sizes):
    arrays, i = [], 0
    for m, k in zip(sizes, sizes[1:]):
        arrays += [theta[i : i + m * k].reshape(m, k), theta[i + m * k : i + (m + 1) * k]]
        i += (m + 1) * k
    return arrays


def one_row_at_a_time(theta, sizes):
    rest, arrays = list(theta), []
    for m, k in zip(sizes, sizes[1:]):
        arrays.append(np.array([[rest.pop(0) for _ in range(k)] for _ in range(m)]))
        arrays.append(np.array([rest.pop(0) for _ in range(k)]))
    return tuple(arrays)


def normal(rng, *shape):
    return rng.normal(size=shape)


def some(rng, least=2, most=7):
    return int(rng.integers(least, most))


def a_layer(rng):
    n, m, k = (some(rng) for _ in range(3))
    return normal(rng, n, k), normal(rng, n, m), 2 * normal(rng, n, k), normal(rng, m, k), (sigmoid_prime, relu_prime)[int(rng.integers(2))]


def layers_and_X(rng):
    sizes = [some(rng) for _ in range(some(rng, 2, 5))]
    layers = [(normal(rng, m, k), normal(rng, k), (sigmoid, relu, identity)[int(rng.integers(3))]) for m, k in zip(sizes, sizes[1:])]
    return layers, normal(rng, some(rng), sizes[0])


def a_way_back(rng):
    layers, X = layers_and_X(rng)
    Y_hat, cache = parts.forward(layers, X)
    return layers, cache, normal(rng, *Y_hat.shape)


def a_batch(rng):
    n, K = some(rng), some(rng)
    return normal(rng, n, K), np.eye(K)[rng.integers(0, K, n)]


def an_order(rng):
    n = some(rng, 4, 30)
    return rng.permutation(n), some(rng, 2, n - 1)


def a_table(rng):
    K = some(rng)
    return (rng.integers(0, 30, (K, K)) + np.eye(K, dtype=int),)


def a_network(rng):
    sizes = [some(rng) for _ in range(4)]
    return normal(rng, sum((m + 1) * k for m, k in zip(sizes, sizes[1:]))), sizes


def pairs_of(rng, count):
    n, K = some(rng), some(rng)
    return tuple(normal(rng, n, K) for _ in range(count))


def vectors(rng, count, *rest):
    P = some(rng)
    return *(normal(rng, P) for _ in range(count)), *rest


def theta_and_f(rng):
    Q = normal(rng, 4, 4)
    return (lambda t: float(t @ Q @ t + (t**3).sum())), normal(rng, 4), float(rng.uniform(0.01, 0.5))


def some_training(rng):
    task = gradient_descent._task([2, 3, 1], 6, float(rng.uniform(0.1, 2)), [np.array([0, 2]), np.array([1, 3, 5])])
    return (gradient_descent._forward_layers(rng, [2, 3, 1]), normal(rng, 6, 2), normal(rng, 6, 1), *task[3:])


def train_by_hand(layers, X, Y, loss_grad, learning_rate, batches):
    Ws, bs, fs = map(list, zip(*layers))
    for batch in batches:
        As = [X[batch]]
        for W, b in zip(Ws[:-1], bs[:-1]):
            As.append(1 / (1 + np.exp(-(As[-1] @ W + b))))
        dZ = loss_grad(As[-1] @ Ws[-1] + bs[-1], Y[batch])
        for i in range(len(Ws) - 1, -1, -1):
            below = dZ @ Ws[i].T * As[i] * (1 - As[i])
            Ws[i], bs[i] = Ws[i] - learning_rate * As[i].T @ dZ, bs[i] - learning_rate * dZ.sum(0)
            dZ = below
    return list(zip(Ws, bs, fs))


def train_by_index(layers, X, Y, loss_grad, learning_rate, batches):
    layers = list(layers)
    for batch in batches:
        Y_hat, cache = parts.forward(layers, X[batch])
        for i, (dW, db) in enumerate(parts.backward(layers, cache, loss_grad(Y_hat, Y[batch]))):
            W, b, f = layers[i]
            layers[i] = (W - learning_rate * dW, b - learning_rate * db, f)
    return tuple(layers)


def train_by_rows(layers, X, Y, loss_grad, learning_rate, batches):
    for batch in batches:
        rows = np.array([X[i] for i in batch])
        Y_hat, cache = parts.forward(layers, rows)
        grads = parts.backward(layers, cache, loss_grad(Y_hat, np.array([Y[i] for i in batch])))
        layers = [(W - learning_rate * dW, b - learning_rate * db, f) for (W, b, f), (dW, db) in zip(layers, grads)]
    return layers


# Each task: new arguments for it, and ways to write it that share no line with its solution.
WAYS = {
    "neuron": (forward_propagation.neuron, lambda rng: (list(normal(rng, 3)), list(normal(rng, 3)), float(rng.normal())), [
        lambda x, w, b: max(0, float(np.dot(x, w)) + b),
        lambda x, w, b: (z := sum(map(float.__mul__, x, w), b)) * (z > 0),
        lambda x, w, b: np.maximum(np.sum(np.multiply(x, w)) + b, 0)]),
    "layer": (forward_propagation.layer, lambda rng: (normal(rng, 4, 3), normal(rng, 3, 5), normal(rng, 5), sigmoid), [
        lambda A_in, W, b, f: ((Z := np.array([[sum(a * w for a, w in zip(row, column)) + c for column, c in zip(W.T, b)] for row in A_in])), f(Z)),
        lambda A_in, W, b, f: ((Z := np.einsum("nm,mk->nk", A_in, W).__add__(b)), f(Z)),
        lambda A_in, W, b, f: [np.dot(A_in, W) + b[None], f(np.dot(A_in, W) + b[None])],
        lambda A_in, W, b, f: ((Z := (W.T @ A_in.T + b[:, None]).T), f(Z))]),
    "forward": (forward_propagation.forward, layers_and_X, [forward_by_recursion, forward_by_examples]),
    "sigmoid_prime": (backpropagation.sigmoid_prime, lambda rng: (2 * normal(rng, some(rng), some(rng)),), [
        lambda Z: f(Z) * f(-Z), lambda Z: np.exp(-Z) / (1 + np.exp(-Z)) ** 2, lambda Z: f(Z) - f(Z) ** 2, lambda Z: (1 - np.tanh(Z / 2) ** 2) / 4]),
    "backward": (backpropagation.backward, a_way_back, [backward_by_index, backward_by_recursion]),
    "mse": (the_mse_loss.mse, lambda rng: pairs_of(rng, 2), [
        lambda Y_hat, Y: sum((a - b) ** 2 for a, b in zip(Y_hat.ravel(), Y.ravel())) / len(Y) / 2,
        lambda Y_hat, Y: 0.5 * np.linalg.norm(Y - Y_hat) ** 2 / Y.shape[0],
        lambda Y_hat, Y: np.mean(np.sum((Y_hat - Y) ** 2, axis=1)) / 2,
        lambda Y_hat, Y: np.einsum("ij,ij->", Y - Y_hat, Y - Y_hat) / (2 * len(Y))]),
    "mse_grad": (the_mse_loss.mse_grad, lambda rng: pairs_of(rng, 2), [
        lambda Y_hat, Y: [[(p - y) / len(Y) for p, y in zip(*rows)] for rows in zip(Y_hat, Y)],
        lambda Y_hat, Y: -np.subtract(Y, Y_hat) / Y.shape[0],
        lambda Y_hat, Y: Y_hat / len(Y) - Y / len(Y)]),
    "same_step": (the_mse_loss.same_step, lambda rng: (float(rng.uniform(0.01, 2)), some(rng, 2, 99)), [
        lambda learning_rate, n: learning_rate / n / 2, lambda learning_rate, n: 0.5 * learning_rate * n**-1,
        lambda learning_rate, n: np.float64(learning_rate) / (n + n)]),
    "layer_backward": (backpropagation.layer_backward, a_layer, [layer_by_examples, layer_by_einsum, layer_by_entries]),
    "scale": (backpropagation.scale, lambda rng: pairs_of(rng, 2), [
        lambda dY_hat, u: float(dY_hat.ravel() @ u.ravel()), lambda dY_hat, u: np.trace(dY_hat.T @ u),
        lambda dY_hat, u: sum(d * v for row, other in zip(dY_hat, u) for d, v in zip(row, other))]),
    "numerical_gradient": (checking_gradients.numerical_gradient, theta_and_f, [central_by_eye, central_put_back]),
    "step": (gradient_descent.step, lambda rng: vectors(rng, 2, float(rng.uniform(0.01, 2))), [
        lambda theta, grad, rate: np.array([t - rate * g for t, g in zip(theta, grad)]),
        lambda theta, grad, rate: np.add(theta, -rate * grad),
        lambda theta, grad, rate: -(rate * grad - theta)]),
    "momentum_step": (gradient_descent.momentum_step, lambda rng: vectors(rng, 3, 0.1, float(rng.uniform(0.1, 0.9))), [
        lambda theta, grad, m, rate, beta: (theta + beta * m - rate * grad, beta * m - rate * grad),
        lambda theta, grad, m, rate, beta: ((new := np.stack([m, grad]).T @ [beta, -rate]) + theta, new)]),
    "train": (gradient_descent.train, some_training, [train_by_hand, train_by_index, train_by_rows]),
    "class_accuracy": (mnist_from_scratch.class_accuracy, a_table, [
        lambda table: [row[i] / sum(row) for i, row in enumerate(table)],
        lambda table: table.diagonal() / table.sum(1),
        lambda table: np.diag(table / table.sum(axis=1, keepdims=True))]),
    "cross_entropy_grad": (mnist_from_scratch.cross_entropy_grad, a_batch, [slope_by_examples, slope_by_logarithm]),
    "minibatches": (mnist_from_scratch.minibatches, an_order, [
        batches_while_any_are_left, lambda order, size: np.split(order, range(size, len(order), size))]),
    "rate": (keras.rate, lambda rng: (float(rng.uniform(0.01, 2)), some(rng, 1, 99)), [
        lambda alpha, K: 0.5 * alpha * K, lambda alpha, K: alpha / (2 / K), lambda alpha, K: np.float64(alpha * K) / 2]),
    "weights": (keras.weights, a_network, [flat_list, one_row_at_a_time]),
    "gradient": (keras.gradient, lambda rng: vectors(rng, 3, float(rng.uniform(0.1, 1)), float(rng.uniform(0.1, 0.9))), [
        lambda start, one, two, alpha, beta: (one - two + beta * (one - start)) / alpha,
        lambda start, one, two, alpha, beta: [((b - c) + beta * (b - a)) / alpha for a, b, c in zip(start, one, two)]]),
}


def each(dress):
    """A dress for every part of a result."""
    return lambda result: tuple(map(dress, result)) if isinstance(result, tuple) else dress(result)


# What a right result may look like.
DRESSES = {
    "as it is": lambda result: result,
    "long double": each(lambda part: np.asarray(part, np.longdouble) if isinstance(part, np.ndarray) else part),
    "columns first": each(lambda part: np.asfortranarray(part) if isinstance(part, np.ndarray) else part),
    "rounded": each(lambda part: part * (1 + 1e-13) if isinstance(part, (np.ndarray, float)) else part),
    "a view": each(lambda part: np.repeat(part, 2, axis=0)[::2] if isinstance(part, np.ndarray) and part.ndim else part),
    "a list": lambda result: result.tolist() if isinstance(result, np.ndarray) else result,
}


@pytest.mark.parametrize("name", WAYS)
def test_no_right_answer_is_called_wrong(name):
    exercise, draw, ways = WAYS[name]
    rng, tried = np.random.default_rng(len(name)), 0
    for way in ways:
        for dress in DRESSES.values():
            for _ in range(ROUNDS):
                asked = dataclasses.replace(exercise, cases=[draw(rng) for _ in range(2)])
                outcomes = worker.attempt(lambda *case: dress(way(*case)), asked.cases)
                assert [outcome[0] for outcome in outcomes] == ["gave", "gave"], outcomes
                truths = [worker.plain(asked.truth(*case)) for case in asked.cases]
                reply = asked.judge(truths, *zip(*(outcome[1:] for outcome in outcomes)))
                assert reply.state == "right", (name, ways.index(way), reply.text)
                tried += 1
        assert exercise.check(way).state == "right", "and in the copy of the process, on the check's own inputs"
    print(f"{name}: {tried} right answers, none called wrong")


def test_a_thousand_are_tried():
    assert sum(len(ways) * len(DRESSES) * ROUNDS for *_, ways in WAYS.values()) >= 1000
