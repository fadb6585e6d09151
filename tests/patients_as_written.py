"""The seventeen patients as a reader would write them: the whole of `backward` with the bug in one of its lines, each marked `# here`."""

import numpy as np

from helpers.activations import PRIME, relu, sigmoid, sigmoid_prime, softmax
from helpers.network import chain

LEARNING_RATE = 1.5


def healthy(layers, cache, dA):
    """The reference: what every one of them should give.   dA (n, K) → [(dW, db)]."""
    grads = []
    for (W, b, f), (A_in, Z) in reversed(list(zip(layers, cache))):
        dZ = chain(dA, PRIME[f](Z))
        dW = A_in.T @ dZ
        db = dZ.sum(axis=0)
        dA = dZ @ W.T
        grads.insert(0, (dW, db))
    return grads


def into(layers, cache, dA, grads):
    """The same into arrays that are there already, as training does it."""
    for (W, b, f), (A_in, Z), (dW, db) in reversed(list(zip(layers, cache, grads))):
        dZ = chain(dA, PRIME[f](Z))
        dW[...] = A_in.T @ dZ
        db[...] = dZ.sum(axis=0)
        dA = dZ @ W.T


def n_forgotten(layers, cache, dA):
    grads = []
    dA = dA * len(dA)  # here
    for (W, b, f), (A_in, Z) in reversed(list(zip(layers, cache))):
        dZ = chain(dA, PRIME[f](Z))
        dW = A_in.T @ dZ
        db = dZ.sum(axis=0)
        dA = dZ @ W.T
        grads.insert(0, (dW, db))
    return grads


def n_taken_twice(layers, cache, dA):
    n = len(dA)
    grads = []
    for (W, b, f), (A_in, Z) in reversed(list(zip(layers, cache))):
        dZ = chain(dA, PRIME[f](Z))
        dW = A_in.T @ dZ / n  # here
        db = dZ.sum(axis=0) / n  # here
        dA = dZ @ W.T
        grads.insert(0, (dW, db))
    return grads


def factor_2_lost(layers, cache, dA):
    grads = []
    dA = dA / 2  # here
    for (W, b, f), (A_in, Z) in reversed(list(zip(layers, cache))):
        dZ = chain(dA, PRIME[f](Z))
        dW = A_in.T @ dZ
        db = dZ.sum(axis=0)
        dA = dZ @ W.T
        grads.insert(0, (dW, db))
    return grads


def K_times_too_large(layers, cache, dA):
    grads = []
    dA = dA * dA.shape[1]  # here
    for (W, b, f), (A_in, Z) in reversed(list(zip(layers, cache))):
        dZ = chain(dA, PRIME[f](Z))
        dW = A_in.T @ dZ
        db = dZ.sum(axis=0)
        dA = dZ @ W.T
        grads.insert(0, (dW, db))
    return grads


def softmax_slope_left_out(layers, cache, dA):
    grads = []
    for (W, b, f), (A_in, Z) in reversed(list(zip(layers, cache))):
        if f is softmax:
            dZ = dA  # here
        else:
            dZ = chain(dA, PRIME[f](Z))
        dW = A_in.T @ dZ
        db = dZ.sum(axis=0)
        dA = dZ @ W.T
        grads.insert(0, (dW, db))
    return grads


def softmax_as_a_sigmoid(layers, cache, dA):
    grads = []
    for (W, b, f), (A_in, Z) in reversed(list(zip(layers, cache))):
        if f is softmax:
            A = softmax(Z)
            dZ = dA * A * (1 - A)  # here
        else:
            dZ = chain(dA, PRIME[f](Z))
        dW = A_in.T @ dZ
        db = dZ.sum(axis=0)
        dA = dZ @ W.T
        grads.insert(0, (dW, db))
    return grads


def relu_gate_always_open(layers, cache, dA):
    grads = []
    for (W, b, f), (A_in, Z) in reversed(list(zip(layers, cache))):
        if f is relu:
            dZ = dA * (relu(Z) >= 0)  # here
        else:
            dZ = chain(dA, PRIME[f](Z))
        dW = A_in.T @ dZ
        db = dZ.sum(axis=0)
        dA = dZ @ W.T
        grads.insert(0, (dW, db))
    return grads


def slope_of_A(layers, cache, dA):
    grads = []
    for (W, b, f), (A_in, Z) in reversed(list(zip(layers, cache))):
        if f is sigmoid:
            A = f(Z)  # here
            dZ = dA * sigmoid_prime(A)  # here
        else:
            dZ = chain(dA, PRIME[f](Z))
        dW = A_in.T @ dZ
        db = dZ.sum(axis=0)
        dA = dZ @ W.T
        grads.insert(0, (dW, db))
    return grads


