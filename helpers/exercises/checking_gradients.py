"""Exercises of notebook 04: a slope from two losses, the numerical gradient, and the layer in which a gradient goes wrong."""

import numpy as np

from helpers.exercises.base import Exercise, Mistake
from helpers.gradcheck import relative_error
from helpers.topics.parts import numerical_gradient as central

_rng = np.random.default_rng(4)

TRUTHS = {
    "04: nudge a tenth, the central error smaller by a factor of": 100,
    "04: the slope that is wrong, first or second": "second",
    "04: the layers with a wrong gradient, all, 1 and 2 or only 2": "1 and 2",
    "04: the best ε, 1e-2, 1e-5 or 1e-12": 1e-5,
}


def my_slope(up=0.4, down=0.52, epsilon=0.1):
    return (up - down) / (2 * epsilon)


def my_first_wrong(grads, measured):
    for number in range(len(grads), 0, -1):
        if any(relative_error(a, b) > 1e-4 for a, b in zip(grads[number - 1], measured[number - 1])):
            return number
    return 0


def _two_losses(rng):
    up, down = rng.choice(np.arange(21, 80), 2, replace=False) / 100
    return float(up), float(down), float(rng.choice([0.1, 0.2, 0.01]))


def _forward_difference(f, theta, epsilon=1e-6):
    return np.array([(f(theta + epsilon * e) - f(theta)) / epsilon for e in np.eye(len(theta))])


def _all_at_once(f, theta, epsilon=1e-6):
    return np.full_like(theta, _one_number(f, theta, epsilon))


def _one_number(f, theta, epsilon=1e-6):
    return (f(theta + epsilon) - f(theta - epsilon)) / (2 * epsilon)


def _one_number_up(f, theta, epsilon=1e-6):
    return (f(theta + epsilon) - f(theta)) / epsilon


def _not_put_back(f, theta, epsilon=1e-6):
    slopes, theta = np.zeros_like(theta), theta.copy()
    for j in range(len(theta)):
        theta[j] += epsilon
        up = f(theta)
        theta[j] -= 2 * epsilon
        slopes[j] = (up - f(theta)) / (2 * epsilon)
    return slopes


def _bent(theta):
    return float(np.sum(theta**3) + np.sum(theta) ** 2)


def _by(differ, arrays=slice(None)):
    """The truth with another way to tell wrong from right."""

    def answer(grads, measured):
        wrong = [i for i, pairs in enumerate(zip(grads, measured), start=1) if any(differ(a, b) for a, b in list(zip(*pairs))[arrays])]
        return wrong[-1] if wrong else 0

    return answer


def _relative(a, b):
    return relative_error(a, b) > 1e-4


def _gradients(scale, wrong):
    """What a program says of three layers, and what was measured; `wrong` {(layer, array): factor} is where it lies."""
    measured = [(scale * _rng.normal(size=shape), scale * _rng.normal(size=shape[1])) for shape in ((3, 4), (4, 4), (4, 2))]
    grads = [tuple(wrong.get((i, j), 1 + 1e-9) * array for j, array in enumerate(pair)) for i, pair in enumerate(measured, start=1)]
    return grads, measured


by_hand = Exercise(
    my_slope,
    own=_two_losses,
    asks=lambda up, down, epsilon: f"The loss is {up} with the weight raised by {epsilon}, and {down} with it lowered by {epsilon}. What is the slope, with its sign?",
    hints=("Up minus down: how much does the loss change?", "How far apart are the two weights?"),
    then="Two losses are all that it takes, and no rule for slopes.",
    digits=3,
    mistakes=(
        Mistake("half the way", lambda up, down, epsilon: (up - down) / epsilon, "you divide by the nudge.", "How far is it from the lower weight to the upper one?"),
        Mistake("down minus up", lambda up, down, epsilon: (down - up) / (2 * epsilon), "the two losses are exchanged.", "Where the loss rises with the weight, should the slope be positive?"),
        Mistake("change alone", lambda up, down, epsilon: up - down, "this is the change of the loss.", "Over what distance does it change so much?"),
        Mistake("upside down", lambda up, down, epsilon: 2 * epsilon / (up - down), "this is the distance over the change.", "Which of the two is divided by the other?"),
        Mistake("times for over", lambda up, down, epsilon: (up - down) * 2 * epsilon, "you multiply by the distance.", "Does the same change over a longer way make a steeper slope?"),
    ),
)
numerical_gradient = Exercise(
    central,
    cases=[*((_bent, _rng.normal(size=n), epsilon) for n, epsilon in [(3, 0.1), (5, 0.01), (4, 0.5)]), (_bent, _rng.normal(size=3))],
    hints=("One number at a time: a loop over j in range(len(theta)).",
           "Make the nudge apart from theta: nudge = np.zeros_like(theta), then nudge[j] = epsilon.",
           "f(theta + nudge) − f(theta − nudge), over how long a way?"),
    then="With these few lines you can check any gradient that you will ever write.",
    part=True,
    array=True,
    mistakes=(
        Mistake("one-sided", _forward_difference, "you nudge up and never down, so the bend of the curve stays in.",
                "What is the other side good for?"),
        Mistake("all at once", _all_at_once, "you nudge all numbers together, so every slope contains the others.",
                "Which single number should move for the slope at j?"),
        Mistake("one number for all", _one_number, "theta + epsilon nudges every number at once, and one slope comes out.",
                "How many slopes should there be, and which number moves for each?"),
        Mistake("one number for all, one-sided", _one_number_up, "theta + epsilon nudges every number at once, and one slope comes out.",
                "How many slopes should there be, and which number moves for each?"),
        Mistake("not put back", _not_put_back, "what you have nudged stays nudged while you try the next one.",
                "What should theta be when the loop comes to the next j?"),
    ),
)
first_wrong = Exercise(
    my_first_wrong,
    ordinal=True,
    cases=[_gradients(1.0, {(2, 0): 2.0, (2, 1): 2.0, (1, 0): 2.0, (1, 1): 2.0}), _gradients(1e6, {}), _gradients(1e-8, {(3, 1): 0.5}),
           _gradients(1.0, {(1, 0): 0.0}), _gradients(1.0, {(1, 1): -1.0, (2, 0): 1.01})],
    hints=("Begin with the last layer: for number in range(len(grads), 0, -1).",
           "The layer with this number is grads[number - 1], a pair (dW, db).",
           "relative_error of each of the two: is one above 0.0001?"),
    then="That is how you read such a table: from the output backwards, the first wrong layer is where to look.",
    mistakes=(
        Mistake("absolute", _by(lambda a, b: np.linalg.norm(a - b) > 1e-4), "you look at how far apart the two are, not at how far for their size.",
                "What happens where all gradients are a million times larger?"),
        Mistake("exactly equal", _by(lambda a, b: not np.array_equal(a, b)), "you want every digit to be equal.",
                "Is a measured slope ever equal to the last digit?"),
        Mistake("biases forgotten", _by(_relative, slice(0, 1)), "you compare dW alone.", "What else does a layer learn?"),
        Mistake("weights forgotten", _by(_relative, slice(1, 2)), "you compare db alone.", "What else does a layer learn?"),
    ),
)
