"""The TensorFlow program that this series starts from, its images flattened: python -m helpers.frameworks.program"""

from helpers.data import mnist


def program():
    """Train 784-256-128-10 with Adam for five epochs → the test accuracy."""
    import tensorflow as tf

    data = mnist.load()
    model = tf.keras.Sequential([
        tf.keras.Input((784,)),
        tf.keras.layers.Dense(256, activation="relu"),
        tf.keras.layers.Dense(128, activation="relu"),
        tf.keras.layers.Dense(10, activation="softmax"),
    ])
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(data.X_train, data.labels_train, epochs=5, verbose=0)
    test_loss, test_accuracy = model.evaluate(data.X_test, data.labels_test, verbose=0)
    return test_accuracy


if __name__ == "__main__":
    print("test accuracy:", program())
