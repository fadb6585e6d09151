"""The landscape and the squares: what is drawn is the loss, its minimum and its errors, on any data."""

import numpy as np
import pytest
from matplotlib.collections import QuadMesh
from matplotlib.patches import Rectangle

from helpers.data import tiny
from helpers.topics.descent import descend
from helpers.figures.style import canvas
from helpers.figures.surface import contour, draw_squares, minimum, move_squares, squares

RNG = np.random.default_rng(0)
DATA = [(tiny.line_X, tiny.line_Y), *((RNG.uniform(-2, 3, (n, 1)), RNG.uniform(-2, 3, (n, 1))) for n in (2, 5, 12))]
on_any_data = pytest.mark.parametrize("X, Y", DATA, ids=lambda a: "")


def loss(X, Y, w, b):
    """The MSE of a line, in plain Python."""
    pairs = list(zip(X.ravel().tolist(), Y.ravel().tolist()))
    return sum((y - w * x - b) ** 2 for x, y in pairs) / (2 * len(pairs))


@on_any_data
def test_the_minimum_is_where_the_school_formula_puts_it(X, Y):
    x, y = X.ravel(), Y.ravel()
    slope = ((x - x.mean()) * (y - y.mean())).sum() / ((x - x.mean()) ** 2).sum()
    assert np.allclose(minimum(X, Y), [slope, y.mean() - slope * x.mean()])


@on_any_data
def test_nothing_on_the_map_lies_below_the_minimum(X, Y):
    drawn = contour(X, Y, w=(-4, 4), b=(-5, 5)).drawn
    assert np.isclose(drawn["lowest"], loss(X, Y, *drawn["minimum"]))
    assert drawn["L"].min() >= drawn["lowest"] and np.isclose(drawn["levels"][-1], drawn["L"].max())
    assert (np.diff([drawn["lowest"], *drawn["levels"]]) > 0).all(), "the lines go outwards from the minimum"


@on_any_data
def test_every_row_is_one_b_and_every_column_one_w(X, Y):
    drawn = contour(X, Y, w=(-1, 3), b=(-2, 1)).drawn
    assert drawn["L"].shape == (len(drawn["b"]), len(drawn["w"]))
    assert (drawn["w"][[0, -1]].tolist(), drawn["b"][[0, -1]].tolist()) == ([-1, 3], [-2, 1])
    rng = np.random.default_rng(1)
    for i, j in zip(rng.integers(len(drawn["b"]), size=30), rng.integers(len(drawn["w"]), size=30)):
        assert np.isclose(drawn["L"][i, j], loss(X, Y, drawn["w"][j], drawn["b"][i]))


def test_the_star_stands_on_the_minimum():
    picture = contour(tiny.line_X, tiny.line_Y)
    (star,) = [line for line in picture.figure.axes[0].lines if line.get_marker() == "*"]
    assert np.allclose(star.get_xydata(), [minimum(tiny.line_X, tiny.line_Y)])
    assert f"w = {minimum(tiny.line_X, tiny.line_Y)[0]:.2f}" in picture.alt


