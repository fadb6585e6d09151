"""Forward and backward: the tiny network in scalar code, then every gradient against nudges and against JAX."""

import itertools
import math

import numpy as np
import pytest

from helpers import network
from helpers.activations import PRIME, identity, relu, sigmoid, softmax
from helpers.data import tiny
from helpers.losses import GRAD, cross_entropy, mse
from helpers.network import backward, chain, forward
from helpers.parameters import layers, size, views

# Sizes all different, so that nothing fits where it does not belong: n = 7, d = 4, h = 5, 6, 2, K = 3.
SIZES = {1: [4, 3], 2: [4, 5, 3], 3: [4, 5, 6, 3], 4: [4, 5, 6, 2, 3]}
ONE, TWO, THREE = ([*itertools.product(PRIME, repeat=depth)] for depth in (1, 2, 3))
FOUR = [(sigmoid, relu, identity, softmax), (softmax, sigmoid, relu, identity), (relu, softmax, sigmoid, relu),
        (identity, identity, softmax, sigmoid)]


def networks(*lists):
    return pytest.mark.parametrize("activations", sum(lists, []), ids=lambda fs: "-".join(f.__name__ for f in fs))


each_loss = pytest.mark.parametrize("loss", GRAD, ids=lambda f: f.__name__)


def loss_at(theta, activations, X, Y, loss):
    return loss(forward(layers(theta, SIZES[len(activations)], activations), X)[0], Y)


def gradient(theta, sizes, activations, X, Y, loss):
    """∇L as `network.gradient` computes it, also where softmax and cross-entropy meet, which that refuses."""
    net, grad = layers(theta, sizes, activations), np.zeros_like(theta)
    A, cache = forward(net, X)
    backward(net, cache, GRAD[loss](A, Y), views(grad, sizes))
    if loss is not cross_entropy or activations[-1] is not softmax:
        same, L = network.gradient(theta, sizes, activations, X, Y, loss)
        assert np.array_equal(same, grad)
        assert L == loss(A, Y)
    return grad


def problem(activations):
    """θ with random biases that are not 0, X and Y, such that no ReLU stands near its kink and none is dead."""
    sizes = SIZES[len(activations)]
    for seed in itertools.count():
        rng = np.random.default_rng(seed)
        theta, X, Y = rng.normal(0, 0.7, size(sizes)), rng.normal(size=(7, 4)), np.eye(3)[rng.integers(0, 3, 7)]
        _, cache = forward(layers(theta, sizes, activations), X)
        gates = [Z for f, (_, Z) in zip(activations, cache) if f is relu]
        if all(np.abs(Z).min() > 1e-3 and (Z > 0).any(axis=0).all() for Z in gates):
            return theta, X, Y


# By hand: the tiny network in scalar code, one example at a time


W1, B1, W2, B2 = [[0.5, -0.3], [0.2, 0.4]], [-0.4, 0.1], [0.8, -0.6], 0.3
EXAMPLES = [((1.0, 2.0), 1.0), ((2.0, -1.0), 0.0), ((-1.0, 0.5), 0.5)]


def scalar_forward(x):
    z = [x[0] * W1[0][k] + x[1] * W1[1][k] + B1[k] for k in (0, 1)]
    a = [1 / (1 + math.exp(-z[k])) for k in (0, 1)]
    return z, a, a[0] * W2[0] + a[1] * W2[1] + B2


def scalar_gradient(examples):
    """∂L/∂ each number of θ, in θ's order: W1 row by row, b1, W2, b2."""
    total = [0.0] * 9
    for x, y in examples:
        _, a, y_hat = scalar_forward(x)
        dy = (y_hat - y) / len(examples)
        dz = [dy * W2[k] * a[k] * (1 - a[k]) for k in (0, 1)]
        one = [x[0] * dz[0], x[0] * dz[1], x[1] * dz[0], x[1] * dz[1], dz[0], dz[1], a[0] * dy, a[1] * dy, dy]
        total = [t + o for t, o in zip(total, one)]
    return total


def test_the_tiny_network_has_the_numbers_of_the_notebooks():
    theta, net = tiny.network()
    assert theta.tolist() == [*W1[0], *W1[1], *B1, *W2, B2]
    assert [f for _, _, f in net] == [sigmoid, identity]
    assert list(zip(map(tuple, tiny.X.tolist()), tiny.Y.ravel().tolist())) == EXAMPLES


def test_a_fresh_tiny_network_is_not_spoiled_by_another():
    theta, net = tiny.network()
    theta += 1
    assert net[0][0][0, 0] == 1.5 and tiny.network()[0][0] == 0.5


