"""The loss over two parameters: its surface, its minimum, the squares it adds up, and paths down it."""

import numpy as np

from helpers.figures.style import BACKWARD, ERROR, FAINT, FORWARD, INK, PAPER, TARGET, WEIGHTS, Picture, canvas
from helpers.losses import mse
from matplotlib.patches import Rectangle


def minimum(X, Y):
    """The (w, b) at which ŷ = w x + b has the least mean squared error, solved exactly.   X (n, 1), Y (n, 1)."""
    return np.linalg.lstsq(np.hstack([X, np.ones_like(X)]), Y, rcond=None)[0].ravel()


def grid(X, Y, w, b):
    """The MSE of ŷ = w x + b for every pair of w (p,) and b (q,) → (q, p), as matplotlib wants it."""
    return np.array([[mse(X * w_j + b_i, Y) for w_j in w] for b_i in b])


def squares(X, Y, w, b):
    """The data, the line ŷ = w x + b, and each squared error as a square.   X (n, 1), Y (n, 1)."""
    figure, ax = canvas(6.2, 5.2)
    draw_squares(ax, X, Y, w, b)
    errors = (Y - (w * X + b)).ravel()
    loss = mse(w * X + b, Y)
    alt = f"{len(X)} points and the line with w = {w:g}, b = {b:g}; squared errors {np.round(errors**2, 2).tolist()}, so L = {loss:.3f}."
    return Picture(figure, alt, errors=errors, areas=errors**2, loss=loss)


def draw_squares(ax, X, Y, w, b):
    """The same on axes that are there already."""
    x = np.array([X.min() - 0.4, X.max() + 0.4])
    ax.plot(x, w * x + b, color=FORWARD)
    for x_i, y_i in zip(X.ravel(), Y.ravel()):
        error = y_i - (w * x_i + b)
        side = abs(error)
        ax.add_patch(Rectangle((x_i - (side if error > 0 else 0), min(y_i, y_i - error)), side, side, facecolor=ERROR, alpha=0.3, edgecolor=ERROR))
        ax.plot([x_i, x_i], [y_i, y_i - error], color=ERROR, linewidth=1.5)
    ax.plot(X.ravel(), Y.ravel(), "o", color=TARGET, markersize=8)
    ax.set(xlabel="x", ylabel="y", aspect="equal")


def contour(X, Y, paths=None, w=(-0.6, 2.2), b=(-1.2, 2.2), title=""):
    """The surface L(w, b) as contour lines with its true minimum, and paths over it.

    X (n, 1), Y (n, 1); paths {name: (steps, 2)}, each point a (w, b).
    """
    figure, ax = canvas(7.2, 5.4)
    drawn = draw_contour(ax, X, Y, paths or {}, np.linspace(*w, 113), np.linspace(*b, 137))
    ax.set_title(title)
    w_best, b_best = drawn["minimum"]
    words = f"Contour lines of the loss over w and b, with the minimum at w = {w_best:.2f}, b = {b_best:.2f}"
    for name, path in (paths or {}).items():
        words += f"; {name} goes from ({path[0][0]:.2f}, {path[0][1]:.2f}) to ({path[-1][0]:.2f}, {path[-1][1]:.2f}) in {len(path) - 1} steps"
    return Picture(figure, words + ".", **drawn)


def draw_contour(ax, X, Y, paths, w, b):
    """The same on axes that are there already; returns what is drawn."""
    L, best = grid(X, Y, w, b), minimum(X, Y)
    lowest = mse(best[0] * X + best[1], Y)
    levels = lowest + (L.max() - lowest) * np.linspace(0.02, 1, 15) ** 2.2
    ax.contourf(w, b, L, levels=[lowest, *levels], cmap="Greys", alpha=0.25)
    ax.contour(w, b, L, levels=levels, colors=FAINT, linewidths=0.8)
    for (name, path), (colour, style, mark) in zip(paths.items(), [(FORWARD, "-", "o"), (BACKWARD, "--", "s"), (WEIGHTS, "-.", "^"), (ERROR, ":", "D")]):
        path = np.asarray(path)
        ax.plot(*path.T, color=colour, linestyle=style, marker=mark, markersize=4, linewidth=1.6, label=name)
    ax.plot(*best, "*", color=TARGET, markersize=17, markeredgecolor=PAPER)
    ax.annotate("minimum", best, xytext=(10, 8), textcoords="offset points", color=TARGET)
    if paths:
        ax.legend(frameon=False, loc="lower left", fontsize=11)
    ax.set(xlabel="w", ylabel="b", xlim=(w[0], w[-1]), ylim=(b[0], b[-1]))
    return {"w": w, "b": b, "L": L, "minimum": best, "lowest": lowest, "paths": {name: np.asarray(path) for name, path in paths.items()}}
