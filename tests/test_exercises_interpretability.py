"""The checks of notebook 12 accept what is right however it is written, and name what is wrong."""

import numpy as np
import pytest

from helpers.activations import identity, relu
from helpers.exercises import interpretability as exercises
from helpers.topics.explain import input_gradient, integrated_gradients

ALL = [exercises.slope, exercises.integrated, exercises.control]


def slope_in_loops(x, W1, b1, W2, b2, k):
    slopes = []
    for j in range(len(x)):
        slope = 0.0
        for i in range(len(b1)):
            if sum(x[m] * W1[m, i] for m in range(len(x))) + b1[i] > 0:
                slope += W1[j, i] * W2[i, k]
        slopes.append(slope)
    return slopes


def slope_by_helper(x, W1, b1, W2, b2, k):
    return input_gradient([(W1, b1, relu), (W2, b2, identity)], x[None], np.eye(len(b2))[[k]])[0]


def integrated_at_once(gradient, x, baseline, steps):
    t = (np.arange(steps)[:, None] + 0.5) / steps
    return np.mean([gradient(at) for at in baseline * (1 - t) + x * t], axis=0) * (x - baseline)


def shuffled_weights(explain, layers, X):
    rng = np.random.default_rng(3)
    other = [(rng.permutation(W.ravel()).reshape(W.shape), b, f) for W, b, f in layers]
    return bool(np.corrcoef(explain(layers, X).ravel(), explain(other, X).ravel())[0, 1] < 0.9)


def picture_by_picture(explain, layers, X):
    rng = np.random.default_rng(4)
    other = [(rng.uniform(-1, 1, W.shape), rng.normal(size=b.shape), f) for W, b, f in layers]
    alike = [np.corrcoef(a, b)[0, 1] for a, b in zip(explain(layers, X), explain(other, X))]
    return np.mean(alike) < 0.5


@pytest.mark.parametrize("exercise", ALL)
def test_it_is_open_until_attempted_and_accepts_its_own_solution(exercise):
    assert exercise.check(None).state == "open"
    assert exercise.check(exercise.truth).state == "right"
    assert exercise.truth.__name__ in exercise.solution().text


@pytest.mark.parametrize(("exercise", "other"), [
    (exercises.slope, slope_in_loops), (exercises.slope, slope_by_helper), (exercises.integrated, integrated_at_once),
    (exercises.control, shuffled_weights), (exercises.control, picture_by_picture),
])
def test_it_accepts_other_ways(exercise, other):
    assert exercise.check(other).state == "right"


@pytest.mark.parametrize("exercise", ALL)
def test_each_known_mistake_is_named(exercise):
    assert len(exercise.mistakes) >= 5
    for mistake in exercise.mistakes:
        reply = exercise.check(mistake.answer)
        assert (reply.state, reply.mistake) == ("wrong", mistake.name)


@pytest.mark.parametrize(("exercise", "wrong"), [
    (exercises.slope, lambda x, W1, b1, W2, b2, k: x),
    (exercises.slope, lambda x, W1, b1, W2, b2, k: W1 @ W2[:, k] + b1),
    (exercises.integrated, lambda gradient, x, baseline, steps: (x - baseline) * gradient(baseline)),
    (exercises.integrated, lambda gradient, x, baseline, steps: gradient(x)),
    (exercises.control, lambda explain, layers, X: "passes"),
    (exercises.control, lambda explain, layers, X: 0.3),
    (exercises.control, lambda explain, layers, X: explain(layers, X)),
])
def test_other_wrong_answers_are_wrong(exercise, wrong):
    reply = exercise.check(wrong)
    assert reply.state == "wrong" and len(reply.text) > 40


@pytest.mark.parametrize("seed", range(100, 120))
def test_the_control_convicts_the_fakes_and_no_other_whatever_the_network(seed):
    rng = np.random.default_rng(seed)
    net = [(rng.normal(size=(400, 12)), rng.normal(size=12), relu), (rng.normal(size=(12, 4)), rng.normal(size=4), identity)]
    X = rng.uniform(size=(5, 400))
    passed = {name for name, explain in exercises.EXPLANATIONS.items() if exercises.my_control(explain, net, X)}
    assert passed == {"the gradient", "the map of first weights"}


@pytest.mark.parametrize("seed", range(5))
def test_the_solutions_are_the_helpers(seed):
    rng = np.random.default_rng(seed)
    W1, b1, W2, b2, x, baseline = (rng.normal(size=shape) for shape in [(7, 5), 5, (5, 3), 3, 7, 7])
    net, y = [(W1, b1, relu), (W2, b2, identity)], np.eye(3)[[1]]
    np.testing.assert_allclose(exercises.my_gradient(x, W1, b1, W2, b2, 1), input_gradient(net, x[None], y)[0], rtol=1e-12, atol=1e-14)
    ours = exercises.my_attributions(lambda at: exercises.my_gradient(at, W1, b1, W2, b2, 1), x, baseline, 30)
    np.testing.assert_allclose(ours, integrated_gradients(net, x[None], y, baseline, 30)[0], rtol=1e-12, atol=1e-14)
