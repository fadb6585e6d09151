"""Training: batches, one step by hand, what stays the same, and that it learns real digits."""

import functools
import math
import types

import numpy as np
import pytest

from helpers import network
from helpers.data import tiny
from helpers.activations import identity, relu, sigmoid, softmax
from helpers.losses import GRAD, cross_entropy, mse
from helpers.optimizers import adam, gradient_descent, momentum, remember
from helpers.parameters import glorot, he, layers, size, views
from helpers.training import accuracy, confusion, minibatches, one_hot, predict, train

RULES = [gradient_descent, momentum, adam]
each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda f: f.__name__)
each_loss = pytest.mark.parametrize("loss", GRAD, ids=lambda f: f.__name__)


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.fixture(scope="module")
def digits():
    """Handwritten digits, 8 × 8, from 0 to 1: X (1797, 64) and labels (1797,)."""
    datasets = pytest.importorskip("sklearn.datasets", reason="real digits without a download: pip install scikit-learn")
    data = datasets.load_digits()
    return data.data / 16, data.target


def random_problem(dtype=np.float64, n=10):
    X, labels = rng(1).normal(size=(n, 4)).astype(dtype), rng(2).integers(0, 3, n)
    return glorot([4, 5, 3], rng(3), dtype), X, one_hot(labels, 3, dtype)


def run(theta, X, Y, *, sizes=[4, 5, 3], activations=[sigmoid, identity], loss=mse, optimizer=gradient_descent,
        learning_rate=0.1, epochs=2, batch_size=4, seed=0, **kwargs):
    return list(train(theta, sizes, activations, X, Y, loss=loss, optimizer=optimizer, learning_rate=learning_rate,
                      epochs=epochs, batch_size=batch_size, rng=rng(seed), **kwargs))


# By hand


def test_one_hot_is_1_at_the_label_and_0_elsewhere():
    assert one_hot(np.array([2, 0, 1, 2]), 4).tolist() == [[0, 0, 1, 0], [1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]]


@pytest.mark.parametrize("kind", [np.uint8, np.int8, np.int32, np.int64, np.uint64])
def test_one_hot_takes_whole_numbers_of_any_width_and_gives_the_dtype_you_ask_for(kind):
    labels = np.array([2, 0, 1], kind)
    assert one_hot(labels, 3).dtype == np.float64 and one_hot(labels, 3, np.float32).dtype == np.float32
    assert one_hot(labels, 3).argmax(axis=1).tolist() == [2, 0, 1]


def test_one_full_step_of_the_tiny_network_in_scalar_code():
    w, examples = [0.5, -0.3, 0.2, 0.4, -0.4, 0.1, 0.8, -0.6, 0.3], [(1.0, 2.0, 1.0), (2.0, -1.0, 0.0), (-1.0, 0.5, 0.5)]
    slope, L = [0.0] * 9, 0.0
    for x1, x2, y in examples:
        a1 = 1 / (1 + math.exp(-(x1 * w[0] + x2 * w[2] + w[4])))
        a2 = 1 / (1 + math.exp(-(x1 * w[1] + x2 * w[3] + w[5])))
        error = a1 * w[6] + a2 * w[7] + w[8] - y
        d1, d2 = error * w[6] * a1 * (1 - a1), error * w[7] * a2 * (1 - a2)
        slope = [s + g / 3 for s, g in zip(slope, [x1 * d1, x1 * d2, x2 * d1, x2 * d2, d1, d2, a1 * error, a2 * error, error])]
        L += error**2 / (2 * 3)
    theta, _ = tiny.network()
    [progress] = run(theta, tiny.X, tiny.Y, sizes=tiny.sizes, activations=tiny.activations, learning_rate=0.5, epochs=1,
                     batch_size=3)
    assert np.allclose(theta, [t - 0.5 * g for t, g in zip(w, slope)], rtol=1e-14)
    assert progress == (1, 1, pytest.approx(L, rel=1e-14))


