"""The seed network in this series' own NumPy functions: the one that all frameworks are compared with."""

from helpers.activations import identity, relu
from helpers.losses import cross_entropy_grad
from helpers.network import backward, forward
from helpers.parameters import layers, views


def train(theta, sizes, X, Y, batches, learning_rate):
    """Descent on cross-entropy, a step for each batch → θ (P,).   θ (P,), X (n, d), Y (n, K)."""
    theta, grad = theta.copy(), theta.copy()
    net = layers(theta, sizes, [*[relu] * (len(sizes) - 2), identity])
    for batch in batches:
        Z, cache = forward(net, X[batch])
        backward(net, cache, cross_entropy_grad(Z, Y[batch]), views(grad, sizes))
        theta -= learning_rate * grad
    return theta
