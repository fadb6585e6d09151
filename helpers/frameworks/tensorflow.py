"""The seed network in TensorFlow, by Keras: you describe the layers and how to train, and the framework does it."""

from helpers.frameworks.keras import load, read, write


def train(theta, sizes, X, Y, batches, alpha):
    """Descent on cross-entropy, a step for each batch → θ (P,).   θ (P,), X (n, d), Y (n, K)."""
    keras = load()
    keras.config.set_floatx(str(theta.dtype))
    keras.config.set_dtype_policy(str(theta.dtype))
    hidden = [keras.layers.Dense(k, activation="relu") for k in sizes[1:-1]]
    model = keras.Sequential([keras.Input((sizes[0],)), *hidden, keras.layers.Dense(sizes[-1])])
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(float(alpha)), loss)
    write(model, theta, sizes)
    for batch in batches:
        model.train_on_batch(X[batch], Y[batch])
    return read(model)
