"""Exercises of notebook 08: the best nudge in float32, a check that finds all seventeen patients, and the diagnosis of a new one."""

import functools
from dataclasses import dataclass, field

import numpy as np

from helpers.activations import relu, sigmoid, sigmoid_prime, softmax
from helpers.checks.contracts import unchecked
from helpers.exercises.base import Exercise, Mistake
from helpers.gradcheck import compare, numerical_gradient, relative_error
from helpers.losses import mse, mse_grad
from helpers.network import backward, forward
from helpers.parameters import glorot, layers, size, views
from helpers.topics.patients import PATIENTS, at, gradient_by, walk

SIZES, ACTIVATIONS = [3, 4, 4, 3], [relu, sigmoid, softmax]
RIGHT = "the right program"

TRUTHS = {
    "08: wrong programs as good as the right one, of 17": 7,
    "08: the ratio of first layer climbs": -1,
    "08: evaluations to check 235,146 numbers by nudging": 2 * size([784, 256, 128, 10]),
    "08: a wrong gradient can memorize, yes or no": "yes",
}

_rng = np.random.default_rng(8)
_X, _Y = _rng.normal(size=(6, 3)), np.eye(3)[_rng.integers(3, size=6)]
_theta = glorot(SIZES, _rng) + 0.3 * _rng.normal(size=size(SIZES))


@functools.lru_cache(maxsize=4096)
def _loss(theta):
    """The loss at θ, as bytes: the same nudges come with every patient."""
    Y_hat, _ = unchecked(forward)(unchecked(layers)(np.frombuffer(theta), SIZES, ACTIVATIONS), _X)
    return float(unchecked(mse)(Y_hat, _Y))


@dataclass
class Loss:
    """The loss of the network on six examples: called with θ (P,), it answers a number."""

    scale: float

    def __call__(self, theta):
        return self.scale * _loss(np.array(theta, float).tobytes())


@dataclass
class Gradient:
    """What a program takes for the gradient of that loss: called with θ (P,), it answers (P,)."""

    program: str
    scale: float
    kept: np.ndarray = field(default_factory=lambda: np.zeros(size(SIZES)), compare=False, repr=False)

    def __call__(self, theta):
        network = layers(np.array(theta, float), SIZES, ACTIVATIONS)
        Y_hat, cache = forward(network, _X)
        ({RIGHT: backward} | PATIENTS)[self.program](network, cache, mse_grad(Y_hat, _Y), views(self.kept, SIZES))
        return self.scale * self.kept

    def __reduce__(self):
        return Gradient, (self.program, self.scale)  # a copy begins with a clean start


class Clinic(Exercise):
    """A check of programs: which of the wrong ones it lets pass, and whether it suspects the right one."""

    def evidence(self, pairs):
        """Who was taken for what, by name."""
        if any(not isinstance(given, (bool, np.bool_)) for given, _ in pairs):
            return "it should return True for a right program and False for a wrong one, and returns something else"
        judged = [(case[0], bool(given), truth) for case, (given, truth) in zip(self.cases, pairs)]
        passed = list(dict.fromkeys(gradient.program for gradient, given, truth in judged if given and not truth))
        suspected = [gradient.scale for gradient, given, truth in judged if truth and not given]
        words = [f"{len(passed)} of the {len(PATIENTS)} patients {'is' if len(passed) == 1 else 'are'} taken for right: {', '.join(passed)}"] if passed else []
        words += ["the right program is called wrong" + ("" if 1 in suspected else " where the loss has another size")] if suspected else []
        return "; ".join(words)


def my_epsilon():
    # At 10⁻² both errors are 10⁻⁴. At 10⁻¹ truncation is a hundred times that, at 10⁻³ rounding ten times.
    return 1e-2


def my_check(gradient, loss, theta):
    measured = numerical_gradient(loss, theta)
    gradient(theta)  # a program that adds to its last answer is right the first time
    return relative_error(gradient(theta), measured) < 1e-6


