"""The explorer of notebook 07: the ruler, laid on after any step, with one thing broken or nothing."""

import numpy as np
from matplotlib.ticker import MaxNLocator

from helpers.explorers.base import Explorer, Number, choice
from helpers.figures.curves import spread
from helpers.figures.ruler import GAP
from helpers.figures.style import FAINT, PAPER, TARGET, WEIGHTS, canvas, looks
from helpers.figures.words import size

LOW, HIGH = 1e-18, 1e1
APART = 1.15  # powers of ten between two names, at least
LOOKS = looks(first=WEIGHTS)


class Ruler(Explorer):
    """The largest difference of weights in each layer, after a step on the slider."""

    def __init__(self, gaps, **settings):
        self.gaps = {name: np.asarray(values, float) for name, values in gaps.items()}
        super().__init__(**settings)

    def controls(self):
        steps = min(map(len, self.gaps.values()))
        return {"broken": choice("what was changed on one side:", list(self.gaps)), "step": Number("step", steps, 1, steps, step=1)}

    def build(self):
        steps, layers = next(iter(self.gaps.values())).shape
        figure, ax = canvas(9.6, 4.4)
        ax.hlines(1e-12, 0.5, steps, color=TARGET, linewidth=1.2)
        ax.text(0.5 + 0.01 * steps, 1.7e-12, "10⁻¹²: equal up to rounding", color=TARGET, fontsize=12, va="bottom")
        ax.set(yscale="log", ylim=(LOW / 3, HIGH), xlim=(0.5, steps * 1.25), xlabel="step",
               xticks=[t for t in MaxNLocator(6, integer=True).tick_values(1, steps) if 1 <= t <= steps])
        ax.spines["bottom"].set_bounds(0.5, steps)  # to its right are names, and no steps
        ax.set_ylabel(GAP, fontsize=12)
        self.lines, self.points, self.names = [], [], []
        for i in range(layers):
            colour, style, marker = LOOKS[i % len(LOOKS)]
            self.lines += ax.plot([], [], color=colour, linestyle=style, linewidth=1.8)
            self.points += ax.plot([], [], marker=marker, color=colour, markersize=9)
            self.names.append(ax.text(0, 1, "", color=colour, fontsize=12, va="center", bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1}))
        self.cursor = ax.axvline(1, color=FAINT, linewidth=1.0)
        self.moving = [self.cursor, *self.lines, *self.points, *self.names]
        return figure

    def draw(self, broken, step):
        gaps, step = np.maximum(self.gaps[broken], LOW), int(round(step))
        now, at, x = self.gaps[broken][step - 1], gaps[step - 1], np.arange(1, len(gaps) + 1)
        # Names keep a distance from one another, however close the layers lie.
        bottom, top = np.log10(LOW) + 0.6, np.log10(HIGH) - 0.5
        room = top - bottom
        places = bottom + room * spread(np.maximum(np.log10(at) - bottom, 0) / room, APART / room)
        for i, (line, point, name) in enumerate(zip(self.lines, self.points, self.names)):
            line.set_data(x[:step], gaps[:step, i])
            point.set_data([step], [at[i]])
            name.set(x=step + 0.02 * len(gaps), y=10 ** places[i], text=f"layer {i + 1}: {size(now[i])}")
        self.cursor.set_xdata([step, step])
        worst = now.max()
        verdict = ("equal up to rounding" if worst <= 1e-12 else
                   "equal to seven digits, as float32 can" if worst <= 1e-6 else "two different networks")
        self.drawn = {"gaps": self.gaps[broken][:step], "at": now, "verdict": verdict}
        formula = f"max |W<sub>NumPy</sub> − W<sub>Keras</sub>| after step {step}, changed on one side: {broken}: {size(worst)}, <b>{verdict}</b>"
        each = ", ".join(f"{size(gap)} in layer {i}" for i, gap in enumerate(now, start=1))
        return formula, f"After step {step} with {broken} changed on one side the largest differences are {each}: {verdict}."


def explore_ruler(gaps, **settings):
    """Lay the ruler on. gaps {what was changed: (steps, layers)}. Settings, all optional: broken, step."""
    return Ruler(gaps, **settings)
