"""The explorer of notebook 00: one slider, one ball in a bowl."""

import numpy as np

from helpers.explorers.base import Explorer, Number
from helpers.figures.style import BACKWARD, FAINT, FORWARD, INK, TARGET, canvas
from helpers.figures.words import minus

STEPS = 12


def roll(learning_rate, steps=STEPS):
    """Every position p ← p − α p of a ball that starts at 1, in the bowl of height p²/2 → (steps + 1,)."""
    return np.array([(1 - learning_rate) ** t for t in range(steps + 1)])


class Bowl(Explorer):
    """How far to step, on the simplest loss there is."""

    def controls(self):
        return {"learning_rate": Number("α", 0.2, 0.05, 2.2, step=0.05)}

    def build(self):
        figure, (left, right) = canvas(9.6, 3.6, columns=2)
        position = np.linspace(-1.6, 1.6, 201)
        left.plot(position, position**2 / 2, color=FAINT)
        left.plot([0], [0], "*", color=TARGET, markersize=16)
        left.set(xlabel="position", ylabel="height", xlim=(-1.6, 1.6), ylim=(-0.08, 1.25))
        right.axhline(0, color=TARGET, linewidth=1.2)
        right.set(xlabel="step", ylabel="position", xlim=(0, STEPS), ylim=(-1.6, 1.6))
        (self.path,) = left.plot([], [], "o-", color=FORWARD, markersize=6, linewidth=1.4)
        (self.curve,) = right.plot([], [], "o-", color=FORWARD, markersize=6)
        right.set_title(" ", fontsize=18)  # room for the words, which move
        self.verdict = right.text(0, 1.02, "", transform=right.transAxes, ha="left", va="bottom", fontsize=14)
        self.moving = [self.path, self.curve, self.verdict]
        return figure

    def draw(self, learning_rate):
        position = roll(learning_rate)
        self.path.set_data(position, position**2 / 2)
        self.curve.set_data(range(STEPS + 1), position)
        gap = abs(position[-1])
        state, colour = ("arrived", TARGET) if gap < 0.05 else ("on its way", INK) if gap < 0.999 else ("to and fro for ever", BACKWARD)
        state, colour = ("flying off", BACKWARD) if gap > 1.001 else (state, colour)
        self.verdict.set(text=state, color=colour)
        self.drawn = {"position": position}
        end = minus(f"{position[-1]:.3g}")
        formula = f"Each step moves it by α × its position, towards 0. With α = {learning_rate:.3g} it is at <b>{end}</b> after {STEPS} steps."
        return formula, f"A ball in a bowl, α = {learning_rate:.3g}: from position 1 to {end} in {STEPS} steps, {state}."


def explore_bowl(**settings):
    """Move α and watch the ball. Setting, optional: learning_rate."""
    return Bowl(**settings)
