"""Losses, one number for how wrong a batch is, and their gradients beside them."""

import numpy as np

from helpers.activations import softmax
from helpers.checks.contracts import guard


def mse(Y_hat, Y):
    """L = 1/(2n) Σᵢ ‖yᵢ − ŷᵢ‖²: half the mean squared distance, n examples.

    Y_hat (n, K), Y (n, K) → a number, in half the squared unit of Y. Keras's constant is 1/(nK) instead.
    """
    n = len(Y)
    return np.square(Y - Y_hat).sum() / (2 * n)


def mse_grad(Y_hat, Y):
    """∂L/∂Ŷ = (Ŷ − Y) / n.   Y_hat (n, K), Y (n, K) → (n, K)."""
    n = len(Y)
    return (Y_hat - Y) / n


def cross_entropy(Z, Y):
    """L = −1/n Σᵢ Σₖ yᵢₖ log softmax(zᵢ)ₖ: the mean surprise, in nats, at the true class.

    Z (n, K) is what the last layer computes before softmax, Y (n, K) is one-hot, or else rows that sum to 1 → a number.
    """
    n = len(Y)
    Z = Z - Z.max(axis=1, keepdims=True)  # as in softmax: no quotient changes, nothing overflows
    log_A = Z - np.log(np.exp(Z).sum(axis=1, keepdims=True))
    return -(Y * log_A).sum() / n


def cross_entropy_grad(Z, Y):
    """∂L/∂Z = (softmax(Z) − Y) / n, through loss and softmax in one.   Z (n, K), Y (n, K) → (n, K)."""
    n = len(Y)
    return (softmax(Z) - Y) / n


guard(__name__)
GRAD = {mse: mse_grad, cross_entropy: cross_entropy_grad}
APPLIES = {cross_entropy: softmax}  # the activation that a loss applies itself; the last layer before it has identity
