"""The explanations against other roads to the same numbers: differences, automatic derivatives, sums that must come out."""

import numpy as np
import pytest

from helpers.activations import identity, relu, sigmoid, softmax
from helpers.topics.explain import fast_gradient_sign, input_gradient, integrated_gradients, occlusion, rank_correlation, ranks, squares
from helpers.gradcheck import numerical_gradient, relative_error
from helpers.losses import cross_entropy
from helpers.network import backward, forward
from helpers.parameters import glorot, layers, size

SIZES = [9, 7, 5, 4]
BENDS = {"relu": [relu, relu, identity], "sigmoid": [sigmoid, sigmoid, identity], "softmax at the end": [sigmoid, relu, softmax], "no bend": [identity] * 3}


def network(bends, seed=0, dtype=np.float64):
    rng = np.random.default_rng(seed)
    return layers((glorot(SIZES, rng) + 0.1 * rng.normal(size=size(SIZES))).astype(dtype), SIZES, BENDS[bends])


def pictures(n=3, seed=1):
    return np.random.default_rng(seed).uniform(size=(n, SIZES[0]))


every_bend = pytest.mark.parametrize("bends", BENDS)


@every_bend
def test_the_slope_at_every_pixel_is_that_of_finite_differences(bends):
    net, X, dA = network(bends), pictures(), np.random.default_rng(2).normal(size=(3, 4))
    measured = numerical_gradient(lambda x: float((forward(net, x.reshape(X.shape))[0] * dA).sum()), X.ravel())
    assert relative_error(input_gradient(net, X, dA).ravel(), measured) < 1e-8