def test_forward_of_the_first_example_by_hand():
    # z = (1·0.5 + 2·0.2 − 0.4, 1·(−0.3) + 2·0.4 + 0.1) = (0.5, 0.6), so a = (0.6225, 0.6457) and ŷ = 0.4106.
    _, net = tiny.network()
    A, cache = forward(net, tiny.X[:1])
    assert np.allclose(cache[0][1], [[0.5, 0.6]], rtol=1e-15)
    assert np.allclose(cache[1][0], [[0.622459, 0.645656]], atol=5e-7)
    assert A[0, 0] == pytest.approx(0.410574, abs=5e-7)


def test_forward_of_every_example_in_scalar_code():
    _, net = tiny.network()
    A, cache = forward(net, tiny.X)
    for i, (x, _) in enumerate(EXAMPLES):
        z, a, y_hat = scalar_forward(x)
        assert np.allclose(cache[0][0][i], x, rtol=0) and np.allclose(cache[0][1][i], z, rtol=1e-14)
        assert np.allclose(cache[1][0][i], a, rtol=1e-14)
        assert A[i, 0] == pytest.approx(y_hat, rel=1e-14) == cache[1][1][i, 0]


def test_mse_of_the_tiny_network_in_scalar_code():
    _, net = tiny.network()
    squares = [(y - scalar_forward(x)[2]) ** 2 for x, y in EXAMPLES]
    assert mse(forward(net, tiny.X)[0], tiny.Y) == pytest.approx(sum(squares) / (2 * 3), rel=1e-14)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_every_gradient_of_the_tiny_network_in_scalar_code(n):
    theta, _ = tiny.network()
    grad = gradient(theta, tiny.sizes, tiny.activations, tiny.X[:n], tiny.Y[:n], mse)
    assert np.allclose(grad, scalar_gradient(EXAMPLES[:n]), rtol=1e-13, atol=1e-16)


def test_one_full_update_step_of_the_tiny_network_in_scalar_code():
    theta, net = tiny.network()
    expected = [t - 0.5 * g for t, g in zip(theta.tolist(), scalar_gradient(EXAMPLES))]
    before = mse(forward(net, tiny.X)[0], tiny.Y)
    theta -= 0.5 * gradient(theta, tiny.sizes, tiny.activations, tiny.X, tiny.Y, mse)
    assert np.allclose(theta, expected, rtol=1e-14)
    assert mse(forward(net, tiny.X)[0], tiny.Y) < before


def test_z_is_a_w_plus_b_then_a_is_f_of_z_layer_after_layer():
    # Two inputs 2 and 3 into weights (1, 10) and (100, −1000) with biases 7 and 5: Z = (309, −2975).
    W, b = np.array([[1.0, 10.0], [100.0, -1000.0]]), np.array([7.0, 5.0])
    V, c = np.array([[2.0], [4.0]]), np.array([0.5])
    A, cache = forward([(W, b, relu), (V, c, identity)], np.array([[2.0, 3.0]]))
    assert cache[0][1].tolist() == [[309.0, -2975.0]] and cache[1][0].tolist() == [[309.0, 0.0]]
    assert A.tolist() == [[618.5]]


def test_chain_multiplies_entry_by_entry_or_through_the_jacobian_row_by_row():
    dA = np.array([[2.0, 3.0]])
    assert chain(dA, np.array([[5.0, 7.0]])).tolist() == [[10.0, 21.0]]
    # dzⱼ = Σᵢ daᵢ ∂aᵢ/∂zⱼ: 2·1 + 3·100 and 2·10 + 3·1000.
    assert chain(dA, np.array([[[1.0, 10.0], [100.0, 1000.0]]])).tolist() == [[302.0, 3020.0]]


# Is the slope of


@networks(ONE, TWO, THREE, FOUR)
@each_loss
def test_backward_is_the_slope_of_the_loss_along_every_weight_and_bias(activations, loss):
    theta, X, Y = problem(activations)
    sizes, h = SIZES[len(activations)], 1e-5
    moved, nudged = theta.copy(), np.empty_like(theta)
    net = layers(moved, sizes, activations)
    for j in range(len(theta)):
        moved[j] = theta[j] + h
        ahead = loss(forward(net, X)[0], Y)
        moved[j] = theta[j] - h
        nudged[j] = (ahead - loss(forward(net, X)[0], Y)) / (2 * h)
        moved[j] = theta[j]
    grad = gradient(theta, sizes, activations, X, Y, loss)
    for ours, theirs in zip(views(grad, sizes), views(nudged, sizes), strict=True):
        for a, b in zip(ours, theirs, strict=True):
            assert np.linalg.norm(b) > 1e-4, "a gradient of nothing proves nothing"
            assert np.linalg.norm(a - b) <= 1e-7 * np.linalg.norm(b)


