"""Exercises of notebook 09: the bytes of a model file, PyTorch's weights as a θ, and a choice under a condition."""

import numpy as np

from helpers.exercises.base import Exercise, Mistake

# What the page does not work out by itself.
TRUTHS = {"09: the camera": "ONNX"}
_rng = np.random.default_rng(8)


def my_bytes(d=784, h=256, m=128, K=10):
    return 4 * ((d + 1) * h + (h + 1) * m + (m + 1) * K)


def my_theta(arrays):
    return np.concatenate([array.T.ravel() for array in arrays])


def my_totals(S, w, allowed):
    totals = S @ w / w.sum()
    return np.where(allowed, totals, -1.0)


def _arrays(sizes):
    return ([array for m, k in zip(sizes, sizes[1:]) for array in (_rng.normal(size=(k, m)), _rng.normal(size=k))],)


def _choice(n, c):
    return _rng.random((n, c)), _rng.integers(1, 9, c).astype(float), np.arange(n) % 3 != 1


def _flat(arrays):
    return np.concatenate([np.ravel(array) for array in arrays])


size_of_file = Exercise(
    my_bytes,
    hints=["Count the weights and biases of the three layers.", "A layer from m to k units has (m + 1) k numbers.", "float32 takes 4 bytes for each number."],
    then="The rest of the file, its names and lengths, is less than a thousandth of it.",
    mistakes=(
        Mistake("numbers instead of bytes", lambda d, h, m, K: (d + 1) * h + (h + 1) * m + (m + 1) * K, "this is how many numbers there are.", "How many bytes does one take?"),
        Mistake("float64", lambda d, h, m, K: 8 * ((d + 1) * h + (h + 1) * m + (m + 1) * K), "this counts 8 bytes for each number.", "Which type do both formats store here?"),
        Mistake("biases forgotten", lambda d, h, m, K: 4 * (d * h + h * m + m * K), "the weights are counted, the biases are not.", "How many biases does a layer with k units have?"),
        Mistake("bits", lambda d, h, m, K: 32 * ((d + 1) * h + (h + 1) * m + (m + 1) * K), "these are bits.", "How many bits are in a byte?"),
        Mistake("units instead of weights", lambda d, h, m, K: 4 * (d + h + m + K), "this counts the units.", "Every unit is joined with every unit of the layer before. How many joints is that?"),
    ),
)
weights = Exercise(
    my_theta,
    cases=[_arrays([2, 3, 4, 2]), _arrays([4, 3, 5, 1]), _arrays([3, 3, 3])],
    hints=["PyTorch keeps each W as (out, in), ours is (in, out).", "Turn each W with `.T`, then make it a row of numbers with `.ravel()`.",
           "A bias has one axis, and its `.T` is itself: all arrays can be treated alike, and put together with `np.concatenate`."],
    then="`model.parameters()` gives these arrays in this order, so any PyTorch network of dense layers can be yours.",
    mistakes=(
        Mistake("all W first", lambda arrays: _flat([a.T for a in arrays[::2]] + arrays[1::2]), "all W come first and then all b.", "In which order does θ keep W₁, b₁, W₂, b₂?"),
        Mistake("biases forgotten", lambda arrays: _flat([a.T for a in arrays[::2]]), "the biases are missing.", "How long should θ be?"),
        Mistake("weights forgotten", lambda arrays: _flat(arrays[1::2]), "only the biases are there.", "Where have the tables gone?"),
    ),
)
choice = Exercise(
    my_totals,
    cases=[_choice(4, 5), _choice(3, 2), _choice(6, 3)],
    hints=["The total of one candidate is Σ w·s / Σ w over its row.", "All totals at once: a product of the table S (n, c) with the weights (c,).",
           "`np.where(allowed, totals, -1)` puts those that may not be chosen below all others."],
    then="A condition is no criterion with a large weight: no score can buy it off.",
    quantities=lambda S, w, allowed: {"Σw, the sum of the weights": w.sum(), "c, the number of criteria": len(w)},
    mistakes=(
        Mistake("condition forgotten", lambda S, w, allowed: S @ w / w.sum(), "the totals are right, and nobody is ruled out.", "What happens to a candidate that does not run there at all?"),
        Mistake("not divided", lambda S, w, allowed: np.where(allowed, S @ w, -1.0), "these are sums and no means.", "What should the total be if all scores are 1?"),
        Mistake("divided by the number of criteria", lambda S, w, allowed: np.where(allowed, S @ w / len(w), -1.0), "you divide by how many criteria there are.", "What should the total be if all scores are 1?"),
        Mistake("weights forgotten", lambda S, w, allowed: np.where(allowed, S.mean(axis=1), -1.0), "every criterion counts the same.", "Where does w enter?"),
        Mistake("zero instead of −1", lambda S, w, allowed: S @ w / w.sum() * allowed, "who is ruled out gets 0, which a candidate with bad scores gets as well.", "Which number is below every possible total?"),
    ),
)
