"""The explorers of notebook 05: the learning rate and the path that it makes, and a boundary that bends while the loss falls."""

import ipywidgets as widgets
import numpy as np
from matplotlib.patches import Rectangle

from helpers.data import tiny
from helpers.topics import parts
from helpers.topics.descent import STEPS, descend, for_moons, moons, stability_limit, watched
from helpers.explorers.base import OPTIMIZERS, Explorer, Number, choice
from helpers.explorers.touch import Touch
from helpers.figures.boundary import draw_plane, move_boundary
from helpers.figures.style import BACKWARD, ERROR, FORWARD, INK, TARGET, canvas
from helpers.figures.surface import draw_contour, minimum
from helpers.figures.words import bracket, fitted, number
from helpers.losses import mse
from helpers.network import forward

RULES = {"gradient descent": "θ ← θ − α ∇L", "momentum": "m ← 0.9 m − α ∇L, θ ← θ + m",
         "Adam": "θ ← θ − α · (mean slope) / (usual size of the slope)"}
BETA = 0.9  # of `momentum`, unless told otherwise
# Above which α it diverges, with all examples at once, as a multiple of 2/λmax. With momentum: Polyak (1964).
LIMITS = {"gradient descent": ("2/λmax", 1.0), "momentum": ("2(1 + β)/λmax", 1 + BETA)}
W_RANGE, B_RANGE, L_RANGE, A_RANGE = (-1.2, 2.4), (-1.2, 2.4), (1e-6, 1e3), (0.001, 10)
NEAR = 0.1  # as far from the minimum as the star is large
LAST, EACH = 500, 10  # how many steps a boundary is watched for, and every which one is shown
FAR = 30  # farther away, a path is not drawn any more


