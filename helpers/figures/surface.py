"""The loss over two parameters: its surface, its minimum, the squares it adds up, and paths down it."""

import numpy as np
from matplotlib.patches import Rectangle

from helpers.figures.style import ERROR, FAINT, FORWARD, INK, PAPER, TARGET, Picture, canvas, looks, ours
from helpers.figures.words import fitted
from helpers.losses import mse

FINE = 337, 409  # places of w and of b on a map: with fewer the innermost contour lines have corners
LABELLED = (1, 3, 5)  # the contour lines that carry their loss
MARKS = looks(without=TARGET)  # of the paths: the minimum has that colour


def minimum(X, Y):
    """The (w, b) at which ŷ = w x + b has the least mean squared error, solved exactly.   X (n, 1), Y (n, 1)."""
    return np.linalg.lstsq(np.hstack([X, np.ones_like(X)]), Y, rcond=None)[0].ravel()


def grid(X, Y, w, b):
    """The MSE of ŷ = w x + b for every pair of w (p,) and b (q,) → (q, p), as matplotlib wants it."""
    errors = np.multiply.outer(w, X.ravel()) - Y.ravel()  # (p, n), to which each b is added
    return np.array([((errors + b_i) ** 2).mean(axis=1) / 2 for b_i in b])


@ours()
def squares(X, Y, w, b):
    """The data, the line ŷ = w x + b, and each squared error as a square.   X (n, 1), Y (n, 1)."""
    figure, ax = canvas(6.2, 3.6)
    draw_squares(ax, X, Y, w, b)
    errors = (Y - (w * X + b)).ravel()
    loss = mse(w * X + b, Y)
    areas = np.round(errors**2, 2).tolist()
    alt = f"{len(X)} points and the line with w = {w:g}, b = {b:g}; squared errors {areas}, so L = {loss:.3f}."
    return Picture(figure, alt, errors=errors, areas=errors**2, loss=loss)


def draw_squares(ax, X, Y, w, b, reach=0.4):
    """The same on axes that are there already; returns the line, the squares, the errors and the points.

    The line goes on beyond the points by `reach`.
    """
    (line,) = ax.plot([X.min() - reach, X.max() + reach], [0, 0], color=FORWARD)
    patches = [ax.add_patch(Rectangle((0, 0), 0, 0, facecolor=ERROR, alpha=0.3, edgecolor=ERROR)) for _ in X]
    errors = [ax.plot([], [], color=ERROR, linewidth=1.5)[0] for _ in X]
    (points,) = ax.plot(X.ravel(), Y.ravel(), "o", color=TARGET, markersize=8)
    move_squares(line, patches, errors, X, Y, w, b)
    ax.relim()
    ax.set(xlabel="x", ylabel="y", aspect="equal")
    return line, patches, errors, points


def move_squares(line, patches, errors, X, Y, w, b):
    """Bring what `draw_squares` drew to another w and b: where a point is above the line, its square lies left."""
    line.set_ydata(w * np.asarray(line.get_xdata()) + b)
    for patch, stroke, x, y in zip(patches, errors, X.ravel(), Y.ravel()):
        error = y - (w * x + b)
        side = abs(error)
        patch.set_bounds(x - (side if error > 0 else 0), min(y, y - error), side, side)
        stroke.set_data([x, x], [y, y - error])


@ours()
def contour(X, Y, paths=None, w=(-0.6, 2.2), b=(-1.2, 2.2), title=""):
    """The surface L(w, b) as contour lines with its true minimum, and paths over it.

    X (n, 1), Y (n, 1); paths {name: (steps, 2)}, each point a (w, b).
    """
    figure, ax = canvas(7.2, 5.4)
    drawn = draw_contour(ax, X, Y, paths or {}, w, b)
    if not paths:
        label_levels(ax, drawn)
    ax.set_title(title, loc="left")
    w_best, b_best = drawn["minimum"]
    words = f"Contour lines of the loss over w and b, with the minimum at w = {w_best:.2f}, b = {b_best:.2f}"
    for name, path in (paths or {}).items():
        start, end = (f"({w_i:.2f}, {b_i:.2f})" for w_i, b_i in (path[0], path[-1]))
        words += f"; {name} goes from {start} to {end} in {len(path) - 1} steps"
    return Picture(figure, words + ".", **drawn)


def draw_contour(ax, X, Y, paths, w, b):
    """The same on axes that are there already, from the first to the last of w and of b; returns what is drawn."""
    w, b = np.linspace(w[0], w[-1], FINE[0]), np.linspace(b[0], b[-1], FINE[1])
    L, best = grid(X, Y, w, b), minimum(X, Y)
    lowest = mse(best[0] * X + best[1], Y)
    levels = lowest + (L.max() - lowest) * np.linspace(0.02, 1, 15) ** 2.2
    ax.contourf(w, b, L, levels=[lowest, *levels], cmap="Greys", alpha=0.25)
    ax.contour(w, b, L, levels=levels, colors=FAINT, linewidths=0.8)
    paths = {name: np.asarray(path) for name, path in paths.items()}
    for (name, path), (colour, style, mark) in zip(paths.items(), MARKS):
        ax.plot(*path.T, color=colour, linestyle=style, marker=mark, markersize=4, linewidth=1.6, label=name)
    ax.plot(*best, "*", color=TARGET, markersize=17, markeredgecolor=PAPER)
    paper = {"facecolor": PAPER, "edgecolor": "none", "pad": 1}
    ax.annotate("minimum", best, xytext=(10, 8), textcoords="offset points", color=TARGET, bbox=paper)
    if paths:
        ax.legend(facecolor=PAPER, edgecolor="none", loc="lower left", fontsize=11)
    ax.set(xlabel="w", ylabel="b", xlim=(w[0], w[-1]), ylim=(b[0], b[-1]))
    return {"w": w, "b": b, "L": L, "levels": levels, "minimum": best, "lowest": lowest, "paths": paths}


def label_levels(ax, drawn):
    """The loss of a few contour lines, written on each straight below the minimum; returns the texts and their levels.

    Along b alone the loss is the lowest one + d²/2 at the distance d.
    """
    levels, (w_best, b_best) = drawn["levels"][list(LABELLED)], drawn["minimum"]
    heights = b_best - np.sqrt(2 * (levels - drawn["lowest"]))
    style = {"ha": "center", "va": "center", "fontsize": 11, "color": INK, "clip_on": True,
             "bbox": {"facecolor": PAPER, "edgecolor": "none", "pad": 1}}
    words = [f"L = {fitted(level, 2)}" if level == levels[0] else fitted(level, 2) for level in levels]
    return [ax.text(w_best, height, text, **style) for height, text in zip(heights, words)], levels
