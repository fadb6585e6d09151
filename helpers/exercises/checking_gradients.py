"""Exercises of notebook 04: the best nudge in float32, a central difference of your own, and a new patient."""

import numpy as np

from helpers.activations import relu, sigmoid, sigmoid_prime, softmax
from helpers.exercises import Exercise
from helpers.gradcheck import compare
from helpers.network import backward
from helpers.parameters import glorot, size
from helpers.patients import at, gradient_by, walk

_rng = np.random.default_rng(4)


def my_epsilon():
    # At ε = 10⁻² both errors are 10⁻⁴. Ten times more or less makes one of them ten or a hundred times larger.
    return 1e-2


def my_gradient(f, theta, epsilon):
    slopes = np.zeros_like(theta)
    for j in range(len(theta)):
        nudge = np.zeros_like(theta)
        nudge[j] = epsilon
        slopes[j] = (f(theta + nudge) - f(theta - nudge)) / (2 * epsilon)
    return slopes


def my_diagnosis():
    # Layer 3 is healthy, so its dZ is right; layer 2 is the first sick one on the way back.
    # (c − 1) / (c + 1) = 0.6 for c = 4: a sigmoid's slope, scaled so that its largest value is 1 instead of ¼.
    return 2, 4


def chart():
    """The new patient's relative errors, array by array."""
    sizes, bends = [5, 4, 6, 3], [relu, sigmoid, softmax]
    rng = np.random.default_rng(4)
    theta, X, Y = glorot(sizes, rng) + 0.1 * rng.normal(size=size(sizes)), rng.normal(size=(7, 5)), rng.normal(size=(7, 3))
    sick, right = (gradient_by(program, theta, sizes, bends, X, Y) for program in (_new_patient, backward))
    return compare(sick, right, sizes)


def _new_patient(layers, cache, dA, grads):
    walk(layers, cache, dA, grads, make_dZ=at(sigmoid, lambda dA, Z: dA * 4 * sigmoid_prime(Z)))


def _bent(theta):
    return float(np.sum(theta**3) + theta[0] * np.sum(theta))


best_epsilon = Exercise(
    my_epsilon,
    hints=["Write down both errors for ε = 10⁻¹, 10⁻², 10⁻³.", "Where they are equal, their sum is about as small as it gets."],
    then="And even there the error is 10⁻⁴, which is why a float32 check cannot tell right from slightly wrong.",
)
central_difference = Exercise(
    my_gradient,
    cases=[(_bent, _rng.normal(size=n), epsilon) for n, epsilon in [(3, 0.1), (5, 0.01), (1, 0.5)]],
    hints=["One number at a time: a loop over j in range(len(theta)).",
           "Nudge a copy: nudge = np.zeros_like(theta), then nudge[j] = epsilon.",
           "Then f(theta + nudge) − f(theta − nudge), over how long a way?"],
    then="With these few lines you can check any gradient that you will ever write.",
)
diagnosis = Exercise(
    my_diagnosis,
    hints=["Read the chart from the right: which is the first sick column?", "The same error everywhere: a constant c.", "Solve (c − 1) / (c + 1) = 0.6."],
    then="The sick layer is the sigmoid: its slope had been scaled up until its largest value was 1 instead of ¼.",
)
