"""The pictures of notebooks 01 to 05 draw what they say: their numbers against an independent computation."""

import math
import re
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import minimize

from helpers.data import tiny
from helpers.activations import PRIME, identity, relu, sigmoid
from helpers.figures.curves import activation_curves, line_chart
from helpers.figures.graph import network_graph
from helpers.figures.style import BACKWARD, ERROR, FAINT, FORWARD, INK, PAPER, TARGET, WEIGHTS, small
from helpers.figures.surface import contour, squares
from helpers.network import forward

X, Y = tiny.line_X, tiny.line_Y


def loss(point):
    """The MSE of a line, in plain Python."""
    w, b = point
    return sum((y - w * x - b) ** 2 for x, y in zip(X.ravel().tolist(), Y.ravel().tolist())) / (2 * len(X))


def test_the_drawn_minimum_is_the_true_minimum():
    drawn = contour(X, Y).drawn
    assert np.allclose(drawn["minimum"], minimize(loss, (0, 0), tol=1e-12).x, atol=1e-5)
    assert np.isclose(drawn["lowest"], loss(drawn["minimum"])) and drawn["L"].min() >= drawn["lowest"]


def test_every_point_of_the_surface_is_the_loss_there():
    drawn, rng = contour(X, Y).drawn, np.random.default_rng(0)
    for i, j in zip(rng.integers(len(drawn["b"]), size=40), rng.integers(len(drawn["w"]), size=40)):
        assert np.isclose(drawn["L"][i, j], loss((drawn["w"][j], drawn["b"][i])))


def test_a_path_is_drawn_where_it_goes_and_told_in_words():
    path = np.array([[2.0, 1.8], [1.0, 1.0], [0.5, 0.75]])
    picture = contour(X, Y, {"a path": path})
    ax = picture.figure.axes[0]
    assert any(np.array_equal(line.get_xydata(), path) for line in ax.lines)
    assert "a path goes from (2.00, 1.80) to (0.50, 0.75) in 2 steps" in picture.alt


def test_each_square_has_the_area_of_its_squared_error():
    picture = squares(X, Y, w=0.3, b=0.9)
    patches = picture.figure.axes[0].patches
    assert np.allclose([p.get_width() * p.get_height() for p in patches], picture.drawn["areas"])
    assert np.isclose(picture.drawn["areas"].sum() / (2 * len(X)), picture.drawn["loss"]) and np.isclose(picture.drawn["loss"], loss((0.3, 0.9)))
    assert f"L = {loss((0.3, 0.9)):.3f}" in picture.alt


def test_the_activation_curves_are_the_activations():
    picture = activation_curves([(f, PRIME[f]) for f in (sigmoid, relu, identity)])
    z = picture.drawn["z"]
    assert np.allclose(picture.drawn["sigmoid"], [1 / (1 + math.exp(-v)) for v in z])
    assert np.allclose(np.gradient(picture.drawn["sigmoid"], z)[5:-5], picture.drawn["sigmoid_prime"][5:-5], atol=1e-3)
    assert picture.drawn["relu_prime"].tolist() == [float(v > 0) for v in z]


def test_a_chart_draws_its_curves_and_tells_their_ends():
    picture = line_chart({"one": (range(3), [3.0, 2.0, 1.0]), "two": (range(3), [3.0, 4.0, 5.0])}, "step", "loss")
    lines = picture.figure.axes[0].lines
    assert [line.get_ydata().tolist() for line in lines] == [[3, 2, 1], [3, 4, 5]]
    assert lines[0].get_linestyle() != lines[1].get_linestyle(), "told apart without colour"
    assert "one from 3 to 1; two from 3 to 5" in picture.alt


def test_names_at_the_ends_keep_apart():
    curves = {f"curve {i}": (range(3), [1.0, 1.0, 1.0 + 0.001 * i]) for i in range(4)}
    heights = sorted(text.get_position()[1] for text in line_chart(curves, "x", "y").figure.axes[0].texts)
    assert np.diff(heights).min() >= 0.07


def test_the_graph_shows_the_numbers_of_the_forward_pass():
    theta, net = tiny.network()
    Y_hat, cache = forward(net, tiny.X[:1])
    picture = network_graph(net, cache, Y_hat, tiny.Y[:1], {"dW1": np.array([[1.5, -2.5], [3.5, -4.5]])})
    z = [0.5 * 1 + 0.2 * 2 - 0.4, -0.3 * 1 + 0.4 * 2 + 0.1]
    a = [1 / (1 + math.exp(-v)) for v in z]
    y = 0.8 * a[0] - 0.6 * a[1] + 0.3
    drawn = picture.drawn
    assert np.allclose([drawn["z1[0]"], drawn["z1[1]"], drawn["a1[0]"], drawn["a1[1]"], drawn["a2[0]"], drawn["L"]], [*z, *a, y, (1 - y) ** 2 / 2])
    written = [text.get_text().strip() for text in picture.figure.axes[0].texts]
    for words in (f"ŷ = {y:.3f}", f"a = {a[1]:.3f}", f"L = {(1 - y) ** 2 / 2:.4f}", "dw₂₂ = −4.500", "v₁ = 0.80", "b₁₁ = −0.40"):
        assert words in written, words
    assert f"a2[0] = {y:.3f}" in picture.alt and "-4.5" in picture.alt


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return sum(share * (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4) for share, p in zip((0.2126, 0.7152, 0.0722), parts))


@pytest.mark.parametrize("colour", [FORWARD, BACKWARD, TARGET, ERROR, WEIGHTS])
def test_every_colour_can_be_read_on_white(colour):
    assert 1.05 / (luminance(colour) + 0.05) >= 3.4, "large text needs 3, and all of ours is large or bold in meaning"


def test_a_small_picture_is_the_same_picture():
    import io

    from PIL import Image

    picture = contour(X, Y)
    large = io.BytesIO()
    picture.figure.savefig(large, dpi=150, format="png")
    one, two = (np.asarray(Image.open(io.BytesIO(png)).convert("RGB"), float) for png in (large.getvalue(), small(large.getvalue())))
    assert one.shape == two.shape and np.abs(one - two).mean() < 3 and len(picture.png()) < len(large.getvalue()) / 2


def light(colour):
    """How bright a colour "#rrggbb" is, 0 to 1, as WCAG 2.2 defines relative luminance."""
    red, green, blue = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in np.array(list(bytes.fromhex(colour[1:]))) / 255)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("colour", [FORWARD, BACKWARD, TARGET, ERROR, WEIGHTS, INK, FAINT])
def test_every_colour_can_be_read_as_small_text_on_paper(colour):
    assert (light(PAPER) + 0.05) / (light(colour) + 0.05) >= 4.5


def test_formulas_use_the_colours_of_the_pictures():
    notebooks = Path(__file__).parent.parent / "notebooks"
    used = {colour for path in notebooks.glob("*.ipynb") for colour in re.findall(r"color\{(#\w+)\}", path.read_text(encoding="utf-8"))}
    assert {FORWARD, BACKWARD, TARGET, WEIGHTS} <= used <= {FORWARD, BACKWARD, TARGET, ERROR, WEIGHTS}
