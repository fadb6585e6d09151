"""What an explorer's artists show, against a second computation: places, colours beside their words, scales of axes."""

import inspect
import re

import numpy as np
import pytest
from matplotlib.colors import same_color, to_rgb

from helpers.activations import identity, relu
from helpers.data import tiny
from helpers.data.mnist import Data
from helpers.explorers import mnist_from_scratch as cockpit
from helpers.explorers.the_bug_clinic import ARRAYS, explore_patients
from helpers.explorers.forward_propagation import explore_network
from helpers.explorers.gradient_descent import B_RANGE, W_RANGE, explore_learning_rate
from helpers.explorers.interpretability import explore_occlusion
from helpers.explorers.mnist_draw_a_digit import explore_drawing
from helpers.explorers.performance import explore_time
from helpers.explorers.privacy import explore_leak
from helpers.explorers.start_here import explore_bowl
from helpers.explorers.the_mse_loss import explore_squares
from helpers.explorers.the_same_network_in_keras import explore_ruler
from helpers.figures.style import BACKWARD, ERROR, FORWARD, INK, TARGET
from helpers.gradcheck import SICK
from helpers.network import forward
from helpers.optimizers import adam, gradient_descent, momentum
from helpers.parameters import glorot, layers
from helpers.topics.descent import descend

