"""Each patient has its bug and no other: where the gradient is wrong, by how much, and where it is still right."""

import inspect
import re

import numpy as np
import pytest

from helpers.topics import patients
from helpers import training
from helpers.activations import PRIME, identity, relu, sigmoid, softmax
from helpers.gradcheck import compare
from helpers.losses import cross_entropy_grad, mse_grad
from helpers.network import backward, forward
from helpers.parameters import glorot, layers, size, views
from helpers.topics.patients import PATIENTS, gradient_by, trained_by, walk

SIZES, BENDS = [7, 5, 5, 4], [relu, sigmoid, softmax]
RNG = np.random.default_rng(40)
THETA = glorot(SIZES, RNG) + 0.2 * RNG.normal(size=size(SIZES))
X, Y = RNG.normal(size=(6, 7)), np.eye(4)[RNG.integers(0, 4, 6)]
RIGHT = gradient_by(backward, THETA, SIZES, BENDS, X, Y)
ALL = ["dW1", "db1", "dW2", "db2", "dW3", "db3"]
BIASES, BELOW_3, FIRST = ["db1", "db2", "db3"], ALL[:4], ALL[:2]
SICK = {
    "1/n forgotten": ALL, "1/n taken twice": ALL, "factor 2 lost": ALL, "K times too large": ALL,
    "softmax slope left out": ALL, "softmax as a sigmoid": ALL, "ReLU gate always open": FIRST,
    "slope of A for slope of Z": BELOW_3, "hidden slopes left out": BELOW_3, "dW transposed": ["dW2"],
    "biases never updated": BIASES, "biases averaged": BIASES, "one sum for all biases": BIASES,
    "weights updated too early": BELOW_3, "first layer frozen": FIRST, "first layer climbs": FIRST, "gradient not cleared": ALL,
}


def gradient(name, sizes=SIZES, bends=BENDS, theta=THETA, x=X, y=Y):
    return gradient_by(PATIENTS[name], theta, sizes, bends, x, y)


def test_with_nothing_replaced_the_walk_is_backward():
    assert np.allclose(gradient_by(walk, THETA, SIZES, BENDS, X, Y), RIGHT, rtol=1e-13, atol=1e-16)


@pytest.mark.parametrize("name", PATIENTS)
def test_it_is_wrong_where_it_should_be_and_only_there(name):
    errors = compare(gradient(name), RIGHT, SIZES)
    assert [array for array, error in errors.items() if error > 1e-12] == SICK[name]
    assert all(error > 1e-3 for array, error in errors.items() if array in SICK[name])


def test_there_are_no_others():
    assert list(PATIENTS) == list(SICK) and len(PATIENTS) >= 12


@pytest.mark.parametrize(("name", "factor"), [("1/n forgotten", 6), ("1/n taken twice", 1 / 6), ("factor 2 lost", 1 / 2),
                                              ("K times too large", 4), ("gradient not cleared", 2)])
def test_wrong_constants(name, factor):
    assert np.allclose(gradient(name), factor * RIGHT, rtol=1e-12, atol=1e-16)


def test_biases():
    for name, wrong in [("biases never updated", lambda db: 0 * db), ("biases averaged", lambda db: db / 6),
                        ("one sum for all biases", lambda db: np.full_like(db, db.sum()))]:
        for (_, db), (_, true) in zip(views(gradient(name), SIZES), views(RIGHT, SIZES)):
            assert np.allclose(db, wrong(true), rtol=1e-10, atol=1e-15)


def test_first_layer():
    first = (SIZES[0] + 1) * SIZES[1]
    assert not gradient("first layer frozen")[:first].any()
    assert np.array_equal(gradient("first layer climbs")[:first], -gradient_by(walk, THETA, SIZES, BENDS, X, Y)[:first])


def test_transposed_needs_a_square():
    (_, _), (dW2, _), (_, _) = views(gradient("dW transposed"), SIZES)
    assert np.allclose(dW2, views(RIGHT, SIZES)[1][0].T)
    sizes = [7, 5, 3, 4]
    theta = glorot(sizes, np.random.default_rng(1))
    assert np.allclose(gradient("dW transposed", sizes, theta=theta), gradient_by(backward, theta, sizes, BENDS, X, Y))


