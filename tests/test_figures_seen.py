"""What the artists of a picture show, against a second computation: places, colours beside words, scales of axes."""

import numpy as np
import pytest
from matplotlib.colors import same_color, to_rgb

from helpers.activations import PRIME, relu, sigmoid
from helpers.figures.calibration import calibration_chart
from helpers.figures.checks import chords, error_curve, fever_chart, two_verdicts
from helpers.figures.curves import activation_curves, line_chart, trails
from helpers.figures.digits import confusion_matrix, digits, learning_curves, weight_pictures
from helpers.figures.explanations import explanation_maps, nudge_pictures, similarity_dots
from helpers.figures.leaks import leak_curves, leak_pictures, two_losses
from helpers.figures.roofline import batch_sizes, ladder, roofline, shares
from helpers.figures.ruler import flip, ruler
from helpers.figures.style import BACKWARD, ERROR, FORWARD, INK, TARGET, WEIGHTS, looks
from helpers.figures.surface import contour, squares

RNG = np.random.default_rng(1)


def panels(picture):
    return picture.figure.axes


def points(line):
    return np.column_stack(line.get_data())


def warm(colour):
    """Whether a colour is red and yellow rather than blue."""
    red, _, blue = to_rgb(tuple(colour[:3]))
    return red > blue


def dark(image, value):
    return sum(image.cmap(image.norm(value))[:3])


def text(ax, words):
    """The one text that says this."""
    (found,) = (one for one in ax.texts if words in one.get_text())
    return found


def test_no_two_curves_of_one_picture_look_alike():
    for chosen in (looks(), looks(first=WEIGHTS), looks(without=TARGET)):
        for kind in zip(*chosen):
            assert len(set(kind)) == len(chosen)
    assert looks(first=WEIGHTS)[0][0] == WEIGHTS and TARGET not in [colour for colour, *_ in looks(without=TARGET)]


@pytest.mark.parametrize("log", ["", "x", "y", "xy"])
def test_an_axis_that_is_called_logarithmic_is(log):
    (ax,) = panels(line_chart({"a": ([1, 10, 100], [1, 5, 25]), "b": ([1, 10, 100], [9, 3, 1])}, "x", "y", log=log))
    for scale, letter in ((ax.get_xscale(), "x"), (ax.get_yscale(), "y")):
        assert scale == ("log" if letter in log else "linear")
    for line, name in zip(ax.lines, ("a", "b")):
        assert same_color(line.get_color(), text(ax, name).get_color())
    a, b = ax.lines
    assert points(a).tolist() == [[1, 1], [10, 5], [100, 25]] and points(b).tolist() == [[1, 9], [10, 3], [100, 1]]


def test_an_activation_is_blue_its_slope_warm_and_each_beside_its_letter():
    picture = activation_curves([(sigmoid, PRIME[sigmoid]), (relu, PRIME[relu])])
    for ax, (f, f_prime) in zip(panels(picture), ((sigmoid, PRIME[sigmoid]), (relu, PRIME[relu]))):
        for function, colour, letter in ((f, FORWARD, "f"), (f_prime, BACKWARD, "f′")):
            (line,) = (one for one in ax.lines if same_color(one.get_color(), colour))
            z, y = line.get_data()
            assert np.allclose(y, function(z)) and len(z) > 100
            (word,) = (one for one in ax.texts if one.get_text() == letter)
            assert same_color(word.get_color(), colour)
            assert word.get_position()[1] == pytest.approx(function(np.array(word.get_position()[0])), abs=0.06)


def test_paths_have_w_across_and_b_upwards_and_the_legend_names_their_colours():
    X = np.array([[0.0], [1.0], [2.0]])
    paths = {"one": np.array([[0.0, 2.5], [1.0, 2.0]]), "two": np.array([[2.5, -0.5], [2.0, 1.5]])}
    for picture in (trails(X, 2 * X + 1, paths, (-1, 3), (-1, 3)), contour(X, 2 * X + 1, paths, (-1, 3), (-1, 3))):
        (ax,) = panels(picture)
        assert (ax.get_xlabel(), ax.get_ylabel()) == ("w", "b")
        legend = ax.get_legend()
        named = {entry.get_text(): line for entry, line in zip(legend.get_texts(), legend.get_lines())}
        for name, path in paths.items():
            (line,) = (one for one in ax.lines if one.get_label() == name)
            assert np.array_equal(points(line), path) and same_color(line.get_color(), named[name].get_color())


