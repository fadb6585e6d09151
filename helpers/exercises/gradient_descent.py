"""Exercises of notebook 05: the stability limit, a step, and a step with momentum."""

import numpy as np

from helpers.exercises import Exercise

_rng = np.random.default_rng(5)


def my_limit():
    return 2 / 8


def my_step(theta, grad, alpha):
    return theta - alpha * grad


def my_momentum(theta, grad, m, alpha, beta):
    m_new = beta * m - alpha * grad
    return theta + m_new, m_new


limit = Exercise(
    my_limit,
    hints=["Which of the two directions gives way first?", "The limit is 2 / λmax."],
    then="The flat direction would bear a step sixteen times as long, and must wait.",
)
step = Exercise(
    my_step,
    cases=[(_rng.normal(size=5), _rng.normal(size=5), alpha) for alpha in (0.1, 1.0, 0.003)],
    hints=["The gradient points uphill.", "theta minus alpha times grad."],
    then="A minus gives you a new array; the helper writes into the old one, because W and b are windows into it.",
)
momentum_step = Exercise(
    my_momentum,
    cases=[(_rng.normal(size=4), _rng.normal(size=4), _rng.normal(size=4), 0.1, beta) for beta in (0.9, 0.5)],
    hints=["First the new memory, from the old one and the gradient.", "Then add the new memory to theta, not the old one."],
    then="With β = 0 it is plain gradient descent again.",
)
