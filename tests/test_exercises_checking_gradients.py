"""The checks of notebook 04 accept what is right however it is written, and name what is wrong."""

import numpy as np
import pytest

from helpers.exercises import checking_gradients as exercises
from helpers.exercises import gradient_descent
from helpers.topics import parts

ALL = [exercises.by_hand, exercises.numerical_gradient, exercises.first_wrong]


def answer(exercise, function):
    return function if exercise.cases else function(*exercise.numbers())


def in_one_line(f, theta, epsilon=1e-6):
    return np.array(as_a_list(f, theta, epsilon))


def as_a_list(f, theta, epsilon=1e-6):
    return [(f(theta + epsilon * e) - f(theta - epsilon * e)) / epsilon / 2 for e in np.eye(len(theta))]


def put_back(f, theta, epsilon=1e-6):
    theta, slopes = theta.copy(), []
    for j, value in enumerate(theta.tolist()):
        theta[j] = value + epsilon
        up = f(theta)
        theta[j] = value - epsilon
        slopes.append((up - f(theta)) / (2 * epsilon))
        theta[j] = value
    return np.array(slopes)


def overwrites(f, theta, epsilon=1e-6):
    result = parts.numerical_gradient(f, theta, epsilon)
    theta += epsilon
    return result


def in_one_pass(grads, measured):
    def far(a, b):
        return np.linalg.norm(a - b) > 1e-4 * (np.linalg.norm(a) + np.linalg.norm(b))

    return max([i + 1 for i in range(len(grads)) if far(grads[i][0], measured[i][0]) or far(grads[i][1], measured[i][1])], default=0)


@pytest.mark.parametrize("exercise", ALL)
def test_it_is_open_until_attempted_and_accepts_its_own_solution(exercise):
    assert exercise.check(None).state == "open"
    assert exercise.check(answer(exercise, exercise.truth)).state == "right"
    assert exercise.truth.__name__ in exercise.solution().text


def test_the_shipped_stubs_are_open():
    assert exercises.numerical_gradient.check(lambda f, theta, epsilon=1e-6: None).state == "open"
    assert exercises.first_wrong.check(lambda grads, measured: ...).state == "open"


def test_it_accepts_other_ways():
    assert exercises.numerical_gradient.check(in_one_line).state == "right"
    assert exercises.numerical_gradient.check(put_back).state == "right"
    assert exercises.first_wrong.check(in_one_pass).state == "right"
    assert exercises.by_hand.check(-0.6).state == "right"


def test_a_list_is_sent_back_because_the_next_cells_calculate_with_an_array():
    reply = exercises.numerical_gradient.check(as_a_list)
    assert (reply.state, reply.mistake) == ("wrong", "list for array") and "returns a list" in reply.text
    reply = gradient_descent.step.check(lambda theta, grad, learning_rate: [t - learning_rate * g for t, g in zip(theta, grad)])
    assert (reply.state, reply.mistake) == ("wrong", "list for array")


@pytest.mark.parametrize("exercise", ALL)
def test_each_known_mistake_is_named(exercise):
    for mistake in exercise.mistakes:
        reply = exercise.check(answer(exercise, mistake.answer))
        assert (reply.state, reply.mistake) == ("wrong", mistake.name)


@pytest.mark.parametrize(
    ("exercise", "wrong"),
    [
        (exercises.by_hand, 0.06),
        (exercises.numerical_gradient, overwrites),
        (exercises.numerical_gradient, lambda f, theta, epsilon=1e-6: f(theta)),
        (exercises.numerical_gradient, lambda f, theta, epsilon=1e-6: theta.no_such_thing),
        (exercises.numerical_gradient, lambda f, theta, epsilon: in_one_line(f, theta, epsilon)),
        (exercises.first_wrong, lambda grads, measured: 2),
        (exercises.first_wrong, lambda grads, measured: len(grads)),
    ],
)
def test_other_wrong_answers_are_wrong(exercise, wrong):
    assert exercise.check(wrong).state == "wrong"


def test_the_numerical_gradient_is_a_part_of_the_network_and_its_solution_has_the_readers_name():
    assert exercises.numerical_gradient.part and exercises.numerical_gradient.truth is parts.numerical_gradient
    assert exercises.numerical_gradient.solution().text.startswith("def my_numerical_gradient(f, theta, epsilon=1e-6):")
