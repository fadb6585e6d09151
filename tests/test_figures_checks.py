"""The pictures of notebook 04 draw what was measured, and say it."""

import io

import numpy as np
import pytest
from PIL import Image

from helpers.figures.checks import SICK, branches, by_accuracy, chords, error_curve, fever_chart, two_verdicts

EPSILONS = np.logspace(-1, -14, 53)
ACCURACIES = {"right": [0.9, 0.94], "as good": [0.91, 0.9], "better": [0.99, 0.97], "worse": [0.8, 0.9], "lost": [0.1, 0.3]}
ERRORS = {"right": 1e-9, "as good": 0.02, "better": 0.5, "worse": 0.9, "lost": 0.3}


def opens(picture):
    return Image.open(io.BytesIO(picture.png(50))).size


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_chords_of_a_cube():
    picture = chords(lambda x: x**3, 1.0, 3.0, step=0.5)
    assert picture.drawn["slopes"] == pytest.approx({"tangent": 3, "one-sided": 4.75, "central": 3.25})
    assert np.allclose(picture.drawn["curve"], picture.drawn["grid"] ** 3)
    curve, *lines = [line for line in picture.figure.axes[0].lines if len(line.get_xdata()) == 201]
    for line, slope in zip(lines, (3, 4.75, 3.25), strict=True):
        x, y = line.get_data()
        assert np.allclose(np.diff(y) / np.diff(x), slope)
    touched = [line.get_data() for line in picture.figure.axes[0].lines if len(line.get_xdata()) == 2]
    assert np.allclose(touched, [([1, 1.5], [1, 3.375]), ([0.5, 1.5], [0.125, 3.375])])
    assert "tangent 3.0000, one-sided 4.7500, central 3.2500" in picture.alt and opens(picture)[0] == 440


def test_chords_of_another_length():
    drawn = chords(lambda x: x**2, 2.0, 4.0, step=0.25).drawn
    assert drawn["slopes"] == pytest.approx({"tangent": 4, "one-sided": 4.25, "central": 4})
    assert np.allclose(drawn["grid"][[0, 100, 200]], [2 - 1.3 * 0.25, 2, 2 + 1.3 * 0.25])


def test_error_curve_measures_its_branches():
    picture = error_curve(EPSILONS, {"one-sided": 2 * EPSILONS + 3e-16 / EPSILONS, "central": EPSILONS**2 + 1e-16 / EPSILONS})
    one, two = picture.drawn["one-sided"], picture.drawn["central"]
    assert np.isclose(one["truncation"], 1, atol=0.02) and np.isclose(two["truncation"], 2, atol=0.02)
    assert np.isclose(one["rounding"], -1, atol=0.05) and np.isclose(two["rounding"], -1, atol=0.05)
    assert np.isclose(one["best"][0], np.sqrt(1.5e-16), rtol=0.5) and np.isclose(two["best"][0], 0.5e-16 ** (1 / 3), rtol=0.5)
    assert np.isclose(two["meet"], 1e-16 ** (1 / 3), rtol=0.2)
    assert np.array_equal(two["errors"], EPSILONS**2 + 1e-16 / EPSILONS)
    assert "Central is best near ε = 1e-5; above that its error has slope 2, below it slope −1." in picture.alt
    assert picture.figure.axes[0].get_xlim()[0] < picture.figure.axes[0].get_xlim()[1], "a slope of 2 rises to the right"
    assert [np.array_equal(line.get_xdata(), EPSILONS) for line in picture.figure.axes[0].lines].count(True) == 2
    assert opens(picture)


def bent(*near):
    """x, y: y = 2x + 1 from −1 to −3.5 and y = −x − 14 from −6 to −8, and between them what is given, least at −5."""
    x = np.arange(-2, -16.5, -1) / 2
    return x, np.where(x > -3.8, 2 * x + 1, np.where(x < -5.8, -x - 14, np.interp(x, [-5.5, -5, -4.5, -4], near)))


