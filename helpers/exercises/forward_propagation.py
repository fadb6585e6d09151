"""Exercises of notebook 01: a neuron, a layer, and how many numbers a network learns."""

import numpy as np

from helpers.activations import relu
from helpers.exercises import Exercise

_rng = np.random.default_rng(1)


def my_neuron(x, w, b):
    z = b
    for x_j, w_j in zip(x, w):
        z = z + x_j * w_j
    return max(z, 0.0)


def my_layer(A, W, b):
    return relu(A @ W + b)


def how_many():
    return (784 + 1) * 256 + (256 + 1) * 128 + (128 + 1) * 10


neuron = Exercise(
    my_neuron,
    cases=[([1.0, 2.0], [0.5, 0.2], -0.4), ([1.0, -2.0, 0.5], [0.3, 0.8, -0.1], 0.2)],
    hints=["Start with z = b, then add one product for each input.", "ReLU is max(z, 0)."],
    then="A neuron is a weighted sum, a bias and a bend.",
)
layer = Exercise(
    my_layer,
    cases=[(_rng.normal(size=(4, 3)), _rng.normal(size=(3, 5)), _rng.normal(size=5)) for _ in range(3)],
    hints=["A has one example a row and W one neuron a column: which product has shape (n, k)?",
           "A @ W + b is Z; NumPy adds b to every row.", "Send Z through relu."],
    then="Three neurons or three thousand: the code is the same line.",
)
parameters = Exercise(
    how_many,
    hints=["A layer from m inputs to k neurons has m · k weights.", "And k biases: (m + 1) · k in all.",
           "Add up 784 → 256, 256 → 128 and 128 → 10."],
    then="Each of these numbers has its own gradient, which notebook 03 computes in one sweep.",
)