def test_predict_is_the_class_with_the_largest_output():
    net = [(np.eye(3), np.array([0.0, 0.0, 0.5]), identity)]
    assert predict(net, np.array([[1.0, 0.0, 0.0], [0.0, 2.0, 1.0], [0.0, 0.0, 0.0]])).tolist() == [0, 1, 2]


def test_accuracy_is_the_share_that_is_right():
    assert accuracy(np.array([1, 2, 3, 4]), np.array([1, 2, 0, 4])) == 0.75
    assert accuracy(np.array([1, 0]), np.array([0, 1])) == 0.0
    assert type(accuracy(np.array([1]), np.array([1], np.uint8))) is float


def test_confusion_counts_the_true_class_by_row_and_the_predicted_by_column():
    labels, predicted = np.array([0, 0, 1, 2, 2, 2]), np.array([0, 1, 1, 0, 0, 2])
    assert confusion(predicted, labels, 3).tolist() == [[1, 1, 0], [0, 1, 0], [2, 0, 1]]
    assert confusion(predicted, labels, 4).sum() == 6 and confusion(predicted, labels, 4).shape == (4, 4)


@pytest.mark.parametrize("kind", [np.uint8, np.int8, np.int64, np.uint64])
def test_confusion_of_many_classes_agrees_with_scikit_learn(kind):
    metrics = pytest.importorskip("sklearn.metrics", reason="an independent count: pip install scikit-learn")
    labels, predicted = rng(1).integers(0, 100, 999).astype(kind), rng(2).integers(0, 100, 999).astype(kind)
    expected = metrics.confusion_matrix(labels, predicted, labels=range(100))
    assert np.array_equal(confusion(predicted, labels, 100), expected)
    assert np.trace(expected) / 999 == accuracy(predicted, labels)


# Batches


@pytest.mark.parametrize("n, batch_size, lengths", [(10, 4, [4, 4, 2]), (8, 4, [4, 4]), (3, 4, [3]), (1, 1, [1]), (5, 1, [1] * 5)])
def test_batches_hold_every_example_once_and_the_short_last_one_is_kept(n, batch_size, lengths):
    batches = minibatches(n, batch_size, rng())
    assert [len(batch) for batch in batches] == lengths
    assert sorted(np.concatenate(batches)) == list(range(n))


def test_batches_are_in_another_order_every_epoch():
    source = rng()
    one, two = (np.concatenate(minibatches(100, 7, source)).tolist() for _ in range(2))
    assert one != two and one != sorted(one) and two != sorted(two)
    assert np.concatenate(minibatches(100, 7, rng())).tolist() == one


def spy(seen):
    """A backward pass that notes what it is given, and does its work."""

    def noting(net, cache, dA, grads):
        network.backward(net, cache, dA, grads)
        seen.append(types.SimpleNamespace(X=cache[0][0].copy(), cache=cache, dA=dA.copy(), grads=grads, net=net))

    return noting


def test_training_shows_each_example_once_per_epoch_with_its_own_target():
    theta, X, Y = random_problem()
    seen = []
    run(theta, X, Y, epochs=3, batch_size=4, learning_rate=1e-9, backward=spy(seen))
    assert [len(step.X) for step in seen] == [4, 4, 2] * 3
    orders = []
    for epoch in range(3):
        rows = np.concatenate([step.X for step in seen[3 * epoch : 3 * epoch + 3]])
        orders.append([int(np.flatnonzero((X == row).all(axis=1))[0]) for row in rows])
        assert sorted(orders[-1]) == list(range(10))
    assert orders[0] != orders[1] != orders[2]
    # θ hardly moves here, so dA = (Ŷ − Y) / n tells which target each example came with.
    predicted = network.forward(layers(random_problem()[0], [4, 5, 3], [sigmoid, identity]), X)[0]
    for step in seen:
        rows = [int(np.flatnonzero((X == row).all(axis=1))[0]) for row in step.X]
        assert np.allclose(step.dA, (predicted[rows] - Y[rows]) / len(rows), atol=1e-6)


