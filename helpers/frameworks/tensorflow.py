"""The seed network in TensorFlow, by Keras: you describe the layers, and the framework trains them."""

from helpers.activations import identity, relu
from helpers.keras_bridge import build, read
from helpers.losses import cross_entropy
from helpers.optimizers import gradient_descent


def train(theta, sizes, X, Y, batches, alpha):
    """Plain gradient descent on cross-entropy, a step for each batch → θ (P,).   theta (P,), X (n, d), Y (n, K)."""
    activations = [*[relu] * (len(sizes) - 2), identity]
    model = build(theta, sizes, activations, loss=cross_entropy, optimizer=gradient_descent, learning_rate=float(alpha))
    for batch in batches:
        model.train_on_batch(X[batch], Y[batch])
    return read(model)
