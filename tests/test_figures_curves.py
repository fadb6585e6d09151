"""Curves and their names: the data as given, the words true, and no name on another or outside the picture."""

import warnings

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from helpers.activations import PRIME, relu, relu_prime, sigmoid
from helpers.figures.curves import MARKS, activation_curves, label_ends, line_chart, trails
from helpers.figures.style import canvas


def boxes(figure):
    """Where each name lies, in pixels, after the layout: {name: box}."""
    drawing = FigureCanvasAgg(figure)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        drawing.draw()
    return {text.get_text(): text.get_window_extent() for text in figure.axes[0].texts}


def inside(box, figure):
    return 0 <= box.x0 and box.x1 <= figure.bbox.x1 + 0.5 and 0 <= box.y0 and box.y1 <= figure.bbox.y1 + 0.5


ENDS = {
    "apart": [1.0, 3.0, 5.0],
    "together": [1.0, 1.001, 1.002, 1.003],
    "all at the top": [5.0, 4.999, 4.998, 4.997, 4.996],
    "all at the bottom": [-5.0, -4.999, -4.998, -4.997, -4.996],
    "the very same": [2.0, 2.0, 2.0],
}


@pytest.mark.parametrize("log", [(), "y", "x", "xy"])
@pytest.mark.parametrize("ends", ENDS.values(), ids=ENDS)
def test_no_name_lies_on_another_or_outside(ends, log):
    ends = [abs(end) for end in ends] if "y" in log else ends
    curves = {f"α = {i}": ([1, 2, 3], [3.0, 2.0, end]) for i, end in enumerate(ends)}
    figure = line_chart(curves, "step", "loss", log=log).figure
    found = list(boxes(figure).values())
    assert len(found) == len(ends) and all(inside(box, figure) for box in found)
    for i, one in enumerate(found):
        assert not any(one.overlaps(other) for other in found[i + 1 :])


@pytest.mark.parametrize("log", [(), "y"])
def test_a_name_with_room_stands_level_with_its_end(log):
    curves = {"low": (range(50), np.geomspace(30, 0.2, 50)), "high": (range(50), np.geomspace(30, 4000, 50))}
    figure = line_chart(curves, "step", "loss", log=log).figure
    found, ax = boxes(figure), figure.axes[0]
    for name, (x, y) in curves.items():
        assert abs((found[name].y0 + found[name].y1) / 2 - ax.transData.transform((x[-1], y[-1]))[1]) < 4, name


def test_names_keep_the_order_of_their_ends():
    curves = {f"{end}": ([0, 1], [0.0, end]) for end in (0.98, 1.0, 0.02, 0.0, 0.99)}
    found = boxes(line_chart(curves, "x", "y").figure)
    assert sorted(curves, key=float) == sorted(found, key=lambda name: found[name].y0)


def test_names_have_the_colour_of_their_curve_and_can_be_read():
    ax = line_chart({f"{i}": ([0, 1], [0.0, i]) for i in range(5)}, "x", "y").figure.axes[0]
    looks = {(line.get_color(), line.get_linestyle()) for line in ax.lines}
    assert len(looks) == 5 and [t.get_color() for t in ax.texts] == [line.get_color() for line in ax.lines]
    assert all(text.get_fontsize() >= 11 for text in ax.texts)


def test_a_chart_holds_the_numbers_it_was_given():
    curves = {"one": (range(4), [8, 4, 2, 1]), "two": ([0, 2, 4], [1e-3, 1e-2, 1e3])}
    picture = line_chart(curves, "step", "loss", title="Two rates", log="y")
    ax = picture.figure.axes[0]
    for line, (name, (x, y)) in zip(ax.lines, curves.items()):
        assert line.get_xdata().tolist() == list(x) and line.get_ydata().tolist() == list(y)
        assert [v.tolist() for v in picture.drawn["curves"][name]] == [list(x), list(y)]
    assert (ax.get_xscale(), ax.get_yscale()) == ("linear", "log")
    assert picture.alt == "Two rates against step: one from 8 to 1; two from 0.001 to 1e+03."


