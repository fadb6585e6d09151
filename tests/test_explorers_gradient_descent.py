"""The learning rate: it starts where the landscape is clicked, and the pictures stay where they are."""

import base64
import io
import re

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from helpers.data import tiny
from helpers.explorers import base
from helpers.explorers.gradient_descent import B_RANGE, LAST, OPTIMIZERS, W_RANGE, explore_boundary, explore_learning_rate
from helpers.explorers.touch import Touch
from helpers.figures.style import INK
from helpers.figures.surface import minimum
from helpers.topics import parts
from helpers.topics.descent import descend


@pytest.fixture
def explorer():
    return explore_learning_rate(learning_rate=0.1)


def click(explorer, x, y):
    """As the browser reports it: shares of the image's width and height, from its upper left corner."""
    explorer.picture.at = [x, y, explorer.picture.at[2] + 1]


def place(explorer, w, b):
    """Where a point of the landscape lies in the image."""
    x, y = explorer.figure.transFigure.inverted().transform(explorer.land.transData.transform((w, b)))
    return x, 1 - y


def pixels(explorer):
    data = base64.b64decode(re.search('base64,([^"]+)', explorer.picture.value)[1])
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)


def test_a_click_starts_there(explorer):
    rng = np.random.default_rng(0)
    for w, b in zip(rng.uniform(*W_RANGE, 20), rng.uniform(*B_RANGE, 20)):
        click(explorer, *place(explorer, w, b))
        assert abs(explorer.values["w"] - w) < 0.006 and abs(explorer.values["b"] - b) < 0.006
        assert np.allclose(explorer.drawn["path"][0], (explorer.values["w"], explorer.values["b"]))
        assert np.isclose(explorer.drawn["losses"][0], np.square(w * tiny.line_X + b - tiny.line_Y).mean() / 2, rtol=0.1)


def test_the_square_is_drawn_under_the_finger(explorer):
    for x, y in ((0.12, 0.4), (0.3, 0.85), (0.42, 0.6)):
        click(explorer, x, y)
        image = pixels(explorer)
        rows, columns, _ = image.shape
        row, column = round(y * rows), round(x * columns)
        assert np.abs(image[row - 2 : row + 3, column - 2 : column + 3] - int(INK[1:3], 16)).max() < 3


def test_the_hint_stands_before_the_start(explorer):
    row = explorer.children[0].children
    (hint,) = [i for i, part in enumerate(row) if getattr(part, "value", "") == "start: click into the landscape, or"]
    assert row[hint + 1 : hint + 3] == (explorer.control["w"], explorer.control["b"])


def test_a_click_elsewhere_does_nothing(explorer):
    before = explorer.values, explorer.picture.value
    for at in ((0, 0), (1, 1), (0.5, 0.03), (0.8, 0.6), (0.01, 0.6), (0.3, 0.99)):
        click(explorer, *at)
    assert (explorer.values, explorer.picture.value) == before


def test_a_click_at_the_edge_stays_on_the_sliders(explorer):
    for w in W_RANGE:
        for b in B_RANGE:
            x, y = place(explorer, w, b)
            click(explorer, x + (0.0005 if w < 0 else -0.0005), y + (0.0005 if b > 0 else -0.0005))
            assert abs(explorer.values["w"] - w) < 0.02 and abs(explorer.values["b"] - b) < 0.02


def test_a_second_click_on_one_spot_counts(explorer):
    at = place(explorer, 0.0, 0.0)
    click(explorer, *at)
    explorer.set(w=2.0)
    click(explorer, *at)
    assert explorer.values["w"] == 0.0


def test_what_is_touched_shows_what_any_picture_shows(explorer):
    assert isinstance(explorer.picture, Touch) and explorer.picture.value.startswith('<img alt="')
    still = explorer._repr_mimebundle_()["text/html"]
    assert "<img alt=" in still and "data:image/png;base64," in still


def test_an_error_after_a_click_is_shown_and_raised(explorer, monkeypatch):
    monkeypatch.setattr(explorer, "draw", lambda **values: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        click(explorer, *place(explorer, 0.0, 0.0))
    assert "ZeroDivisionError" in explorer.picture.value and explorer.picture.value.startswith("<pre")


def test_what_moves_does_not_move_the_panels():
    class Far(base.Explorer):
        """A point and words that may lie outside their panel."""

        def controls(self):
            return {"x": base.Number("x", 0.0, -9.0, 9.0)}

        def build(self):
            figure = Figure(figsize=(3, 2), layout="constrained")
            self.ax = figure.subplots()
            self.ax.set(xlim=(0, 1), ylim=(0, 1))
            (self.point,) = self.ax.plot([], [], "o", clip_on=False)
            self.words = self.ax.text(0, 0, "")
            self.moving = [self.point, self.words]
            return figure

        def draw(self, x):
            self.point.set_data([x], [x])
            self.words.set(text="words " * 5, x=x)
            return "x", f"x = {x}"

    places = [tuple(Far(x=x).ax.get_position().bounds) for x in (0.5, -2.0, 3.0)]
    assert places[0] == places[1] == places[2]


@pytest.mark.parametrize("rule", ["gradient descent", "momentum"])
def test_the_marked_limit_is_where_descent_stops_arriving(explorer, rule):
    explorer.set(optimizer=rule)
    limit, best = explorer.drawn["limit"], minimum(tiny.line_X, tiny.line_Y)
    below, above = (np.linalg.norm(descend(tiny.line_X, tiny.line_Y, (2.0, 1.8), factor * limit, OPTIMIZERS[rule], steps=3000)[-1] - best)
                    for factor in (0.99, 1.01))
    assert below < 1e-6 and above > 1e6
    assert np.isclose(explorer.limit.get_xdata()[0], limit) and f"= {limit:.3f}" in explorer.mark.get_text()


@pytest.fixture
def watched():
    return explore_boundary()


def test_the_loss_that_is_shown_is_that_of_the_network_that_is_shown(watched):
    watched.set(steps=200, hidden=4, learning_rate=5)
    layers, losses = watched.drawn["layers"], watched.drawn["losses"]
    Y_hat, _ = parts.forward(layers, watched.X)
    assert watched.drawn["loss"] == pytest.approx(parts.mse(Y_hat, watched.Y)) == losses[20]
    assert watched.drawn["right"] == ((Y_hat > 0.5) == (watched.Y > 0.5)).sum() and layers[0][0].shape == (2, 4)
    assert "After 200 steps with α = 5 and 4 hidden" in watched.alt and len(losses) == LAST // 10 + 1


def test_the_boundary_is_walked_by_the_loop_that_is_handed_in():
    calls = []

    def counting(*arguments):
        calls.append(len(arguments[-1]))
        return parts.train(*arguments)

    shown = explore_boundary(counting)
    assert sum(calls) == LAST
    shown.set(steps=300)
    assert sum(calls) == LAST, "what was walked is kept"
    shown.set(hidden=1)
    assert sum(calls) == 2 * LAST


def test_with_one_hidden_neuron_the_boundary_is_a_straight_line(watched):
    watched.set(hidden=1, steps=LAST)
    x, y = np.array(watched.edge.get_data())[:, ~np.isnan(watched.edge.get_xdata())]
    straight = np.polyval(np.polyfit(x, y, 1), x)
    assert np.abs(straight - y).max() < 0.02
    watched.set(hidden=8)
    x, y = np.array(watched.edge.get_data())[:, ~np.isnan(watched.edge.get_xdata())]
    assert np.abs(np.polyval(np.polyfit(x, y, 1), x) - y).max() > 0.2
