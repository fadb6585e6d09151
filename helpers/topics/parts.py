"""The eleven parts of the network that the reader builds, as the series writes them; notebooks 01 to 06 ask for one after the other."""

import numpy as np

from helpers.activations import PRIME, sigmoid, softmax


def layer(A_in, W, b, f):
    """Z = A_in W + b, then A = f(Z).   A_in (n, m), W (m, k), b (k,) → Z (n, k), A (n, k)."""
    Z = A_in @ W + b
    return Z, f(Z)


def forward(layers, X):
    """Layer after layer.   [(W, b, f)], X (n, d) → Ŷ (n, K) and the cache [(A_in, Z)], what entered each layer and its Z."""
    A, cache = X, []
    for W, b, f in layers:
        A_in = A
        Z, A = layer(A_in, W, b, f)
        cache.append((A_in, Z))
    return A, cache


def mse(Y_hat, Y):
    """L = 1/(2n) Σᵢ ‖yᵢ − ŷᵢ‖².   Y_hat (n, K), Y (n, K) → a number."""
    return np.sum((Y - Y_hat) ** 2) / (2 * len(Y))


def mse_grad(Y_hat, Y):
    """∂L/∂Ŷ = (Ŷ − Y) / n.   Y_hat (n, K), Y (n, K) → (n, K)."""
    return (Y_hat - Y) / len(Y)


def sigmoid_prime(Z):
    """σ′(z) = σ(z) (1 − σ(z)).   Z of any shape → the same shape."""
    A = sigmoid(Z)
    return A * (1 - A)


def layer_backward(dA, A_in, Z, W, f_prime):
    """dZ = dA ⊙ f′(Z), dW = A_inᵀ dZ, db = Σᵢ dZᵢ, dA_in = dZ Wᵀ.   dA (n, k) → dW (m, k), db (k,), dA_in (n, m)."""
    dZ = dA * f_prime(Z)
    return A_in.T @ dZ, dZ.sum(axis=0), dZ @ W.T


def backward(layers, cache, dA):
    """The lines of `forward` read upwards.   dA (n, K) is ∂L/∂Ŷ → [(dW, db)], one a layer, the first layer first."""
    grads = []
    for (W, b, f), (A_in, Z) in reversed(list(zip(layers, cache))):
        dW, db, dA = layer_backward(dA, A_in, Z, W, PRIME[f])
        grads.insert(0, (dW, db))
    return grads


def numerical_gradient(f, theta, epsilon=1e-6):
    """∂f/∂θⱼ ≈ (f(θ + ε eⱼ) − f(θ − ε eⱼ)) / 2ε for every j.   f of θ → a number; theta (P,) → (P,)."""
    grad = np.zeros_like(theta)
    for j in range(len(theta)):
        nudge = np.zeros_like(theta)
        nudge[j] = epsilon
        grad[j] = (f(theta + nudge) - f(theta - nudge)) / (2 * epsilon)
    return grad


def step(theta, grad, learning_rate):
    """θ − α ∇L, as a new array.   theta, grad of one shape → the same shape."""
    return theta - learning_rate * grad


def train(layers, X, Y, loss_grad, learning_rate, batches):
    """One step for each batch, a list of row numbers of X and Y → the layers after the last step."""
    for batch in batches:
        Y_hat, cache = forward(layers, X[batch])
        grads = backward(layers, cache, loss_grad(Y_hat, Y[batch]))
        layers = [(step(W, dW, learning_rate), step(b, db, learning_rate), f) for (W, b, f), (dW, db) in zip(layers, grads)]
    return layers


def cross_entropy_grad(Z, Y):
    """∂L/∂Z = (softmax(Z) − Y) / n.   Z (n, K), Y (n, K) one-hot → (n, K)."""
    return (softmax(Z) - Y) / len(Y)