# Train, step by step


@each_rule
@each_loss
def test_training_is_forward_backward_and_one_step_per_batch_and_the_loss_is_that_of_before_the_step(rule, loss):
    theta, X, Y = random_problem()
    progress = run(theta, X, Y, loss=loss, optimizer=rule, epochs=2, batch_size=4, seed=9)
    by_hand, _, _ = random_problem()
    source, memory, expected = rng(9), remember(by_hand), []
    for epoch in (1, 2):
        order = source.permutation(10)
        for rows in (order[:4], order[4:8], order[8:]):
            net, grad = layers(by_hand, [4, 5, 3], [sigmoid, identity]), np.zeros_like(by_hand)
            Y_hat, cache = network.forward(net, X[rows])
            network.backward(net, cache, GRAD[loss](Y_hat, Y[rows]), views(grad, [4, 5, 3]))
            expected.append((epoch, len(expected) + 1, float(loss(Y_hat, Y[rows]))))
            rule(by_hand, grad, 0.1, memory)
    assert progress == expected
    assert np.array_equal(theta, by_hand)


def test_training_counts_epochs_and_steps_from_1():
    theta, X, Y = random_problem()
    assert [(epoch, step) for epoch, step, _ in run(theta, X, Y, epochs=2)] == [(1, 1), (1, 2), (1, 3), (2, 4), (2, 5), (2, 6)]
    assert all(type(L) is float for _, _, L in run(theta, X, Y))


def test_nothing_happens_until_you_loop_and_then_one_step_at_a_time():
    theta, X, Y = random_problem()
    before, source = theta.copy(), rng()
    state = source.bit_generator.state
    progress = train(theta, [4, 5, 3], [sigmoid, identity], X, Y, loss=mse, optimizer=adam, learning_rate=0.1, epochs=1,
                     batch_size=4, rng=source)
    assert np.array_equal(theta, before) and source.bit_generator.state == state
    next(progress)
    once = theta.copy()
    assert not np.array_equal(once, before)
    next(progress)
    assert not np.array_equal(theta, once)


def test_another_backward_pass_takes_the_place_of_ours():
    theta, X, Y = random_problem()

    def nothing(net, cache, dA, grads):
        for pair in grads:
            for array in pair:
                array[...] = 0

    run(theta, X, Y, backward=nothing)
    assert np.array_equal(theta, random_problem()[0])


def test_a_decorator_around_a_backward_pass_is_not_left_out():
    calls = []

    @functools.wraps(network.backward)
    def counted(*args):
        calls.append(len(args))
        network.backward(*args)

    theta, X, Y = random_problem()
    run(theta, X, Y, epochs=2, batch_size=4, backward=counted)
    assert calls == [4] * 6


# Keeps


@each_rule
@each_loss
def test_the_same_seed_gives_the_same_result_bit_for_bit(rule, loss):
    results = []
    for seed in (4, 4, 5):
        theta, X, Y = random_problem()
        results.append((run(theta, X, Y, loss=loss, optimizer=rule, seed=seed), theta.tobytes()))
    assert results[0] == results[1]
    assert results[0][1] != results[2][1]


@each_rule
@each_loss
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_dtype_stays_the_same_through_every_step(rule, loss, dtype):
    theta, X, Y = random_problem(dtype)
    seen = []
    run(theta, X, Y, loss=loss, optimizer=rule, backward=spy(seen))
    arrays = [theta] + [a for s in seen for pair in [*s.cache, *s.grads] for a in pair] + [s.dA for s in seen]
    assert {a.dtype for a in arrays} == {np.dtype(dtype)}


