"""A small network as a graph, with the numbers on every node and every edge."""

import numpy as np
from matplotlib.patches import FancyBboxPatch

from helpers.figures.style import BACKWARD, ERROR, FAINT, FORWARD, INK, PAPER, TARGET, WEIGHTS, Picture, canvas, ours
from helpers.figures.words import fitted, given, number

WIDTH, TO_LOSS = 1.7, 3.4  # of a node; from ŷ to the loss, in the units of the drawing
BESIDE = 0.365  # how far along a crossing edge its numbers stand, beside it: two edges' three lines then share the room
NEAR = 0.32  # the same where its number stands on it
LINE = 0.27  # between two lines of text on an edge or below a node
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


@ours()
def network_graph(layers, cache, Y_hat, y=None, grads=None, shown=None, asked=()):
    """One example's way through the network: x on the left, ŷ on the right, W on the edges, b below the nodes.

    layers [(W, b, f)], and what `forward` gave for one example: cache and Y_hat (1, K). With y (1, K) the loss is
    drawn too; with grads {"dA1": (1, k), "dZ1": …, "dW1": (m, k), "db1": (k,), …} every number gets its gradient
    below it. With shown=() nothing that is computed is drawn; a number whose array is in `asked` has a question mark
    in its place. Raises ValueError for more than one example.
    """
    slopes = bool(grads) or any(name[0] == "d" for name in asked)
    width, height = size(layers, y is not None, slopes)
    figure, ax = canvas(9.6, 9.6 * height / width)
    graph = Graph(ax, layers, y is not None, slopes)
    drawn = graph.show(layers, cache, Y_hat, y, grads, shown)
    wanted = graph.ask(asked)
    values = ", ".join(f"{name} = {value:.3f}" for name, value in drawn.items() if name[0] in "zaL")
    words = f"Network graph for x = {cache[0][0][0].tolist()}: {values or 'no number is computed yet'}"
    if grads:
        words += "; gradients " + ", ".join(f"{name} = {value.round(3).tolist()}" for name, value in grads.items())
    if wanted:
        words += f"; {len(wanted)} places have a question mark: {', '.join(wanted)}"
    return Picture(figure, words + ".", **drawn)


def size(layers, loss=False, slopes=False):
    """Width and height of a graph in the units of the drawing."""
    widest = max(len(layers[0][0]), *(len(b) for _, b, _ in layers))
    across, down = pitch(slopes)
    return across * len(layers) + TO_LOSS * loss + 2.0, down * (widest - 1) + (2.9 if slopes else 2.2)


def pitch(slopes):
    """From column to column, and from a node to the one below it: what stands on two edges must not touch."""
    return (4.1, 3.0) if slopes else (3.7, 2.3)


