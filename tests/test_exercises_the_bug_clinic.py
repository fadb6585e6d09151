"""The checks of notebook 08: a check of checks that knows all seventeen patients, and the diagnosis of a new one."""

import copy
import pickle

import numpy as np
import pytest

from helpers.exercises import the_bug_clinic as exercises
from helpers.gradcheck import numerical_gradient, slope_along
from helpers.topics.patients import PATIENTS

ALL = [exercises.best_epsilon, exercises.clinic, exercises.diagnosis]


def answer(exercise, function):
    return function if exercise.cases else function(*exercise.numbers())


def by_hand(gradient, loss, theta):
    measured = np.zeros(len(theta))
    for j in range(len(theta)):
        up, down = theta.copy(), theta.copy()
        up[j] += 1e-5
        down[j] -= 1e-5
        measured[j] = (loss(up) - loss(down)) / 2e-5
    for _ in range(3):
        grad = gradient(theta)
    return np.linalg.norm(grad - measured) < 1e-5 * np.linalg.norm(measured)


def number_by_number(gradient, loss, theta):
    first, second, measured = np.array(gradient(theta)), gradient(theta), numerical_gradient(loss, theta)
    return all(np.allclose(grad, measured, rtol=1e-3, atol=1e-5 * np.abs(measured).max()) for grad in (first, second))


def in_one_direction(gradient, loss, theta):
    v = np.random.default_rng(1).normal(size=len(theta))
    gradient(theta)
    slope = slope_along(loss, theta, v)
    return abs(gradient(theta) @ v - slope) < 1e-4 * abs(slope)


@pytest.mark.parametrize("way", [by_hand, number_by_number, in_one_direction])
def test_a_check_that_finds_all_is_right_however_it_is_written(way):
    assert exercises.clinic.check(way).state == "right"


@pytest.mark.parametrize("exercise", ALL)
def test_each_known_mistake_is_named(exercise):
    for mistake in exercise.mistakes:
        reply = exercise.check(answer(exercise, mistake.answer))
        assert (reply.state, reply.mistake) == ("wrong", mistake.name)


def test_who_asks_only_once_hears_which_patient_slips_through():
    for _ in range(2):  # the clinic itself has no memory
        said = exercises.clinic.check(lambda gradient, loss, theta: exercises._near(gradient(theta), numerical_gradient(loss, theta))).text
        assert "1 of the 17 patients is taken for right: gradient not cleared." in said


def test_who_suspects_the_right_program_hears_it():
    assert "the right program is called wrong" in exercises.clinic.check(lambda gradient, loss, theta: False).text


@pytest.mark.parametrize("wrong", [lambda gradient, loss, theta: 3, lambda gradient, loss, theta: "dW1", lambda gradient, loss, theta: gradient(theta)])
def test_an_answer_that_is_neither_true_nor_false_is_asked_for_one(wrong):
    reply = exercises.clinic.check(wrong)
    assert reply.state == "wrong" and "True" in reply.text


def test_every_patient_is_in_the_clinic_and_the_right_program_too():
    seen = [gradient.program for gradient, _, _ in exercises.clinic.cases]
    assert set(seen) == {exercises.RIGHT, *PATIENTS} and len(PATIENTS) == 17
    assert seen.count(exercises.RIGHT) == 3
    for gradient, loss, _ in exercises.clinic.cases:
        assert gradient.scale == loss.scale


def test_a_program_is_wrong_by_far_more_than_its_measurement():
    theta, loss = exercises._theta, exercises.Loss(1.0)
    measured = numerical_gradient(loss, theta)
    for program in PATIENTS:
        gradient = exercises.Gradient(program, 1.0)
        gradient(theta)
        assert exercises.relative_error(gradient(theta), measured) > 1e-2
    assert exercises.relative_error(exercises.Gradient(exercises.RIGHT, 1.0)(theta), measured) < 1e-8


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda gradient: pickle.loads(pickle.dumps(gradient))])
def test_a_copy_of_a_program_begins_with_a_clean_start(copied):
    gradient = exercises.Gradient("gradient not cleared", 1.0)
    first = np.array(gradient(exercises._theta))
    assert np.allclose(gradient(exercises._theta), 2 * first)
    assert np.allclose(copied(gradient)(exercises._theta), first) and copied(gradient) == gradient


def test_the_shipped_stubs_are_open():
    assert exercises.clinic.check(lambda gradient, loss, theta: None).state == "open"
    assert exercises.diagnosis.check((None, None)).state == "open"
    assert exercises.diagnosis.check((2, 4.0)).state == exercises.best_epsilon.check(10**-2).state == "right"


@pytest.mark.parametrize(("exercise", "wrong"), [(exercises.best_epsilon, 1e-4), (exercises.diagnosis, (3, 4)), (exercises.diagnosis, (2, 5))])
def test_other_wrong_answers_are_wrong(exercise, wrong):
    assert exercise.check(wrong).state == "wrong"


def test_the_best_epsilon_is_the_best():
    powers = 10.0 ** np.arange(-8, 1)
    assert powers[np.argmin(powers**2 + 1e-6 / powers)] == exercises.my_epsilon()


def test_the_chart_is_that_of_the_diagnosis():
    errors, (layer, factor) = exercises.chart(), exercises.my_diagnosis()
    for array, error in errors.items():
        assert error == pytest.approx((factor - 1) / (factor + 1) if int(array[-1]) <= layer else 0, abs=1e-12)
