"""The pictures of notebook 13 mean what they show."""

import numpy as np
import pytest

from helpers.figures.leaks import GIVEN_AWAY, leak_curves, leak_pictures, opened, two_losses

RNG = np.random.default_rng(0)


def test_a_leak_is_called_the_same_where_it_is():
    X = RNG.random((3, 64))
    off = np.array([0.0, GIVEN_AWAY * 1.01, 0.3])
    picture = leak_pictures(X, X + off[:, None], off, "noise")
    assert picture.drawn["near"].tolist() == [True, False, False]
    assert "1 of 3 are the same" in picture.alt and "3 digits of noise" in picture.alt
    words = [text.get_text() for text in picture.figure.axes[0].texts]
    assert "the same" in words and "off by 0.3" in words


def test_found_images_belong_to_the_inputs():
    with pytest.raises(ValueError, match="found"):
        leak_pictures(np.zeros((3, 64)), np.zeros((2, 64)), np.zeros(3), "noise")


def test_the_curves_are_the_sorted_losses():
    members, strangers = RNG.exponential(0.01, 50), RNG.exponential(1.0, 40)
    picture = two_losses(members, strangers, "noise")
    first, second = (line.get_xdata() for line in picture.figure.axes[0].lines[:2])
    assert np.array_equal(first, np.sort(members)) and np.array_equal(second, np.sort(strangers))
    assert picture.drawn["medians"] == {"trained on": np.median(members), "never seen": np.median(strangers)}
    assert "50 digits" in picture.alt and "40 that were not" in picture.alt


def test_the_curves_stand_at_their_batches_beside_the_line_of_all():
    shares = {"first": [1.0, 2.0, 1.5], "second": [1.0, 0.5, 0.0]}
    picture = leak_curves([1, 2, 4], shares, "noise", "a title")
    (ax,) = picture.figure.axes
    line, *curves = ax.lines
    assert np.array_equal(line.get_xdata(), line.get_ydata()) and line.get_xdata()[[0, -1]] == pytest.approx([1, 4])
    assert [list(curve.get_ydata()) for curve in curves] == list(shares.values()) and all(curve.get_marker() in "os" for curve in curves)
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["1", "2", "4"] and ax.get_ylim()[1] > 2 and ax.get_title(loc="left") == "a title"
    assert "first 1.0 of 1, 2.0 of 2, 1.5 of 4" in picture.alt and "noise" in picture.alt


def test_an_opened_letter_is_drawn_as_it_is():
    found = RNG.normal(size=64)
    picture = opened(found)
    (image,) = picture.figure.axes[0].images
    assert np.array_equal(image.get_array(), np.clip(found, 0, 1).reshape(8, 8)) and "64 pixels" in picture.alt
