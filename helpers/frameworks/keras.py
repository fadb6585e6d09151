"""The seed network in Keras: you describe layers, loss and step, and Keras does it on JAX, TensorFlow or PyTorch."""

import importlib

import keras
import numpy as np

from helpers.parameters import views

if keras.backend.backend() == "jax":
    importlib.import_module("jax").config.update("jax_enable_x64", True)  # JAX has no float64 until it is asked
# On JAX and PyTorch some of Keras's float64 passes through float32 (keras-team/keras#23704), because of this table.
getattr(importlib.import_module("keras.src.backend.common.dtypes"), "BIT64_TO_BIT32_DTYPE", {})["float64"] = "float64"


def train(theta, sizes, X, Y, batches, learning_rate, last="linear"):
    """Descent on cross-entropy, a step for each batch → θ (P,).   θ (P,), X (n, d), Y (n, K)."""
    keras.config.set_floatx(str(theta.dtype))
    keras.config.set_dtype_policy(str(theta.dtype))
    hidden = [keras.layers.Dense(k, activation="relu") for k in sizes[1:-1]]
    model = keras.Sequential([keras.Input((sizes[0],)), *hidden, keras.layers.Dense(sizes[-1], activation=last)])
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(float(learning_rate)), loss)
    model.set_weights([array.copy() for pair in views(theta, sizes) for array in pair])
    for batch in batches:
        model.train_on_batch(X[batch], Y[batch])
    return np.concatenate([array.ravel() for array in model.get_weights()])