def test_each_contour_line_runs_where_the_loss_is_its_level():
    picture = contour(tiny.line_X, tiny.line_Y)
    lines = [c for c in picture.figure.axes[0].collections if not isinstance(c, QuadMesh) and len(c.get_edgecolor())]
    checked = 0
    for line in lines:
        for level, path in zip(line.levels, line.get_paths()):
            for w, b in path.vertices[:: max(1, len(path.vertices) // 20)]:
                assert np.isclose(loss(tiny.line_X, tiny.line_Y, w, b), level, rtol=0.02, atol=2e-3)
                checked += 1
    assert checked > 100


def test_the_loss_that_is_written_on_a_contour_line_is_the_loss_there():
    picture = contour(tiny.line_X, tiny.line_Y)
    (name, *marks) = picture.figure.axes[0].texts
    assert name.get_text() == "minimum" and [mark.get_text() for mark in marks] == ["L = 0.08", "0.45", "1.24"]
    for mark in marks:
        there = loss(tiny.line_X, tiny.line_Y, *mark.get_position())
        assert f"{there:.2f}" in mark.get_text() and np.isclose(there, picture.drawn["levels"], rtol=1e-9).sum() == 1
    path = descend(tiny.line_X, tiny.line_Y, (2.0, 1.8), 0.1)
    assert len(contour(tiny.line_X, tiny.line_Y, {"one": path}).figure.axes[0].texts) == 1, "a path has the map for itself"


def test_a_path_lies_on_the_surface_and_goes_down_it():
    path = descend(tiny.line_X, tiny.line_Y, (2.0, 1.8), 0.1)
    picture = contour(tiny.line_X, tiny.line_Y, {"one": path, "two": path[::-1].tolist()})
    assert np.array_equal(picture.drawn["paths"]["one"], path) and np.array_equal(picture.drawn["paths"]["two"], path[::-1])
    heights = [loss(tiny.line_X, tiny.line_Y, *point) for point in picture.drawn["paths"]["one"]]
    assert (np.diff(heights) < 0).all() and heights[-1] > picture.drawn["lowest"]
    drawn = [line for line in picture.figure.axes[0].lines if line.get_label() in ("one", "two")]
    looks = {(line.get_linestyle(), line.get_marker(), line.get_color()) for line in drawn}
    assert len(looks) == 2 and all(len(line.get_xydata()) == 61 for line in drawn)
    assert f"one goes from (2.00, 1.80) to ({path[-1][0]:.2f}, {path[-1][1]:.2f}) in 60 steps" in picture.alt


@on_any_data
@pytest.mark.parametrize("w, b", [(0.3, 0.9), (-1.5, 2.0), (0.0, 0.0)])
def test_every_side_is_an_error_and_stands_on_it(X, Y, w, b):
    picture = squares(X, Y, w, b)
    ax = picture.figure.axes[0]
    patches = [p for p in ax.patches if isinstance(p, Rectangle)]
    errors = [y - (w * x + b) for x, y in zip(X.ravel(), Y.ravel())]
    assert np.allclose(picture.drawn["errors"], errors) and np.allclose(picture.drawn["areas"], np.square(errors))
    assert len(patches) == len(X)
    for patch, x, y, error in zip(patches, X.ravel(), Y.ravel(), errors):
        assert np.isclose(patch.get_width(), abs(error)) and np.isclose(patch.get_height(), abs(error))
        low, high = sorted((y, y - error))
        assert np.isclose(patch.get_y(), low) and np.isclose(patch.get_y() + patch.get_height(), high)
        assert np.isclose(x, patch.get_x() if error <= 0 else patch.get_x() + patch.get_width()), "one side is the error itself"
    assert ax.get_aspect() == 1, "a square looks square"
    assert np.isclose(picture.drawn["areas"].sum(), 2 * len(X) * picture.drawn["loss"])
    assert f"L = {loss(X, Y, w, b):.3f}" in picture.alt and str(np.round(np.square(errors), 2).tolist()) in picture.alt


def test_squares_that_are_moved_are_squares_that_are_drawn_there():
    X, Y = tiny.line_X, tiny.line_Y
    line, patches, errors, points = draw_squares(canvas()[1], X, Y, 2.0, -3.0)
    move_squares(line, patches, errors, X, Y, 0.3, 0.9)
    there = draw_squares(canvas()[1], X, Y, 0.3, 0.9)
    assert np.array_equal(line.get_xydata(), there[0].get_xydata()) and np.array_equal(points.get_xydata(), there[3].get_xydata())
    assert [p.get_bbox().bounds for p in patches] == [p.get_bbox().bounds for p in there[1]]
    assert [e.get_xydata().tolist() for e in errors] == [e.get_xydata().tolist() for e in there[2]]


def test_the_line_passes_through_its_predictions():
    (line, *_), x = draw_squares(canvas()[1], tiny.line_X, tiny.line_Y, 0.3, 0.9, reach=1.4), tiny.line_X
    assert np.allclose(line.get_ydata(), 0.3 * np.asarray(line.get_xdata()) + 0.9)
    assert np.allclose(line.get_xdata(), [x.min() - 1.4, x.max() + 1.4])


@pytest.mark.parametrize("draw", [contour, lambda X, Y: squares(X, Y, 1.0, 0.0)])
def test_a_column_and_a_row_are_refused(draw):
    with pytest.raises(ValueError, match="Y"):
        draw(tiny.line_X, tiny.line_Y.ravel())
