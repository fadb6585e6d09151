"""The checks of notebook 04 accept what is right however it is written, and name what is wrong."""

import numpy as np
import pytest

from helpers.exercises import checking_gradients as exercises

ALL = [exercises.best_epsilon, exercises.central_difference, exercises.diagnosis]


def answer(exercise, function):
    return function if exercise.cases else function(*exercise.numbers())


def in_one_line(f, theta, epsilon):
    return [(f(theta + epsilon * e) - f(theta - epsilon * e)) / epsilon / 2 for e in np.eye(len(theta))]


def put_back(f, theta, epsilon):
    theta, slopes = theta.copy(), []
    for j, value in enumerate(theta.tolist()):
        theta[j] = value + epsilon
        up = f(theta)
        theta[j] = value - epsilon
        slopes.append((up - f(theta)) / (2 * epsilon))
        theta[j] = value
    return np.array(slopes)


def overwrites(f, theta, epsilon):
    result = exercises.my_gradient(f, theta, epsilon)
    theta += epsilon
    return result


@pytest.mark.parametrize("exercise", ALL)
def test_it_is_open_until_attempted_and_accepts_its_own_solution(exercise):
    assert exercise.check(None).state == "open"
    assert exercise.check(answer(exercise, exercise.truth)).state == "right"
    assert exercise.truth.__name__ in exercise.solution().text


def test_the_shipped_stubs_are_open():
    assert exercises.central_difference.check(lambda f, theta, epsilon: None).state == "open"
    assert exercises.diagnosis.check((None, None)).state == "open"


def test_it_accepts_other_ways():
    assert exercises.central_difference.check(in_one_line).state == "right"
    assert exercises.central_difference.check(put_back).state == "right"
    assert exercises.diagnosis.check((2, 4.0)).state == "right"
    assert exercises.best_epsilon.check(10**-2).state == "right"


@pytest.mark.parametrize("exercise", ALL)
def test_each_known_mistake_is_named(exercise):
    for mistake in exercise.mistakes:
        reply = exercise.check(answer(exercise, mistake.answer))
        assert (reply.state, reply.mistake) == ("wrong", mistake.name)


@pytest.mark.parametrize(
    ("exercise", "wrong"),
    [
        (exercises.best_epsilon, 1e-4),
        (exercises.central_difference, overwrites),
        (exercises.central_difference, lambda f, theta, epsilon: f(theta)),
        (exercises.central_difference, lambda f, theta, epsilon: theta.no_such_thing),
        (exercises.diagnosis, (3, 4)),
        (exercises.diagnosis, (2, 5)),
    ],
)
def test_other_wrong_answers_are_wrong(exercise, wrong):
    assert exercise.check(wrong).state == "wrong"


def test_the_best_epsilon_is_the_best():
    powers = 10.0 ** np.arange(-8, 1)
    assert powers[np.argmin(powers**2 + 1e-6 / powers)] == exercises.my_epsilon()


def test_the_chart_is_that_of_the_diagnosis():
    errors, (layer, factor) = exercises.chart(), exercises.my_diagnosis()
    for array, error in errors.items():
        assert error == pytest.approx((factor - 1) / (factor + 1) if int(array[-1]) <= layer else 0, abs=1e-12)
