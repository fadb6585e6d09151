"""The pictures of explanations show the numbers they are given, on the scales they name."""

import io

import numpy as np
import pytest
from PIL import Image

from helpers.figures.explanations import GREY, SIGNED, SIZE, bound, explanation_maps, nudge_pictures, similarity_dots, unit_pictures
from helpers.figures.words import rounded

RNG = np.random.default_rng(10)


def images_in(picture):
    return picture.figure.axes[0].images


def texts_in(picture):
    return [text.get_text() for text in picture.figure.axes[0].texts if text.get_text()]


def opens(picture):
    return Image.open(io.BytesIO(picture.png(50))).size


def test_the_maps_stand_below_their_digits_each_row_on_its_own_scale():
    X, maps = RNG.uniform(size=(3, 16)) * (RNG.uniform(size=(3, 16)) < 0.5), {"slope": RNG.normal(size=(3, 16)), "size": 5 * RNG.uniform(size=(3, 16))}
    picture = explanation_maps(X, maps, "toy data", ["a 1", "a 2", "a 3"])
    shown = images_in(picture)
    for image, row in zip(shown, [*X, *maps["slope"], *maps["size"]], strict=True):
        assert np.array_equal(image.get_array().ravel(), row)
    high = bound(maps["slope"])
    assert {image.get_clim() for image in shown[3:6]} == {(-high, high)} and {image.get_clim() for image in shown[6:]} == {(0, bound(maps["size"]))}
    assert [image.get_cmap() for image in shown[::3]] == [GREY, SIGNED, SIZE]
    for column in range(3):
        assert len({tuple(image.get_extent()[:2]) for image in shown[column::3]}) == 1, "below its digit"
    tops = [min(image.get_extent()[2:]) for image in shown[::3]]
    assert tops == sorted(set(tops)) and texts_in(picture) == ["a 1", "a 2", "a 3", "slope", "size"]
    share = np.abs(maps["slope"])[X > 0].sum() / np.abs(maps["slope"]).sum()
    assert picture.drawn["scales"]["slope"] == pytest.approx((-high, high, share))
    assert f"slope, −{high:.2g} to {high:.2g}, {share:.0%} of it on the ink" in picture.alt and "3 digits of toy data (a 1, a 2, a 3)" in picture.alt
    assert opens(picture)[0] == 480


def test_a_map_of_zeros_is_a_picture_too():
    assert "0 to 1, 0% of it" in explanation_maps(np.ones((2, 4)), {"nothing": np.zeros((2, 4))}, "toy data").alt


def test_the_nudge_is_the_difference_on_one_scale():
    X = RNG.uniform(size=(2, 9))
    nudged = np.clip(X + 0.1 * RNG.choice([-1, 0.5], size=X.shape), 0, 1)
    picture = nudge_pictures(X, nudged, ["a 1", "a 7"], ["a 7", "a 2"], "toy data")
    shown = images_in(picture)
    for image, row in zip(shown, [*X, *(nudged - X), *nudged], strict=True):
        assert np.array_equal(image.get_array().ravel(), row)
    largest = np.abs(nudged - X).max()
    assert {image.get_clim() for image in shown[2:4]} == {(-largest, largest)}
    assert f"at most {largest:.3f} a pixel: a 1 becomes a 7; a 7 becomes a 2" in picture.alt and opens(picture)
    assert texts_in(picture) == ["the digit", "a 1", "a 7", "+ the nudge", "= what the network is shown", "a 7", "a 2"]


def test_a_units_favourites_are_the_examples_that_excite_it_most():
    W, X, labels = RNG.normal(size=(9, 4)), RNG.uniform(size=(30, 9)), RNG.integers(0, 3, 30)
    A = np.maximum(X @ W, 0)
    picture = unit_pictures(W, A, X, labels, [2, 0], "toy data", most=5)
    shown = images_in(picture)
    for row, unit in enumerate([2, 0]):
        favourites = sorted(range(30), key=lambda i: (-A[i, unit], i))[:5]
        assert np.array_equal(shown[6 * row].get_array().ravel(), W[:, unit])
        for image, i in zip(shown[6 * row + 1 : 6 * row + 6], favourites, strict=True):
            assert np.array_equal(image.get_array().ravel(), X[i])
        assert picture.drawn["top"][unit].tolist() == favourites
        many = np.bincount(labels[favourites])
        assert f"unit {unit}, {many.max()} of 5 labelled {many.argmax()}" in picture.alt
    assert shown[0].get_clim() == shown[6].get_clim() and "2 of 4 units" in picture.alt and opens(picture)


def test_the_dots_are_the_correlations_and_the_words_their_medians():
    similar = {"one\nway": {"with its sign": [-0.5, 0.1, 0.3], "its size alone": [0.9, 0.99, 1.0]},
               "another": {"with its sign": [0.0, -0.001, 0.2], "its size alone": [-0.4, -0.2, 0.1]}}
    picture = similarity_dots(similar, "toy data")
    ax = picture.figure.axes[0]
    dots = [line.get_xdata() for line in ax.lines if line.get_linestyle() == "None"]
    assert [list(x) for x in dots] == [kinds[kind] for kinds in similar.values() for kind in ("with its sign", "its size alone")]
    assert picture.drawn["medians"] == {"one\nway": {"with its sign": 0.1, "its size alone": 0.99}, "another": {"with its sign": 0.0, "its size alone": -0.2}}
    assert "3 digits of toy data" in picture.alt and "one way: with its sign 0.10, its size alone 0.99; another: with its sign 0.00, its size alone −0.20" in picture.alt
    assert "its size alone: −0.20" in texts_in(picture) and opens(picture)


def test_a_zero_has_no_sign():
    assert [rounded(value) for value in (-0.001, 0.004, -0.5, 1)] == ["0.00", "0.00", "−0.50", "1.00"]


@pytest.mark.parametrize(("call", "named"), [
    (lambda: explanation_maps(np.ones((2, 9)), {"a": np.ones((2, 4))}, "x"), r"maps\['a'\]: got shape"),
    (lambda: explanation_maps(np.ones((2, 5)), {"a": np.ones((2, 5))}, "x"), "got rows of 5"),
    (lambda: nudge_pictures(np.ones((2, 9)), np.ones((1, 9)), [], [], "x"), "nudged: got shape"),
    (lambda: unit_pictures(np.ones((9, 2)), np.ones((3, 1)), np.ones((3, 9)), np.array([0, 1, 2]), [0], "x"), "A: got shape"),
    (lambda: similarity_dots({"a": {"with its sign": [1.0]}}, "x"), r"similar\['a'\]: got"),
])
def test_bad_input_is_named(call, named):
    with pytest.raises(ValueError, match=named):
        call()