class Graph:
    """A network's graph, drawn once; `show` then puts numbers into it. What changes by then is in `moving`."""

    def __init__(self, ax, layers, loss=False, slopes=False):
        self.ax, self.slopes, self.loss, self.last = ax, slopes, loss, len(layers)
        self.text, self.line = {}, {}
        self.named = len(layers) == 2 and len(layers[1][1]) == 1  # a hidden layer, one output: there each number has a name
        width, height = size(layers, loss, slopes)
        ax.set(xlim=(-1.0, width - 1.0), ylim=(-height / 2 - 0.05 * slopes, height / 2 - 0.05 * slopes), aspect="equal")
        ax.axis("off")
        counts = [len(layers[0][0]), *(len(b) for _, b, _ in layers)]
        for i, (m, k) in enumerate(zip(counts, counts[1:]), start=1):
            for j, unit in np.ndindex(m, k):
                self.add_edge(f"{i}[{j},{unit}]", self.place(i - 1, j, m), self.place(i, unit, k), crossed=k > 1)
        for i, n in enumerate(counts):
            for unit in range(n):
                self.add_node(i, unit, *self.place(i, unit, n))
        if loss:
            self.add_loss(*self.place(len(layers), 0, 1))
        self.moving = [*self.line.values(), *self.text.values()]

    def place(self, column, unit, n):
        """The middle of a node, the unit-th of n in its column."""
        across, down = pitch(self.slopes)
        return across * column, down * ((n - 1) / 2 - unit)

    def add(self, name, x, y, colour, fontsize=11.5, on_line=False, **style):
        """An empty text that will show the number of that name."""
        box = {"bbox": {"facecolor": PAPER, "edgecolor": "none", "pad": 2}} if on_line else {}
        style = {"ha": "center", "va": "center", "zorder": 4} | box | style
        self.text[name] = self.ax.text(x, y, "", color=colour, fontsize=fontsize, **style)

    def box(self, x, y):
        """A node's rounded box. Returns where its lines of text stand, from the top."""
        height = 1.34 if self.slopes else 1.0
        style = {"facecolor": PAPER, "edgecolor": INK, "linewidth": 1.3, "zorder": 3}
        self.ax.add_patch(FancyBboxPatch((x - WIDTH / 2, y - height / 2), WIDTH, height,
                                         boxstyle="round,pad=0,rounding_size=0.18", **style))
        return height / 2

    def add_node(self, i, unit, x, y):
        half = self.box(x, y)
        if i == 0:
            return self.add(f"x[{unit}]", x, y, INK, 12)
        lines = ["Z", "dZ", "A", "dA"] if self.slopes else ["Z", "A"]
        step = 0.3 if self.slopes else 0.34
        for row, name in enumerate(lines):
            at = y + ((len(lines) - 1) / 2 - row) * step
            self.add(f"{name}{i}[{unit}]", x, at, BACKWARD if name[0] == "d" else FORWARD, 11.5 if self.slopes else 12)
        self.add(f"f{i}[{unit}]", x, y + half + 0.1, FAINT, 11, va="bottom")
        self.add(f"b{i}[{unit}]", x, y - half - 0.24, WEIGHTS)
        if self.slopes:
            self.add(f"db{i}[{unit}]", x, y - half - 0.24 - LINE, BACKWARD)

    def add_edge(self, name, start, end, crossed):
        (x0, y0), (x1, y1) = (start[0] + WIDTH / 2, start[1]), (end[0] - WIDTH / 2, end[1])
        style = {"color": WEIGHTS, "alpha": 0.55, "zorder": 1, "solid_capstyle": "butt"}
        (self.line["W" + name],) = self.ax.plot([x0, x1], [y0, y1], **style)
        share = NEAR if crossed and (y0 != y1 or not self.named) else 0.5  # near the start, where edges have not yet crossed
        x, y, style = x0 + share * (x1 - x0), y0 + share * (y1 - y0), {"on_line": True}
        if not self.slopes and self.named and share < 0.5:  # its right end on the edge: the rest has room to the left
            return self.add("W" + name, x + 0.45, y, WEIGHTS, ha="right", **style)
        if not self.slopes:
            return self.add("W" + name, x, y, WEIGHTS, **style)
        # Where the weight stands and, two lines below, how its slope comes about.
        y, how = y + LINE / 2, (x, y - 1.5 * LINE)
        if crossed and y0 != y1:  # beside the edge, which they would hide
            rise, style = np.sign(y1 - y0), {"ha": "right"}
            at = BESIDE - LINE / abs(y1 - y0) * (rise < 0)  # the line that comes nearest to the edge
            x, y = x0 + at * (x1 - x0) - 0.24, y0 + BESIDE * (y1 - y0) + LINE
            how = x - 0.2 * rise, y - 2 * LINE
        elif crossed and y0:  # outer edges carry them outside, away from those that cross
            x, style = (x0 + x1) / 2, {}
            y = y0 + 0.19 + LINE if y0 > 0 else y0 - 0.19
            how = x, y0 - 0.19 if y0 > 0 else y - 2 * LINE
        elif y0 != y1:  # outside the edges that meet in a node
            at = BESIDE if y0 > y1 else BESIDE - 0.15  # the bias below the node at its end needs room too
            x, style = x0 + at * (x1 - x0) + 0.24, {"ha": "left"}
            y = y0 + at * (y1 - y0) + (2.2 if y0 > y1 else -0.3) * LINE
            how = x, y - 2 * LINE
        self.add("W" + name, x, y, WEIGHTS, **style)
        self.add("dW" + name, x, y - LINE, BACKWARD, **style)
        self.add("how W" + name, *how, BACKWARD, 11, **style)

    def add_loss(self, x, y):
        self.box(x + TO_LOSS, y)
        arrow = {"arrowstyle": "->", "color": FAINT}
        self.ax.annotate("", (x + TO_LOSS - WIDTH / 2, y), (x + WIDTH / 2, y), arrowprops=arrow)
        self.add("y", x + TO_LOSS, y + 0.17, TARGET, 12)
        self.add("L", x + TO_LOSS, y - 0.17, ERROR, 12)
        self.add("how L", x + TO_LOSS / 2, y + 0.22, BACKWARD, 11)

    def show(self, layers, cache, Y_hat, y=None, grads=None, shown=None, now=(), how=None):
        """Bring the graph in line with new numbers, as for `network_graph`, or with those of them that are `shown`.

        Names are as in shown={"Z1", "dW1", "L"}; those of `now` are set in bold. how {"W1[0,0]": words, "f1[0]": words,
        "L": words} explains a step back: on an edge, above a node, at the loss. Returns what is drawn.
        """
        if len(Y_hat) != 1:
            raise ValueError(f"Y_hat: got {len(Y_hat)} examples, wanted 1, as from X[:1]")
        values = {}
        for i, ((W, b, _), (_, Z)) in enumerate(zip(layers, cache), start=1):
            values |= {f"W{i}": W, f"b{i}": b, f"Z{i}": Z, f"A{i}": cache[i][0] if i < len(cache) else Y_hat}
        if self.loss:
            values["L"] = float(((y - Y_hat) ** 2).sum() / 2)
        values |= grads or {}
        values = {name: value for name, value in values.items() if shown is None or name[0] in "Wb" or name in shown}
        for j, x in enumerate(cache[0][0][0]):
            self.write(f"x[{j}]", f"x{str(j + 1).translate(SUBSCRIPTS)} = {given(x)}", now)
        if self.loss:
            self.write("y", f"y = {given(y[0, 0])}", now)
            self.write("L", f"L = {fitted(values['L'], 4)}" if "L" in values else "", now)
        for i, (W, b, f) in enumerate(layers, start=1):
            for edge in (f"{i}[{j},{k}]" for j, k in np.ndindex(W.shape)):
                self.show_edge(edge, values, now)
            for k in range(len(b)):
                self.show_node(f"{i}[{k}]", values, now, "ŷ" if i == len(layers) else "a")
                self.write(f"f{i}[{k}]", f.__name__)
        self.explain(how or {})
        return by_name(layers, values) | {name: value for name, value in (grads or {}).items() if name in values}

    def ask(self, names):
        """Write a question mark where a number of these arrays belongs → what the numbers are called, in the order of `names`."""
        wanted = {}
        for array in names:
            for place in (text for text in self.text if text.partition("[")[0] == array):
                plain, slope = place.removeprefix("d"), "d" * place.startswith("d")
                subscript = str(int(place[:-1].rpartition("[")[2].rpartition(",")[2]) + 1).translate(SUBSCRIPTS)
                out = "ŷ" if plain[1] == str(self.last) else "a" + subscript
                inside = {"Z": "z" + subscript, "A": out}
                wanted[place] = slope + (inside.get(plain[0]) or called(plain))
                self.write(place, f"{wanted[place]} = ?")
        return list(wanted.values())

    def write(self, name, words, now=()):
        """Put words into the text of that name, if the graph has one; in bold if it is of `now`."""
        if name in self.text:
            bold = name in now or name.partition("[")[0] in now
            self.text[name].set(text=words, fontweight="bold" if bold else "normal")

    def show_edge(self, edge, values, now):
        """An edge is thicker for a larger weight, dashed for a negative one, and carries it."""
        weight = entry(values, "W" + edge)
        width = 1 + 2.5 * min(abs(weight), 2)
        self.line["W" + edge].set(linewidth=width, linestyle="-" if weight >= 0 else (0, (8 / width, 4 / width)))
        name = called("W" + edge) + " = " if self.named else ""
        self.write("W" + edge, name + number(weight, 2), now)
        slope = entry(values, "dW" + edge)
        self.write("dW" + edge, "" if slope is None else (name and f"d{name}") + fitted(slope), now)

    def show_node(self, unit, values, now, out):
        """A node holds z and what comes out, its bias stands below it, and each has its slope below itself."""
        bias = called("b" + unit) if self.named else "b"
        self.write("b" + unit, f"{bias} = {number(entry(values, 'b' + unit), 2)}", now)
        for name, words in (("Z", "z"), ("A", out), ("dZ", "dz"), ("dA", "d" + out), ("db", "d" + bias)):
            value = entry(values, name + unit)
            self.write(name + unit, "" if value is None else f"{words} = {fitted(value)}", now)

    def explain(self, how):
        """Write how a slope comes about: below those of an edge, in place of a node's activation, at the loss."""
        for name, text in self.text.items():
            if name.startswith("how "):
                text.set_text(how.get(name.removeprefix("how "), ""))
            elif name[0] == "f":
                text.set(color=BACKWARD if name in how else FAINT, fontstyle="normal" if name in how else "italic")
                text.set_text(how.get(name, text.get_text()))