def test_the_map_is_darker_where_the_loss_is_larger_and_its_star_is_green():
    X = np.array([[0.0], [1.0], [2.0]])
    (ax,) = panels(contour(X, 2 * X + 1, None, (-1, 3), (-1, 3)))
    filled = next(one for one in ax.collections if one.get_array() is not None and one.get_cmap().name == "Greys")
    low, high = (sum(filled.cmap(filled.norm(value))[:3]) for value in (filled.levels[0], filled.levels[-1]))
    assert low > high
    (star,) = (line for line in ax.lines if line.get_marker() == "*")
    assert np.allclose(points(star), [[2, 1]], atol=1e-9) and same_color(star.get_color(), TARGET)


def test_the_line_is_blue_the_points_green_and_an_error_reaches_from_one_to_the_other():
    X, Y = np.array([[0.0], [1.0], [2.0]]), np.array([[1.0], [0.0], [3.0]])
    (ax,) = panels(squares(X, Y, 0.5, 0.25))
    line, *errors, dots = ax.lines
    x, y = line.get_data()
    assert np.allclose(y, 0.5 * np.asarray(x) + 0.25) and same_color(line.get_color(), FORWARD)
    assert np.array_equal(points(dots), np.hstack([X, Y])) and same_color(dots.get_color(), TARGET)
    for stroke, x, y in zip(errors, X.ravel(), Y.ravel()):
        assert np.allclose(sorted(stroke.get_ydata()), sorted((y, 0.5 * x + 0.25))) and set(stroke.get_xdata()) == {x}


# 04


def test_each_chord_touches_the_curve_where_it_should_and_is_named_in_its_colour():
    (ax,) = panels(chords(lambda w: w**3, 0.5, 0.75, 0.25))
    curve = ax.lines[0]
    assert np.allclose(curve.get_ydata(), np.asarray(curve.get_xdata()) ** 3)
    for name, touches, slope in (("tangent", [0.5], 0.75), ("one-sided", [0.5, 0.75], (0.75**3 - 0.5**3) / 0.25),
                                 ("central", [0.25, 0.75], (0.75**3 - 0.25**3) / 0.5)):
        colour = text(ax, name).get_color()
        line, dots = (one for one in ax.lines if same_color(one.get_color(), colour))
        x, y = line.get_data()
        assert np.polyfit(x, y, 1)[0] == pytest.approx(slope) and f"{slope:.4f}" in text(ax, name).get_text()
        assert np.allclose(dots.get_xdata(), touches)
        assert np.allclose(dots.get_ydata(), np.array(touches) ** 3, atol=1e-4)


def test_errors_over_epsilon_stand_on_two_logarithmic_axes_and_each_slope_beside_its_curve():
    epsilons = 10.0 ** -np.arange(1, 13)
    errors = {"one-sided": epsilons + 1e-16 / epsilons, "central": epsilons**2 + 1e-16 / epsilons}
    (ax,) = panels(error_curve(epsilons, errors))
    assert ax.get_xscale() == ax.get_yscale() == "log" and ax.get_xlabel() == "ε"
    for name, slope in (("one-sided", "1.0"), ("central", "2.0")):
        word = text(ax, name)
        (line,) = (one for one in ax.lines
                   if same_color(one.get_color(), word.get_color()) and len(one.get_xdata()) == 12)
        assert np.allclose(line.get_ydata(), errors[name]) and f"slope {slope}" in word.get_text()
    for star, values in zip((one for one in ax.lines if one.get_marker() == "*"), errors.values(), strict=True):
        assert star.get_xdata()[0] == pytest.approx(epsilons[values.argmin()])


