"""Exercises of notebook 05: the stability limit, a step, and a step with momentum."""

import numpy as np

from helpers.exercises.base import Exercise, Mistake

_rng = np.random.default_rng(5)


def my_limit(steep=8, flat=0.4):
    return 2 / max(steep, flat)


def my_step(theta, grad, alpha):
    return theta - alpha * grad


def my_momentum(theta, grad, m, alpha, beta) -> ("the new θ", "the new m"):
    m_new = beta * m - alpha * grad
    return theta + m_new, m_new


limit = Exercise(
    my_limit,
    own=lambda rng: (int(rng.integers(2, 41)), int(rng.integers(1, 20)) / 10),
    asks=lambda steep, flat: f"A loss has curvatures {steep} and {flat}. Above which α does gradient descent explode?",
    hints=["Which of the two directions gives way first?", "The limit is 2 / λmax."],
    then="The flat direction would bear a longer step, and must wait.",
    digits=3,
    mistakes=[
        Mistake("the flat direction", lambda steep, flat: 2 / flat, "this is the limit of the flat direction.", "What does the other direction do with such a step?"),
        Mistake("one for two", lambda steep, flat: 1 / steep, "with this α a single step along the steep direction lands on the bottom.", "May a step not also go beyond the bottom and come back?"),
        Mistake("curvatures added", lambda steep, flat: 2 / (steep + flat), "the curvatures are added up.", "Do the two directions disturb each other?"),
        Mistake("upside down", lambda steep, flat: steep / 2, "this grows with the curvature.", "Does a steeper valley bear longer steps, or shorter ones?"),
    ],
)
step = Exercise(
    my_step,
    cases=[(_rng.normal(size=5), _rng.normal(size=5), alpha) for alpha in (0.1, 1.5, 0.003)],
    hints=["The gradient points uphill.", "theta minus alpha times grad."],
    then="A minus gives you a new array; the helper writes into the old one, because W and b are windows into it.",
    mistakes=[
        Mistake("uphill", lambda theta, grad, alpha: theta + alpha * grad, "this step climbs.", "Which way does the gradient point?"),
        Mistake("α forgotten", lambda theta, grad, alpha: theta - grad, "α is missing: every step is as long as the gradient.", "What says how far to go?"),
        Mistake("only the step", lambda theta, grad, alpha: -alpha * grad, "this is the step, not the place where it leads.", "Where do you start from?"),
        Mistake("length forgotten", lambda theta, grad, alpha: theta - alpha * grad / np.linalg.norm(grad),
                "the gradient is cut to length 1, so every step is equally long.", "Should a step near the bottom be as long as one on the slope?"),
        Mistake("sign alone", lambda theta, grad, alpha: theta - alpha * np.sign(grad),
                "only the sign of the gradient counts.", "Is a steep direction to be walked like a flat one?"),
        Mistake("θ shrunk", lambda theta, grad, alpha: (1 - alpha) * theta - alpha * grad,
                "θ itself shrinks as well.", "With a gradient of 0, where should you be after the step?"),
    ],
)
momentum_step = Exercise(
    my_momentum,
    cases=[(_rng.normal(size=4), _rng.normal(size=4), _rng.normal(size=4), 0.1, beta) for beta in (0.9, 0.5, 0.2)],
    hints=["First the new memory, from the old one and the gradient.", "Then add the new memory to theta, not the old one."],
    then="With β = 0 it is plain gradient descent again.",
    mistakes=[
        Mistake("old memory used", lambda theta, grad, m, alpha, beta: (theta + m, beta * m - alpha * grad),
                "θ moves by the old memory.", "Which comes first, remembering or moving?"),
        Mistake("uphill", lambda theta, grad, m, alpha, beta: (theta + (v := beta * m + alpha * grad), v),
                "the gradient comes in with the wrong sign.", "Which way does the gradient point?"),
        Mistake("memory subtracted", lambda theta, grad, m, alpha, beta: (theta - (v := beta * m - alpha * grad), v),
                "θ moves against its memory.", "m already points downhill. Plus or minus?"),
        Mistake("gradient weighted by 1 − β", lambda theta, grad, m, alpha, beta: (theta + (v := beta * m - (1 - beta) * alpha * grad), v),
                "the gradient is weighted with 1 − β.", "Some books do that. Does the formula here?"),
        Mistake("α in the wrong place", lambda theta, grad, m, alpha, beta: (theta - alpha * (v := beta * m + grad), v),
                "the memory holds gradients instead of steps, as in PyTorch.", "Does m in the formula contain α already?"),
        Mistake("β forgotten", lambda theta, grad, m, alpha, beta: (theta + (v := m - alpha * grad), v),
                "nothing is ever forgotten: β is missing.", "What would friction be called in this formula?"),
        Mistake("no memory", lambda theta, grad, m, alpha, beta: (theta - alpha * grad, -alpha * grad),
                "this is plain gradient descent.", "Where does the old m come in?"),
        Mistake("nothing but the step", lambda theta, grad, m, alpha, beta: ((v := beta * m - alpha * grad), v),
                "you return the step in the place of the new θ.", "Where do you start from?"),
    ],
)
