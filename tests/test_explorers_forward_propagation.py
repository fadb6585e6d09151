"""Turn the knobs: what is drawn is what the network computes, wherever its eleven numbers are turned."""

import math
import re
import warnings

import numpy as np
import pytest

from helpers.data import tiny
from helpers.explorers.forward_propagation import ACTIVATIONS, BORDER, KNOBS, NAMES, POINTS, explore_network
from helpers.figures.graph import called
from helpers.figures.words import fitted, given, number

F = {"sigmoid": lambda z: 1 / (1 + math.exp(-z)), "ReLU": lambda z: max(z, 0.0), "identity": lambda z: z}


def by_hand(theta, x1, x2, bend):
    """z and a of both hidden neurons, and ŷ, in plain Python."""
    a, b, c, d, e, f, g, h, i = map(float, theta)
    z = [x1 * a + x2 * c + e, x1 * b + x2 * d + f]
    out = [F[bend](v) for v in z]
    return z, out, out[0] * g + out[1] * h + i


def check(explorer, theta):
    x1, x2, bend = (explorer.values[name] for name in ("x1", "x2", "activation"))
    z, a, y = by_hand(theta, x1, x2, bend)
    drawn, text = explorer.drawn, explorer.graph.text
    assert np.allclose([drawn["z1[0]"], drawn["z1[1]"], drawn["a1[0]"], drawn["a1[1]"], drawn["y_hat"]], [*z, *a, y])
    for name, weight in zip(KNOBS.values(), theta):
        assert text[name].get_text() == f"{called(name)} = {number(weight, 2)}"
        assert (text[name].get_fontweight() == "bold") == (name == KNOBS[explorer.values["knob"]])
    for k in (0, 1):
        assert text[f"Z1[{k}]"].get_text() == f"z = {fitted(drawn[f'z1[{k}]'])}" and text[f"x[{k}]"].get_text().endswith(given((x1, x2)[k]))
    assert text["A2[0]"].get_text() == f"ŷ = {fitted(drawn['y_hat'])}"
    assert f"<b>{fitted(drawn['y_hat'])}</b>" in explorer.formula.value and f"ŷ = {fitted(drawn['y_hat'])}" in explorer.alt
    assert np.allclose(np.concatenate(explorer.here.get_data()), [x1, x2])
    for row, column in ((0, 0), (0, POINTS - 1), (POINTS - 1, 0), (POINTS // 2, POINTS // 2), (11, 40)):
        expected = by_hand(theta, -3 + 6 * column / (POINTS - 1), -3 + 6 * row / (POINTS - 1), bend)[2]
        assert np.isclose(drawn["surface"][row, column], expected)
    assert np.array_equal(explorer.surface.get_array(), drawn["surface"])


def test_every_number_follows_every_knob():
    rng, explorer, theta = np.random.default_rng(0), explore_network(), tiny.network()[0]
    pictures = set()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(200):
            name = rng.choice(["knob", "x1", "x2", "activation", *["value"] * 4])
            if name == "knob":
                explorer.set(knob=str(rng.choice(NAMES)))
            elif name == "activation":
                explorer.set(activation=str(rng.choice(list(ACTIVATIONS))))
            else:
                reach = 4.0 if name == "value" else 3.0
                value = float(rng.choice([-reach, 0.0, reach, *rng.uniform(-reach, reach, 3).round(2)]))
                explorer.control[name].value = value
                if name == "value":
                    theta[NAMES.index(explorer.values["knob"])] = value
            check(explorer, theta)
            pictures.add(explorer.picture.value)
    assert len(pictures) > 100


def test_the_corners():
    for sign in (-4.0, 4.0):
        for bend in ACTIVATIONS:
            check(explore_network(theta=np.full(9, sign), x1=3.0, x2=-3.0, activation=bend), np.full(9, sign))


def test_the_border_runs_where_the_answer_is_one_half():
    explorer = explore_network()
    (line,) = explorer.drawn["border"]
    assert len(line) > 10 and all(abs(by_hand(tiny.network()[0], x1, x2, "sigmoid")[2] - BORDER) < 0.002 for x1, x2 in line)
    share = float(re.search(r"above 0.5 for (\d+)% of them", explorer.alt)[1])
    assert abs(share - 100 * (explorer.drawn["surface"] > 0.5).mean()) <= 0.5
    explorer.set(knob="b₂", value=4.0)
    assert explorer.drawn["border"] == [] and "above 0.5 for 100%" in explorer.alt


def test_without_a_bend_the_bands_are_straight_and_with_one_they_need_not_be():
    def straight(surface):
        return np.allclose(np.diff(surface, 2, axis=0), 0) and np.allclose(np.diff(surface, 2, axis=1), 0)

    rng = np.random.default_rng(1)
    for _ in range(5):
        assert straight(explore_network(theta=rng.uniform(-4, 4, 9), activation="identity").drawn["surface"])
    assert not straight(explore_network(activation="ReLU").drawn["surface"]) and not straight(explore_network().drawn["surface"])


def test_turning_a_late_weight_changes_the_output_alone():
    one, two = explore_network().drawn, explore_network(knob="v₂", value=0.0).drawn
    changed = {name for name in one if name[:2] in ("z1", "a1", "z2", "a2") and one[name] != two[name]}
    assert changed == {"z2[0]", "a2[0]"}


def test_the_slider_goes_where_the_chosen_knob_stands():
    explorer = explore_network(theta=np.arange(9) / 4)
    for i, knob in enumerate(NAMES):
        explorer.control["knob"].value = knob
        assert explorer.values["value"] == i / 4 and np.array_equal(explorer.drawn["theta"], np.arange(9) / 4)


@pytest.mark.parametrize("wrong", [np.zeros(8), np.full(9, 5.0), [1, 2]])
def test_a_theta_that_does_not_fit_is_named(wrong):
    with pytest.raises(ValueError, match="theta: got"):
        explore_network(theta=wrong)


def test_each_example_stands_on_the_map_with_its_target_and_its_answer_above():
    explorer = explore_network()
    said = {text.get_text(): text.get_position() for text in explorer.here.axes.texts}
    assert said == {f"y = {y:g}": (x1, x2 - 0.3) for (x1, x2), (y,) in zip(tiny.X, tiny.Y)}
    assert set(explorer.here.axes.texts) <= set(explorer.moving), "drawn above the surface, which moves"
    for theta in (tiny.network()[0], np.linspace(-2, 2, 9)):
        explorer.set(theta=theta)
        answers = [by_hand(theta, *x, "sigmoid")[2] for x in tiny.X]
        assert np.allclose(explorer.drawn["three"], answers)
        assert np.isclose(explorer.drawn["L"], sum((y - out) ** 2 for (y,), out in zip(tiny.Y, answers)) / 6)
        for i, (out, (y,)) in enumerate(zip(answers, tiny.Y), start=1):
            assert f"day {i} {fitted(out, 2)} for {y:g}" in explorer.formula.value
        worst = max(abs(y - out) for (y,), out in zip(tiny.Y, answers))
        assert f"largest error <b>{fitted(worst, 2)}</b>" in explorer.formula.value


def test_two_knobs_in_their_range_make_all_three_fit_as_the_page_says():
    explorer = explore_network()
    explorer.set(knob="w₂₁", value=3.0)
    explorer.set(knob="w₂₂", value=-1.0)
    assert np.abs(explorer.drawn["three"] - tiny.Y.ravel()).max() < 0.1
    assert np.abs(explore_network().drawn["three"] - tiny.Y.ravel()).max() > 0.5


def test_reset_leads_back_to_the_theta_it_was_opened_with():
    explorer = explore_network(theta=np.ones(9), x1=0.5)
    explorer.set(knob="b₂", value=3.0, x1=-1.0)
    explorer.set(**explorer.defaults)
    assert np.array_equal(explorer.drawn["theta"], np.ones(9)) and explorer.values["x1"] == 0.5
