"""Times and speeds as pictures: dots on a logarithmic scale, the roofline of a machine, what the batch size does."""

import math

import numpy as np

from helpers.figures.curves import label_ends
from helpers.figures.style import BACKWARD, FAINT, FORWARD, INK, PAPER, TARGET, Picture, canvas, looks, ours
from helpers.figures.words import duration, prefixed, two_digits

POINTS = looks(without=BACKWARD)  # of what was measured: a bandwidth has that colour


def measured(name, values):
    """The values as a dictionary of floats above 0; raises ValueError or TypeError for anything else."""
    if not isinstance(values, dict) or not values:
        raise TypeError(f"{name}: got {values!r:.60}, wanted a dictionary with a number for each name")
    for key, value in values.items():
        if not (np.isfinite(value) and value > 0):
            raise ValueError(f"{name}[{key!r}]: got {value}, wanted a finite number above 0")
    return {key: float(value) for key, value in values.items()}


@ours()
def ladder(seconds, title="", factors=True):
    """A dot for each time on a logarithmic scale, {name: seconds}, and the factor from each to the next."""
    seconds = measured("seconds", seconds)
    figure, ax = canvas(9.6, 0.9 + 0.62 * len(seconds))
    low, high = min(seconds.values()) / 4, max(seconds.values()) * 12
    names, values = list(seconds), list(seconds.values())
    # No bars: a logarithmic scale has no zero at which a bar could begin, so its length would mean nothing.
    ax.hlines(range(len(values)), low, high, color=FAINT, linewidth=0.8, alpha=0.4)
    ax.plot(values, range(len(values)), "o", markersize=13, color=FORWARD)
    steps = [a / b for a, b in zip(values, values[1:])] if factors else []
    for i, value in enumerate(values):
        ax.annotate(duration(value), (value, i), (12, 0), textcoords="offset points", va="center", fontsize=13,
                    color=FORWARD, bbox={"facecolor": "white", "edgecolor": "none", "pad": 2})
    for i, step in enumerate(steps):
        words, colour = pace(step)
        ax.text(0.995, i + 0.5, words, transform=ax.get_yaxis_transform(), va="center", ha="right", fontsize=13,
                color=colour)
    ax.set(xscale="log", xlim=(low, high), ylim=(len(values) - 0.5, -0.5))
    ax.set_title(title, loc="left")
    ax.set_yticks(range(len(values)), names, fontsize=13)
    time_ticks(ax, low, high)
    ax.tick_params(axis="y", length=0)
    words = "; ".join(f"{name} {duration(value)}" for name, value in seconds.items())
    whole = f" From first to last a factor of {two_digits(values[0] / values[-1])}."
    best = whole if factors and len(values) > 1 else ""
    alt = f"{title or 'Times'}, on a logarithmic scale: {words}.{best}"
    return Picture(figure, alt, seconds=seconds, factors=steps)


def pace(step):
    """How many times as fast the next one is, in words and in a colour."""
    if 0.9 < step < 1.1:
        return "about the same", FAINT
    return (f"{two_digits(step)} × faster", TARGET) if step > 1 else (f"{two_digits(1 / step)} × slower", BACKWARD)


def time_ticks(ax, low, high):
    """Powers of ten on a time axis, in words."""
    powers = [10.0**p for p in range(math.ceil(math.log10(low)), math.floor(math.log10(high)) + 1)]
    ax.set_xticks(powers, [duration(power).replace("1.0 ", "1 ") for power in powers], fontsize=11)
    ax.minorticks_off()


