"""The same network in Keras: a backend, a model that starts from our θ, its weights as a θ, both side by side."""

import contextlib
import gc
import importlib
import importlib.util
import os
import subprocess
import sys

import numpy as np

from helpers.activations import identity, relu, sigmoid, softmax
from helpers.checks.contracts import counts, each_of, loss_of, one_of, positive, takes
from helpers.losses import APPLIES, cross_entropy, mse
from helpers.network import forward, gradient
from helpers.optimizers import adam, gradient_descent, momentum, remember
from helpers.parameters import layers, views

JUMP = 5  # rounding alone widens a gap by less than half in a step
BACKENDS = ["jax", "tensorflow", "torch"]
NAMES = {identity: "linear", relu: "relu", sigmoid: "sigmoid", softmax: "softmax"}


def installed(package):
    """Whether Python would find the package, without importing it."""
    return importlib.util.find_spec(package) is not None


def choose_backend():
    """The name that KERAS_BACKEND gives, else the first of JAX, TensorFlow and PyTorch that is installed.

    Raises ImportError, with the line that installs it, where Keras or the backend is missing.
    """
    if not installed("keras"):
        raise ImportError('Keras is not installed. In a terminal: python -m pip install "keras>=3.6" jax')
    name = os.environ.get("KERAS_BACKEND") or next(filter(installed, BACKENDS), None)
    if name is None:
        raise ImportError("Keras needs a backend and finds none. In a terminal: python -m pip install jax")
    if name not in BACKENDS:
        raise ValueError(f"KERAS_BACKEND: got {name!r}, wanted one of {', '.join(BACKENDS)}")
    if not installed(name):
        raise ImportError(f"KERAS_BACKEND is {name}, which is not installed. "
                          f"In a terminal: python -m pip install {name}")
    return name


def load():
    """Keras itself, on `choose_backend()`, able to compute in float64, and without a word on stderr.

    Raises RuntimeError where this Python has imported Keras on another backend before: that cannot be undone.
    """
    name = choose_backend()
    if "keras" not in sys.modules:
        os.environ["KERAS_BACKEND"] = name  # Keras reads it once, at its import
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")  # oneDNN announces itself, and again at every float64
    keras = importlib.import_module("keras")
    if keras.backend.backend() != name:
        raise RuntimeError(f"Keras already runs on {keras.backend.backend()}, wanted {name}: "
                           "restart the kernel to change it")
    if name == "jax":
        importlib.import_module("jax").config.update("jax_enable_x64", True)  # JAX has no float64 until it is asked
    # On JAX and PyTorch some of Keras's float64 passes through float32 (keras-team/keras#23704), because of this table.
    dtypes = importlib.import_module("keras.src.backend.common.dtypes")
    getattr(dtypes, "BIT64_TO_BIT32_DTYPE", {})["float64"] = "float64"
    return keras


@takes(theta="(P,) finite", sizes=counts, activations=each_of(*NAMES), loss=loss_of([mse, cross_entropy], APPLIES),
       optimizer=one_of(gradient_descent, momentum, adam), learning_rate=positive)
def build(theta, sizes, activations, *, loss, optimizer, learning_rate):
    """A compiled Keras model of Dense layers that starts from θ (P,) and computes in θ's dtype.

    learning_rate is Keras's own: for `mse` that is K/2 times ours, but ours with `adam`, which asks for no
    gradient's size.
    Raises ValueError where softmax would come twice.
    """
    keras = load()
    gc.collect()  # a model is a cycle: each one that lingers keeps 18 MB of compiled code
    keras.config.set_floatx(str(theta.dtype))  # for the loss and the learning rate
    keras.config.set_dtype_policy(str(theta.dtype))  # for the layers
    model = keras.Sequential([keras.Input((sizes[0],))])
    for k, f in zip(sizes[1:], activations, strict=True):
        model.add(keras.layers.Dense(k, activation=NAMES[f]))
    # As a Python float, β would pass through float32 on TensorFlow, even in a float64 model.
    exact = np.float64 if theta.dtype == np.float64 else float
    rule = {gradient_descent: lambda: keras.optimizers.SGD(learning_rate),
            momentum: lambda: keras.optimizers.SGD(learning_rate, momentum=exact(0.9)),
            adam: lambda: keras.optimizers.Adam(learning_rate, exact(0.9), exact(0.999), exact(1e-7))}
    how_wrong = {mse: keras.losses.MeanSquaredError,
                 cross_entropy: lambda: keras.losses.CategoricalCrossentropy(from_logits=True)}
    model.compile(rule[optimizer](), how_wrong[loss]())
    write(model, theta, sizes)
    return model