@each_loss
@pytest.mark.parametrize("hidden", [sigmoid, relu], ids=lambda f: f.__name__)
def test_backward_is_the_slope_along_a_random_direction_of_the_full_network(hidden, loss):
    sizes, activations, h = [784, 256, 128, 10], [hidden, hidden, identity], 1e-6
    rng = np.random.default_rng(5)
    theta = rng.normal(0, 0.05, size(sizes))
    X, Y, direction = rng.random((7, 784)), np.eye(10)[rng.integers(0, 10, 7)], rng.normal(size=theta.shape)

    def at(step):
        A, cache = forward(layers(theta + step * direction, sizes, activations), X)
        return loss(A, Y), [Z > 0 for _, Z in cache[:-1]]

    (ahead, gates), (behind, same_gates) = at(h), at(-h)
    if hidden is relu:
        assert all(np.array_equal(a, b) for a, b in zip(gates, same_gates)), "the nudge must not cross a kink"
    slope = gradient(theta, sizes, activations, X, Y, loss) @ direction
    assert abs(slope - (ahead - behind) / (2 * h)) <= 1e-7 * abs(slope)


@networks([(sigmoid, softmax, identity), (softmax, relu, sigmoid)])
@each_loss
def test_backward_agrees_with_scipy(activations, loss):
    optimize = pytest.importorskip("scipy.optimize", reason="a second opinion on gradients: pip install scipy")
    theta, X, Y = problem(activations)
    expected = optimize.approx_fprime(theta, loss_at, 1.5e-8, activations, X, Y, loss)  # one-sided: fewer digits
    assert np.allclose(gradient(theta, SIZES[3], activations, X, Y, loss), expected, rtol=0, atol=1e-6)


# Autodiff


@networks(TWO, THREE[::7])
@each_loss
def test_backward_agrees_with_jax(activations, loss, jax64):
    jnp, nn = jax64.numpy, jax64.nn
    bends = {identity: lambda z: z, sigmoid: nn.sigmoid, relu: nn.relu, softmax: nn.softmax}
    theta, X, Y = problem(activations)
    sizes = SIZES[len(activations)]

    def model(weights):
        A = jnp.asarray(X)
        for (W, b), f in zip(weights, activations, strict=True):
            A = bends[f](jnp.dot(A, W) + b)
        if loss is mse:
            return jnp.mean(jnp.sum((A - Y) ** 2, axis=1)) / 2
        return -jnp.mean(jnp.sum(Y * nn.log_softmax(A), axis=1))

    value, theirs = jax64.value_and_grad(model)([(jnp.array(W), jnp.array(b)) for W, b in views(theta, sizes)])
    assert loss_at(theta, activations, X, Y, loss) == pytest.approx(float(value), rel=1e-13)
    ours = views(gradient(theta, sizes, activations, X, Y, loss), sizes)
    for (dW, db), (dW_, db_) in zip(ours, theirs, strict=True):
        assert dW_.dtype == np.float64
        assert np.abs(dW - dW_).max() <= 1e-10 and np.abs(db - db_).max() <= 1e-10


# Keeps


def test_the_cache_holds_what_entered_each_layer_and_its_z():
    theta, X, _ = problem((sigmoid, relu, softmax))
    net = layers(theta, SIZES[3], (sigmoid, relu, softmax))
    A, cache = forward(net, X)
    assert cache[0][0] is X
    assert [(a.shape, z.shape) for a, z in cache] == [((7, 4), (7, 5)), ((7, 5), (7, 6)), ((7, 6), (7, 3))]
    for (_, Z), (entered, _), (_, _, f) in zip(cache, [*cache[1:], (A, None)], net):
        assert np.array_equal(entered, f(Z))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@networks([(sigmoid, relu, identity), (softmax, identity, softmax)])
@each_loss
def test_a_dtype_stays_the_same_from_x_to_the_gradient(activations, dtype, loss):
    theta, X, Y = (a.astype(dtype) for a in problem(activations))
    sizes, seen = SIZES[3], []
    net, grad = layers(theta, sizes, activations), np.zeros_like(theta)
    A, cache = forward(net, X)
    dA = GRAD[loss](A, Y)
    for i, (W, b, f) in reversed(list(enumerate(net))):
        seen += [dA, *cache[i], PRIME[f](cache[i][1]), chain(dA, PRIME[f](cache[i][1]))]
        dA = seen[-1] @ W.T
    backward(net, cache, GRAD[loss](A, Y), views(grad, sizes))
    assert {a.dtype for a in [A, grad, *seen]} == {np.dtype(dtype)}