def called(name):
    """What the numbers of a network with one hidden layer and one output are called: "W1[0,1]" w₁₂, "b1[0]" b₁₁, "W2[1,0]" v₂, "b2[0]" b₂."""
    array, _, place = name[:-1].partition("[")
    first, *second = (str(int(i) + 1).translate(SUBSCRIPTS) for i in place.split(","))
    return {"W1": "w" + first + "".join(second), "b1": "b₁" + first, "W2": "v" + first, "b2": "b₂"}[array]


def entry(values, name):
    """The number called "W1[0,1]" or "Z1[0]" in arrays {"W1": (m, k), "Z1": (1, k), …}; None where there is none."""
    array, _, index = name[:-1].partition("[")
    if array not in values:
        return None
    index = tuple(map(int, index.split(",")))
    return values[array][index] if values[array].ndim == len(index) else values[array][0][index]


def by_name(layers, values):
    """What a graph shows, each number by its name."""
    found = {}
    for i, (W, b, _) in enumerate(layers, start=1):
        found |= {f"W{i}[{j},{k}]": W[j, k] for j, k in np.ndindex(W.shape)}
        computed = [name for name in "ZA" if f"{name}{i}" in values]
        found |= {f"{name.lower()}{i}[{k}]": values[f"{name}{i}"][0, k] for k in range(len(b)) for name in computed}
    return found | ({"L": values["L"]} if "L" in values else {})