@ours()
def roofline(points, peaks, bandwidths, title="", path=False):
    """Flop/s against flop a byte: the roofs min(peak, bandwidth · intensity), and below them what was measured.

    points {name: (intensity, flop/s)}; peaks {name: flop/s}, bandwidths {name: byte/s}; path joins the points.
    """
    peaks, bandwidths = measured("peaks", peaks), measured("bandwidths", bandwidths)
    if not isinstance(points, dict) or not points:
        raise TypeError(f"points: got {points!r:.60}, wanted a dictionary with a pair for each name")
    for name, pair in points.items():
        measured(f"points[{name!r}]", dict(zip(("intensity", "flop/s"), pair)))
    x, y = np.array(list(points.values()), float).T
    top, slope = max(peaks.values()), max(bandwidths.values())
    low = min(x.min() / 3, 0.3 * min(peaks.values()) / slope)
    high = max(x.max() * 4, 4 * top / min(bandwidths.values()))
    floor = min(y.min() / 4, low * min(bandwidths.values()) * 0.9)
    figure, ax = canvas(9.6, 5.2)
    ax.set(xscale="log", yscale="log", xlim=(low, high), ylim=(floor, top * 3),
           xlabel="flop for each byte moved", ylabel="flop a second")
    ax.set_title(title, loc="left")
    for axis, (least, most), words in ((ax.xaxis, (low, high), "{:g}".format),
                                       (ax.yaxis, (floor, top * 3), lambda v: prefixed(v).replace(".0 ", " "))):
        powers = [10.0**p for p in range(math.ceil(math.log10(least)), math.floor(math.log10(most)) + 1)]
        axis.set_ticks(powers, [words(power) for power in powers])
    ax.minorticks_off()
    for (name, peak), style in zip(peaks.items(), ("-", "--", "-.")):
        ax.plot([peak / slope, high], [peak, peak], color=INK, linewidth=1.6, linestyle=style)
        ax.annotate(f"{name}: {prefixed(peak)}flop/s", (high, peak), (5, 0), textcoords="offset points",
                    ha="left", va="center", fontsize=12, color=INK)
    for (name, rate), style in zip(bandwidths.items(), ("-", "--", "-.")):
        ax.plot([low, top / rate], [low * rate, top], color=BACKWARD, linewidth=1.6, linestyle=style)
    if path:
        ax.plot(x, y, color=FAINT, linewidth=1.4, zorder=1)
    for (name, (at, speed)), (colour, _, marker) in zip(points.items(), POINTS * len(points)):
        ax.plot(at, speed, marker, color=colour, markersize=10)
    figure.draw_without_rendering()  # the slopes are known only once the panel has its place
    for name, rate in bandwidths.items():
        write_along(ax, name, rate, low, floor)
    label_points(ax, points)
    parts = "; ".join(f"{name} {prefixed(speed)}flop/s at {two_digits(at)} flop a byte"
                      for name, (at, speed) in points.items())
    roofs = ", ".join([*(f"{name} {prefixed(value)}flop/s" for name, value in peaks.items()),
                       *(f"{name} {prefixed(value)}byte/s" for name, value in bandwidths.items())])
    alt = f"{title or 'Roofline'}: {parts}. The roofs: {roofs}."
    return Picture(figure, alt, points=points, peaks=peaks, bandwidths=bandwidths)


def write_along(ax, name, rate, low, floor):
    """A bandwidth's name along its slope, where the slope comes into the picture."""
    at = max(low, floor / rate) * 1.15
    (x0, y0), (x1, y1) = ax.transData.transform([(at, at * rate), (2 * at, 2 * at * rate)])
    rotation = math.degrees(math.atan2(y1 - y0, x1 - x0))
    ax.text(at, at * rate * 1.15, f"{name}: {prefixed(rate)}byte/s", rotation=rotation, rotation_mode="anchor",
            fontsize=12, color=BACKWARD, ha="left", va="bottom")


def label_points(ax, points):
    """Each point's name to its right; where points stand close together, in a column below them with a line to each."""
    to_axes = ax.transData + ax.transAxes.inverted()
    at = {name: to_axes.transform(pair) for name, pair in points.items()}
    close = [name for name in points
             if any((abs(at[name] - at[other]) < (0.2, 0.09)).all() for other in points if other != name)]
    close.sort(key=lambda name: -at[name][0])
    column = min((at[name][1] for name in close), default=0) - 0.12
    for (name, pair), (colour, *_) in zip(points.items(), POINTS * len(points)):
        style = {"textcoords": "axes fraction", "fontsize": 12, "color": colour, "va": "center", "ha": "left"}
        if name in close:
            line = {"arrowstyle": "-", "color": FAINT, "linewidth": 0.8, "relpos": (0, 0.5)}
            ax.annotate(name, pair, (0.84, column - 0.07 * close.index(name)), arrowprops=line, zorder=1, **style)
        else:
            paper = {"facecolor": PAPER, "edgecolor": "none", "pad": 0.5, "alpha": 0.85}
            ax.annotate(name, pair, at[name] + [0.018, 0], bbox=paper, **style)