def test_forward_and_backward_leave_their_inputs_untouched():
    activations = (identity, sigmoid, softmax)
    theta, X, Y = problem(activations)
    net, grad = layers(theta, SIZES[3], activations), np.zeros_like(theta)
    A, cache = forward(net, X)
    dA = GRAD[mse](A, Y)
    inputs = [theta, X, A, dA, *itertools.chain(*cache)]
    before = [a.copy() for a in inputs]
    forward(net, X)
    assert backward(net, cache, dA, views(grad, SIZES[3])) is None
    assert all(np.array_equal(a, b) for a, b in zip(inputs, before, strict=True))


def test_backward_writes_over_what_grads_held_so_running_it_again_changes_nothing():
    activations = (sigmoid, softmax, identity)
    theta, X, Y = problem(activations)
    net, grad = layers(theta, SIZES[3], activations), np.full_like(theta, np.nan)
    A, cache = forward(net, X)
    results = []
    for _ in range(2):
        backward(net, cache, GRAD[mse](A, Y), views(grad, SIZES[3]))
        results.append(grad.copy())
    assert np.array_equal(*results) and np.isfinite(grad).all()
    assert np.array_equal(A, forward(net, X)[0])


def test_backward_belongs_to_the_cache_it_is_given_not_to_the_last_forward():
    activations = (sigmoid, relu, identity)
    theta, X, Y = problem(activations)
    net, grad = layers(theta, SIZES[3], activations), np.zeros_like(theta)
    A, cache = forward(net, X)
    forward(net, X[::-1] * 3)
    backward(net, cache, GRAD[mse](A, Y), views(grad, SIZES[3]))
    assert np.array_equal(grad, gradient(theta, SIZES[3], activations, X, Y, mse))


@each_loss
def test_the_gradient_of_a_batch_is_the_mean_over_its_examples_in_any_order(loss):
    activations = (sigmoid, relu, identity)
    theta, X, Y = problem(activations)
    whole = gradient(theta, SIZES[3], activations, X, Y, loss)
    singly = [gradient(theta, SIZES[3], activations, X[i : i + 1], Y[i : i + 1], loss) for i in range(7)]
    assert np.allclose(whole, np.mean(singly, axis=0), rtol=1e-12, atol=1e-15)
    assert np.allclose(whole, gradient(theta, SIZES[3], activations, X[::-1], Y[::-1], loss), rtol=1e-12, atol=1e-15)
    assert np.allclose(whole, gradient(theta, SIZES[3], activations, np.vstack([X, X]), np.vstack([Y, Y]), loss), rtol=1e-12, atol=1e-15)


def test_a_diverged_network_goes_on_to_nan_without_an_error():
    theta, net = tiny.network()
    theta[:] = np.inf
    with np.errstate(invalid="ignore"):
        A, cache = forward(net, tiny.X)
        grad = np.zeros_like(theta)
        backward(net, cache, A, views(grad, tiny.sizes))
    assert not np.isfinite(A).all()


def test_forward_and_backward_print_nothing_and_leave_global_randomness_alone(capsys):
    before = np.random.get_state()[1].copy()
    theta, X, Y = problem((sigmoid, relu, softmax))
    gradient(theta, SIZES[3], (sigmoid, relu, softmax), X, Y, cross_entropy)
    assert np.array_equal(np.random.get_state()[1], before)
    assert capsys.readouterr() == ("", "")


def test_a_gradient_is_written_into_the_array_that_is_given_or_into_a_new_one():
    theta, (X, Y) = tiny.network()[0], (tiny.X, tiny.Y)
    mine, other = np.full(9, 7.0), []
    found, L = network.gradient(theta, tiny.sizes, tiny.activations, X, Y, mse, mine)
    new, _ = network.gradient(theta, tiny.sizes, tiny.activations, X, Y, mse)
    assert found is mine
    assert new is not mine and np.array_equal(new, mine)
    assert type(L) is float
    network.gradient(theta, tiny.sizes, tiny.activations, X, Y, mse, None, lambda layers, cache, dA, grads: other.append(grads[0][0].copy()))
    assert not other[0].any(), "a new array begins with zeros: a rule that adds to it starts from nothing"
