"""The chart of how sure somebody was: each group holds the guesses of its sureness, and how many were right."""

import numpy as np
import pytest

from helpers.figures.calibration import EDGES, calibration_chart


def test_the_groups_are_counted_as_in_plain_python():
    rng = np.random.default_rng(0)
    guesses = [(float(s), bool(r)) for s, r in zip(rng.uniform(size=60).round(2), rng.integers(2, size=60))]
    guesses += [(0.4, True), (0.6, False), (0.8, True), (0.0, False), (1.0, True)]
    wanted = []
    for low, high in zip(EDGES, EDGES[1:]):
        here = [(s, r) for s, r in guesses if low <= s < high]
        wanted.append((sum(s for s, _ in here) / len(here), sum(r for _, r in here) / len(here), len(here)))
    drawn = calibration_chart(guesses).drawn["groups"]
    assert np.allclose(drawn, wanted) and sum(n for *_, n in drawn) == len(guesses)


@pytest.mark.parametrize("sure, group", [(0.0, 0), (0.39, 0), (0.4, 1), (0.6, 2), (0.8, 3), (1.0, 3)])
def test_a_guess_on_an_edge_belongs_to_the_group_above(sure, group):
    middles = [0.2, 0.5, 0.7, 0.9]
    guesses = [(m, False) for i, m in enumerate(middles) if i != group] + [(middles[group], False), (sure, True)]
    drawn = calibration_chart(guesses).drawn["groups"]
    assert [n for *_, n in drawn] == [2 if i == group else 1 for i in range(4)] and drawn[group][1] == 0.5


def test_each_dot_stands_at_its_group_and_tells_its_number():
    picture = calibration_chart([(0.9, True), (0.9, False), (0.5, True), (0.1, False)])
    ax = picture.figure.axes[0]
    dots = [tuple(line.get_xydata()[0]) for line in ax.lines if line.get_marker() == "o"]
    assert dots == [(0.1, 0.0), (0.5, 1.0), (0.9, 0.5)]
    assert [t.get_text() for t in ax.texts][1:] == ["1", "1", "2"]
    assert "Your 4 revealed predictions" in picture.alt and "of 2 held with 90% sureness 50% were right" in picture.alt


def test_without_predictions_it_says_so():
    picture = calibration_chart([])
    assert picture.drawn["groups"] == [] and "none yet" in picture.alt
    assert "no predictions yet" in [t.get_text() for t in picture.figure.axes[0].texts]


def test_the_line_runs_through_no_words():
    picture = calibration_chart([])
    picture.figure.draw_without_rendering()
    ax = picture.figure.axes[0]
    empty = next(t for t in ax.texts if t.get_text() == "no predictions yet").get_window_extent()
    corners = ax.transData.inverted().transform([(empty.x1, empty.y0), (empty.x0, empty.y1)])
    assert (corners[:, 1] > corners[:, 0]).all(), "above the line, its lower right corner too"
    words = next(t for t in ax.texts if t.get_text() == "as often right as sure")
    assert words.get_transform_rotates_text() and words.get_position()[1] < words.get_position()[0]
