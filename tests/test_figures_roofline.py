"""Bars, roofs and curves stand where the numbers say, and the words say the numbers."""

import io

import numpy as np
import pytest
from matplotlib.text import Text
from PIL import Image

from helpers.topics import speed
from helpers.figures.line_times import line_times
from helpers.figures.roofline import batch_sizes, ladder, roofline, shares
from helpers.figures.words import duration, prefixed, two_digits

TIMES = {"slow": 0.05, "middle": 0.001, "fast": 0.0008, "again": 0.0009}
POINTS = {"a": (0.02, 3e7), "b": (5.0, 3e10), "c": (6.0, 4e10)}
PEAKS, ROADS = {"float32": 1e11, "float64": 5e10}, {"cache": 9e10, "memory": 3e10}


def opens(picture):
    return Image.open(io.BytesIO(picture.png(50))).size


def words(ax):
    return [text.get_text() for text in ax.texts]


@pytest.mark.parametrize(("seconds", "said"), [(0.0336, "34 ms"), (0.00024, "240 µs"), (1.0, "1.0 s"), (0.9999, "1.0 s"), (0.997, "1.0 s"), (0.994, "990 ms"), (119, "120 s"), (300, "5.0 min"),
                                               (7200, "2.0 h"), (86400 * 10, "10 days"), (3.2e-8, "32 ns"), (5e-10, "0.50 ns")])
def test_a_time_in_words(seconds, said):
    assert duration(seconds) == said


def test_numbers_with_two_digits():
    assert [two_digits(v) for v in (0.1037, 4.886, 47.1, 2915, 0)] == ["0.10", "4.9", "47", "2,900", "0"]
    assert [prefixed(v) for v in (5.17e10, 1.03e12, 9.97e8, 9.5e8, 2500, 12)] == ["52 G", "1.0 T", "1.0 G", "950 M", "2.5 k", "12 "]


def test_dots_lie_at_their_times_and_the_factors_stand_between():
    picture = ladder(TIMES, "Four runs")
    ax = picture.figure.axes[0]
    assert ax.lines[0].get_xdata().tolist() == list(TIMES.values())
    assert picture.drawn["factors"] == pytest.approx([50, 1.25, 8 / 9]) and ax.get_xscale() == "log"
    assert words(ax) == ["50 ms", "1.0 ms", "800 µs", "900 µs", "50 × faster", "1.2 × faster", "1.1 × slower"]
    assert picture.alt == "Four runs, on a logarithmic scale: slow 50 ms; middle 1.0 ms; fast 800 µs; again 900 µs. From first to last a factor of 56."
    assert not ladder(TIMES, factors=False).drawn["factors"] and "factor" not in ladder(TIMES, factors=False).alt
    assert "about the same" in words(ladder({"a": 1.0, "b": 1.05}).figure.axes[0])
    assert opens(picture)[0] == 480


def test_points_and_roofs_stand_where_they_belong():
    picture = roofline(POINTS, PEAKS, ROADS, "A machine")
    ax = picture.figure.axes[0]
    assert [(line.get_xdata()[0], line.get_ydata()[0]) for line in ax.lines if len(line.get_xdata()) == 1] == list(POINTS.values())
    flat = [line for line in ax.lines if len(line.get_xdata()) == 2 and np.ptp(line.get_ydata()) == 0]
    assert [line.get_ydata()[0] for line in flat] == list(PEAKS.values())
    slopes = [line for line in ax.lines if len(line.get_xdata()) == 2 and np.ptp(line.get_ydata())]
    for line, rate in zip(slopes, ROADS.values(), strict=True):
        assert np.allclose(np.divide(line.get_ydata(), line.get_xdata()), rate) and line.get_ydata()[1] == 1e11
        for x, y in zip(line.get_xdata(), line.get_ydata()):
            assert speed.attainable(x, 1e11, rate) == pytest.approx(y)
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    assert all(left < x < right and low < y < high for x, y in POINTS.values())
    assert set(POINTS) <= set(words(ax)) and picture.alt == (
        "A machine: a 30 Mflop/s at 0.020 flop a byte; b 30 Gflop/s at 5.0 flop a byte; c 40 Gflop/s at 6.0 flop a byte. "
        "The roofs: float32 100 Gflop/s, float64 50 Gflop/s, cache 90 Gbyte/s, memory 30 Gbyte/s.")
    assert opens(picture) == (480, 260)


