"""Activations f(Z), and their slopes f′(Z) beside them. A slope takes Z, never A = f(Z)."""

import numpy as np

from helpers.checks.contracts import guard, numbers


def identity(Z):
    """f(z) = z.   Z of any shape → the same shape."""
    return Z


def identity_prime(Z):
    """f′(z) = 1.   Z of any shape → the same shape."""
    return np.ones_like(Z)


def sigmoid(Z):
    """f(z) = 1 / (1 + e⁻ᶻ), between 0 and 1.   Z of any shape → the same shape."""
    # As exp(−log(e⁰ + e⁻ᶻ)), because e⁻ᶻ alone overflows below z = −709.
    return np.exp(-np.logaddexp(0, np.negative(Z)))


def sigmoid_prime(Z):
    """f′(z) = f(z) (1 − f(z)), at most ¼.   Z of any shape → the same shape."""
    A = sigmoid(Z)
    return A * (1 - A)


def relu(Z):
    """f(z) = max(z, 0).   Z of any shape → the same shape."""
    return np.maximum(Z, 0)


def relu_prime(Z):
    """f′(z) = 1 where z > 0, else 0 (at the kink z = 0 too).   Z of any shape → the same shape."""
    return np.greater(Z, 0).astype(np.result_type(Z))


def softmax(Z):
    """aⱼ = eᶻʲ / Σₖ eᶻᵏ: each row becomes probabilities.   Z (…, k) → (…, k), rows sum to 1."""
    # Subtracting the largest z changes no quotient and keeps e from overflowing.
    E = np.exp(Z - np.max(Z, axis=-1, keepdims=True))
    return E / E.sum(axis=-1, keepdims=True)


def softmax_prime(Z):
    """∂aᵢ/∂zⱼ = aᵢ (δᵢⱼ − aⱼ): every output depends on every z.   Z (…, k) → (…, k, k)."""
    A = softmax(Z)
    return A[..., :, None] * (np.eye(A.shape[-1], dtype=A.dtype) - A[..., None, :])


guard(__name__, Z=numbers)
PRIME = {identity: identity_prime, sigmoid: sigmoid_prime, relu: relu_prime, softmax: softmax_prime}
