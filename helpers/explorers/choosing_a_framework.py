"""The explorer of notebook 09: weigh the criteria, and see the ranking move."""

from helpers.explorers.base import Explorer, Number, choice
from helpers.figures.style import BACKWARD, ERROR, FORWARD, INK, TARGET, WEIGHTS, canvas
from helpers.frameworks import recorded
from helpers.frameworks.ranking import CANDIDATES, CRITERIA, PYTHONS, SYSTEMS, ranking, scores, wheels

COLOURS = dict(zip(CRITERIA, [FORWARD, TARGET, WEIGHTS, ERROR, BACKWARD]))
ANYWHERE = "anywhere"


class Choice(Explorer):
    """A weight for each criterion, a system it must run on, and a bar for each framework in the order of its total."""

    def __init__(self, **settings):
        record = recorded()
        self.table, self.wheels = scores(record), {name: wheels(name, record) for name in CANDIDATES}
        super().__init__(**settings)

    def controls(self):
        places = [ANYWHERE, *(f"{system} {python}" for system in SYSTEMS for python in PYTHONS)]
        return {c: Number(c, 1.0, 0, 10, 0.1) for c in CRITERIA} | {"runs_on": choice("must run on", places)}

    def build(self):
        figure, ax = canvas(9.6, 5.2)
        ax.set(xlim=(0, 1.12), ylim=(len(self.table) - 0.45, -0.55), xlabel="weighted mean of the scores")
        ax.set_yticks([])
        ax.spines["left"].set_visible(False)
        for i, c in enumerate(CRITERIA):
            ax.text(0.2 * i, 1.04, "■ " + c, color=COLOURS[c], fontsize=12.5, va="bottom", transform=ax.transAxes)
        self.bars = {name: {c: ax.barh([0], [0], height=0.5, color=COLOURS[c])[0] for c in CRITERIA} for name in self.table}
        self.names = {name: ax.text(0, 0, name, fontsize=13, va="bottom", color=INK) for name in self.table}
        self.totals = {name: ax.text(0, 0, "", fontsize=13, va="center", color=INK) for name in self.table}
        style = {"fontsize": 10, "va": "center", "ha": "center", "color": INK}
        self.inside = {name: {c: ax.text(0, 0, "", **style) for c in CRITERIA} for name in self.table}
        self.moving = [*(bar for bars in self.bars.values() for bar in bars.values()), *self.names.values(), *self.totals.values(),
                       *(text for texts in self.inside.values() for text in texts.values())]
        return figure

    def draw(self, runs_on, **weights):
        if sum(weights.values()) == 0:
            self.show([], weights, set())
            self.drawn = {"order": [], "out": []}
            return "All weights are 0: nothing matters, and nothing can be chosen.", "No bars, because all 5 weights are 0: nothing is ranked."
        out = {name for name in CANDIDATES if runs_on not in (ANYWHERE, *self.wheels[name])}
        order = sorted(ranking(weights, self.table), key=lambda pair: pair[0] in out)
        self.show(order, weights, out)
        first, total = order[0]
        if first in out:
            formula = f"No candidate brings a wheel for {runs_on}."
        else:
            shares = " + ".join(f"{w:g} · {self.table[first][c]:.2f}" for c, w in weights.items() if w)
            formula = f"{first}: ({shares}) / {sum(weights.values()):g} = <b>{total:.3f}</b>"
        places = "; ".join(f"{name} out, no wheel for {runs_on}" if name in out else f"{i}. {name} {total:.3f}"
                           for i, (name, total) in enumerate(order, 1))
        self.drawn = {"order": [name for name, _ in order if name not in out], "out": sorted(out), "totals": dict(order)}
        given = ", ".join(f"{c} {w:g}" for c, w in weights.items())
        return formula, f"The ranking with the weights {given}: {places}."

    def show(self, order, weights, out):
        """Move bars and words to where the ranking puts them; whoever is out is pale."""
        for artist in self.moving:
            artist.set_visible(bool(order))
        for i, (name, total) in enumerate(order):
            left = 0.0
            for c in CRITERIA:
                width = weights[c] * self.table[name][c] / sum(weights.values())
                bar, text = self.bars[name][c], self.inside[name][c]
                bar.set(x=left, y=i - 0.15, width=width, alpha=0.12 if name in out else 0.5)
                text.set(x=left + width / 2, y=i + 0.1, text=c if width > 0.0095 * len(c) else "")
                left += width
            self.names[name].set(x=0, y=i - 0.19, text=f"{name}, out" if name in out else name)
            self.totals[name].set(x=left + 0.01, y=i + 0.1, text="" if name in out else f"{total:.3f}")


def explore_criteria(**settings):
    """Weigh the criteria, see the ranking. Settings: runs_on, and from 0 to 10 performance, ease, maintenance,
    documentation, compatibility."""
    return Choice(**settings)