@ours()
def shares(seconds, title="", most=8, font="DejaVu Sans"):
    """What each part takes of the whole, the largest first: {name: seconds}; the rest in one bar."""
    seconds = measured("seconds", seconds)
    total = sum(seconds.values())
    parts = dict(sorted(seconds.items(), key=lambda item: -item[1]))
    if len(parts) > most:
        first = dict(list(parts.items())[: most - 1])
        parts = first | {"all the rest": total - sum(first.values())}
    figure, ax = canvas(9.6, 0.7 + 0.42 * len(parts))
    values = [100 * value / total for value in parts.values()]
    ax.barh(range(len(values)), values, height=0.6, color=FORWARD)
    for i, value in enumerate(values):
        words = f"{value:.0f} %" if value >= 0.95 else f"{value:.1f} %"
        ax.text(value + 0.8, i, words, va="center", ha="left", fontsize=12.5, color=INK)
    ax.set(xlim=(0, 1.15 * max(values)), ylim=(len(values) - 0.5, -0.5), xticks=[])
    ax.set_title(title, loc="left")
    ax.spines["bottom"].set_visible(False)
    ax.set_yticks(range(len(values)), list(parts), fontsize=12.5 if font == "DejaVu Sans" else 11.5, family=font)
    ax.tick_params(axis="y", length=0)
    words = ", ".join(f"{name} {value:.0f} %" for name, value in zip(parts, values))
    alt = f"{title or 'Shares of the time'}: {words} of {duration(total)}."
    return Picture(figure, alt, shares=dict(zip(parts, values)))


@ours()
def batch_sizes(sizes, seconds, accuracies, title=""):
    """Left, the time of an epoch against the batch size; right, the accuracy after it, a curve for each choice of α.

    sizes (S,), seconds (S,), accuracies {name: (S,)}.
    """
    sizes, seconds = np.asarray(sizes), np.asarray(seconds, float)
    named = {f"accuracies[{name!r}]": np.asarray(values) for name, values in accuracies.items()}
    for name, values in {"seconds": seconds, **named}.items():
        if values.shape != sizes.shape:
            raise ValueError(f"{name}: got shape {values.shape}, wanted one for each of the {len(sizes)} batch sizes")
    figure, (left, right) = canvas(9.6, 4.2, columns=2)
    left.plot(sizes, seconds, "o-", color=FORWARD)
    left.set_title("time for an epoch", loc="left")
    left.set(xscale="log", yscale="log", xlabel="batch size", ylim=(seconds.min() / 2.5, seconds.max() * 2.5))
    for x, y in zip(sizes, seconds):
        left.annotate(duration(y), (x, y), (4, 6), textcoords="offset points", ha="left", fontsize=12, color=FORWARD)
    left.set_yticks([])
    left.minorticks_off()
    left.spines["left"].set_visible(False)
    for (name, values), (colour, _, marker) in zip(accuracies.items(), POINTS):
        right.plot(sizes, [100 * v for v in values], marker + "-", color=colour)
    right.set_title("percent right after it", loc="left")
    right.set(xscale="log", xlabel="batch size", ylim=(0, 104))
    for ax in (left, right):
        ax.set_xticks(sizes, [str(s) for s in sizes])
        ax.minorticks_off()
        ax.set_xlim(sizes[0] / 1.7, sizes[-1] * (4 if ax is left else 1.7))
    label_ends(right, [(name, colour, sizes[-1], 100 * values[-1])
                       for (name, values), (colour, *_) in zip(accuracies.items(), POINTS)])
    words = "; ".join(f"{name} from {100 * values[0]:.0f} to {100 * values[-1]:.0f} percent right"
                      for name, values in accuracies.items())
    alt = (f"{title or 'Batch sizes'} {sizes[0]} to {sizes[-1]}: an epoch takes from {duration(seconds[0])} to "
           f"{duration(seconds[-1])}; {words}.")
    return Picture(figure, alt, sizes=sizes, seconds=seconds, accuracies=accuracies)