@each_rule
def test_w_and_b_are_windows_into_theta_before_and_after_training(rule):
    theta, X, Y = random_problem()
    net, seen = layers(theta, [4, 5, 3], [sigmoid, identity]), []
    before = predict(net, X), net[0][0].copy()
    run(theta, X, Y, optimizer=rule, epochs=30, backward=spy(seen))
    for (W, b, _), (W_, b_, _) in zip(net, seen[-1].net, strict=True):
        assert np.shares_memory(W, theta) and np.shares_memory(b, theta)
        assert np.shares_memory(W_, theta) and np.shares_memory(b_, theta)
        assert np.array_equal(W, W_)
    assert not np.array_equal(net[0][0], before[1])
    # The gradient is one vector too, cut in the same places.
    flat = [a for pair in seen[-1].grads for a in pair]
    base = flat[0].base
    assert base.shape == theta.shape and all(a.base is base for a in flat) and not np.shares_memory(base, theta)


def test_x_y_and_the_lists_are_untouched_and_global_randomness_too(capsys):
    theta, X, Y = random_problem()
    sizes, activations = [4, 5, 3], [sigmoid, identity]
    before, state = (X.copy(), Y.copy()), np.random.get_state()[1].copy()
    run(theta, X, Y, sizes=sizes, activations=activations)
    labels = predict(layers(theta, sizes, activations), X)
    accuracy(labels, labels)
    confusion(labels, labels, 3)
    assert np.array_equal(X, before[0]) and np.array_equal(Y, before[1])
    assert (sizes, activations) == ([4, 5, 3], [sigmoid, identity])
    assert np.array_equal(np.random.get_state()[1], state)
    assert capsys.readouterr() == ("", "")


def test_two_trainings_side_by_side_do_not_disturb_each_other():
    alone, X, Y = random_problem()
    run(alone, X, Y, optimizer=adam)
    left, right = random_problem()[0], random_problem()[0]
    both = [train(theta, [4, 5, 3], [sigmoid, identity], X, Y, loss=mse, optimizer=adam, learning_rate=0.1, epochs=2,
                  batch_size=4, rng=rng()) for theta in (left, right)]
    for _ in zip(*both):
        pass
    assert np.array_equal(left, alone) and np.array_equal(right, alone)


# Learns


@each_rule
@each_loss
def test_twenty_real_digits_are_learned_by_heart(rule, loss, digits):
    X, labels = digits[0][:20], digits[1][:20]
    Y = one_hot(labels, 10)
    theta, sizes, activations = he([64, 32, 10], rng()), [64, 32, 10], [relu, identity]
    rate = {gradient_descent: {mse: 0.2, cross_entropy: 0.5}[loss], momentum: 0.1, adam: 0.01}[rule]
    progress = run(theta, X, Y, sizes=sizes, activations=activations, loss=loss, optimizer=rule, learning_rate=rate,
                   epochs=500, batch_size=20)
    assert progress[0][2] > 0.4 and progress[-1][2] < 0.01
    assert accuracy(predict(layers(theta, sizes, activations), X), labels) == 1.0


@each_rule
@each_loss
def test_one_epoch_lowers_the_loss(rule, loss, digits):
    X, Y = digits[0], one_hot(digits[1], 10)
    theta, sizes, activations = he([64, 32, 10], rng()), [64, 32, 10], [relu, identity]
    before = loss(network.forward(layers(theta, sizes, activations), X)[0], Y)
    rate = 0.05 if rule is gradient_descent else 0.01
    run(theta, X, Y, sizes=sizes, activations=activations, loss=loss, optimizer=rule, learning_rate=rate, epochs=1, batch_size=32)
    assert loss(network.forward(layers(theta, sizes, activations), X)[0], Y) < 0.9 * before