def test_what_is_sick_is_pink_what_is_right_is_green():
    (ax,) = panels(fever_chart({"right": {"dW1": 1e-12, "db1": 1e-11}, "wrong": {"dW1": 1e-12, "db1": 0.5}}))
    cells = {(round(patch.get_x()), round(patch.get_y())): patch for patch in ax.patches}
    for place, colour in (((0, 0), TARGET), ((1, 0), TARGET), ((0, 1), TARGET), ((1, 1), ERROR)):
        assert same_color(cells[place].get_facecolor()[:3], colour), place
    assert [label.get_text() for label in ax.get_yticklabels()] == ["right", "wrong"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["dW1", "db1"]
    assert text(ax, "0.50").get_position() == (1.5, 1.52) and ax.get_ylim()[0] > ax.get_ylim()[1]


def test_each_program_has_its_accuracy_and_its_error_in_one_row():
    accuracies = {"right": [0.97, 0.98], "near": [0.96, 0.97], "failed": [0.1, 0.3]}
    errors = {"right": 1e-9, "near": 0.5, "failed": 1.2}
    outside, inside = panels(two_verdicts(accuracies, errors))
    assert inside.get_xscale() == "log" and outside.get_xscale() == "linear"
    for row, name in enumerate(label.get_text() for label in outside.get_yticklabels()):
        (mean,) = (one for one in outside.lines if one.get_marker() in "*o" and one.get_ydata()[0] == row)
        (error,) = (one for one in inside.lines if one.get_ydata()[0] == row)
        assert mean.get_xdata()[0] == pytest.approx(100 * np.mean(accuracies[name]))
        assert error.get_xdata()[0] == errors[name]
        assert same_color(error.get_color(), TARGET if name == "right" else ERROR)


# 06


def test_ink_is_dark_and_a_weight_above_zero_is_orange():
    image = panels(digits(RNG.random((3, 16)), np.array([1, 2, 3]), "toys"))[0].images[0]
    assert dark(image, 1.0) < dark(image, 0.0)
    W = RNG.normal(size=(16, 4))
    images = panels(weight_pictures(W, "toys"))[0].images
    for image, column in zip(images, W.T, strict=True):
        assert np.array_equal(image.get_array(), column.reshape(4, 4)) and image.norm.vmin == -image.norm.vmax
        assert image.norm.vmax == images[0].norm.vmax, "one scale for all"
        assert warm(image.cmap(0.99)) and not warm(image.cmap(0.01))


def test_a_mistake_stands_in_the_row_of_what_it_is_and_the_column_of_what_it_was_read_as():
    table = np.diag([5, 6, 7])
    table[0, 2] = 4
    (ax,) = panels(confusion_matrix(table, "toys"))
    assert text(ax, "4").get_position() == (2, 0) and (ax.get_ylabel(), ax.get_xlabel()) == ("is a", "read as")
    image = ax.images[0]
    assert np.asarray(image.get_array())[0, 2] == 4 and np.trace(image.get_array()) == 0
    assert dark(image, 4) < dark(image, 0)
    assert same_color(text(ax, "7").get_color(), FORWARD) and same_color(text(ax, "4").get_color(), INK)


def test_learning_curves_are_named_in_their_colours_on_their_scales():
    runs = {"ours": (list(np.linspace(2, 1, 20)), [0.5, 0.9]), "theirs": (list(np.linspace(1, 0.1, 20)), [0.6, 0.7])}
    left, right = panels(learning_curves(runs, "toys"))
    assert left.get_yscale() == "log" and right.get_yscale() == "linear"
    words = left.get_legend().get_texts()
    for word, colour, (losses, accuracies) in zip(words, (FORWARD, BACKWARD), runs.values(), strict=True):
        for ax, values in ((left, np.reshape(losses, (2, 10)).mean(axis=1)), (right, 100 * np.array(accuracies))):
            (line,) = (one for one in ax.lines if one.get_label() == word.get_text())
            assert np.allclose(points(line), np.column_stack([[1, 2], values])) and same_color(line.get_color(), colour)


# 07


def test_differences_stand_on_a_logarithmic_axis_and_are_named_in_their_colours():
    gaps = {"layer 1": np.geomspace(1e-16, 1e-13, 40), "layer 2": np.geomspace(1e-12, 1e-9, 40)}
    (ax,) = panels(ruler(gaps, {"a line": 1e-10}, "A run", moment=7))
    assert ax.get_yscale() == "log"
    for name, values in gaps.items():
        (line,) = (one for one in ax.lines
                   if same_color(one.get_color(), text(ax, name).get_color()) and len(one.get_xdata()) == 40)
        assert np.array_equal(points(line), np.column_stack([np.arange(1, 41), values]))
    assert text(ax, "step 7").get_position()[0] == 7


def test_the_right_of_zero_is_on_and_each_z_has_its_own_colour():
    left, right = panels(flip(2e-8, -3e-8, np.r_[np.full(9, 1e-7), 1e-4], 10))
    for name, z, colour in (("NumPy", 2e-8, FORWARD), ("Keras", -3e-8, BACKWARD)):
        (dot,) = (one for one in left.lines if one.get_marker() in ("o", "s") and same_color(one.get_color(), colour))
        assert dot.get_xdata()[0] == z and same_color(text(left, name).get_color(), colour)
    assert text(left, "on: slope 1").get_position()[0] > 0 > text(left, "off: slope 0").get_position()[0]
    assert right.get_yscale() == "log"


# 10


def test_times_stand_on_a_logarithmic_axis_with_the_factor_between_two():
    (ax,) = panels(ladder({"slow": 2.0, "middle": 0.1, "fast": 0.2}))
    assert ax.get_xscale() == "log" and points(ax.lines[0]).tolist() == [[2.0, 0], [0.1, 1], [0.2, 2]]
    faster, slower = text(ax, "20 × faster"), text(ax, "2.0 × slower")
    assert faster.get_position()[1] == 0.5 and slower.get_position()[1] == 1.5
    assert same_color(faster.get_color(), TARGET) and same_color(slower.get_color(), BACKWARD)


def test_a_roof_is_the_bandwidths_slope_up_to_its_ridge_and_the_peak_from_there():
    (ax,) = panels(roofline({"here": (0.1, 1e9)}, {"top": 5e10}, {"memory": 2e10}))
    assert ax.get_xscale() == ax.get_yscale() == "log"
    (flat,) = (one for one in ax.lines if same_color(one.get_color(), INK) and len(one.get_xdata()) == 2)
    (slope,) = (one for one in ax.lines if same_color(one.get_color(), BACKWARD))
    assert flat.get_xdata()[0] == pytest.approx(2.5) and set(flat.get_ydata()) == {5e10}
    assert np.allclose(np.divide(slope.get_ydata(), slope.get_xdata()), 2e10)
    assert slope.get_xdata()[1] == pytest.approx(2.5)
    (dot,) = (one for one in ax.lines if one.get_marker() == "o")
    assert points(dot).tolist() == [[0.1, 1e9]] and same_color(dot.get_color(), text(ax, "here").get_color())


def test_batch_sizes_stand_on_logarithmic_axes_and_the_accuracies_in_percent():
    left, right = panels(batch_sizes([1, 8, 64], [4.0, 1.0, 0.5], {"one": [0.5, 0.6, 0.8], "two": [0.9, 0.7, 0.1]}))
    assert left.get_xscale() == left.get_yscale() == right.get_xscale() == "log" and right.get_yscale() == "linear"
    assert np.allclose(points(left.lines[0]), [[1, 4], [8, 1], [64, 0.5]])
    for line, name, values in zip(right.lines, ("one", "two"), ([50, 60, 80], [90, 70, 10])):
        assert np.allclose(line.get_ydata(), values) and same_color(line.get_color(), text(right, name).get_color())


def test_a_bar_is_as_long_as_its_share():
    (ax,) = panels(shares({"small": 1, "large": 3}))
    assert [bar.get_width() for bar in ax.patches] == [75, 25]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["large", "small"]
    assert ax.get_ylim()[0] > ax.get_ylim()[1]


# 00 and 12, 13


def test_how_sure_goes_across_and_how_often_right_goes_up():
    (ax,) = panels(calibration_chart([(0.5, True), (0.5, False), (0.5, False), (0.5, False), (0.9, True)]))
    dots = [tuple(points(one)[0]) for one in ax.lines if one.get_marker() == "o"]
    assert dots == [(0.5, 0.25), (0.9, 1.0)] and ax.get_xlabel() == "how sure you were"
    assert text(ax, "4").get_text() == "4" and text(ax, "4").xy == (0.5, 0.25)


def test_an_explanation_is_orange_above_zero_and_its_scale_is_symmetric():
    X, values = RNG.random((3, 16)), RNG.normal(size=(3, 16))
    ax = panels(explanation_maps(X, {"slope": values}, "toys"))[0]
    for image, row in zip(ax.images[3:], values, strict=True):
        assert np.array_equal(image.get_array(), row.reshape(4, 4)) and image.norm.vmin == -image.norm.vmax
        assert warm(image.cmap(0.99)) and not warm(image.cmap(0.01))
    rows = panels(nudge_pictures(X, X + 0.1 * values, ["a"] * 3, ["b"] * 3, "toys"))[0].images
    assert np.allclose([image.get_array().ravel() for image in rows[3:6]], 0.1 * values)
    assert np.allclose([image.get_array().ravel() for image in rows[6:]], X + 0.1 * values)


def test_signs_and_sizes_have_their_own_row_and_their_own_colour():
    kinds = {"with its sign": np.array([0.1, 0.2, 0.3]), "its size alone": np.array([0.7, 0.8, 0.9])}
    (ax,) = panels(similarity_dots({"slope": kinds}, "toys"))
    for name, values in kinds.items():
        (dots,) = (one for one in ax.lines
                   if len(one.get_xdata()) == 3 and same_color(one.get_color(), text(ax, name).get_color()))
        assert np.array_equal(dots.get_xdata(), values) and f"{np.median(values):.2f}" in text(ax, name).get_text()


def test_what_a_gradient_gave_lies_below_its_digit_and_same_is_green():
    X = RNG.random((2, 16))
    found = X.copy()
    found[1] = 0.5
    ax = panels(leak_pictures(X, found, np.array([0.0, 0.4]), "toys"))[0]
    assert np.allclose([image.get_array().ravel() for image in ax.images], np.vstack([X, found]))
    assert same_color(text(ax, "the same").get_color(), TARGET)
    assert same_color(text(ax, "off by 0.4").get_color(), BACKWARD)


def test_counts_stand_at_their_batches_and_losses_of_members_and_strangers_in_their_colours():
    (ax,) = panels(leak_curves([1, 2, 4], {"ours": [1, 2, 2], "theirs": [0, 1, 0]}, "toys"))
    assert ax.get_xscale() == "log"
    for name, counts in (("ours", [1, 2, 2]), ("theirs", [0, 1, 0])):
        (line,) = (one for one in ax.lines if same_color(one.get_color(), text(ax, name).get_color()))
        assert points(line).tolist() == [[1, counts[0]], [2, counts[1]], [4, counts[2]]]
    (ax,) = panels(two_losses(np.array([1e-4, 1e-3, 1e-2]), np.array([0.1, 1.0, 2.0]), "toys"))
    assert ax.get_xscale() == "log"
    for words, colour, values in (("trained on", FORWARD, [1e-4, 1e-3, 1e-2]),
                                  ("never seen", BACKWARD, [0.1, 1.0, 2.0])):
        (line,) = (one for one in ax.lines if same_color(one.get_color(), colour))
        assert np.allclose(points(line), np.column_stack([values, [1 / 3, 2 / 3, 1]]))
        assert same_color(text(ax, words).get_color(), colour)
