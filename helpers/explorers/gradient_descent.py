"""The explorer of notebook 05: the learning rate, and the path that it makes."""

import numpy as np

from helpers import tiny
from helpers.descent import STEPS, descend, stability_limit
from helpers.explorers.base import Explorer, Number, choice
from helpers.figures.style import BACKWARD, ERROR, FAINT, FORWARD, INK, TARGET, canvas
from helpers.figures.surface import draw_contour, minimum
from helpers.losses import mse
from helpers.optimizers import adam, gradient_descent, momentum

OPTIMIZERS = {"gradient descent": gradient_descent, "momentum": momentum, "Adam": adam}
W_RANGE, B_RANGE, L_RANGE = (-1.2, 2.4), (-1.2, 2.4), (1e-6, 1e3)


class LearningRate(Explorer):
    """α on a slider, the path over the loss surface, and the loss of every step."""

    X, Y = tiny.line_X, tiny.line_Y

    def controls(self):
        return {
            "alpha": Number("α", 0.1, 0.001, 10, log=True, step=0.001),
            "optimizer": choice("optimizer", list(OPTIMIZERS)),
            "batch": choice("batch", ["all 6", "2", "1"]),
            "w": Number("start w", 2.0, *W_RANGE),
            "b": Number("start b", 1.8, *B_RANGE),
        }

    def build(self):
        figure, ((words, scale), (left, right)) = canvas(9.6, 5.0, columns=2, rows=2, height_ratios=[0.1, 1])
        words.axis("off")
        limit = stability_limit(self.X)
        scale.axvspan(0.001, limit, color=TARGET, alpha=0.15, linewidth=0)
        scale.axvspan(limit, 10, color=BACKWARD, alpha=0.2, linewidth=0)
        scale.axvline(limit, color=BACKWARD, linewidth=2)
        scale.text(limit * 1.1, 0.5, f"2/λmax = {limit:.3f}", va="center", color=BACKWARD, fontsize=12)
        scale.set(xscale="log", xlim=(0.001, 10), ylim=(0, 1), yticks=[], title="α")
        scale.spines["left"].set_visible(False)
        (self.pointer,) = scale.plot([], [], "v", color=INK, markersize=12, clip_on=False)
        self.best = minimum(self.X, self.Y)
        self.lowest = float(mse(self.best[0] * self.X + self.best[1], self.Y))
        draw_contour(left, self.X, self.Y, {}, np.linspace(*W_RANGE, 113), np.linspace(*B_RANGE, 137))
        right.set(xlabel="step", ylabel="loss above the minimum", yscale="log", xlim=(0, STEPS), ylim=L_RANGE)
        (self.path,) = left.plot([], [], "o-", color=FORWARD, markersize=4, linewidth=1.6, clip_on=True)
        (self.start,) = left.plot([], [], "s", color=INK, markersize=8)
        (self.curve,) = right.plot([], [], color=ERROR)
        self.verdict = words.text(0.0, 0.5, "", transform=words.transAxes, ha="left", va="center", fontsize=15)
        self.moving = [self.pointer, self.path, self.start, self.curve, self.verdict]
        return figure

    def draw(self, alpha, optimizer, batch, w, b):
        size = None if batch.startswith("all") else int(batch)
        path = descend(self.X, self.Y, (w, b), alpha, OPTIMIZERS[optimizer], size, rng=np.random.default_rng(0))
        losses = np.array([float(mse(w * self.X + b, self.Y)) for w, b in path])
        self.path.set_data(*np.clip(path, -1e6, 1e6).T)
        self.start.set_data([w], [b])
        self.pointer.set_data([alpha], [0.55])
        self.curve.set_data(range(len(losses)), np.clip(losses - self.lowest, L_RANGE[0] / 10, L_RANGE[1] * 10))
        state, colour = self.judge(losses)
        self.verdict.set(text=f"{state} after {len(losses) - 1} steps", color=colour)
        limit = stability_limit(self.X)
        end = f"{losses[-1]:.3g}" if losses[-1] < 1e6 else "beyond a million"
        formula = f"θ ← θ − α ∇L with α = {alpha:.3g}, and 2/λ<sub>max</sub> = {limit:.3f}: α is {alpha / limit:.0%} of the limit of plain gradient descent."
        alt = f"{optimizer}, batch of {batch}, α = {alpha:.3g}, from w = {w:.2f}, b = {b:.2f}: loss {end} after {len(losses) - 1} steps, {state}."
        self.drawn = {"path": path, "losses": losses}
        return formula, alt

    def judge(self, losses):
        """What the loss does, in a word."""
        if len(losses) <= STEPS or losses[-1] > 10 * losses[0]:
            return "diverging", BACKWARD
        gap = (losses[-1] - self.lowest) / (losses[0] - self.lowest + 1e-12)
        if gap < 1e-2:
            return "arrived", TARGET
        return ("on its way" if losses[-1] < losses[0] else "going nowhere"), FAINT


def explore_learning_rate(**settings):
    """Move α and watch the path. Settings, all optional: alpha, optimizer, batch, w, b."""
    return LearningRate(**settings)