LINE_X, LINE_Y = tiny.line_X.ravel(), tiny.line_Y.ravel()
RNG = np.random.default_rng(0)
# Ten digits that cannot be mistaken: digit k is black in a band of its own, with some noise.
LABELS = RNG.permutation(np.repeat(np.arange(10), 40))
X = (0.3 * RNG.random((400, 784)) + 0.7 * (np.arange(784) // 78 == LABELS[:, None])).astype(np.float32)
DATA = Data(X, LABELS, X[:200], LABELS[:200], X[:50], LABELS[:50], "bands")
NETWORK = layers(glorot([784, 20, 10], np.random.default_rng(0), np.float32), [784, 20, 10], [relu, identity])


def loss(w, b):
    return float(np.mean((w * LINE_X + b - LINE_Y) ** 2) / 2)


def warm(colour):
    """Whether a colour is red and yellow rather than blue."""
    red, _, blue = to_rgb(colour[:3]) if len(colour) == 4 else to_rgb(colour)
    return red > blue


def points(line):
    return np.column_stack(line.get_data())


# 00


def test_the_ball_lies_in_its_bowl_and_the_verdict_has_its_colour():
    shown = explore_bowl()
    for rate, colour in ((0.5, TARGET), (0.1, INK), (2.0, BACKWARD), (2.1, BACKWARD)):
        shown.set(learning_rate=rate)
        theta = (1 - rate) ** np.arange(13)
        assert np.allclose(points(shown.path), np.column_stack([theta, theta**2 / 2]))
        assert np.allclose(points(shown.curve), np.column_stack([np.arange(13), theta]))
        assert same_color(shown.verdict.get_color(), colour), rate


# 01


def test_the_map_of_all_inputs_has_x1_across_and_x2_upwards_and_is_darker_where_the_output_is_larger():
    shown = explore_network(knob="w₁₁", value=2.0, x1=-1.5, x2=0.5)
    theta, ax = tiny.network()[0], shown.surface.axes
    theta[0] = 2.0
    net = layers(theta, tiny.sizes, [f for *_, f in tiny.network()[1]])
    pixels, (left, right, bottom, top) = np.asarray(shown.surface.get_array()), shown.surface.get_extent()
    assert (ax.get_xlabel(), ax.get_ylabel(), shown.surface.origin) == ("x₁", "x₂", "lower")
    for x1, x2 in ((-3, -3), (3, -3), (-3, 3), (1.0, -2.0)):
        row, column = (round((value - low) / (high - low) * (len(pixels) - 1))
                       for value, low, high in ((x2, bottom, top), (x1, left, right)))
        assert pixels[row, column] == pytest.approx(forward(net, np.array([[x1, x2]], float))[0][0, 0])
    assert points(shown.here).tolist() == [[-1.5, 0.5]]
    for way in shown.border.get_segments():
        assert np.allclose(forward(net, way)[0], 0.5, atol=0.02)
    dark, light = (sum(shown.surface.cmap(shown.surface.norm(v))[:3]) for v in (1.4, -0.4))
    assert dark < light


# 02


def test_the_point_stands_at_the_line_and_the_words_tell_the_slope_there():
    shown = explore_squares()
    for w, b in ((1.5, -0.5), (-0.4, 2.0), (0.1, 0.1), (0.64, 0.48)):
        shown.set(w=w, b=b)
        assert np.allclose(points(shown.point), [(w, b)])
        slopes = [(loss(w + 1e-4, b) - loss(w - 1e-4, b)) / 2e-4, (loss(w, b + 1e-4) - loss(w, b - 1e-4)) / 2e-4]
        words = shown.formula.value.partition("Its slope: ")[2].partition("<")[0]
        told = [float(number) for number in re.findall(r"-?[\d.]+", words.replace("−", "-"))]
        assert np.allclose(told, slopes, atol=6e-4), words
    assert "at the minimum" in shown.alt and "not at" not in shown.alt


def test_a_loss_on_the_map_is_the_loss_at_that_place_in_the_constant_that_is_chosen():
    shown = explore_squares(w=1.0, b=0.5)
    factors = {"1/(2n), ours": 1, "1, the sum": 12, "½, half the sum": 6, "1/n, the mean": 2, "1/(nK), Keras": 2}
    for constant, factor in factors.items():
        shown.set(constant=constant)
        for mark in shown.marks:
            written = float(mark.get_text().removeprefix("L = "))
            assert written == pytest.approx(factor * loss(*mark.get_position()), rel=0.02, abs=0.01)
        assert shown.drawn["loss"] == pytest.approx(factor * loss(1.0, 0.5))


# 04


@pytest.mark.parametrize("patient", ["nobody: the right program", "biases averaged", "first layer climbs"])
def test_a_sick_array_is_warm_and_long_a_right_one_green_and_the_mark_stands_beside_the_chosen(patient):
    shown = explore_patients(patient=patient, array="dW1")
    ax = shown.mark.axes
    assert ax.get_xscale() == "log" and [label.get_text() for label in ax.get_yticklabels()] == ARRAYS
    for row, (bar, array) in enumerate(zip(shown.bars, ARRAYS, strict=True)):
        error = shown.drawn["errors"][array]
        assert same_color(bar.get_facecolor()[:3], BACKWARD if error > SICK else TARGET), array
        assert bar.get_y() + bar.get_height() / 2 == pytest.approx(row)
        assert bar.get_x() + bar.get_width() == pytest.approx(max(error, 1e-12), rel=0.1, abs=2e-13)
    assert shown.mark.get_position()[1] == ARRAYS.index("dW1")
    assert warm(shown.cells.cmap(0.99)) and not warm(shown.cells.cmap(0.01)), "orange where its slope is too large"
    assert shown.cells.get_clim() == (-1, 1)


# 05


def hessian():
    return np.array([[np.mean(LINE_X**2), np.mean(LINE_X)], [np.mean(LINE_X), 1]])


@pytest.mark.parametrize("name, rule", [("gradient descent", gradient_descent), ("momentum", momentum)])
def test_just_below_the_limit_that_is_marked_a_path_arrives_and_just_above_it_explodes(name, rule):
    shown = explore_learning_rate(optimizer=name)
    limit = shown.drawn["limit"]
    beta = inspect.signature(rule).parameters["beta"].default if name == "momentum" else 0
    assert limit == pytest.approx(2 * (1 + beta) / np.linalg.eigvalsh(hessian())[-1])
    ends = [descend(tiny.line_X, tiny.line_Y, (2.0, 1.8), share * limit, rule, steps=4000)[-1]
            for share in (0.99, 1.01)]
    assert np.abs(ends[0] - np.linalg.lstsq(np.column_stack([LINE_X, np.ones(6)]), LINE_Y, rcond=None)[0]).max() < 1e-3
    assert not np.isfinite(ends[1]).all() or np.abs(ends[1]).max() > 100


@pytest.mark.parametrize("name", ["gradient descent", "momentum", "Adam"])
def test_the_scale_is_green_up_to_the_limit_and_warm_beyond(name):
    shown = explore_learning_rate(optimizer=name, learning_rate=0.25)
    scale, limit = shown.pointer.axes, shown.drawn["limit"]
    assert scale.get_xscale() == "log" and shown.pointer.get_xdata() == [0.25]
    for artist in (shown.limit, shown.stable, shown.unstable):
        assert artist.get_visible() == (limit is not None)
    if limit is None:
        assert "no limit" in shown.mark.get_text()
        return
    assert shown.stable.get_x() + shown.stable.get_width() == pytest.approx(limit)
    assert shown.unstable.get_x() == pytest.approx(limit)
    assert set(shown.limit.get_xdata()) == {limit} and shown.mark.get_position()[0] == limit
    assert same_color(shown.stable.get_facecolor()[:3], TARGET)
    assert same_color(shown.unstable.get_facecolor()[:3], BACKWARD)
    assert f"= {limit:.3f}" in shown.mark.get_text()
    assert ("above it" in shown.alt) == (0.25 > limit)


@pytest.mark.parametrize("name, rule", [("gradient descent", gradient_descent), ("momentum", momentum), ("Adam", adam)])
def test_the_path_has_w_across_and_b_upwards_and_the_curve_is_its_loss_above_the_minimum(name, rule):
    shown = explore_learning_rate(optimizer=name, learning_rate=0.15, w=1.0, b=-1.0)
    path = descend(tiny.line_X, tiny.line_Y, (1.0, -1.0), 0.15, rule)
    assert np.allclose(points(shown.path), path) and (shown.land.get_xlabel(), shown.land.get_ylabel()) == ("w", "b")
    assert points(shown.start).tolist() == [[1.0, -1.0]]
    assert (shown.land.get_xlim(), shown.land.get_ylim()) == (W_RANGE, B_RANGE)
    least = loss(*np.linalg.lstsq(np.column_stack([LINE_X, np.ones(6)]), LINE_Y, rcond=None)[0])
    steps, gap = shown.curve.get_data()
    assert list(steps) == list(range(len(path)))
    assert np.allclose(gap, np.clip([loss(*point) - least for point in path], 1e-7, 1e4), rtol=1e-6)
    assert shown.curve.axes.get_yscale() == "log" and same_color(shown.curve.get_color(), ERROR)


def test_the_verdict_has_the_colour_of_what_it_says():
    shown = explore_learning_rate(w=2.4, b=2.4)
    slowly = 1.02 * shown.drawn["limit"]  # so slowly that it does not leave the map within these steps
    for rate, word, colour in ((0.4, "arrived", TARGET), (0.5, "diverging", BACKWARD), (0.002, "on its way", INK),
                               (slowly, "each of the last 20 steps", BACKWARD)):
        shown.set(learning_rate=rate)
        assert word in shown.verdict.get_text() and same_color(shown.verdict.get_color(), colour)


# 06


@pytest.fixture
def trained(monkeypatch):
    monkeypatch.setattr(cockpit, "SIZES", [784, 40, 12, 10])
    return cockpit.explore_training(DATA)


def test_the_cockpit_learns_what_belongs_to_each_picture(trained):
    assert trained.drawn["accuracy"] > 0.95, "ten bands that nobody can mistake, after a hundred steps of Adam"


def test_rows_are_what_a_digit_is_and_columns_what_it_is_read_as(trained):
    labels = DATA.labels_validation
    theta = trained.run.theta
    theta[-10:] = 0
    theta[-10] = 1e3  # from now on all are read as 0
    trained.show_now()
    cells = np.asarray(trained.cells.get_array())
    assert (cells[:, 0] == 1).all() and not cells[:, 1:].any()
    assert "is a (row), read as (column)" in trained.cells.axes.get_title("left")
    assert trained.drawn["table"][:, 0].tolist() == np.bincount(labels, minlength=10).tolist()
    assert trained.drawn["accuracy"] == np.mean(labels == 0)


def test_the_count_the_curves_and_the_words_are_those_of_the_run(trained):
    for _ in range(30):
        trained.step()
    losses, steps = np.array(trained.run.losses), 130
    assert len(losses) == steps and f"after {steps:,} steps" in trained.words.get_text()
    right = np.mean(forward(trained.run.network("ReLU"), DATA.X_validation)[0].argmax(axis=1) == DATA.labels_validation)
    assert trained.words.get_text().startswith(f"{100 * right:.1f} %")
    at, share = trained.line.get_data()
    assert at[-1] == 1 and share[-1] == right and np.allclose(at[:3], np.array([0, 10, 20]) / steps)
    x, y = trained.raw.get_data()
    assert np.allclose(x, np.arange(1, steps + 1) / steps) and np.allclose(y, np.clip(losses, 1e-2, 10))
    x, y = trained.smooth.get_data()
    assert x[-1] == 1 and y[-1] == pytest.approx(np.clip(losses[-3:].mean(), 1e-2, 10))
    assert trained.raw.axes.get_yscale() == "log" and trained.line.axes.get_yscale() == "linear"
    assert same_color(trained.smooth.get_color(), ERROR) and same_color(trained.line.get_color(), FORWARD)
    assert f"loss {losses[-3:].mean():.3f}" in trained.alt


def test_each_neurons_weights_lie_as_its_pixels_do_all_on_one_scale(trained):
    W = trained.run.theta[: 784 * 40].reshape(784, 40).copy()
    W[:, 3] *= 7  # one neuron with large weights must look larger, and change no other
    trained.run.theta[: 784 * 40] = W.ravel()
    trained.show_now()
    shown = np.asarray(trained.weights.get_array())
    for unit in (0, 3, 10, 39):
        row, column = divmod(unit, 10)
        assert np.allclose(shown[29 * row : 29 * row + 28, 29 * column : 29 * column + 28], W[:, unit].reshape(28, 28))
    assert trained.weights.get_clim() == (-0.2, 0.2)
    assert warm(trained.weights.cmap(0.99)) and not warm(trained.weights.cmap(0.01))


def test_the_likeliest_digit_has_the_blue_bar_and_the_image_is_what_the_network_gets():
    for explore in (explore_drawing, explore_occlusion):
        shown = explore(NETWORK, X, LABELS)
        chances = shown.drawn["chances"]
        for k, (bar, text) in enumerate(zip(shown.bars, shown.percent, strict=True)):
            assert bar.get_width() == pytest.approx(chances[k])
            assert bar.get_y() + bar.get_height() / 2 == pytest.approx(k)
            assert same_color(bar.get_facecolor(), FORWARD) == (k == chances.argmax())
            assert text.get_position()[1] == k
            assert text.get_text() == ("" if chances[k] < 0.005 else f"{100 * chances[k]:.0f} %")
        seen = np.asarray(shown.shown.get_array())
        Z = forward(NETWORK, seen.reshape(1, -1).astype(np.float32))[0][0].astype(float)
        assert np.allclose(chances, np.exp(Z - Z.max()) / np.exp(Z - Z.max()).sum())
        ink, paper = (sum(shown.shown.cmap(shown.shown.norm(value))[:3]) for value in (1.0, 0.0))
        assert ink < paper, "ink is dark"


def test_each_hidden_unit_has_its_cell():
    shown = explore_drawing(NETWORK, X, LABELS, example=5)
    A = np.maximum(X[5] @ NETWORK[0][0] + NETWORK[0][1], 0)
    ((image, columns),) = shown.hidden
    assert np.allclose(np.asarray(image.get_array()).ravel()[:20], A, rtol=1e-5)


# 07


def test_the_rulers_curves_names_and_line_stand_at_their_values():
    gaps = {"nothing": np.geomspace(1e-16, 1e-13, 60).reshape(20, 3), "order": np.geomspace(1e-9, 1, 60).reshape(20, 3)}
    shown = explore_ruler(gaps, broken="order", step=12)
    ax = shown.cursor.axes
    assert ax.get_yscale() == "log" and set(shown.cursor.get_xdata()) == {12}
    for i, (line, point, name) in enumerate(zip(shown.lines, shown.points, shown.names, strict=True)):
        assert np.allclose(points(line), np.column_stack([np.arange(1, 13), gaps["order"][:12, i]]))
        assert points(point).tolist() == [[12, gaps["order"][11, i]]]
        assert line.get_color() == point.get_color() == name.get_color()
        assert name.get_text().startswith(f"layer {i + 1}: ")
        assert float(name.get_text().split(": ")[1].replace("−", "-")) == pytest.approx(gaps["order"][11, i], rel=0.5)
    assert len({line.get_color() for line in shown.lines}) == 3
    (equal,) = (text for text in ax.texts if "equal up to rounding" in text.get_text())
    assert 1e-12 < equal.get_position()[1] < 1e-11


# 10


def test_guess_and_measurement_stand_at_their_times():
    shown = explore_time(guess=2.0, examples=1000)
    shown.measure(lambda *_: (0.5, 1000))
    ax = shown.mine.axes
    assert ax.get_xscale() == "log" and shown.mine.get_xdata() == [2.0] and shown.truth.get_xdata() == [0.5]
    assert sorted(shown.bar.get_xdata()) == [0.5, 2.0] and "4.0 times too long" in shown.verdict.get_text()
    assert same_color(shown.mine.get_color(), FORWARD) and same_color(shown.truth.get_color(), TARGET)
    assert same_color(shown.verdict.get_color(), ERROR)
    shown.measure(lambda *_: (8.0, 1000))
    assert "4.0 times too short" in shown.verdict.get_text()
    shown.measure(lambda *_: (1.5, 1000))
    assert same_color(shown.verdict.get_color(), TARGET) and "well guessed" in shown.verdict.get_text()


# 12


def test_the_frame_lies_on_the_pixels_that_are_covered_and_orange_is_what_speaks_for_the_answer():
    shown = explore_occlusion(NETWORK, X, LABELS, row=10, column=20, side=5, ink="black")
    seen = np.asarray(shown.shown.get_array())
    changed = np.argwhere(seen != X[0].reshape(28, 28))
    for frame in shown.frames:
        (left, top), side = frame.get_xy(), frame.get_width()
        assert (top, left, side, frame.get_height()) == (6.5, 16.5, 5, 5)  # from pixel 7 and 17 on, counted from 0
        assert (changed.min(axis=0) - 0.5 >= (top, left)).all()
        assert (changed.max(axis=0) + 0.5 <= (top + side, left + side)).all()
    Z = forward(NETWORK, X[:1])[0][0]
    covered = forward(NETWORK, seen.reshape(1, -1).astype(np.float32))[0][0]
    drop = Z[Z.argmax()] - covered[Z.argmax()]
    assert np.asarray(shown.cost.get_array())[9, 19] == pytest.approx(drop, rel=1e-3, abs=1e-4)
    for image, text in zip((shown.cost, shown.slope), shown.scales, strict=True):
        low, high = image.get_clim()
        assert low == -high and f"±{high:.2g}" in text.get_text()
        assert warm(image.cmap(0.99)) and not warm(image.cmap(0.01)), "orange above 0, purple below"


# 13


def test_below_each_digit_lies_the_nearest_that_the_gradient_gave_and_its_words_have_their_colour():
    shown = explore_leak(NETWORK, X, LABELS, batch=1)
    given, found = (np.asarray(row[0].get_array()) for row in shown.images)
    assert np.array_equal(given, X[0].reshape(28, 28)) and np.allclose(found, given, atol=0.01)
    assert shown.words[0].get_text() == "the same" and same_color(shown.words[0].get_color(), TARGET)
    assert [row[1].get_visible() for row in shown.images] == [False, False]
    shown.set(noise=1.0)
    assert re.match("off by", shown.words[0].get_text()) and same_color(shown.words[0].get_color(), BACKWARD)
