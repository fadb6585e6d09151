"""A small network as a graph, with the numbers on every node and every edge."""

import numpy as np
from matplotlib.patches import FancyBboxPatch

from helpers.figures.style import BACKWARD, ERROR, FAINT, FORWARD, INK, PAPER, TARGET, WEIGHTS, Picture, canvas

WIDTH, HEIGHT = 1.5, 1.0  # of a node, in the units of the drawing
ACROSS, DOWN = 3.6, 2.3  # between neighbouring nodes


def network_graph(layers, cache, Y_hat, y=None, grads=None):
    """One example's way through the network: x on the left, ŷ on the right, W on the edges, b below the nodes.

    layers [(W, b, f)], and what `forward` gave for one example: cache and Y_hat (1, K). With y (1, K) the loss is
    drawn too; with grads {"dA1": (1, k), "dZ1": …, "dW1": (m, k), "db1": (k,), …} every number gets its gradient below it.
    """
    right, tall = extent(layers, y is not None)
    figure, ax = canvas(width=9.6, height=9.6 * (tall + 2.6) / (right + 1.4))
    drawn = draw_graph(ax, layers, cache, Y_hat, y, grads)
    values = ", ".join(f"{name} = {value:.3f}" for name, value in drawn.items() if name[0] in "zaL")
    words = f"Network graph for x = {cache[0][0][0].tolist()}: {values}"
    if grads:
        words += "; gradients " + ", ".join(f"{name} = {value.round(3).tolist()}" for name, value in grads.items())
    return Picture(figure, words + ".", **drawn)


def extent(layers, with_loss):
    """How far a graph reaches to the right, and from its top node to its lowest, in the units of the drawing."""
    widest = max(len(layers[0][0]), *(len(b) for _, b, _ in layers))
    return ACROSS * len(layers) + (3.0 if with_loss else 0) + 1.0, DOWN * (widest - 1)


def draw_graph(ax, layers, cache, Y_hat, y=None, grads=None, shown=None):
    """The same on axes that are there already, and of all numbers only those `shown`, by name ("Z1", "A1", "L", "dW1", …).

    Returns what is drawn; a number that is not shown is drawn nowhere.
    """
    grads = {name: value for name, value in (grads or {}).items() if shown is None or name in shown}
    columns = [cache[0][0][0], *(Z[0] for _, Z in cache)]
    outputs = [A[0] for A, _ in cache[1:]] + [Y_hat[0]]
    right, tall = extent(layers, y is not None)
    ax.set(xlim=(-1.0, right), ylim=(-tall / 2 - 1.35, tall / 2 + 1.25), aspect="equal")
    ax.axis("off")
    drawn = {}

    def place(column, unit):
        n = len(columns[column])
        return ACROSS * column, DOWN * ((n - 1) / 2 - unit)

    for i, (W, b, f) in enumerate(layers, start=1):
        for j, k in np.ndindex(W.shape):
            edge(ax, place(i - 1, j), place(i, k), W[j, k], grads[f"dW{i}"][j, k] if f"dW{i}" in grads else None)
            drawn[f"W{i}[{j},{k}]"] = W[j, k]
        for k in range(W.shape[1]):
            x, top = place(i, k)
            last, lines = i == len(layers), []
            for name, text, value, colour in (("Z", "z", columns[i][k], FORWARD), ("dZ", "dz", None, BACKWARD),
                                              ("A", "ŷ" if last else "a", outputs[i - 1][k], FORWARD), ("dA", "dŷ" if last else "da", None, BACKWARD)):
                if value is None and f"{name}{i}" in grads:
                    value = grads[f"{name}{i}"][0, k]
                elif value is not None and (shown is None or f"{name}{i}" in shown):
                    drawn[f"{name.lower()}{i}[{k}]"] = value
                else:
                    continue
                lines.append((f"{text} = {number(value)}", colour))
            node(ax, x, top, lines)
            ax.text(x, top + HEIGHT / 2 + 0.12, f.__name__, ha="center", va="bottom", color=FAINT, fontsize=10, style="italic")
            below, both = top - HEIGHT / 2 - 0.26, f"db{i}" in grads
            ax.text(x - 0.08 * both, below, f"b = {number(b[k], 2)}", ha="right" if both else "center", va="center", color=WEIGHTS, fontsize=10.5)
            if both:
                ax.text(x + 0.08, below, f"db = {number(grads[f'db{i}'][k])}", ha="left", va="center", color=BACKWARD, fontsize=10.5)
    for j, x_j in enumerate(columns[0]):
        node(ax, *place(0, j), [(f"x{'₁₂₃₄'[j]} = {number(x_j, 1)}", INK)])
    if y is not None:
        x = ACROSS * (len(columns) - 1)
        ax.annotate("", (x + 3.0 - WIDTH / 2, 0.0), (x + WIDTH / 2, 0.0), arrowprops={"arrowstyle": "->", "color": FAINT})
        lines = [(f"y = {number(y[0, 0], 1)}", TARGET)]
        if shown is None or "L" in shown:
            drawn["L"] = float(((y - Y_hat) ** 2).sum() / 2)
            lines.append((f"L = {number(drawn['L'], 4)}", ERROR))
        node(ax, x + 3.0, 0.0, lines)
    return drawn | grads


def node(ax, x, y, lines):
    """A rounded box with a line of text for each (text, colour)."""
    box = FancyBboxPatch((x - WIDTH / 2, y - HEIGHT / 2), WIDTH, HEIGHT, boxstyle="round,pad=0,rounding_size=0.18",
                         facecolor=PAPER, edgecolor=INK, linewidth=1.3, zorder=3)
    ax.add_patch(box)
    step = 0.24 if len(lines) > 2 else 0.34
    for i, (text, colour) in enumerate(lines):
        size = 10.5 if len(lines) > 2 else 12
        ax.text(x, y + ((len(lines) - 1) / 2 - i) * step, text, ha="center", va="center", color=colour, fontsize=size, zorder=4)


def edge(ax, start, end, weight, slope):
    """A line from node to node, thicker for a larger weight, dashed for a negative one, with w (and dw) written on it."""
    (x0, y0), (x1, y1) = (start[0] + WIDTH / 2, start[1]), (end[0] - WIDTH / 2, end[1])
    style = {"color": WEIGHTS, "linewidth": 1 + 2.5 * min(abs(weight), 2), "linestyle": "-" if weight >= 0 else (0, (4, 2))}
    ax.plot([x0, x1], [y0, y1], alpha=0.55, zorder=1, **style)
    share = 0.27  # near the start, where edges have not yet crossed
    at = x0 + share * (x1 - x0), y0 + share * (y1 - y0)
    ax.text(*at, number(weight, 2) + ("\n" if slope is not None else ""), ha="center", va="center", color=WEIGHTS,
            fontsize=11, zorder=5, bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1.5})
    if slope is not None:
        ax.text(at[0], at[1] - 0.13, number(slope), ha="center", va="center", color=BACKWARD, fontsize=10, zorder=6)


def number(value, digits=3):
    """A number as it is printed in a picture: fixed digits, a true minus sign."""
    return f"{value:.{digits}f}".replace("-", "−")