def test_names_of_points_that_are_close_do_not_touch():
    crowd = {f"point {i}": (5 + i / 5, 4e10 + i * 1e9) for i in range(6)}
    picture = roofline(crowd, PEAKS, ROADS)
    picture.figure.draw_without_rendering()
    boxes = [Text.get_window_extent(text) for text in picture.figure.axes[0].texts if text.get_text() in crowd]
    assert len(boxes) == 6 and not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[i + 1 :])


def test_a_path_joins_the_points():
    with_path, without = (len(roofline(POINTS, PEAKS, ROADS, path=path).figure.axes[0].lines) for path in (True, False))
    assert with_path == without + 1


def test_shares_add_up_and_the_small_ones_are_gathered():
    picture = shares({"a": 1.0, "b": 6.0, "c": 3.0}, "Parts")
    assert picture.drawn["shares"] == pytest.approx({"b": 60, "c": 30, "a": 10})
    assert picture.alt == "Parts: b 60 %, c 30 %, a 10 % of 10 s."
    many = shares({str(i): 1.0 + i for i in range(20)}, most=5).drawn["shares"]
    assert len(many) == 5 and sum(many.values()) == pytest.approx(100) and list(many)[0] == "19" and list(many)[-1] == "all the rest"


def test_batch_sizes_draw_both_curves():
    sizes, seconds, scores = [1, 8, 64], [4.0, 0.5, 0.1], {"one": [0.5, 0.9, 0.8], "two": [0.9, 0.9, 0.1]}
    picture = batch_sizes(sizes, seconds, scores, "An epoch,")
    left, right = picture.figure.axes
    assert np.array_equal(left.lines[0].get_ydata(), seconds)
    assert [list(line.get_ydata()) for line in right.lines] == [[50, 90, 80], [90, 90, 10]]
    assert picture.alt == "An epoch, 1 to 64: an epoch takes from 4.0 s to 100 ms; one from 50 to 80 percent right; two from 90 to 10 percent right."
    assert {"one", "two"} <= set(words(right)) and opens(picture) == (480, 210)


def test_what_is_no_time_is_named():
    for wrong in (-1.0, 0.0, float("nan"), float("inf")):
        with pytest.raises(ValueError, match=r"seconds\['a'\]: got"):
            ladder({"a": wrong})
        with pytest.raises(ValueError, match="wanted a finite number above 0"):
            roofline({"a": (1.0, wrong)}, PEAKS, ROADS)
        with pytest.raises(ValueError, match=r"peaks\['float32'\]: got"):
            roofline(POINTS, {"float32": wrong}, ROADS)
    for empty in ({}, None, [1.0]):
        with pytest.raises(TypeError, match="wanted a dictionary"):
            ladder(empty)
        with pytest.raises(TypeError, match="points: got"):
            roofline(empty, PEAKS, ROADS)
    with pytest.raises(ValueError, match=r"accuracies\['one'\]: got shape \(2,\), wanted one for each of the 3"):
        batch_sizes([1, 2, 3], [1.0, 1.0, 1.0], {"one": [0.1, 0.2]})


def problem():
    rng = np.random.default_rng(0)
    return rng.normal(size=200 * 100 + 100), [200, 100], rng.normal(size=(64, 200)), np.eye(100)[rng.integers(0, 100, 64)]


def test_the_time_of_every_line():
    pytest.importorskip("line_profiler", reason="the lines are timed by line_profiler: pip install line_profiler")
    picture = line_times(speed.batched, *problem())
    found = picture.drawn["shares"]
    assert sum(found.values()) == pytest.approx(100) and any("@" in line for line in found) and "batched, line by line" in picture.alt


def test_without_line_profiler_it_says_how_to_get_it(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "line_profiler", None)
    assert "pip install line_profiler" in line_times(speed.batched, *problem()).data