def test_branches_are_fitted_without_what_lies_near_the_bend():
    x, y = bent(-9, -10, -9.5, -5)
    found = branches(10**x, 10**y)
    assert (found["truncation"], found["rounding"], np.log10(found["meet"])) == pytest.approx((2, -1, -5))
    assert np.log10(found["best"]) == pytest.approx([-5, -10])


def test_two_points_make_a_branch_and_one_does_not():
    x, y = bent(-9, -10, -9.5, -5)
    short = slice(4, 12)  # two of each branch
    assert branches(10 ** x[short], 10 ** y[short])["truncation"] == pytest.approx(2)
    for less in slice(5, 12), slice(4, 11):
        with pytest.raises(ValueError, match="epsilons: got .* on both sides"):
            branches(10 ** x[less], 10 ** y[less])


def test_an_error_of_nothing_is_the_best():
    assert branches(EPSILONS, np.where(EPSILONS == EPSILONS[20], 0, EPSILONS + 1e-15 / EPSILONS))["best"][0] == pytest.approx(EPSILONS[20])


def test_error_curve_wants_both_branches():
    with pytest.raises(ValueError, match="epsilons: got 0.1 to 0.01"):
        error_curve(np.logspace(-1, -2, 9), {"central": np.logspace(-2, -4, 9)})


def test_two_verdicts():
    picture = two_verdicts(ACCURACIES, ERRORS)
    outside, inside = picture.figure.axes
    assert picture.drawn["order"] == ["lost", "worse", "as good", "right", "better"]
    assert [label.get_text() for label in outside.get_yticklabels()] == picture.drawn["order"]
    shown = {int(line.get_ydata()[0]): line.get_xdata()[0] for line in inside.lines}
    assert {picture.drawn["order"][row]: error for row, error in shown.items()} == ERRORS
    assert texts(outside) == ["20.0", "85.0", "90.5", "92.0", "98.0"]
    assert (picture.drawn["near"], picture.drawn["worse"], picture.drawn["failed"]) == (["as good", "better"], ["worse"], ["lost"])
    for words in ("5 programs", "reaches 92.0 %", "below 10⁻⁷", "within 1.5 points: as good, better.", "Below 70 %: lost.", "between 0.02 and 0.90"):
        assert words in picture.alt
    assert opens(picture)


def test_a_right_program_that_is_not_right_is_not_called_so():
    assert "gradient error is above 10⁻⁷" in two_verdicts(ACCURACIES, ERRORS | {"right": 1e-3}).alt


@pytest.mark.parametrize("errors", [{"right": 1e-9}, {name: 0.1 for name in ACCURACIES if name != "right"} | {"other": 1.0}])
def test_two_verdicts_wants_an_error_for_each(errors):
    with pytest.raises(ValueError, match="errors: got"):
        two_verdicts(ACCURACIES, errors)


def test_groups_leave_out_the_right_one():
    groups = by_accuracy({"right": 0.8, "a": 0.786, "b": 0.784, "c": 0.69})
    assert groups == {"near": ["a"], "worse": ["b"], "failed": ["c"]}


def test_fever_chart():
    tables = {"well": {"dW1": 1e-9, "db1": 0.0}, "ill": {"dW1": 0.25, "db1": 2e-8}, "very ill": {"dW1": 0.5, "db1": 1.0}}
    picture = fever_chart(tables)
    assert picture.drawn["sick"] == {"well": [], "ill": ["dW1"], "very ill": ["dW1", "db1"]}
    assert texts(picture.figure.axes[0]) == ["ok", "ok", "0.25", "ok", "0.50", "1.00"]
    assert picture.alt.endswith("well: none; ill: dW1 (0.25); very ill: all (0.50 to 1.00).")
    assert fever_chart({"a": {"dW1": SICK, "db1": 0.99 * SICK}}).drawn["sick"] == {"a": ["dW1"]}
    healthy, sick = (np.array(picture.figure.axes[0].patches[i].get_facecolor()) for i in (0, 2))
    assert not np.allclose(healthy, sick) and opens(picture)


def test_fever_chart_wants_the_same_arrays():
    with pytest.raises(ValueError, match="tables: got"):
        fever_chart({"a": {"dW1": 0.1}, "b": {"dW1": 0.1, "db1": 0.2}})