def test_digits_that_were_never_seen_are_recognized(digits):
    X, labels = digits
    theta, sizes, activations = he([64, 32, 10], rng(), np.float32), [64, 32, 10], [relu, identity]
    X, Y = X.astype(np.float32), one_hot(labels, 10, np.float32)
    run(theta, X[:1400], Y[:1400], sizes=sizes, activations=activations, loss=cross_entropy, optimizer=adam,
        learning_rate=0.01, epochs=10, batch_size=32)
    predicted = predict(layers(theta, sizes, activations), X[1400:])
    assert accuracy(predicted, labels[1400:]) > 0.9
    assert np.trace(confusion(predicted, labels[1400:], 10)) == (predicted == labels[1400:]).sum()


def test_a_hidden_layer_learns_what_one_layer_cannot_the_exclusive_or():
    X, Y = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0], [1.0, 0.0]])
    right = {}
    for sizes, activations in {(2, 2): [identity], (2, 8, 2): [sigmoid, identity]}.items():
        theta = glorot(sizes, rng())
        run(theta, X, Y, sizes=sizes, activations=activations, loss=cross_entropy, optimizer=adam, epochs=500, batch_size=4)
        right[len(sizes)] = accuracy(predict(layers(theta, sizes, activations), X), Y.argmax(axis=1))
    assert right[2] < 1 and right[3] == 1


def test_a_softmax_output_learns_with_the_mean_squared_error_too(digits):
    X, labels = digits[0][:200], digits[1][:200]
    theta, sizes, activations = glorot([64, 10], rng()), [64, 10], [softmax]
    assert size(sizes) == len(theta)
    run(theta, X, one_hot(labels, 10), sizes=sizes, activations=activations, optimizer=adam, learning_rate=0.05, epochs=30, batch_size=20)
    assert accuracy(predict(layers(theta, sizes, activations), X), labels) > 0.95


def test_softmax_before_a_cross_entropy_that_has_its_own_is_refused(digits):
    X, Y = digits[0], one_hot(digits[1], 10)
    with pytest.raises(ValueError, match="activations: got softmax in the last layer, wanted identity"):
        next(train(glorot([64, 10], rng()), [64, 10], [softmax], X, Y, loss=cross_entropy, optimizer=gradient_descent,
                   learning_rate=0.1, epochs=1, batch_size=32, rng=rng()))


def test_a_label_of_K_is_named_in_one_hot_and_on_either_side_of_a_confusion():
    good, bad = np.array([0, 1]), np.array([0, 2])
    for call, name in ((lambda: one_hot(bad, 2), "labels"), (lambda: confusion(bad, good, 2), "predicted"),
                       (lambda: confusion(good, bad, 2), "labels")):
        with pytest.raises(ValueError, match=f"^{name}: got a label 2, wanted labels below K = 2"):
            call()


def test_a_backward_pass_of_your_own_finds_a_gradient_of_zeros():
    def adding(layers, cache, dA, grads):
        mine = [(np.zeros_like(dW), np.zeros_like(db)) for dW, db in grads]
        network.backward(layers, cache, dA, mine)
        for arrays, more in zip(grads, mine):
            for array, one in zip(arrays, more):
                array += one

    _, X, Y = random_problem()
    thetas = []
    for own in (adding, network.backward):
        theta, _, _ = random_problem()
        for _ in train(theta, [4, 5, 3], [sigmoid, identity], X, Y, loss=mse, optimizer=gradient_descent, learning_rate=0.1,
                       epochs=1, batch_size=len(X), rng=rng(), backward=own):
            pass
        thetas.append(theta)
    assert np.allclose(*thetas, rtol=1e-12)


def test_targets_that_are_no_shares_do_not_suit_cross_entropy():
    theta, X = np.zeros(size([4, 2])), np.ones((3, 4))
    rule = dict(optimizer=gradient_descent, learning_rate=0.1, epochs=1, batch_size=2, rng=np.random.default_rng(0))
    list(train(theta, [4, 2], [identity], X, np.ones((3, 2)), loss=mse, **rule))
    with pytest.raises(ValueError, match="Y: got a row that sums to 2 at"):
        list(train(theta, [4, 2], [identity], X, np.ones((3, 2)), loss=cross_entropy, **rule))
