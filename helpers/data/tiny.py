"""The tiny network: 2 inputs, 2 hidden units, 1 output, with the same numbers in every notebook and test."""

import numpy as np

from helpers.activations import identity, sigmoid
from helpers.parameters import layers

sizes = [2, 2, 1]
activations = [sigmoid, identity]

# Three days of a plant on a balcony: how much warmer and how much drier than usual it is, and how much of a can of water the
# plant needs. The first day is the example that is worked by hand.
X = np.array([[1.0, 2.0], [2.0, -1.0], [-1.0, 0.5]])
Y = np.array([[1.0], [0.0], [0.5]])


def network():
    """A fresh θ (9,) and its layers [(W1, b1, sigmoid), (W2, b2, identity)], so that training one spoils no other."""
    theta = np.array([0.5, -0.3, 0.2, 0.4, -0.4, 0.1, 0.8, -0.6, 0.3])
    return theta, layers(theta, sizes, activations)

# Six points near a line, for the two-parameter problem of notebooks 02 and 05: ŷ = w x + b, a network of sizes [1, 1].
line_X = np.array([[0.5], [1.0], [1.5], [2.0], [2.5], [3.0]])
line_Y = np.array([[0.9], [0.8], [1.7], [1.6], [2.4], [2.2]])