def test_a_curve_that_leaves_is_named_where_it_was_last_seen():
    curves = {"stays": (range(4), [1.0, 0.8, 0.6, 0.5]), "explodes": (range(4), [1.0, 3.0, 1e9, np.nan])}
    figure = line_chart(curves, "step", "loss", ylim=(0, 4)).figure
    found, ax = boxes(figure), figure.axes[0]
    assert abs((found["explodes"].y0 + found["explodes"].y1) / 2 - ax.transData.transform((1, 3.0))[1]) < 4
    assert all(inside(box, figure) for box in found.values())


def test_trails_are_lines_without_marks_over_the_loss():
    X = np.array([[0.0], [1.0], [2.0]])
    paths = {"short": np.array([[0.0, 0.0], [1.0, 2.0]]), "long": np.array([[2.0, 2.0], [2.0, 1.5], [1.5, 1.4], [2.0, 1.0]])}
    picture = trails(X, 2 * X + 1, paths, w=(-1, 3), b=(-1, 3))
    drawn = {line.get_label(): line for line in picture.figure.axes[0].lines}
    for name, path in paths.items():
        assert np.array_equal(drawn[name].get_xydata(), path) and drawn[name].get_marker() in ("None", "")
    assert drawn["long"].get_linewidth() > drawn["short"].get_linewidth()
    assert np.allclose(picture.drawn["minimum"], (2, 1))
    assert picture.alt == ("Paths over the loss, with its minimum at w = 2.00, b = 1.00: short ends 1.41 away after 1 steps; "
                           "long ends 0.00 away after 3 steps.")
    assert picture.figure.axes[0].get_xlim() == (-1, 3) and picture.figure.axes[0].get_ylim() == (-1, 3)
    with pytest.raises(ValueError, match="paths: got 0, wanted 1 to 6"):
        trails(X, X, {}, w=(-1, 3), b=(-1, 3))


@pytest.mark.parametrize("count", [0, len(MARKS) + 1])
def test_more_curves_than_there_are_looks_are_refused(count):
    with pytest.raises(ValueError, match=f"curves: got {count}"):
        line_chart({f"{i}": ([0, 1], [0, 1]) for i in range(count)}, "x", "y")


def test_label_ends_writes_on_any_axes():
    figure, ax = canvas()
    ax.plot([0, 10], [100, 300])
    label_ends(ax, [("here", "#000000", 10, 300)])
    box = boxes(figure)["here"]
    assert abs((box.y0 + box.y1) / 2 - ax.transData.transform((10, 300))[1]) < 4


def test_each_activation_is_drawn_with_its_slope():
    picture = activation_curves([(f, PRIME[f]) for f in (sigmoid, relu)])
    for ax, name in zip(picture.figure.axes, ("sigmoid", "relu")):
        assert ax.get_title(loc="left") == name
        drawn = [line.get_ydata() for line in ax.lines if len(line.get_ydata()) == len(picture.drawn["z"])]
        assert np.array_equal(drawn[0], picture.drawn[name]) and np.array_equal(drawn[1], picture.drawn[f"{name}_prime"])
    assert "sigmoid (largest slope 0.25)" in picture.alt and "relu (largest slope 1.00)" in picture.alt


def test_activations_are_drawn_from_minus_4_to_4():
    z = activation_curves([(relu, relu_prime)]).drawn["z"]
    assert (z[0], z[200], z[-1], len(z)) == (-4, 0, 4, 401)


def test_one_curve_is_enough_and_none_is_not():
    assert line_chart({"a": ([0, 1], [2.0, 1.0])}, "x", "y").drawn["curves"]["a"][1].tolist() == [2, 1]
    with pytest.raises(ValueError, match="curves: got 0"):
        line_chart({}, "x", "y")


def test_a_curve_that_is_not_seen_has_no_name():
    picture = line_chart({"lost": ([0, 1], [np.nan, np.nan]), "above": ([0, 1], [5.0, 6.0]), "here": ([0, 1], [1.0, 2.0])}, "x", "y", ylim=(0, 3))
    assert list(boxes(picture.figure)) == ["here"]