def my_diagnosis():
    # Layer 3 is healthy; coming from there, layer 2 is the first sick one. (c − 1) / (c + 1) = 0.6 for c = 4.
    return np.array([2, 4])


def chart():
    """The new patient's relative errors, array by array."""
    sizes, activations, rng = [5, 4, 6, 3], [relu, sigmoid, softmax], np.random.default_rng(4)
    theta = glorot(sizes, rng) + 0.1 * rng.normal(size=size(sizes))
    X, Y = rng.normal(size=(7, 5)), rng.normal(size=(7, 3))
    sick, right = (gradient_by(program, theta, sizes, activations, X, Y) for program in (_new_patient, backward))
    return compare(sick, right, sizes)


def _new_patient(layers, cache, dA, grads):
    walk(layers, cache, dA, grads, make_dZ=at(sigmoid, lambda dA, Z: dA * 4 * sigmoid_prime(Z)))


def _by(agree, calls=2, measure=numerical_gradient):
    """A check that asks the program so many times, measures in its own way, and compares in its own way."""

    def check(gradient, loss, theta):
        for _ in range(calls):
            grad = np.array(gradient(theta))
        return bool(agree(grad, measure(loss, theta)))

    return check


def _near(grad, measured):
    return relative_error(grad, measured) < 1e-6


def _one_sided(loss, theta, epsilon=1e-6):
    return np.array([(loss(theta + epsilon * e) - loss(theta)) / epsilon for e in np.eye(len(theta))])


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
clinic = Clinic(
    my_check,
    cases=[(Gradient(program, scale), Loss(scale), _theta) for scale in (1.0, 1e-6) for program in (RIGHT, *PATIENTS)]
          + [(Gradient(RIGHT, 1e6), Loss(1e6), _theta)],
    tied=True,
    hints=("Measure first: numerical_gradient(loss, theta). Then compare it with gradient(theta).",
           "Compare with relative_error: the losses of the clinic are of very different size.",
           "One program is right the first time, and wrong from then on. How often do you ask?",
           "Where is the gap? A right program shows about 10⁻⁹, the mildest patient more than 10⁻³."),
    then="Seventeen of seventeen, and the right one passes. Accuracy found ten.",
    mistakes=(
        Mistake("asked only once", _by(_near, calls=1), "you ask each program once, from a clean start.",
                "In training a program runs again and again. Which fault shows the second time?"),
        Mistake("nobody passes", _by(lambda a, b: relative_error(a, b) < 1e-8, measure=_one_sided), "nobody passes, the right program included: your measurement is too rough for your limit.",
                "Do you nudge both ways, and how near does that come to a right gradient?"),
        Mistake("absolute error", _by(lambda a, b: np.linalg.norm(a - b) < 1e-6), "you look at how far apart the two are, not at how far for their size.",
                "What happens where the loss is a million times smaller?"),
        Mistake("last layer alone", _by(lambda a, b: _near(a[-15:], b[-15:])), "you compare the last layer alone.",
                "Which patients are still healthy there?"),
        Mistake("first number alone", _by(lambda a, b: _near(a[:1], b[:1])), "you compare one number alone.", "Which patients touch the biases alone?"),
        Mistake("too loose", _by(lambda a, b: relative_error(a, b) < 0.1), "your limit is so loose that mild cases pass.",
                "What relative error does a right gradient show, and what the mildest patient?"),
        Mistake("length alone", _by(lambda a, b: np.isclose(np.linalg.norm(a), np.linalg.norm(b), rtol=1e-6, atol=0)), "you compare how long the two are.",
                "Which patient turns a part of the gradient around?"),
        Mistake("everybody is right", lambda gradient, loss, theta: True, "everybody passes.", "Where do you measure?"),
        Mistake("compared with itself", lambda gradient, loss, theta: bool(np.allclose(np.array(gradient(theta)), gradient(theta), rtol=1e-6, atol=0)),
                "you compare the program with itself.", "What knows the slope without the program?"),
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
