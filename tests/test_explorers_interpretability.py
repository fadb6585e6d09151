"""The occluder covers what it says, and what it draws is what the explanations give."""

import re
import warnings

import numpy as np
import pytest

from helpers.activations import identity, relu, softmax
from helpers.topics.explain import input_gradient, occlusion
from helpers.explorers.interpretability import INKS, explore_occlusion
from helpers.network import forward
from helpers.parameters import glorot, layers

RNG = np.random.default_rng(0)
X, LABELS = RNG.uniform(size=(30, 784)) * (RNG.uniform(size=(30, 784)) < 0.3), RNG.integers(0, 10, 30)
NETWORK = layers(3 * glorot([784, 12, 10], np.random.default_rng(3)), [784, 12, 10], [relu, identity])
DICE = layers(glorot([784, 12, 10], np.random.default_rng(1), np.float32), [784, 12, 10], [relu, identity])


def test_what_is_drawn_is_computed_a_second_time():
    explorer, rng = explore_occlusion(NETWORK, X, LABELS), np.random.default_rng(4)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(40):
            row, column, side = (int(rng.choice([1, 28, rng.integers(1, 29)])) for _ in range(3))
            digit, name, ink = int(rng.integers(20)), rng.choice(["trained", "random weights"]), rng.choice(list(INKS))
            explorer.set(digit=digit, network=name, row=row, column=column, side=side, ink=ink)
            drawn, net = explorer.drawn, NETWORK if name == "trained" else DICE
            x = X[digit].astype(net[0][0].dtype)
            Z = forward(net, x[None])[0][0]
            y = np.eye(10, dtype=x.dtype)[Z.argmax()]
            np.testing.assert_allclose(drawn["cost"], occlusion(net, x, y, side, INKS[ink]), atol=1e-4)
            np.testing.assert_allclose(drawn["slope"], input_gradient(net, x[None], y[None])[0], atol=1e-5)
            covered = forward(net, drawn["picture"].astype(x.dtype).reshape(1, 784))[0][0]
            np.testing.assert_allclose(drawn["chances"], softmax(covered.astype(float)), atol=1e-4)
            assert drawn["drop"] == pytest.approx(float(Z.max() - covered[Z.argmax()]), abs=1e-3), "the map at the square is the square's cost"
            assert f"Digit {digit}, a {LABELS[digit]}, {name}: a {ink} square of side {side} at row {row}, column {column}" in explorer.alt
            moved = "leaves" if abs(drawn["drop"]) < 0.05 else "lowers" if covered[Z.argmax()] < Z.max() else "raises"
            assert f"{moved} the score of {Z.argmax()}" in explorer.alt
            assert f"read as {covered.argmax()}" in explorer.alt or f"as {covered.argmax()} now" in explorer.alt


def test_the_square_covers_these_pixels_and_no_other():
    explorer = explore_occlusion(NETWORK, X, LABELS, digit=2, row=5, column=28, side=4, ink="black")
    expected = X[2].reshape(28, 28).astype(np.float32)
    expected[3:7, 26:] = 1
    assert np.array_equal(explorer.drawn["picture"], expected)


def test_covering_everything_is_said():
    explorer = explore_occlusion(NETWORK, X, LABELS, row=14, column=14, side=28)
    assert "Everything is covered" in explorer.alt and (explorer.drawn["picture"] == 0.5).all()
    explorer.set(row=1)
    assert "Everything is covered" not in explorer.alt


def test_white_on_white_leaves_the_score_where_it_was():
    empty = np.zeros((3, 784))
    empty[:, 400] = 1.0
    explorer = explore_occlusion(NETWORK, empty, LABELS[:3], row=3, column=3, side=5, ink="white")
    assert "leaves the score of" in explorer.alt and "still read as" in explorer.alt
    assert len(explorer.control["digit"].options) == 3


def test_moving_the_square_keeps_the_maps_and_changing_it_does_not():
    explorer = explore_occlusion(NETWORK, X, LABELS)
    cost = explorer.drawn["cost"]
    explorer.set(row=3, column=9)
    assert explorer.drawn["cost"] is cost
    explorer.set(side=3)
    assert explorer.drawn["cost"] is not cost
    for side in range(1, 29):
        for ink in INKS:
            explorer.set(side=side, ink=ink)
    assert len(explorer.kept) <= 51


def test_the_formula_holds_the_scores_of_the_moment():
    explorer = explore_occlusion(NETWORK, X, LABELS, digit=1)
    before, after = re.search(r"= ([−\d.]+) → ([−\d.]+) under", explorer.formula.value).groups()
    before, after = (float(number.replace("−", "-")) for number in (before, after))
    assert before - after == pytest.approx(explorer.drawn["drop"], abs=0.11)
