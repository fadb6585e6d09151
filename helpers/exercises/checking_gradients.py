"""Exercises of notebook 04: the best nudge in float32, a central difference of your own, and a new patient."""

import numpy as np

from helpers.activations import relu, sigmoid, sigmoid_prime, softmax
from helpers.exercises.base import Exercise, Mistake
from helpers.gradcheck import compare
from helpers.network import backward
from helpers.parameters import glorot, size
from helpers.topics.patients import at, gradient_by, walk

_rng = np.random.default_rng(4)


def my_epsilon():
    # At 10⁻² both errors are 10⁻⁴. At 10⁻¹ truncation is a hundred times that, at 10⁻³ rounding ten times.
    return 1e-2


def my_gradient(f, theta, epsilon):
    slopes = np.zeros_like(theta)
    for j in range(len(theta)):
        nudge = np.zeros_like(theta)
        nudge[j] = epsilon
        slopes[j] = (f(theta + nudge) - f(theta - nudge)) / (2 * epsilon)
    return slopes


def my_diagnosis():
    # Layer 3 is healthy; coming from there, layer 2 is the first sick one. (c − 1) / (c + 1) = 0.6 for c = 4.
    return np.array([2, 4])


def chart():
    """The new patient's relative errors, array by array."""
    sizes, bends, rng = [5, 4, 6, 3], [relu, sigmoid, softmax], np.random.default_rng(4)
    theta = glorot(sizes, rng) + 0.1 * rng.normal(size=size(sizes))
    X, Y = rng.normal(size=(7, 5)), rng.normal(size=(7, 3))
    sick, right = (gradient_by(program, theta, sizes, bends, X, Y) for program in (_new_patient, backward))
    return compare(sick, right, sizes)


def _new_patient(layers, cache, dA, grads):
    walk(layers, cache, dA, grads, make_dZ=at(sigmoid, lambda dA, Z: dA * 4 * sigmoid_prime(Z)))


def _forward_difference(f, theta, epsilon):
    return np.array([(f(theta + epsilon * e) - f(theta)) / epsilon for e in np.eye(len(theta))])


def _half_the_way(f, theta, epsilon):
    return 2 * my_gradient(f, theta, epsilon)


def _all_at_once(f, theta, epsilon):
    return np.full_like(theta, (f(theta + epsilon) - f(theta - epsilon)) / (2 * epsilon))


def _not_put_back(f, theta, epsilon):
    slopes, theta = np.zeros_like(theta), theta.copy()
    for j in range(len(theta)):
        theta[j] += epsilon
        up = f(theta)
        theta[j] -= 2 * epsilon
        slopes[j] = (up - f(theta)) / (2 * epsilon)
    return slopes


def _up_for_down(f, theta, epsilon):
    return -my_gradient(f, theta, epsilon)


def _bent(theta):
    return float(np.sum(theta**3) + np.sum(theta) ** 2)


best_epsilon = Exercise(
    my_epsilon,
    hints=["Write down both errors for ε = 10⁻¹, 10⁻² and 10⁻³.",
           "Where the two are equal, their sum is about as small as it gets."],
    then="And even there the error is 10⁻⁴: in float32 a check cannot tell right from slightly wrong.",
    mistakes=(
        Mistake("the answer for float64", lambda: 1e-5, "10⁻⁵ is best in float64, where rounding is far smaller.",
                "How large is 10⁻⁶/ε at your ε?"),
        Mistake("the helper's default", lambda: 1e-6, "at 10⁻⁶ the rounding error would be 10⁻⁶/10⁻⁶.",
                "How large is that?"),
        Mistake("the exponent alone", lambda: -2, "−2 is the exponent.", "And ε itself?"),
        Mistake("truncation alone", lambda: 1e-3, "truncation has become tiny there, and rounding has not.",
                "What are the two errors at ten times your ε?"),
    ),
)
central_difference = Exercise(
    my_gradient,
    cases=[(_bent, _rng.normal(size=n), epsilon) for n, epsilon in [(3, 0.1), (5, 0.01), (4, 0.5)]],
    hints=["One number at a time: a loop over j in range(len(theta)).",
           "Make the nudge apart from theta: nudge = np.zeros_like(theta), then nudge[j] = epsilon.",
           "f(theta + nudge) − f(theta − nudge), over how long a way?"],
    then="With these few lines you can check any gradient that you will ever write.",
    mistakes=(
        Mistake("one-sided", _forward_difference, "you nudge up and never down, so the bend of the curve stays in.",
                "What is the other side good for?"),
        Mistake("half the way", _half_the_way, "your difference goes from −ε to +ε, and you divide by ε.",
                "How far apart are the two points?"),
        Mistake("all at once", _all_at_once, "you nudge all numbers together, so every slope contains the others.",
                "Which single number should move for the slope at j?"),
        Mistake("not put back", _not_put_back, "what you have nudged stays nudged while you try the next one.",
                "What should theta be when the loop comes to the next j?"),
        Mistake("sign", _up_for_down, "up and down are exchanged.", "Which of the two losses comes first?"),
    ),
)
diagnosis = Exercise(
    my_diagnosis,
    ordinal=True,
    hints=["Read the chart from the right: which is the first sick column?",
           "The same error everywhere: a constant factor c.", "Solve (c − 1) / (c + 1) = 0.6."],
    then="Layer 2 is the sigmoid. Its slope had been scaled up until its largest value was 1 instead of ¼.",
    mistakes=(
        Mistake("read from the left", lambda: np.array([1, 4]), "layer 1 is sick, but it caught it from another.",
                "The blame comes from the right. What does it reach first?"),
        Mistake("error for factor", lambda: np.array([2, 0.6]), "0.6 is the error (c − 1) / (c + 1), not the factor c.",
                "Which c gives 0.6?"),
        Mistake("1 plus the error", lambda: np.array([2, 1.6]), "the error is not the part that is too much.",
                "Both lengths stand below the line: which c gives (c − 1) / (c + 1) = 0.6?"),
        Mistake("upside down", lambda: np.array([2, 0.25]), "that would be four times too small.",
                "It has the same error. Which of the two was asked for?"),
    ),
)
