"""The seed network in TensorFlow: a tape notes what is computed, and is asked for the gradient afterwards."""

import numpy as np
import tensorflow as tf

from helpers.parameters import views


@tf.function
def step(parameters, X, Y, learning_rate):
    """θ − α ∇L, in place, for every W and b in the list of variables."""
    with tf.GradientTape() as tape:
        A = X
        for W, b in zip(parameters[::2], parameters[1::2]):
            Z = A @ W + b
            A = tf.nn.relu(Z)
        loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(Y, Z))
    for p, g in zip(parameters, tape.gradient(loss, parameters)):
        p.assign_sub(learning_rate * g)


def train(theta, sizes, X, Y, batches, learning_rate):
    """Descent on cross-entropy, a step for each batch → θ (P,).   θ (P,), X (n, d), Y (n, K)."""
    parameters = [tf.Variable(array) for pair in views(theta, sizes) for array in pair]
    learning_rate = tf.constant(learning_rate, theta.dtype)
    for batch in batches:
        step(parameters, tf.constant(X[batch]), tf.constant(Y[batch]), learning_rate)
    return np.concatenate([p.numpy().ravel() for p in parameters])