@every_bend
def test_a_layer_in_front_that_does_nothing_gets_the_same_blame_from_backward(bends):
    net, x, dA = network(bends), pictures(1), np.random.default_rng(3).normal(size=(1, 4))
    longer = [(np.eye(9), np.zeros(9), identity), *net]
    grads = [(np.empty_like(W), np.empty_like(b)) for W, b, _ in longer]
    backward(longer, forward(longer, x)[1], dA, grads)
    np.testing.assert_allclose(grads[0][1], input_gradient(net, x, dA)[0], rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("seed", range(5))
def test_jax_finds_the_same_slopes(jax64, seed):
    net, X = network("relu", seed), pictures(4, seed + 10)
    labels = np.random.default_rng(seed).integers(0, 4, 4)

    def score(x, k):
        for W, b, f in net[:-1]:
            x = jax64.nn.relu(x @ W + b)
        return (x @ net[-1][0] + net[-1][1])[k]

    theirs = np.array([jax64.grad(score)(x, k) for x, k in zip(X, labels)])
    np.testing.assert_allclose(input_gradient(net, X, np.eye(4)[labels]), theirs, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("seed", range(5))
def test_torch_finds_the_same_slope_of_the_loss_and_the_same_nudge(seed):
    torch = pytest.importorskip("torch", reason="PyTorch differentiates our formulas a second time: pip install torch")
    net, X, labels = network("relu", seed), pictures(4, seed + 20), np.random.default_rng(seed).integers(0, 4, 4)
    x = torch.tensor(X, requires_grad=True)
    z = x
    for i, (W, b, _) in enumerate(net):
        z = z @ torch.tensor(W) + torch.tensor(b)
        z = torch.relu(z) if i < len(net) - 1 else z
    torch.nn.functional.cross_entropy(z, torch.tensor(labels)).backward()
    theirs = np.clip(X + 0.03 * np.sign(x.grad.numpy()), 0, 1)
    np.testing.assert_allclose(fast_gradient_sign(net, X, np.eye(4)[labels], 0.03), theirs, rtol=0, atol=1e-15)


@pytest.mark.parametrize("side", [1, 2, 3, 4, 5, 9])
def test_a_square_covers_what_a_loop_covers(side):
    s = 4
    for j, covered in enumerate(squares(s * s, side).reshape(-1, s, s)):
        row, column = divmod(j, s)
        first_row, first_column = row - (side - 1) // 2, column - (side - 1) // 2
        for r in range(s):
            for c in range(s):
                assert covered[r, c] == (first_row <= r < first_row + side and first_column <= c < first_column + side)
    assert squares(s * s, side).diagonal().all(), "the centre is covered"


@pytest.mark.parametrize("ink", [0.0, 0.5, 1.0])
def test_occlusion_is_the_fall_of_the_score_place_by_place(ink):
    net, x, y = network("sigmoid"), pictures(1)[0], np.eye(4)[2]
    falls = occlusion(net, x, y, 2, ink)
    for j in range(9):
        row, column = divmod(j, 3)
        covered = x.reshape(3, 3).copy()
        covered[row : row + 2, column : column + 2] = ink
        assert falls[j] == pytest.approx(forward(net, x[None])[0][0, 2] - forward(net, covered.reshape(1, 9))[0][0, 2], abs=1e-13)


def test_covering_paper_with_paper_costs_nothing():
    net, x = network("relu"), np.zeros(9)
    assert np.abs(occlusion(net, x, np.eye(4)[0], 3, 0.0)).max() < 1e-14


@pytest.mark.parametrize(("bends", "gap"), [("no bend", 1e-13), ("sigmoid", 1e-7), ("relu", 1e-2)])
def test_integrated_gradients_sum_to_the_rise(bends, gap):
    net, X, Y, baseline = network(bends), pictures(), np.eye(4)[[0, 3, 1]], np.full(9, 0.2)
    rise = ((forward(net, X)[0] - forward(net, baseline[None])[0]) * Y).sum(axis=1)
    assert np.abs(rise).max() > 0.05
    assert np.abs(integrated_gradients(net, X, Y, baseline, 1000).sum(axis=1) - rise).max() < gap


def test_more_places_leave_a_smaller_gap():
    net, X, Y = network("sigmoid"), pictures(), np.eye(4)[[0, 3, 1]]
    rise = ((forward(net, X)[0] - forward(net, np.zeros((1, 9)))[0]) * Y).sum(axis=1)
    few, many = (np.abs(integrated_gradients(net, X, Y, np.zeros(9), n).sum(axis=1) - rise).max() for n in (5, 50))
    assert many < few / 50, "midpoints: a tenth of the step, a hundredth of the error"


def test_integrated_gradients_are_what_a_loop_over_midpoints_gives():
    net, X, Y, baseline = network("relu"), pictures(), np.eye(4)[[0, 3, 1]], pictures(1, 5)[0]
    expected = np.zeros_like(X)
    for i, (x, y) in enumerate(zip(X, Y)):
        for s in range(8):
            at = baseline + (s + 0.5) / 8 * (x - baseline)
            expected[i] += (x - baseline) * numerical_gradient(lambda p: float(forward(net, p[None])[0][0] @ y), at) / 8
    np.testing.assert_allclose(integrated_gradients(net, X, Y, baseline, 8), expected, rtol=1e-6, atol=1e-8)


def test_no_way_no_share():
    net, x = network("relu"), pictures(1)
    assert not integrated_gradients(net, x, np.eye(4)[[1]], x[0], 10).any()


def test_a_small_nudge_raises_the_loss_and_moves_no_pixel_further_than_epsilon():
    net, X, Y = network("sigmoid"), pictures(), np.eye(4)[[0, 3, 1]]
    nudged = fast_gradient_sign(net, X, Y, 0.01)
    assert cross_entropy(forward(net, nudged)[0], Y) > cross_entropy(forward(net, X)[0], Y)
    assert np.abs(nudged - X).max() <= 0.01 + 1e-15 and 0 <= nudged.min() and nudged.max() <= 1
    other_way = np.clip(2 * X - nudged, 0, 1)
    assert cross_entropy(forward(net, other_way)[0], Y) < cross_entropy(forward(net, X)[0], Y)


def test_float32_stays_float32_and_nothing_is_overwritten():
    net, X, Y = network("relu", dtype=np.float32), pictures().astype(np.float32), np.eye(4, dtype=np.float32)[[0, 3, 1]]
    before = X.copy(), Y.copy()
    results = [input_gradient(net, X, Y), integrated_gradients(net, X, Y, X[0] * 0, 5), fast_gradient_sign(net, X, Y, 0.1), occlusion(net, X[0], Y[0], 2)]
    assert {result.dtype for result in results} == {np.dtype(np.float32)}
    assert np.array_equal(X, before[0]) and np.array_equal(Y, before[1])


@pytest.mark.parametrize("seed", range(10))
def test_the_rank_correlation_is_spearmans(seed):
    stats = pytest.importorskip("scipy.stats", reason="SciPy ranks a second time: pip install scipy")
    rng = np.random.default_rng(seed)
    a, b = rng.integers(0, 6, 50) / 7, rng.normal(size=50) * (rng.uniform(size=50) < 0.5)
    assert rank_correlation(a, b) == pytest.approx(stats.spearmanr(a, b).statistic, abs=1e-12)
    assert ranks(a) + 1 == pytest.approx(stats.rankdata(a))


def test_the_rank_correlation_sees_order_and_nothing_else():
    a = np.random.default_rng(0).normal(size=(4, 5))
    assert rank_correlation(a, np.exp(a)) == pytest.approx(1) and rank_correlation(a, -3 * a) == pytest.approx(-1)
    assert rank_correlation(a, np.ones_like(a)) == 0 == rank_correlation(0 * a, a)
    zeros_but_for_rounding = np.array([0.0, 1e-16, -1e-16, 2e-16, 1.0, 2.0])
    assert rank_correlation(zeros_but_for_rounding, np.array([0.0, 0, 0, 0, 1.0, 2.0])) == pytest.approx(1)


@pytest.mark.parametrize(("call", "named"), [
    (lambda net, X, Y: input_gradient(net, X[:, :4], Y), "X: got shape"),
    (lambda net, X, Y: input_gradient(net, X, Y[:, :2]), "dA: got shape"),
    (lambda net, X, Y: input_gradient(net, X * np.nan, Y), "X: got nan"),
    (lambda net, X, Y: occlusion(net, X, Y[0], 2), "x: got shape"),
    (lambda net, X, Y: occlusion(net, X[0], Y[0], 0), "side: got 0"),
    (lambda net, X, Y: squares(8, 2), "d: got 8 pixels"),
    (lambda net, X, Y: integrated_gradients(net, X, Y, X, 5), "baseline: got shape"),
    (lambda net, X, Y: integrated_gradients(net, X, Y, X[0], 0), "steps: got 0"),
    (lambda net, X, Y: fast_gradient_sign(net, X, Y, 0.0), "epsilon: got 0.0"),
    (lambda net, X, Y: fast_gradient_sign(net, X, Y[:2], 0.1), "Y: got shape"),
    (lambda net, X, Y: rank_correlation(X, Y), "a and b: got shapes"),
])
def test_bad_input_is_named(call, named):
    with pytest.raises(ValueError, match=named):
        call(network("relu"), pictures(), np.eye(4)[[0, 3, 1]])


def test_a_nan_has_no_rank():
    assert np.isnan(rank_correlation(np.array([1.0, np.nan]), np.ones(2))) and np.isnan(rank_correlation(np.ones(2), np.array([np.nan, 1.0])))


def test_a_network_that_ends_in_softmax_is_not_nudged_through_another():
    net = [(np.ones((4, 3)), np.zeros(3), softmax)]
    with pytest.raises(ValueError, match="layers.0.: got softmax in the last layer, wanted identity there"):
        fast_gradient_sign(net, np.ones((2, 4)), np.eye(3)[:2], 0.1)