class LearningRate(Explorer):
    """α on a slider with its limit marked, the path over the loss surface, and the loss of every step."""

    formula_lines = 2

    X, Y = tiny.line_X, tiny.line_Y

    def controls(self):
        return {
            "learning_rate": Number("α", 0.1, *A_RANGE, log=True, step=0.001),
            "optimizer": choice("optimizer", list(OPTIMIZERS)),
            "batch": choice("batch", ["all 6", "2", "1"]),
            "w": Number("w", 2.0, *W_RANGE),
            "b": Number("b", 1.8, *B_RANGE),
        }

    def __init__(self, **settings):
        super().__init__(**settings)
        row, hint = self.children[0], widgets.Label("start: click into the landscape, or")
        place = row.children.index(self.control["w"])
        row.children = (*row.children[:place], hint, *row.children[place:])

    def build(self):
        figure, ((one, two), (left, right)) = canvas(9.6, 5.4, columns=2, rows=2, height_ratios=[0.08, 1])
        whole = one.get_gridspec()[0, :]
        one.remove(), two.remove()
        scale = figure.add_subplot(whole)
        scale.set(xscale="log", xlim=A_RANGE, ylim=(0, 1), yticks=[], title=" ")
        scale.set_xticks([0.001, 0.01, 0.1, 1, 10], ["0.001", "0.01", "0.1", "1", "10"])
        scale.set_ylabel("α", rotation=0, fontsize=16, va="center", labelpad=14)
        scale.spines["left"].set_visible(False)
        style = {"linewidth": 0, "alpha": 0.2}
        self.stable, self.unstable = (scale.add_patch(Rectangle((0, 0), 0, 1, facecolor=colour, **style))
                                      for colour in (TARGET, BACKWARD))
        (self.limit,) = scale.plot([], [], color=BACKWARD, linewidth=2.5)
        self.mark = scale.text(0, 1.15, "", va="bottom", ha="center", color=BACKWARD, fontsize=13)
        (self.pointer,) = scale.plot([], [], "v", color=INK, markersize=13, clip_on=False)
        self.best = minimum(self.X, self.Y)
        self.lowest = float(mse(self.best[0] * self.X + self.best[1], self.Y))
        self.rate = stability_limit(self.X)
        draw_contour(left, self.X, self.Y, {}, W_RANGE, B_RANGE)
        left.set_title(" ", fontsize=22)  # room for the verdict
        right.set(xlabel="step", ylabel="loss above the minimum", yscale="log", xlim=(0, STEPS), ylim=L_RANGE)
        (self.path,) = left.plot([], [], "o-", color=FORWARD, markersize=4, linewidth=1.6)
        (self.start,) = left.plot([], [], "s", color=INK, markersize=8, clip_on=False)
        (self.curve,) = right.plot([], [], color=ERROR)
        self.verdict = left.text(0, 1.02, "", transform=left.transAxes, ha="left", va="bottom", fontsize=14)
        self.moving = [self.stable, self.unstable, self.limit, self.mark, self.pointer, self.path, self.start,
                       self.curve, self.verdict]
        self.land = left
        return figure

    def paper(self):
        paper = Touch()
        paper.observe(self.touched, "at")
        return paper

    def touched(self, change):
        """Start where the landscape is clicked; clicks elsewhere do nothing."""
        x, y, _ = change.new
        place = self.figure.transFigure.transform((x, 1 - y))
        if np.all(np.abs(self.land.transAxes.inverted().transform(place) - 0.5) <= 0.5):
            w, b = self.land.transData.inverted().transform(place)
            self.set(w=round(w, 2), b=round(b, 2))

    def draw(self, learning_rate, optimizer, batch, w, b):
        size = None if batch.startswith("all") else int(batch)
        path = descend(self.X, self.Y, (w, b), learning_rate, OPTIMIZERS[optimizer], size, rng=np.random.default_rng(0))
        losses = np.square(path[:, :1] * self.X.T + path[:, 1:] - self.Y.T).sum(axis=1) / (2 * len(self.X))
        gap = losses - self.lowest
        away = np.hypot(*(path - self.best).T)
        gone = np.flatnonzero(away > FAR)
        self.path.set_data(*path[: gone[0] + 1 if len(gone) else None].T)
        self.start.set_data([w], [b])
        self.curve.set_data(range(len(gap)), np.clip(gap, L_RANGE[0] / 10, L_RANGE[1] * 10))
        limit, words = self.mark_limit(learning_rate, optimizer, size)
        state, verdict, colour = judge(gap, losses[-1], away)
        self.verdict.set(text=verdict, color=colour)
        self.drawn = {"path": path, "losses": losses, "away": away, "limit": limit, "state": state}
        first, rate = (path[0] - path[min(1, len(path) - 1)]) / learning_rate, f"{learning_rate:.4g}"
        steps = ", ".join(f"{name} ← {number(at, 2)} − {rate} · {bracket(fitted(slope))} = {fitted(at - learning_rate * slope)}"
                          for name, at, slope in (("w", w, first[0]), ("b", b, first[1])))
        formula = (f"{RULES[optimizer]} with α = <b>{rate}</b>. First step: {steps}<br>"
                   f"<span style='color: {BACKWARD}'>{words}</span>")
        alt = (f"{optimizer}, batch of {batch}, α = {rate}, from w = {number(w, 2)}, b = {number(b, 2)}. {verdict} "
               f"The loss goes from {told(losses[0])} to {told(losses[-1])}. {words}")
        return formula, alt

    def mark_limit(self, learning_rate, optimizer, size):
        """Mark on the scale where α becomes too large; returns that α, None where there is none, and what it means."""
        name, factor = LIMITS.get(optimizer, (None, None))
        for artist in (self.unstable, self.limit):
            artist.set_visible(name is not None)
        self.stable.set_visible(name is not None and size is None)  # with a few examples a smaller α may be too large
        self.pointer.set_data([learning_rate], [0.55])
        if name is None:
            self.mark.set(text="no limit: each number moves by about α at most", x=0.1, color=INK)
            return None, "Adam does not explode: it moves each number by about α at most. A large α only makes it swing for longer."
        limit = factor * self.rate
        self.stable.set_bounds(A_RANGE[0], 0, limit - A_RANGE[0], 1)
        self.unstable.set_bounds(limit, 0, A_RANGE[1] - limit, 1)
        self.limit.set_data([limit, limit], [0, 1])
        at_once = " with all 6 at once" if size else ""
        self.mark.set(text=f"{name} = {limit:.3f}{at_once}", x=limit, color=BACKWARD)
        side = "above it" if learning_rate > limit else "below it" + (", no promise with so few at once" if size else "")
        return limit, f"α is {learning_rate / limit:.3g} times {name} = {limit:.3f}, the limit{at_once}: {side}."


