"""The promised accuracies, on all of MNIST, from several starts."""

import numpy as np
import pytest

from helpers.data import mnist
from helpers.activations import identity, relu, sigmoid
from helpers.explorers.mnist_from_scratch import Run
from helpers.losses import cross_entropy, mse
from helpers.optimizers import adam, gradient_descent
from helpers.parameters import glorot, he, layers
from helpers.training import accuracy, one_hot, predict, train

SIZES = [784, 256, 128, 10]


@pytest.fixture(scope="module")
def data():
    raw, where = mnist.find(download=False)
    if raw is None:
        pytest.skip("MNIST is not on this machine")
    return mnist.load(download=False)


def test_accuracy(data, initialize, activations, seed, **how):
    rng = np.random.default_rng(seed)
    theta = initialize(SIZES, rng, np.float32)
    for _ in train(theta, SIZES, activations, data.X_train, one_hot(data.labels_train, 10, np.float32), batch_size=32, rng=rng, **how):
        pass
    return accuracy(predict(layers(theta, SIZES, activations), data.X_test), data.labels_test)


test_accuracy.__test__ = False  # the accuracy on the test set, not a test


def test_cross_entropy_and_adam_read_97_5_percent_in_five_epochs_on_the_mean_of_three_starts(data):
    how = {"loss": cross_entropy, "optimizer": adam, "learning_rate": 0.001, "epochs": 5}
    found = [test_accuracy(data, glorot, [relu, relu, identity], seed, **how) for seed in range(3)]
    print(found, np.mean(found))
    assert np.mean(found) >= 0.975


def test_mse_and_plain_descent_read_96_5_percent_within_ten_epochs(data):
    how = {"loss": mse, "optimizer": gradient_descent, "learning_rate": 0.5, "epochs": 5}
    found = test_accuracy(data, he, [relu, relu, sigmoid], 0, **how)
    print(found)
    assert found >= 0.965


def test_ten_times_adams_rate_costs_accuracy_as_notebook_06_says(data):
    data = mnist.load(validation=5000, download=False)
    run, scores = Run(data.X_train[:10_000], data.labels_train[:10_000], np.float32), []
    for rate, steps in ((0.001, 1500), (0.01, 500)):
        for _ in range(steps):
            run.step(rate, 32, "Adam", "ReLU")
            if len(run.losses) % 50 == 0:
                scores.append(accuracy(predict(run.network("ReLU"), data.X_validation[:1000]), data.labels_validation[:1000]))
    print(scores)
    assert np.mean(scores[-8:]) < np.mean(scores[22:30]) - 0.01
