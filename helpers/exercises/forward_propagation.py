"""Exercises of notebook 01: a neuron, a layer, forward for any number of layers, and how many numbers a network learns."""

import numpy as np

from helpers.activations import identity, relu, sigmoid
from helpers.checks import diagnosis
from helpers.checks.evidence import equal, structure, there, unstacked
from helpers.exercises.base import Exercise, Mistake
from helpers.topics import parts

_rng = np.random.default_rng(1)

TRUTHS = {
    "01: σ(0.5)": 0.622,
    "01: numbers that change when v₂ is turned to 0": 1,
    "01: layers that replace two layers without a bend, 1, 2 or depends": 1,
    "01: the probabilities change when 1000 is added to all, yes or no": "no",
}


class Nested(Exercise):
    """A task whose result has arrays within lists; `names` gives the words for a place in it, such as (1, 0, 1)."""

    def difference(self, pairs):
        """The first array that differs, by its place → the kind of difference, a sentence."""
        return "kind", next(filter(None, (self.within(given, truth) for given, truth in pairs)))

    def wrong_part(self, pairs):
        """The first array that differs: its name, and its two values in each case."""
        return "", pairs

    def within(self, given, truth, path=()):
        """Where a result differs from the truth, in words; None where it does not."""
        if equal(given, truth):
            return None
        where = f"in {self.names(*path)}, " if path else ""
        if not isinstance(truth, tuple):
            found = structure([(given, truth)]) or diagnosis.diagnose([(given, truth)])
            return where + (found[1] if found and found[1] else "the numbers are others")
        parts_given = unstacked(given, truth)
        if len(parts_given) != len(truth):
            return f"{where}there should be {len(truth)} in a row, and there {'are ' + str(len(parts_given)) if parts_given else 'is ' + there(given)}"
        return next(filter(None, (self.within(*pair, (*path, i)) for i, pair in enumerate(zip(parts_given, truth)))), f"{where}something differs")


def my_neuron(x, w, b):
    z = b
    for x_j, w_j in zip(x, w):
        z = z + x_j * w_j
    return max(z, 0.0)


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
        Mistake("no bend", lambda x, w, b: _dot(x, w) + b,
                "the bend is missing: a ReLU never outputs a negative number.", "What should happen to z just before it is returned?"),
        Mistake("bias added for every input", lambda x, w, b: max(sum(x_j * w_j + b for x_j, w_j in zip(x, w)), 0.0),
                "the bias is added once for every input.", "Which line belongs before the loop instead of into it?"),
        Mistake("only the last product", lambda x, w, b: max(x[-1] * w[-1] + b, 0.0),
                "only the last input counts: each turn of the loop forgets the ones before.", "Does your loop add to z, or does it set z anew?"),
        Mistake("sigmoid for ReLU", lambda x, w, b: 1 / (1 + np.exp(-(_dot(x, w) + b))),
                "this neuron bends with a sigmoid.", "Which of the two curves is a straight line for positive z?"),
    ],
)
def _a_layer(n, m, k, f):
    return _rng.normal(size=(n, m)), _rng.normal(size=(m, k)), _rng.normal(size=k), f


def _some_layers(sizes, n, bends):
    return [(_rng.normal(size=(m, k)), _rng.normal(size=k), f) for m, k, f in zip(sizes, sizes[1:], bends)], _rng.normal(size=(n, sizes[0]))


def _walk(layers, X, keep=lambda A_in, Z, A: (A_in, Z), bend=lambda f, last: f, shift=lambda b: b):
    """`forward`, with another thing kept, another bend or another bias."""
    A, cache = X, []
    for i, (W, b, f) in enumerate(layers):
        A_in, Z = A, A @ W + shift(b)
        A = bend(f, i == len(layers) - 1)(Z)
        cache.append(keep(A_in, Z, A))
    return A, cache


layer = Exercise(
    parts.layer,
    cases=[_a_layer(4, 3, 5, relu), _a_layer(2, 4, 3, sigmoid), _a_layer(6, 2, 4, identity)],
    names=("Z", "A"),
    hints=["A_in has one example a row and W one neuron a column: which product has shape (n, k)?",
           "A_in @ W + b is Z; NumPy adds b to every row.", "f is a function that you are given: A is f(Z). Return both, Z first."],
    then="Three neurons or three thousand: the code is the same line.",
    part=True,
    mistakes=[
        Mistake("bias forgotten", lambda A_in, W, b, f: (A_in @ W, f(A_in @ W)), "the biases are missing.", "What does a row of zeros give?"),
        Mistake("bias after the bend", lambda A_in, W, b, f: (A_in @ W, f(A_in @ W) + b),
                "the bias comes after the activation.", "What is inside f in A = f(Z), and what is Z?"),
        Mistake("inputs bent", lambda A_in, W, b, f: ((Z := f(A_in) @ W + b), Z),
                "f is applied to what enters instead of to Z.", "Which of A_in and Z does f take?"),
        Mistake("always ReLU", lambda A_in, W, b, f: ((Z := A_in @ W + b), relu(Z)), "your layer always uses ReLU.", "Which function is f here?"),
        Mistake("always the sigmoid", lambda A_in, W, b, f: ((Z := A_in @ W + b), sigmoid(Z)), "your layer always uses the sigmoid.", "Which function is f here?"),
        Mistake("A alone", lambda A_in, W, b, f: f(A_in @ W + b), "you return A alone.", "Which two arrays are asked for, and which comes first?"),
    ],
)
forward = Nested(
    parts.forward,
    cases=[_some_layers([3, 4, 2], 5, [relu, identity]), _some_layers([2, 3], 4, [sigmoid]), _some_layers([2, 5, 3, 4, 1], 6, [relu, sigmoid, relu, identity])],
    names=lambda which, i=None, j=None: "Ŷ" if which == 0 else "the cache" if i is None else f"the cache of layer {i + 1}" if j is None else
    f"{('A_in', 'Z')[j]} of layer {i + 1}",
    hints=["Start with A = X and an empty list for the cache.", "for W, b, f in layers: what leaves one layer enters the next.",
           "Keep A_in, what enters, before A is replaced; your my_layer gives Z and the new A.", "cache.append((A_in, Z)), and after the loop return A, cache."],
    then="Any number of layers, any sizes, any activations: this is the way forward of every network in this series.",
    part=True,
    mistakes=[
        Mistake("Z alone", lambda layers, X: _walk(layers, X, keep=lambda A_in, Z, A: Z), "the cache holds each Z and not what entered the layer.",
                "What was the input of the layer, and is it still known at the end?"),
        Mistake("X for every layer", lambda layers, X: (_walk(layers, X)[0], [(X, Z) for _, Z in _walk(layers, X)[1]]),
                "Ŷ is right; the cache holds X for every layer.", "What enters the second layer?"),
        Mistake("the last layer never bent", lambda layers, X: _walk(layers, X, bend=lambda f, last: identity if last else f),
                "the last layer's activation is left out.", "Which f belongs to the last layer?"),
        Mistake("biases forgotten", lambda layers, X: _walk(layers, X, shift=np.zeros_like), "the biases are missing.", "What does a row of zeros give?"),
        Mistake("no cache", lambda layers, X: _walk(layers, X)[0], "you return Ŷ without the cache.", "What will the way back need to know?"),
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