def hidden_slopes_left_out(layers, cache, dA):
    grads = []
    for (W, b, f), (A_in, Z) in reversed(list(zip(layers, cache))):
        if f is softmax:
            dZ = chain(dA, PRIME[f](Z))
        else:
            dZ = dA  # here
        dW = A_in.T @ dZ
        db = dZ.sum(axis=0)
        dA = dZ @ W.T
        grads.insert(0, (dW, db))
    return grads


def dW_transposed(layers, cache, dA):
    grads = []
    for (W, b, f), (A_in, Z) in reversed(list(zip(layers, cache))):
        dZ = chain(dA, PRIME[f](Z))
        dW = dZ.T @ A_in  # here
        db = dZ.sum(axis=0)
        dA = dZ @ W.T
        grads.insert(0, (dW, db))
    return grads


def biases_never_updated(layers, cache, dA):
    grads = []
    for (W, b, f), (A_in, Z) in reversed(list(zip(layers, cache))):
        dZ = chain(dA, PRIME[f](Z))
        dW = A_in.T @ dZ
        db = np.zeros_like(b)  # here
        dA = dZ @ W.T
        grads.insert(0, (dW, db))
    return grads


def biases_averaged(layers, cache, dA):
    grads = []
    for (W, b, f), (A_in, Z) in reversed(list(zip(layers, cache))):
        dZ = chain(dA, PRIME[f](Z))
        dW = A_in.T @ dZ
        db = dZ.mean(axis=0)  # here
        dA = dZ @ W.T
        grads.insert(0, (dW, db))
    return grads


def one_sum_for_all_biases(layers, cache, dA):
    grads = []
    for (W, b, f), (A_in, Z) in reversed(list(zip(layers, cache))):
        dZ = chain(dA, PRIME[f](Z))
        dW = A_in.T @ dZ
        db = np.sum(dZ)  # here
        dA = dZ @ W.T
        grads.insert(0, (dW, db))
    return grads


def weights_updated_too_early(layers, cache, dA):
    grads = []
    for (W, b, f), (A_in, Z) in reversed(list(zip(layers, cache))):
        dZ = chain(dA, PRIME[f](Z))
        dW = A_in.T @ dZ
        db = dZ.sum(axis=0)
        W = W - LEARNING_RATE * dW  # here
        dA = dZ @ W.T
        grads.insert(0, (dW, db))
    return grads


def first_layer_frozen(layers, cache, dA, grads):
    for i in range(len(layers) - 1, 0, -1):  # here
        W, b, f = layers[i]
        A_in, Z = cache[i]
        dZ = chain(dA, PRIME[f](Z))
        grads[i][0][...] = A_in.T @ dZ
        grads[i][1][...] = dZ.sum(axis=0)
        dA = dZ @ W.T


def first_layer_climbs(layers, cache, dA):
    grads = []
    for (W, b, f), (A_in, Z) in reversed(list(zip(layers, cache))):
        dZ = chain(dA, PRIME[f](Z))
        dW = A_in.T @ dZ
        db = dZ.sum(axis=0)
        dA = dZ @ W.T
        grads.insert(0, (dW, db))
    dW, db = grads[0]
    grads[0] = (-dW, -db)  # here
    return grads


def gradient_not_cleared(layers, cache, dA, grads):
    for (W, b, f), (A_in, Z), (dW, db) in reversed(list(zip(layers, cache, grads))):
        dZ = chain(dA, PRIME[f](Z))
        dW += A_in.T @ dZ  # here
        db += dZ.sum(axis=0)  # here
        dA = dZ @ W.T


PATIENTS = {
    "1/n forgotten": n_forgotten, "1/n taken twice": n_taken_twice, "factor 2 lost": factor_2_lost, "K times too large": K_times_too_large,
    "softmax slope left out": softmax_slope_left_out, "softmax as a sigmoid": softmax_as_a_sigmoid,
    "ReLU gate always open": relu_gate_always_open, "slope of A for slope of Z": slope_of_A, "hidden slopes left out": hidden_slopes_left_out,
    "dW transposed": dW_transposed, "biases never updated": biases_never_updated, "biases averaged": biases_averaged,
    "one sum for all biases": one_sum_for_all_biases, "weights updated too early": weights_updated_too_early,
    "first layer frozen": first_layer_frozen, "first layer climbs": first_layer_climbs, "gradient not cleared": gradient_not_cleared,
}
