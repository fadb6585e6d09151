"""Every version gives the same gradient, and what is counted is what is computed."""

import cProfile

import numpy as np
import pytest

from helpers.topics import speed
from helpers.activations import identity, relu
from helpers.gradcheck import numerical_gradient
from helpers.losses import cross_entropy, cross_entropy_grad
from helpers.network import backward, forward
from helpers.optimizers import adam, gradient_descent, remember
from helpers.parameters import he, layers, views
from helpers.training import train

NETWORKS = [([5, 4, 3], 7), ([3, 6, 5, 2], 1), ([4, 2], 5), ([2, 3, 3, 3, 4], 6)]
VERSIONS = [speed.in_loops, speed.one_by_one, speed.batched]


def problem(sizes, n, seed=0):
    rng = np.random.default_rng(seed)
    theta = he(sizes, rng)
    theta += rng.normal(0, 0.1, theta.size)  # biases that are not 0
    return theta, rng.normal(size=(n, sizes[0])), np.eye(sizes[-1])[rng.integers(0, sizes[-1], n)]


def truth(theta, sizes, X, Y):
    net, grad = layers(theta, sizes, [relu] * (len(sizes) - 2) + [identity]), np.zeros_like(theta)
    Z, cache = forward(net, X)
    backward(net, cache, cross_entropy_grad(Z, Y), views(grad, sizes))
    return grad


@pytest.mark.parametrize(("sizes", "n"), NETWORKS)
@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_gives_the_gradient_of_notebook_03(version, sizes, n):
    for seed in range(5):
        theta, X, Y = problem(sizes, n, seed)
        before = theta.copy(), X.copy(), Y.copy()
        np.testing.assert_allclose(version(theta, sizes, X, Y), truth(theta, sizes, X, Y), rtol=1e-10, atol=1e-14)
        assert all(map(np.array_equal, before, (theta, X, Y)))


