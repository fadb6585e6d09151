"""The map of a network over two inputs: its boundary lies where ŷ is a half, and its words are what was drawn."""

import numpy as np
import pytest

from helpers.activations import identity, sigmoid
from helpers.figures.boundary import boundaries, draw_plane, move_boundary, plane
from helpers.figures.style import canvas

X = np.array([[-1.0, 0.0], [1.0, 0.5], [0.0, -1.0], [0.5, 1.0]])
Y = np.array([[0.0], [1.0], [0.0], [1.0]])


def slanted(b=0.5):
    """ŷ = x₁ / 2 + x₂ / 4 + b."""
    return [(np.array([[0.5], [0.25]]), np.array([b]), identity)]


def drawn(layers):
    _, ax = canvas()
    says, edge = draw_plane(ax, X, Y)
    return says, edge, move_boundary(says, edge, X, Y, layers)


def test_the_boundary_lies_where_the_network_says_a_half():
    _, edge, _ = drawn(slanted())
    x, y = np.array(edge.get_data())[:, ~np.isnan(edge.get_xdata())]
    assert len(x) > 20 and np.allclose(x / 2 + y / 4, 0, atol=1e-9)


def test_the_map_holds_what_the_network_says_of_each_place():
    says, _, _ = drawn(slanted())
    (left, right, low, high), places = plane(X)
    assert np.allclose(np.ravel(says.get_array()), places @ [0.5, 0.25] + 0.5)
    assert (left, right, low, high) == pytest.approx((-1.35, 1.35, -1.35, 1.35))
    assert places[0] == pytest.approx((left, low)) and places[-1] == pytest.approx((right, high)) and places[1, 0] > left


def test_loss_and_count_are_those_of_the_points():
    *_, (loss, right) = drawn(slanted())
    says = X @ [0.5, 0.25] + 0.5
    assert loss == pytest.approx(np.mean((says - Y.ravel()) ** 2) / 2)
    assert right == 4
    assert drawn(slanted(-9.0))[2][1] == 2


def test_without_a_boundary_no_line_is_left_from_before():
    _, ax = canvas()
    says, edge = draw_plane(ax, X, Y)
    move_boundary(says, edge, X, Y, slanted())
    move_boundary(says, edge, X, Y, slanted(9.0))
    assert len(edge.get_xdata()) == 0


def test_pieces_of_a_boundary_are_not_joined():
    band = [(np.array([[4.0, 4.0], [0.0, 0.0]]), np.array([2.0, -2.0]), sigmoid), (np.array([[1.0], [-1.0]]), np.array([0.0]), identity)]
    _, edge, _ = drawn(band)  # high only in a band, so with an edge on either side
    x = edge.get_xdata()
    assert np.isnan(x).sum() == 2 and max(np.nanmax(part) - np.nanmin(part) for part in np.split(x, np.flatnonzero(np.isnan(x)))[:2]) < 0.1


def test_a_row_of_maps_says_what_it_shows():
    picture = boundaries({"before": slanted(-9.0), "after": slanted()}, X, Y)
    assert picture.drawn["right"] == [2, 4] and len(picture.figure.axes) == 2
    assert "before: loss" in picture.alt and "2 of 4 points" in picture.alt and "after: loss" in picture.alt
