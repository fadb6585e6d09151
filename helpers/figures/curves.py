"""Curves: activations with their slopes, and losses as they fall."""

import numpy as np

from helpers.figures.style import BACKWARD, FAINT, FORWARD, Picture, canvas, looks, ours
from helpers.figures.surface import draw_contour

MARKS = looks()


@ours()
def activation_curves(functions):
    """Each activation f and its slope f′ over z from −4 to 4.   functions: [(f, f_prime), …]."""
    z = np.linspace(-4, 4, 401)
    figure, axes = canvas(9.6, 3.2, columns=len(functions), sharex=True, squeeze=False)
    drawn = {}
    for ax, (f, f_prime) in zip(axes[0], functions):
        ax.axhline(0, color=FAINT, linewidth=0.8)
        ax.axvline(0, color=FAINT, linewidth=0.8)
        ax.plot(z, f(z), color=FORWARD)
        ax.plot(z, f_prime(z), color=BACKWARD, linestyle="--")
        ax.text(3.9, f(3.9), "f", color=FORWARD, ha="right", va="bottom", fontsize=14)
        ax.text(-3.8, f_prime(-3.8) + 0.05, "f′", color=BACKWARD, ha="left", va="bottom", fontsize=14)
        ax.set_xlabel("z")
        ax.set_title(f.__name__, loc="left")
        drawn[f.__name__], drawn[f_prime.__name__] = f(z), f_prime(z)
    names = ", ".join(f"{f.__name__} (largest slope {f_prime(z).max():.2f})" for f, f_prime in functions)
    return Picture(figure, f"Activations, each with its slope, for z from −4 to 4: {names}.", z=z, **drawn)


@ours()
def line_chart(curves, xlabel, ylabel, title="", log=(), marks=None, ylim=None):
    """Named curves in one panel, each labelled where it ends.   curves {name: (x, y)}, log: "x", "y" or both."""
    marks = marks or MARKS
    if not 1 <= len(curves) <= len(marks):
        raise ValueError(f"curves: got {len(curves)}, wanted 1 to {len(marks)}")
    figure, ax = canvas(8.4, 4.0)
    ends = []
    curves = {name: (np.asarray(x), np.asarray(y, float)) for name, (x, y) in curves.items()}
    for (name, (x, y)), (colour, style, *_) in zip(curves.items(), marks):
        ax.plot(x, y, color=colour, linestyle=style)
        seen = np.flatnonzero(np.isfinite(y) & ((y <= ylim[1]) if ylim else True))
        ends += [(name, colour, x[seen[-1]], y[seen[-1]])] if len(seen) else []
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.set_title(title, loc="left")
    ax.set(xscale="log" if "x" in log else "linear", yscale="log" if "y" in log else "linear")
    if ylim:
        ax.set_ylim(*ylim)
    label_ends(ax, ends)
    words = "; ".join(f"{name} from {y[0]:.3g} to {y[-1]:.3g}" for name, (_, y) in curves.items())
    return Picture(figure, f"{title or ylabel} against {xlabel}: {words}.", curves=curves)


@ours()
def trails(X, Y, paths, w, b):
    """Paths of hundreds of steps over the loss L(w, b), as lines without marks: the last of them on top.

    X (n, 1), Y (n, 1); paths {name: (steps, 2)}, each point a (w, b).
    """
    if not 1 <= len(paths) <= len(MARKS):
        raise ValueError(f"paths: got {len(paths)}, wanted 1 to {len(MARKS)}")
    figure, ax = canvas(7.2, 5.4)
    best = draw_contour(ax, X, Y, {}, w, b)["minimum"]
    for i, ((name, path), (colour, style, _)) in enumerate(zip(paths.items(), MARKS)):
        ax.plot(*path.T, color=colour, linestyle=style, linewidth=1 + i, zorder=1.9, label=name)
    ax.legend(frameon=False, loc="lower left", fontsize=11)
    words = "; ".join(f"{name} ends {np.hypot(*(path[-1] - best)):.2f} away after {len(path) - 1} steps"
                      for name, path in paths.items())
    alt = f"Paths over the loss, with its minimum at w = {best[0]:.2f}, b = {best[1]:.2f}: {words}."
    return Picture(figure, alt, paths=paths, minimum=best)


def label_ends(ax, ends, gap=0.075, fontsize=12):
    """Write each curve's name to the right of its end, moved apart where two would touch.

    ends [(name, colour, x, y)]; gap between two names, as a share of the panel's height.
    """
    ax.autoscale_view()  # where an end lies is known only once the limits are
    to_axes = ax.transAxes.inverted()
    heights = [to_axes.transform(ax.transData.transform((x, y)))[1] for *_, x, y in ends]
    for (name, colour, *_), height in zip(ends, spread(heights, gap)):
        ax.text(1.02, height, name, color=colour, transform=ax.transAxes, va="center", ha="left", fontsize=fontsize)


def spread(heights, distance=0.07):
    """The heights (0 to 1), moved apart until none touch: first upwards, then down again from the top."""
    heights, order = np.array(heights), np.argsort(heights)
    for below, above in zip(order, order[1:]):
        heights[above] = max(heights[above], heights[below] + distance)
    heights[order[-1]] = min(heights[order[-1]], 1.0)
    for above, below in zip(order[::-1], order[-2::-1]):
        heights[below] = min(heights[below], heights[above] - distance)
    return heights