def judge(gap, last, away):
    """What the path does: a word, a sentence, a colour.   gap, away: loss above and distance to the minimum, each step."""
    after, up = f"after {len(gap) - 1} steps", np.count_nonzero(np.diff(gap[-21:]) > 0)
    if len(gap) <= STEPS or away[-1] > FAR:
        return "diverging", f"It is diverging: farther and farther out, with a loss of {told(last)} {after}.", BACKWARD
    if away[-5:].max() < NEAR:
        return "arrived", f"It has arrived: {away[-1]:.2f} from the minimum {after}.", TARGET
    if up == 20:
        return "diverging", "It is diverging: each of the last 20 steps ends higher than the one before.", BACKWARD
    if up > 3:
        return "swinging", f"It is swinging around the minimum: {away[-1]:.2f} away {after}.", INK
    return "on its way", f"It is on its way: still {away[-1]:.2f} from the minimum {after}.", INK


def told(loss):
    """A loss in words: its number, or that there is no point in one."""
    return fitted(loss) if loss < 1e6 else "more than a million"


class Boundary(Explorer):
    """Steps, α and the number of hidden neurons: the boundary between two moons, and the loss on the way."""

    def __init__(self, train, **settings):
        self.train, self.seen = train, {}
        super().__init__(**settings)

    def controls(self):
        return {
            "steps": Number("steps", 0, 0, LAST, step=EACH),
            "learning_rate": choice("α", [1, 5, 20, 60], 20),
            "hidden": choice("hidden neurons", [1, 2, 3, 4, 8], 8),
        }

    def build(self):
        self.X, self.Y = moons(30, np.random.default_rng(0))
        figure, (left, right) = canvas(9.6, 4.2, columns=2, width_ratios=[1.15, 1])
        self.says, self.edge = draw_plane(left, self.X, self.Y)
        right.set(xlabel="step", ylabel="loss", xlim=(0, LAST), ylim=(0, 0.17))
        (self.curve,) = right.plot([], [], color=ERROR)
        (self.here,) = right.plot([], [], "o", color=INK, markersize=9, clip_on=False)
        self.moving = [self.says, self.edge, *left.lines[1:], self.curve, self.here]  # the points lie above the map
        return figure

    def walk(self, learning_rate, hidden):
        """All that this choice passes: the layers after every tenth step, and their losses. Walked once, and kept."""
        if (learning_rate, hidden) not in self.seen:
            stops = range(0, LAST + 1, EACH)
            found = list(watched(self.train, for_moons(hidden, np.random.default_rng(0)), self.X, self.Y, learning_rate, stops).values())
            self.seen[learning_rate, hidden] = found, [float(mse(forward(layers, self.X)[0], self.Y)) for layers in found]
        return self.seen[learning_rate, hidden]

    def draw(self, steps, learning_rate, hidden):
        found, losses = self.walk(learning_rate, hidden)
        at = round(steps / EACH)
        loss, right = move_boundary(self.says, self.edge, self.X, self.Y, found[at])
        self.curve.set_data(range(0, LAST + 1, EACH), losses)
        self.here.set_data([at * EACH], [loss])
        self.drawn = {"loss": loss, "right": right, "losses": losses, "layers": found[at]}
        words = f"After {at * EACH} steps with α = {learning_rate} and {hidden} hidden: L = {fitted(loss)}, {right} of {len(self.X)} points are on their side."
        return words, words


def explore_boundary(train=parts.train, **settings):
    """Watch a network learn, by the training loop that is handed in. Settings, all optional: steps, learning_rate, hidden."""
    return Boundary(train, **settings)


def explore_learning_rate(**settings):
    """Move α and watch the path. Settings, all optional: learning_rate, optimizer, batch, w, b."""
    return LearningRate(**settings)
