"""NumPy and Keras, weight for weight: on every backend that is installed, each in a process of its own."""

import importlib.util
import json
import os
import subprocess
import sys

import numpy as np
import pytest

from helpers.frameworks import keras_bridge
from helpers.activations import identity, relu, sigmoid, softmax
from helpers.losses import cross_entropy, mse
from helpers.optimizers import adam, gradient_descent

BACKENDS = ["jax", "tensorflow", "torch"]

# What runs in the process: a whole epoch of Adam, 1,875 batches of 32, where the backend is quick, else the first steps of it.
# The whole epoch of plain descent is asserted in notebook 07.
PROGRAM = """
import json, sys, warnings
import numpy as np
from helpers.data import mnist, tiny
from helpers.activations import identity, relu, sigmoid, softmax
from helpers.frameworks.keras_bridge import build, gap, opposite, pre_activations, read, side_by_side
from helpers.losses import cross_entropy, cross_entropy_grad, mse
from helpers.network import backward, forward
from helpers.optimizers import adam, gradient_descent, momentum
from helpers.parameters import glorot, layers, views
from helpers.training import minibatches, one_hot

steps = int(sys.argv[1])
rng = np.random.default_rng(0)
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # that there is no MNIST, only small digits
    data = mnist.load(download=False)
X, Y, batches = data.X_train, one_hot(data.labels_train, 10, np.float32), []
while len(batches) < steps:
    batches += minibatches(len(X), 32, rng)
sizes, bends = [784, 256, 128, 10], [relu, relu, identity]


def worst(n, loss, optimizer, rate, dtype=np.float64, bends=bends, factor=1.0, batches=batches):
    theta = glorot(sizes, np.random.default_rng(1), dtype)
    model = build(theta, sizes, bends, loss=loss, optimizer=optimizer, learning_rate=rate * factor)
    pairs = side_by_side(model, theta, sizes, bends, X, Y, batches[:n], loss=loss, optimizer=optimizer, learning_rate=rate)
    return float(max(gap(a, b, sizes).max() for a, b in pairs))


def gradient():
    theta = glorot(sizes, np.random.default_rng(2))
    grad, net = np.zeros_like(theta), layers(theta, sizes, bends)
    Z, cache = forward(net, X[:32])
    backward(net, cache, cross_entropy_grad(Z, Y[:32]), views(grad, sizes))
    model = build(theta, sizes, bends, loss=cross_entropy, optimizer=gradient_descent, learning_rate=1.0)
    model.train_on_batch(X[:32], Y[:32])
    return float(np.abs(theta - read(model) - grad).max())


def two_sides():
    theta = glorot(sizes, np.random.default_rng(3), np.float32)
    model = build(theta, sizes, bends, loss=cross_entropy, optimizer=gradient_descent, learning_rate=1.0)
    ours, theirs = pre_activations(model, theta, theta, sizes, bends, X[:32])
    return float(max(np.abs(a - b).max() for a, b in zip(ours, theirs, strict=True))), str(theirs[0].dtype), str(read(model).dtype)


def shared():
    theta, changed = tiny.network()[0], []
    for _ in range(6):  # whether memory would be shared depends on where it happens to lie
        copy = theta.copy()
        model = build(copy, tiny.sizes, tiny.activations, loss=mse, optimizer=gradient_descent, learning_rate=1.0)
        copy += 1
        changed.append(not np.array_equal(read(model), theta))
    return any(changed)


short = [np.arange(32), np.arange(32, 39)]
print(json.dumps({
    "gradient": gradient(), "two sides": two_sides(), "shared": shared(),
    "short last batch": worst(20, cross_entropy, gradient_descent, 0.1, batches=short * 10),
    "sgd": worst(min(steps, 100), cross_entropy, gradient_descent, 0.1),
    "adam": worst(steps, cross_entropy, adam, 0.001),
    "momentum": worst(30, cross_entropy, momentum, 0.02),
    "mse": worst(30, mse, gradient_descent, 0.5, bends=[relu, sigmoid, sigmoid], factor=5.0),
    "softmax, mse": worst(30, mse, gradient_descent, 0.5, bends=[relu, sigmoid, softmax], factor=5.0),
    "float32": worst(50, cross_entropy, gradient_descent, 0.1, np.float32),
    "mse without the factor": worst(2, mse, gradient_descent, 0.5, bends=[relu, sigmoid, sigmoid]),
    "keras": sys.modules["keras"].backend.backend(),
}))
"""


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_weights_are_equal(backend):
    if importlib.util.find_spec("keras") is None or importlib.util.find_spec(backend) is None:
        pytest.skip(f"Keras on {backend} is not installed")
    steps = {"jax": 1875, "tensorflow": 100, "torch": 60}[backend]
    # One thread each: on a busy machine threads that wait for one another make it three times as slow.
    environment = {**os.environ, "KERAS_BACKEND": backend, "OMP_NUM_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1"}
    result = subprocess.run([sys.executable, "-c", PROGRAM, str(steps)], env=environment, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr[-2000:]
    found = json.loads(result.stdout.splitlines()[-1])
    print(backend, steps, found)
    assert found["keras"] == backend
    assert found["sgd"] <= 1e-12 and found["adam"] <= 1e-11
    assert max(found["momentum"], found["mse"], found["softmax, mse"]) <= 1e-12
    assert found["float32"] <= 1e-6
    assert found["mse without the factor"] > 1e-4, "the comparison can fail"
    assert found["gradient"] <= 1e-14 and found["short last batch"] <= 1e-12
    assert found["two sides"][0] <= 1e-5 and found["two sides"][1:] == ["float32", "float32"]
    assert not found["shared"]
    assert result.stderr == ""


@pytest.mark.parametrize("code, words", [
    ("import os; os.environ['KERAS_BACKEND'] = 'theano'; from helpers.frameworks.keras_bridge import load; load()", "KERAS_BACKEND: got 'theano'"),
    ("import importlib.util as u; f = u.find_spec; u.find_spec = lambda n, *a: None if n == 'keras' else f(n, *a);"
     "from helpers.frameworks.keras_bridge import load; load()", "Keras is not installed"),
])
def test_what_is_missing_is_said(code, words):
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.returncode and words in result.stderr


def test_the_gap_is_taken_layer_by_layer():
    theta = np.zeros(9)
    other = theta.copy()
    other[[1, 8]] = 0.5, -2.0
    assert keras_bridge.gap(theta, other, [2, 2, 1]).tolist() == [0.5, 2.0]


def test_the_backend_is_the_one_asked_for_or_else_the_first_that_is_installed(monkeypatch):
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    for there, chosen in [({"jax", "tensorflow", "torch"}, "jax"), ({"tensorflow", "torch"}, "tensorflow"), ({"torch"}, "torch")]:
        monkeypatch.setattr(keras_bridge, "installed", lambda package: package in there | {"keras"})
        assert keras_bridge.choose_backend() == chosen
    monkeypatch.setattr(keras_bridge, "installed", lambda package: package == "keras")
    with pytest.raises(ImportError, match="finds none. In a terminal: python -m pip install jax"):
        keras_bridge.choose_backend()
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    with pytest.raises(ImportError, match="KERAS_BACKEND is torch, which is not installed"):
        keras_bridge.choose_backend()
    monkeypatch.setattr(keras_bridge, "installed", lambda package: True)
    assert keras_bridge.choose_backend() == "torch"


def test_the_first_jump_is_found_and_both_sides_before_it_are_kept():
    def steps():
        ours = np.zeros(9)
        for step in range(1, 41):
            ours += 0.1  # in place, as an optimizer does
            yield ours, ours + (1e-8 if step < 25 else 1e-5 if step < 30 else 1e-2)

    gaps, step, ours, theirs = keras_bridge.first_jump(steps(), [2, 2, 1])
    assert step == 25 and len(gaps) == 40
    np.testing.assert_allclose(gaps[[23, 24, 39]], [1e-8, 1e-5, 1e-2], rtol=1e-6)
    np.testing.assert_allclose([ours, theirs], np.full((2, 9), 2.4), atol=1e-7)


def test_without_a_jump_it_is_the_step_that_widens_most_and_too_few_steps_are_refused():
    pairs = [(np.zeros(9), np.full(9, gap)) for gap in [1.0] * 15 + [2.0] + [1.9] * 10]
    assert keras_bridge.first_jump(iter(pairs), [2, 2, 1])[1] == 16
    with pytest.raises(ValueError, match="steps: got 10, wanted more than 10, and a gap"):
        keras_bridge.first_jump(iter(pairs[:10]), [2, 2, 1])
    with pytest.raises(ValueError, match="steps: got 20 without any gap"):
        keras_bridge.first_jump(iter([(np.zeros(9), np.zeros(9))] * 20), [2, 2, 1])


def test_softmax_is_not_put_before_a_loss_that_brings_its_own():
    with pytest.raises(ValueError, match="activations: got softmax in the last layer, wanted identity there, because cross_entropy"):
        keras_bridge.build(np.zeros(9), [2, 2, 1], [relu, softmax], loss=cross_entropy, optimizer=adam, learning_rate=0.1)


def test_the_z_on_both_sides_of_zero_is_found():
    ours = [np.array([[1.0, -2.0], [3.0, 1e-9]]), np.array([[5.0, -1e-8, 2.0]])]
    theirs = [np.array([[1.0, -2.0], [3.0, 2e-9]]), np.array([[5.0, 2e-8, 2.0]])]
    assert keras_bridge.opposite(ours, theirs) == (1, 0, 1)
    assert keras_bridge.opposite(ours[:1], theirs[:1]) == (0, 1, 1)


def test_a_program_that_stops_says_why(monkeypatch):
    failing = [sys.executable, "-c", "raise SystemExit('no such data')"]
    with pytest.raises(RuntimeError, match="no such data"):
        keras_bridge.finish_tensorflow_program(subprocess.Popen(failing, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
    reporting = [sys.executable, "-c", "print('test accuracy: 0.5')"]
    assert keras_bridge.finish_tensorflow_program(subprocess.Popen(reporting, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)) == 0.5
    monkeypatch.setattr(keras_bridge, "installed", lambda package: False)
    assert keras_bridge.start_tensorflow_program() is None


@pytest.mark.parametrize("change, error, words", [
    ({"theta": np.zeros(4)}, ValueError, "theta"), ({"theta": [0.0]}, TypeError, "theta"), ({"loss": np.mean}, ValueError, "loss"),
    ({"optimizer": "adam"}, ValueError, "optimizer"), ({"learning_rate": -1.0}, ValueError, "learning_rate"), ({"activations": [np.tanh, np.tanh]}, ValueError, "activations"),
    ({"sizes": [2]}, ValueError, "sizes"),
])
def test_what_cannot_be_built_is_named(change, error, words):
    settings = dict(theta=np.zeros(9), sizes=[2, 2, 1], activations=[sigmoid, identity], loss=mse, optimizer=gradient_descent, learning_rate=0.1) | change
    with pytest.raises(error, match=words):
        keras_bridge.build(settings.pop("theta"), settings.pop("sizes"), settings.pop("activations"), **settings)