def test_the_slope_of_A_harms_sigmoid_alone():
    for bend, harmless in ((relu, True), (sigmoid, False)):
        bends = [bend, bend, identity]
        right = gradient_by(backward, THETA, SIZES, bends, X, Y)
        assert np.allclose(gradient("slope of A for slope of Z", bends=bends), right, rtol=1e-12, atol=1e-15) == harmless


def test_without_softmaxs_slope_it_is_the_cross_entropys_gradient():
    net, grad = layers(THETA, SIZES, [relu, sigmoid, identity]), np.zeros_like(THETA)
    Z, cache = forward(net, X)
    backward(net, cache, cross_entropy_grad(Z, Y), views(grad, SIZES))
    assert np.allclose(gradient("softmax slope left out"), grad, rtol=1e-12, atol=1e-16)


def test_updated_too_early_is_what_a_loop_that_updates_at_once_computes():
    theta = THETA.copy()
    net = layers(theta, SIZES, BENDS)
    Y_hat, cache = forward(net, X)
    dA, found = mse_grad(Y_hat, Y), []
    for (W, b, f), (A, Z) in zip(net[::-1], cache[::-1]):
        slope = PRIME[f](Z)
        dZ = np.array([row @ J for row, J in zip(dA, slope)]) if f is softmax else dA * slope
        found.insert(0, (A.T @ dZ, dZ.sum(axis=0)))
        W -= patients.LEARNING_RATE * found[0][0]
        dA = dZ @ W.T
    for pair, expected in zip(views(gradient("weights updated too early"), SIZES), found):
        assert all(np.allclose(ours, theirs, rtol=1e-12, atol=1e-15) for ours, theirs in zip(pair, expected))


@pytest.mark.parametrize("name", PATIENTS)
def test_it_leaves_its_inputs_alone_and_returns_nothing(name):
    theta = THETA.copy()
    net, grad = layers(theta, SIZES, BENDS), np.zeros_like(theta)
    Y_hat, cache = forward(net, X)
    dA = mse_grad(Y_hat, Y)
    before = [array.copy() for pair in cache for array in pair] + [dA.copy()]
    assert PATIENTS[name](net, cache, dA, views(grad, SIZES)) is None
    assert np.array_equal(theta, THETA)
    assert all(map(np.array_equal, before, [array for pair in cache for array in pair] + [dA]))


@pytest.mark.parametrize("name", PATIENTS)
def test_it_says_what_is_wrong_and_who_reported_it(name):
    first, empty, report = inspect.getdoc(PATIENTS[name]).split("\n")
    assert first.endswith(".") and not empty
    assert re.fullmatch(r"Reported .*: github\.com/[\w.-]+/[\w.-]+/(issues|pull)/\d+", report)


@pytest.mark.parametrize("name", PATIENTS)
def test_a_bad_argument_is_named(name):
    net = layers(THETA, SIZES, BENDS)
    Y_hat, cache = forward(net, X)
    grads = views(np.zeros_like(THETA), SIZES)
    with pytest.raises(ValueError, match="dA"):
        PATIENTS[name](net, cache, Y_hat[:, :2], grads)
    with pytest.raises((TypeError, ValueError), match="grads"):
        PATIENTS[name](net, cache, Y_hat, grads[:2])


def test_training_uses_the_backward_pass_that_it_is_given():
    rng = np.random.default_rng(2)
    learned = trained_by(backward, SIZES, BENDS, X, Y, np.random.default_rng(2))
    start = glorot(SIZES, rng)
    assert not np.allclose(learned, start)
    assert np.array_equal(trained_by(training.backward, SIZES, BENDS, X, Y, np.random.default_rng(2)), learned)
    faster = trained_by(backward, SIZES, BENDS, X, Y, np.random.default_rng(2), learning_rate=3.0)
    assert not np.allclose(faster, learned)
    frozen = trained_by(PATIENTS["first layer frozen"], SIZES, BENDS, X, Y, np.random.default_rng(2))
    assert np.array_equal(frozen[:40], start[:40]) and not np.allclose(frozen[40:], start[40:])
    biases = [b for _, b in views(trained_by(PATIENTS["biases never updated"], SIZES, BENDS, X, Y, np.random.default_rng(2)), SIZES)]
    assert not any(b.any() for b in biases)
