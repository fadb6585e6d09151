"""The ruler draws the gaps that it is given, and its words say where they lie."""

import io

import numpy as np
import pytest
from PIL import Image

from helpers.figures.ruler import FLOOR, between, flip, ruler
from helpers.figures.curves import spread

LINES = {"a millionth": 1e-6, "10⁻¹²": 1e-12}


def lines_in(picture, panel=0):
    return [(line.get_xdata(), line.get_ydata()) for line in picture.figure.axes[panel].lines]


def opens(picture):
    return Image.open(io.BytesIO(picture.png(50))).size


def test_every_curve_is_drawn_from_step_1_and_zero_lies_on_the_floor():
    values = np.geomspace(1e-16, 1e-13, 40)
    picture = ruler({"layer 1": values, "layer 2": np.zeros(40)}, LINES, "A run")
    drawn = [pair for pair in lines_in(picture) if len(pair[0]) == 40]
    for (x, y), expected in zip(drawn, [values, np.full(40, FLOOR)], strict=True):
        assert np.array_equal(x, np.arange(1, 41)) and np.array_equal(y, expected)
    assert np.array_equal(picture.drawn["gaps"]["layer 2"], np.zeros(40))
    assert [y[0] for _, y in lines_in(picture) if len(y) == 2] == list(LINES.values())
    assert opens(picture) == (480, 230)


def test_the_words_say_between_which_lines():
    curves = {"a": [1e-16, 1e-14], "b": [1e-9, 1e-8], "c": [1e-3, 1e-1], "d": [1e-14, 1e-2]}
    picture = ruler(curves, LINES, "Four runs", moment=2)
    assert picture.alt == (
        "Four runs, over 2 steps on a logarithmic scale: a stays below 10⁻¹²; b stays between 10⁻¹² and a millionth; "
        "c stays above a millionth; d goes from 1e-14 to 1e-02. Marked: step 2."
    )


def test_the_words_outlast_another_rounding():
    values = np.geomspace(1e-16, 1e-13, 40)
    assert ruler({"a": values}, LINES).alt == ruler({"a": 1.7 * values}, LINES).alt


def test_all_names_are_there_in_the_order_of_their_ends():
    picture = ruler({str(i): [1 - 0.1 * i] * 5 for i in range(5)} | {"far below": [1e-12] * 5}, {}, "Six")
    names = {text.get_text(): text.get_position()[1] for text in picture.figure.axes[0].texts}
    heights = [names[str(i)] for i in range(5)]
    assert heights[0] <= 1 and min(-np.diff(heights)) > 0.069 and names["far below"] < 0.2


def test_more_curves_than_can_be_told_apart_are_refused():
    for n in (0, 7):
        with pytest.raises(ValueError, match=f"gaps: got {n} curves"):
            ruler({str(i): [1.0] for i in range(n)}, LINES)


def test_the_moment_of_parting_shows_both_z_and_the_step():
    gaps = np.r_[np.full(40, 1e-7), np.full(20, 1e-4)]
    picture = flip(3e-8, -2e-8, gaps, 41)
    assert [line.get_xdata()[0] for line in picture.figure.axes[0].lines if len(line.get_xdata()) == 1] == [3e-8, -2e-8]
    curve, mark = (pair for pair in lines_in(picture, 1))
    assert np.array_equal(curve[0], np.arange(16, 61)) and np.array_equal(curve[1], gaps[15:])
    assert (mark[0][0], mark[1][0]) == (41, 1e-4)
    assert picture.alt == ("At step 41 one z is 3.0e-08 in NumPy and -2.0e-08 in Keras, on opposite sides of zero; "
                           "the largest difference goes from 1.0e-07 to 1.0e-04.")
    assert "the same side" in flip(3e-8, 2e-8, gaps, 1).alt
    assert opens(picture) == (480, 180)


@pytest.mark.parametrize("heights, apart", [
    ([0.1, 0.5], [0.1, 0.5]), ([0.5, 0.5, 0.5], [0.5, 0.6, 0.7]), ([0.55, 0.5], [0.6, 0.5]), ([0.99, 0.95, 0.1], [1.0, 0.9, 0.1]),
    ([0.4, 0.45, 0.9], [0.4, 0.5, 0.9]),
])
def test_labels_move_apart_upwards_and_at_the_top_downwards(heights, apart):
    assert np.allclose(spread(heights, 0.1), apart)
    assert np.diff(spread([0.5, 0.5]))[0] == pytest.approx(spread([0.5, 0.5], 0.07)[1] - 0.5), "room for a line of words"


@pytest.mark.parametrize("values, words", [
    ([1e-9, 4e-7], "stays below fine"), ([1e-9, 6e-7], "stays below coarse"), ([3e-6, 4e-4], "stays between fine and coarse"),
    ([1.5e-6, 4e-4], "stays below coarse"), ([3e-6, 6e-4], "stays above fine"), ([3e-3, 1.0], "stays above coarse"),
    ([1e-9, 1.0], "goes from 1e-09 to 1e+00"), ([4e-9, 2e-9, 8e-9, 6e-4], "goes from 4e-09 to 6e-04"),
])
def test_words_keep_a_factor_of_two_from_each_line(values, words):
    assert between(np.array(values), {"coarse": 1e-3, "fine": 1e-6}) == words


@pytest.mark.parametrize("values", [[-1.0], [1.0, -1.0], [], [np.nan], [[1.0, 2.0]]])
def test_what_is_no_sequence_of_differences_is_named(values):
    with pytest.raises(ValueError, match="layer 1: got"):
        ruler({"layer 1": values}, LINES)
    with pytest.raises(ValueError, match="gaps: got"):
        flip(1.0, -1.0, values, 1)


def test_a_step_that_was_not_run_is_named():
    with pytest.raises(ValueError, match="step: got 99, wanted a step from 1 to 2"):
        flip(1.0, -1.0, [1e-8, 1e-7], 99)
