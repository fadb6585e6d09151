"""Exercises of notebook 03: a silent neuron, the way back through a layer, and a slope that is a sum."""

import numpy as np

from helpers.activations import sigmoid_prime
from helpers.exercises import Exercise

_rng = np.random.default_rng(3)


def my_gradient():
    return 0.0


def my_layer_backward(dA, A, Z, W):
    dZ = dA * sigmoid_prime(Z)
    return A.T @ dZ, dZ.sum(axis=0), dZ @ W.T


def my_ds(dY_hat, u):
    return np.sum(dY_hat * u)


def _layer(n, m, k):
    A, W, b = _rng.normal(size=(n, m)), _rng.normal(size=(m, k)), _rng.normal(size=k)
    return _rng.normal(size=(n, k)), A, A @ W + b, W


silent_neuron = Exercise(
    my_gradient,
    hints=["What is ReLU's slope below zero?", "dZ = dA ⊙ f′(Z). What is dW = Aᵀ dZ then?"],
    then="A neuron that is silent for every example gets no blame and never changes: people call it dead.",
)
layer_backward = Exercise(
    my_layer_backward,
    cases=[_layer(5, 3, 4), _layer(1, 2, 6), _layer(7, 4, 2)],
    hints=["First dZ = dA * sigmoid_prime(Z).", "dW has the shape of W: which product of A and dZ has it?",
           "db is dZ added up over the examples, axis 0.", "dA of the layer below has the shape of A."],
    then="These four lines are the whole of backpropagation; the rest is a loop over layers.",
)
scale = Exercise(
    my_ds,
    cases=[(_rng.normal(size=(4, 3)), _rng.normal(size=(4, 3))) for _ in range(3)],
    hints=["Every entry of ŷ depends on s: how strongly?", "Many paths lead from s to the loss, and where paths meet, blame adds up."],
    then="One number that acts in many places collects its blame from all of them, like a bias.",
)
