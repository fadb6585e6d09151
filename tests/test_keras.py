"""NumPy and Keras, weight for weight: on every backend that is installed, each in a process of its own."""

import importlib.util
import json
import os
import subprocess
import sys

import numpy as np
import pytest

from helpers import keras_bridge, mnist
from helpers.figures.ruler import flip, ruler

BACKENDS = ["jax", "tensorflow", "torch"]

# What runs in the process: a whole epoch of 1,875 batches of 32 where the backend is quick, else the first steps of it.
PROGRAM = """
import json, sys
import numpy as np
from helpers import mnist
from helpers.activations import identity, relu, sigmoid, softmax
from helpers.keras_bridge import build, gap, side_by_side
from helpers.losses import cross_entropy, mse
from helpers.optimizers import adam, gradient_descent, momentum
from helpers.parameters import glorot
from helpers.training import minibatches, one_hot

steps = int(sys.argv[1])
rng = np.random.default_rng(0)
if mnist.find(download=False)[0] is None:
    X, labels = rng.random((6000, 784), np.float32), rng.integers(0, 10, 6000)
else:
    data = mnist.load(download=False)
    X, labels = data.X_train, data.labels_train
Y, batches = one_hot(labels, 10, np.float32), []
while len(batches) < steps:
    batches += minibatches(len(X), 32, rng)
sizes, bends = [784, 256, 128, 10], [relu, relu, identity]


def worst(n, loss, optimizer, rate, dtype=np.float64, bends=bends, factor=1.0):
    theta = glorot(sizes, np.random.default_rng(1), dtype)
    model = build(theta, sizes, bends, loss=loss, optimizer=optimizer, learning_rate=rate * factor)
    pairs = side_by_side(model, theta, sizes, bends, X, Y, batches[:n], loss=loss, optimizer=optimizer, learning_rate=rate)
    return float(max(gap(a, b, sizes).max() for a, b in pairs))


print(json.dumps({
    "sgd": worst(steps, cross_entropy, gradient_descent, 0.1),
    "adam": worst(steps, cross_entropy, adam, 0.001),
    "momentum": worst(100, cross_entropy, momentum, 0.02),
    "mse": worst(100, mse, gradient_descent, 0.5, bends=[relu, sigmoid, sigmoid], factor=5.0),
    "softmax, mse": worst(50, mse, gradient_descent, 0.5, bends=[relu, sigmoid, softmax], factor=5.0),
    "float32": worst(50, cross_entropy, gradient_descent, 0.1, np.float32),
    "mse without the factor": worst(10, mse, gradient_descent, 0.5, bends=[relu, sigmoid, sigmoid]),
    "keras": sys.modules["keras"].backend.backend(),
}))
"""


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_weights_are_equal(backend):
    if importlib.util.find_spec("keras") is None or importlib.util.find_spec(backend) is None:
        pytest.skip(f"Keras on {backend} is not installed")
    steps = 1875 if backend == "jax" else 150
    environment = {**os.environ, "KERAS_BACKEND": backend}
    result = subprocess.run([sys.executable, "-c", PROGRAM, str(steps)], env=environment, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr[-2000:]
    found = json.loads(result.stdout.splitlines()[-1])
    print(backend, steps, found)
    assert found["keras"] == backend
    assert found["sgd"] <= 1e-12 and found["adam"] <= 1e-11
    assert max(found["momentum"], found["mse"], found["softmax, mse"]) <= 1e-12
    assert found["float32"] <= 1e-6
    assert found["mse without the factor"] > 1e-4, "the comparison can fail"


@pytest.mark.parametrize("code, words", [
    ("import os; os.environ['KERAS_BACKEND'] = 'theano'; from helpers.keras_bridge import load; load()", "KERAS_BACKEND: got 'theano'"),
    ("import importlib.util as u; f = u.find_spec; u.find_spec = lambda n, *a: None if n == 'keras' else f(n, *a);"
     "from helpers.keras_bridge import load; load()", "Keras is not installed"),
])
def test_what_is_missing_is_said(code, words):
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.returncode and words in result.stderr


def test_the_gap_is_taken_layer_by_layer():
    theta = np.zeros(9)
    other = theta.copy()
    other[[1, 8]] = 0.5, -2.0
    assert keras_bridge.gap(theta, other, [2, 2, 1]).tolist() == [0.5, 2.0]


def test_the_ruler_draws_what_it_is_given():
    values = np.geomspace(1e-16, 1e-13, 40)
    picture = ruler({"layer 1": values, "layer 2": np.zeros(40)}, {"10⁻¹²": 1e-12}, "A run", moment=7)
    assert np.array_equal(picture.drawn["gaps"]["layer 1"], values) and "40 steps" in picture.alt and "step 7" in picture.alt
    assert "layer 1 stays below 10⁻¹²" in picture.alt
    with pytest.raises(ValueError, match="layer 1"):
        ruler({"layer 1": [-1.0]}, {})


def test_the_moment_of_parting_tells_both_sides():
    picture = flip(3e-8, -2e-8, np.geomspace(1e-8, 1e-3, 60), 30)
    assert "opposite sides" in picture.alt and "3.0e-08" in picture.alt and picture.drawn["step"] == 30
    with pytest.raises(ValueError, match="step: got 99"):
        flip(1.0, -1.0, [1e-8, 1e-7], 99)