@pytest.mark.parametrize(("sizes", "n"), NETWORKS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_in_place_gives_it_too_as_often_as_it_is_asked_and_in_the_same_memory(sizes, n, dtype):
    room = speed.workspace(sizes, n, dtype)
    for seed in range(3):
        theta, X, Y = (a.astype(dtype) for a in problem(sizes, n, seed))
        grad = speed.in_place(theta, sizes, X, Y, room)
        assert grad is room[1] and grad.dtype == dtype
        tolerance = 1e-10 if dtype == np.float64 else 1e-4
        np.testing.assert_allclose(grad, truth(theta, sizes, X, Y), rtol=tolerance, atol=tolerance / 100)


def test_the_gradient_is_the_slope_of_the_loss():
    theta, X, Y = problem([3, 4, 2], 5)
    bends = [relu, identity]
    slope = numerical_gradient(lambda t: cross_entropy(forward(layers(t, [3, 4, 2], bends), X)[0], Y), theta)
    np.testing.assert_allclose(speed.batched(theta, [3, 4, 2], X, Y), slope, rtol=1e-5, atol=1e-8)


def test_float32_stays_float32():
    theta, X, Y = (a.astype(np.float32) for a in problem([5, 4, 3], 7))
    for version in (speed.one_by_one, speed.batched):
        grad = version(theta, [5, 4, 3], X, Y)
        assert grad.dtype == np.float32
        np.testing.assert_allclose(grad, truth(theta, [5, 4, 3], X, Y), rtol=1e-4, atol=1e-6)


def test_scores_of_a_thousand_do_not_overflow(no_warnings):
    theta, X, Y = problem([5, 4, 3], 7)
    for version in VERSIONS:
        np.testing.assert_allclose(version(theta * 1000, [5, 4, 3], X, Y), truth(theta * 1000, [5, 4, 3], X, Y), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(("sizes", "n"), NETWORKS)
def test_the_formula_counts_the_products_of_one_gradient(sizes, n, monkeypatch):
    done = []

    class Noted(np.ndarray):
        def __array_ufunc__(self, ufunc, method, *inputs, out=None, **settings):
            plain = [np.asarray(i) for i in inputs]
            result = getattr(ufunc, method)(*plain, out=tuple(map(np.asarray, out)) if out else None, **settings)
            if ufunc is np.matmul:
                (n, m), (_, k) = (i.shape for i in plain)
                done.append(2 * n * m * k)
            return np.asarray(result).view(Noted)

    theta, X, Y = (a.view(Noted) for a in problem(sizes, n))
    speed.batched(theta, sizes, X, Y)
    assert sum(done) == speed.flops(sizes, n)


def test_the_books_hold_each_operation_once():
    A, B, C = np.ones((3, 4)), np.ones((4, 5)), np.ones((3, 5))
    cases = [
        (lambda a, b: a @ b, (A, B), 2 * 3 * 4 * 5, 8 * (12 + 20 + 15)),
        (lambda a, b: a + b, (C, C), 15, 8 * 45),
        (lambda a: a * 2.0, (C,), 15, 8 * 30),
        (lambda a: a.sum(axis=0), (C,), 15, 8 * (15 + 5)),
        (lambda a: a.max(), (C,), 15, 8 * 15),
        (lambda a: np.maximum(a, 0, out=a), (C,), 15, 8 * 30),
        (lambda a: a > 0, (C,), 15, 8 * 15 + 15),
        (lambda a: a[np.array([0, 2])], (C,), 0, 8 * 20),
        (lambda a: a[1:], (C,), 0, 0),
        (lambda a, b: (a @ b).T + 1, (A, B), 120 + 15, 8 * (47 + 30)),
        (lambda a: [part * 2 for part in a], ([C, C],), 30, 8 * 60),
    ]
    for function, arrays, flop, moved in cases:
        assert speed.books(function, *arrays) == {"flops": flop, "bytes": moved}
        half = [[a.astype(np.float32) for a in g] if isinstance(g, list) else g.astype(np.float32) for g in arrays]
        if moved % 8 == 0:
            assert speed.books(function, *half)["bytes"] == moved / 2


def test_the_books_do_not_change_the_result():
    sizes = [5, 4, 3]
    theta, X, Y = problem(sizes, 7)
    book = {"flops": 0, "bytes": 0}
    for version in (speed.one_by_one, speed.batched):
        kept = version(*speed.counted((theta,), book), sizes, *speed.counted((X, Y), book))
        assert isinstance(kept, speed.Counted) and np.array_equal(kept, version(theta, sizes, X, Y))
    assert not isinstance(theta, speed.Counted)


@pytest.mark.parametrize("n", [1, 8, 64])
def test_versions_do_the_same_work_and_move_ever_fewer_bytes(n):
    sizes = [784, 256, 128, 10]
    theta, X, Y = problem(sizes, n)
    single = [a.astype(np.float32) for a in (theta, X, Y)]
    one, all_, half, room = (speed.books(speed.one_by_one, theta, sizes, X, Y), speed.books(speed.batched, theta, sizes, X, Y),
                             speed.books(speed.batched, single[0], sizes, *single[1:]),
                             speed.books(speed.in_place, single[0], sizes, *single[1:], speed.workspace(sizes, n, np.float32)))
    for book in (one, all_, half, room):
        assert 1 <= book["flops"] / speed.flops(sizes, n) < (1.3 if n == 1 else 1.04)
    assert speed.list_bytes(sizes, n) > one["bytes"] > 0.99 * all_["bytes"] > 1.9 * half["bytes"] > 2 * room["bytes"]


def test_the_trainer_keeps_its_books_too():
    sizes = [784, 256, 128, 10]
    theta, X, Y = (a.astype(np.float32) for a in problem(sizes, 64))

    def step(theta, X, Y):
        for _ in train(theta, sizes, [relu, relu, identity], X, Y, loss=cross_entropy, optimizer=gradient_descent, learning_rate=0.1, epochs=1,
                       batch_size=64, rng=np.random.default_rng(0)):
            pass

    book = speed.books(step, theta, X, Y)
    assert 1 <= book["flops"] / speed.flops(sizes, 64) < 1.06
    assert book["bytes"] > 4 * (4 * theta.size + X.size), "weights read twice, a gradient written and used, the images read"


def test_adam_moves_more_bytes_than_it_computes():
    theta, grad = np.ones(1000, np.float32), np.full(1000, 0.5, np.float32)
    book = speed.books(lambda theta, grad: adam(theta, grad, 0.001, remember(theta)), theta, grad)
    assert 5_000 < book["flops"] < 0.5 * book["bytes"]


def test_pure_python_touches_four_numbers_of_32_bytes_in_each_inner_line():
    assert speed.list_bytes([784, 256], 1) == 32 * 4 * (784 * 256) * 2  # Z += a W, dW += a dZ
    assert speed.list_bytes([784, 256, 10], 3) == 3 * 32 * 4 * (784 * 256 * 2 + 256 * 10 * 3)


def test_they_take_turns_and_the_shortest_counts(monkeypatch):
    clock, order = [0.0], []
    monkeypatch.setattr(speed.time, "perf_counter", lambda: clock[0])
    runs = {"a": iter([5.0, 2.0, 9.0]), "b": iter([1.0, 4.0, 3.0])}

    def run(name):
        order.append(name)
        clock[0] += next(runs[name])

    assert speed.fastest({"a": lambda: run("a"), "b": lambda: run("b")}, 3) == {"a": 2.0, "b": 1.0}
    assert order == ["a", "b"] * 3


def test_bandwidth_and_peak_are_what_was_moved_and_computed_over_the_time(monkeypatch):
    calls = []

    def one_second(functions, turns):
        calls.append(functions)
        return dict.fromkeys(functions, 2.0)

    monkeypatch.setattr(speed, "fastest", one_second)
    assert speed.peak(100) == 2 * 100**3 / 2
    assert speed.bandwidth(48) == pytest.approx(48e6 / 2, rel=1e-5)
    assert speed.bandwidth(3, np.float32) == pytest.approx(5 * 3e6 / 2, rel=1e-5), "five times, because it is small"


def test_what_this_machine_does_is_a_positive_number():
    assert 1e6 < speed.bandwidth(3, turns=2) < 1e14 and 1e6 < speed.peak(64, turns=2) < 1e14


def test_the_roof_is_the_lower_of_two_limits():
    assert speed.attainable(0.5, 50e9, 20e9) == 10e9
    assert speed.attainable(2.5, 50e9, 20e9) == speed.attainable(100, 50e9, 20e9) == 50e9


def test_own_times_name_functions_without_what_they_call():
    def inner():
        return sum(i * i for i in range(20_000))

    def outer():
        return inner()

    profile = cProfile.Profile()
    profile.runcall(outer)
    found = speed.own_times(profile)
    assert found["<genexpr>"] > found["outer"] and "builtins.sum" in found
    assert list(found.values()) == sorted(found.values(), reverse=True) and not any("built-in" in name for name in found)


@pytest.mark.parametrize("version", [*VERSIONS, lambda *a: speed.in_place(*a, speed.workspace([5, 4, 3], 7))])
def test_what_does_not_fit_is_named(version):
    theta, X, Y = problem([5, 4, 3], 7)
    for arguments, name in [((theta[1:], [5, 4, 3], X, Y), "sizes"), ((theta, [5, 4, 3], X[:, 1:], Y), "X"), ((theta, [5, 4, 3], X, Y[1:]), "Y"),
                            ((theta.tolist(), [5, 4, 3], X, Y), "theta"), ((theta, [5], X, Y), "sizes")]:
        with pytest.raises((ValueError, TypeError), match=f"{name}.*got.*wanted"):
            version(*arguments)


def test_rates_that_are_none_are_named():
    for call, name in [(lambda: speed.flops([5], 1), "sizes"), (lambda: speed.flops([5, 4], 0), "n"), (lambda: speed.attainable(0, 1, 1), "intensity"),
                       (lambda: speed.attainable(1, -1, 1), "peak"), (lambda: speed.attainable(1, 1, None), "bandwidth"),
                       (lambda: speed.bandwidth(0), "megabytes"), (lambda: speed.peak(0), "m"), (lambda: speed.fastest({}, 0), "turns"),
                       (lambda: speed.workspace([5, 4], 0), "n"), (lambda: speed.peak(8, int), "dtype"), (lambda: speed.list_bytes([1], 1), "sizes")]:
        with pytest.raises((ValueError, TypeError), match=f"^{name}.*got.*wanted"):
            call()
