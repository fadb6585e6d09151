"""Exercises of notebook 01: a neuron, a layer, and how many numbers a network learns."""

import numpy as np

from helpers.activations import relu, sigmoid
from helpers.exercises.base import Exercise, Mistake

_rng = np.random.default_rng(1)


def my_neuron(x, w, b):
    z = b
    for x_j, w_j in zip(x, w):
        z = z + x_j * w_j
    return max(z, 0.0)


def my_layer(A, W, b):
    return relu(A @ W + b)


def how_many(sizes=(784, 256, 128, 10)):
    return sum((m + 1) * k for m, k in zip(sizes, sizes[1:]))


def _dot(x, w):
    return sum(x_j * w_j for x_j, w_j in zip(x, w))


neuron = Exercise(
    my_neuron,
    cases=[([1.0, 2.0], [0.5, 0.2], -0.4), ([1.0, -2.0, 0.5], [0.3, 0.8, -0.1], 0.2), ([-1.0, 2.0, 3.0], [-0.3, 0.4, 0.2], 0.7)],
    hints=["Start with z = b, then add one product for each input.", "ReLU is max(z, 0)."],
    then="A neuron is a weighted sum, a bias and a bend.",
    mistakes=[
        Mistake("bias forgotten", lambda x, w, b: max(_dot(x, w), 0.0),
                "the bias is missing.", "What does your neuron output when every input is 0? And what should it?"),
        Mistake("no bend", lambda x, w, b: _dot(x, w) + b,
                "the bend is missing: a ReLU never outputs a negative number.", "What should happen to z just before it is returned?"),
        Mistake("bias added for every input", lambda x, w, b: max(sum(x_j * w_j + b for x_j, w_j in zip(x, w)), 0.0),
                "the bias is added once for every input.", "Which line belongs before the loop instead of into it?"),
        Mistake("only the last product", lambda x, w, b: max(x[-1] * w[-1] + b, 0.0),
                "only the last input counts: each turn of the loop forgets the ones before.", "Does your loop add to z, or does it set z anew?"),
        Mistake("a bend for every product", lambda x, w, b: max(sum(max(x_j * w_j, 0.0) for x_j, w_j in zip(x, w)) + b, 0.0),
                "each product is bent by itself.", "How many bends does one neuron have, and when is its turn?"),
        Mistake("weights added to inputs", lambda x, w, b: max(sum(x_j + w_j for x_j, w_j in zip(x, w)) + b, 0.0),
                "inputs and weights are added, not multiplied.", "What should a weight of 0 do to its input?"),
        Mistake("min for max", lambda x, w, b: min(_dot(x, w) + b, 0.0),
                "your ReLU keeps the wrong side: min instead of max.", "What should come out for z = 3?"),
        Mistake("sigmoid for ReLU", lambda x, w, b: 1 / (1 + np.exp(-(_dot(x, w) + b))),
                "this neuron bends with a sigmoid.", "Which of the two curves is a straight line for positive z?"),
    ],
)
layer = Exercise(
    my_layer,
    cases=[(_rng.normal(size=(4, 3)), _rng.normal(size=(3, 5)), _rng.normal(size=5)) for _ in range(3)],
    hints=["A has one example a row and W one neuron a column: which product has shape (n, k)?",
           "A @ W + b is Z; NumPy adds b to every row.", "Send Z through relu."],
    then="Three neurons or three thousand: the code is the same line.",
    mistakes=[
        Mistake("bias forgotten", lambda A, W, b: relu(A @ W), "the biases are missing.", "What does a row of zeros give?"),
        Mistake("no bend", lambda A, W, b: A @ W + b, "the bend is missing: this is Z, not A.", "What is the smallest number that a ReLU outputs?"),
        Mistake("bias after the bend", lambda A, W, b: relu(A @ W) + b,
                "the bias comes after the bend.", "What is inside f in A = f(Z), and what is Z?"),
        Mistake("inputs bent", lambda A, W, b: relu(A) @ W + b,
                "the inputs are bent instead of Z.", "Which of A and Z does f take?"),
        Mistake("sigmoid for ReLU", lambda A, W, b: sigmoid(A @ W + b), "this layer bends with a sigmoid.", "Can your output be larger than 1? Should it?"),
        Mistake("size for ReLU", lambda A, W, b: np.abs(A @ W + b),
                "negative numbers are turned over instead of being set to 0.", "What should come out for z = −3?"),
        Mistake("result transposed", lambda A, W, b: relu(A @ W + b).T,
                "rows and columns of the result are exchanged.", "Where is an example in your result: in a row or in a column?"),
        Mistake("mask for ReLU", lambda A, W, b: (A @ W + b > 0) * 1.0,
                "you return where Z is positive, which is the slope of ReLU.", "What comes out for z = 3: 1 or 3?"),
    ],
)
def _weights(sizes):
    return sum(m * k for m, k in zip(sizes, sizes[1:]))


def _four_sizes(rng):
    return (tuple(int(rng.choice(choices)) for choices in [(100, 196, 400, 784), (32, 64, 128, 256), (16, 48, 96, 192), (2, 3, 5, 10)]),)


parameters = Exercise(
    how_many,
    own=_four_sizes,
    asks=lambda sizes: f"How many numbers does the network {'-'.join(map(str, sizes))} learn?",
    hints=["A layer from m inputs to k neurons has m · k weights.", "And k biases: (m + 1) · k in all.",
           "Add up the three layers."],
    then="Each of these numbers has its own gradient, which notebook 03 computes in one sweep.",
    mistakes=[
        Mistake("biases forgotten", lambda sizes: _weights(sizes),
                "these are the weights alone.", "What else does each neuron learn?"),
        Mistake("a bias for each input", lambda sizes: _weights(sizes) + sum(sizes[:-1]),
                "you counted a bias for each input of a layer.", "Does a bias belong to an input or to a neuron?"),
        Mistake("last layer forgotten", lambda sizes: how_many(sizes[:-1]),
                "the last layer is missing.", "How do the last hidden numbers become the outputs?"),
        Mistake("neurons counted", lambda sizes: sum(sizes),
                "these are the places where a number stands, inputs and neurons.", "How many weights lead into a single neuron of the first layer?"),
        Mistake("one bias a layer", lambda sizes: _weights(sizes) + 3,
                "you counted one bias for each layer.", "Do two neurons of a layer share their threshold?"),
    ],
)