def write(model, theta, sizes):
    """Put θ (P,) into the model: set_weights takes W and b of each layer in turn, which is θ's own order."""
    # Copies, because JAX may keep the memory it is given: then a step on θ would move Keras's weights too.
    model.set_weights([array.copy() for pair in views(theta, sizes) for array in pair])


def read(model):
    """The model's weights and biases as a new θ (P,)."""
    return np.concatenate([array.ravel() for array in model.get_weights()])


def gap(theta, other, sizes):
    """The largest |θ − other| in each layer, its W and b together.   Two (P,) → (layers,)."""
    return np.array([max(np.abs(W).max(), np.abs(b).max()) for W, b in views(np.subtract(theta, other), sizes)])


def side_by_side(model, theta, sizes, activations, X, Y, batches, *, loss, optimizer, learning_rate,
                 their_batches=None):
    """Step after step, the same batch to both: θ (P,) learns in place, the model by its own train_on_batch.

    Yields (θ, the model's weights as a θ) after every step. X (n, d), Y (n, K); batches are lists of row numbers.
    """
    memory, grad = remember(theta), np.zeros_like(theta)
    with one_thread():
        for ours, theirs in zip(batches, their_batches or batches):
            grad, _ = gradient(theta, sizes, activations, X[ours], Y[ours], loss, grad)
            optimizer(theta, grad, learning_rate, memory)
            model.train_on_batch(X[theirs], Y[theirs])
            yield theta, read(model)


def one_thread():
    """A context in which NumPy's matrix products keep to one thread."""
    # With two, BLAS and Keras wait for each other's threads: 34 ms a step instead of 11 on two busy cores.
    if not installed("threadpoolctl"):  # it comes with scikit-learn
        return contextlib.nullcontext()
    return importlib.import_module("threadpoolctl").threadpool_limits(1, "blas")


def first_jump(steps, sizes):
    """Run `side_by_side` to its end and find the first step, after the tenth, that widens the gap fivefold.

    → the largest gap after every step (steps,), that step (from 1), and both θ as they stood before it.
    Where no step does that, it is the one that widens the gap most.
    """
    gaps, before, widest, found = [], None, 0.0, None
    for ours, theirs in steps:
        gaps.append(gap(ours, theirs, sizes).max())
        growth = gaps[-1] / max(gaps[-2], np.finfo(ours.dtype).tiny) if len(gaps) > 10 else 0.0
        if widest < JUMP and growth > widest:
            widest, found = growth, (len(gaps), *before)
        before = ours.copy(), theirs
    if found is None:
        none = " without any gap" if len(gaps) > 10 else ""
        raise ValueError(f"steps: got {len(gaps)}{none}, wanted more than 10, and a gap")
    return np.array(gaps), *found


def pre_activations(model, ours, theirs, sizes, activations, X):
    """Z (n, k) of every layer, twice: NumPy's from θ `ours`, Keras's from θ `theirs`, written into the model."""
    with one_thread():  # as in `side_by_side`: another number of threads is another order of sums, and rounds otherwise
        Z_ours = [Z for _, Z in forward(layers(ours, sizes, activations), X)[1]]
    write(model, theirs, sizes)
    ops, A, Z_theirs = load().ops, X, []
    for layer in model.layers:
        Z = ops.add(ops.matmul(A, layer.kernel), layer.bias)
        A = layer.activation(Z)
        Z_theirs.append(ops.convert_to_numpy(Z))
    return Z_ours, Z_theirs


def opposite(ours, theirs):
    """Where two lists of Z (n, k) lie on opposite sides of zero: (layer, example, unit), counted from 0.

    Where none does, it is the z that lies nearest to zero in both.
    """
    products = [a * b for a, b in zip(ours, theirs)]
    layer = int(np.argmin([product.min() for product in products]))
    return layer, *(int(i) for i in np.unravel_index(products[layer].argmin(), products[layer].shape))


def start_tensorflow_program():
    """Start `helpers.frameworks.program` in a Python of its own → the running process; None without TensorFlow."""
    if not installed("tensorflow"):
        return None
    # One thread: batches of 32 are too small to share, 28 s instead of 52 on two busy cores.
    calm = {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3", "TF_NUM_INTRAOP_THREADS": "1"}
    command = [sys.executable, "-m", "helpers.frameworks.program"]
    return subprocess.Popen(command, env=os.environ | calm, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish_tensorflow_program(running):
    """Wait for the process from `start_tensorflow_program` → the test accuracy that it reports."""
    reported, complaints = running.communicate()
    if running.returncode:
        reason = (complaints.strip().splitlines() or ["no reason given"])[-1]
        raise RuntimeError(f"The TensorFlow program stopped: {reason}")
    return float(reported.split()[-1])
