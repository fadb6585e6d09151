"""The explorer of notebook 11: workers, batch and link, and how much of a step is work and how much is waiting."""

import numpy as np

from helpers.explorers.base import SIZES, Explorer, choice
from helpers.figures.style import BACKWARD, ERROR, FAINT, FORWARD, INK, TARGET, canvas
from helpers.figures.words import duration, percent, two_digits
from helpers.parameters import size
from helpers.topics.machines import step_seconds, wire_seconds

WORKERS = [1, 2, 4, 8, 16, 32, 64]
BATCHES = [32, 128, 512, 2048, 8192, 65_536]
LINKS = {"Wi-Fi, 50 Mbit/s": (50e6 / 8, 3e-3), "1 Gbit/s": (1e9 / 8, 1e-4), "10 Gbit/s": (10e9 / 8, 3e-5),
         "100 Gbit/s": (100e9 / 8, 5e-6), "inside one machine, 24 Gbit/s": (3e9, 1e-5)}  # byte/s, s for a message
PER_EXAMPLE, FIXED = 9e-6, 1.5e-3  # seconds of a core for the network of notebook 06 in float32, and before it begins
MESSAGE = 4 * size(SIZES)


class Share(Explorer):
    """Left, a step on one machine and one on w; right, the step's time against the number of machines."""

    formula_lines = 2

    def controls(self):
        return {"workers": choice("workers", WORKERS, 2), "batch": choice("batch", BATCHES, 512),
                "link": choice("link", list(LINKS), "1 Gbit/s")}

    def build(self):
        figure, (left, right) = canvas(9.6, 4.0, columns=2)
        self.left, self.right = left, right
        left.set(xlim=(0, 1), ylim=(-0.75, 1.6), yticks=[1, 0], xticks=[])
        left.set_yticklabels(["1 machine", "w machines"], fontsize=12)
        left.spines["bottom"].set_visible(False)
        left.tick_params(axis="y", length=0)
        left.set_title("A step: work, then waiting", loc="left")
        self.work = [left.barh(y, 0, height=0.42, color=FORWARD)[0] for y in (1, 0)]
        self.wait = left.barh(0, 0, height=0.42, color=ERROR, hatch="//", edgecolor="white", linewidth=0)[0]
        self.words = [left.text(0, y + 0.27, "", fontsize=12.5, color=INK, va="bottom") for y in (1, 0)]
        self.verdict = left.text(0, -0.62, "", fontsize=13, va="bottom")
        right.set(xscale="log", yscale="log", xlim=(0.4, 75), xlabel="machines")
        right.set_xticks(WORKERS, [str(w) for w in WORKERS])
        right.set_yticks([])
        right.minorticks_off()
        right.spines["left"].set_visible(False)
        right.set_title("Time of a step", loc="left")
        (self.curve,) = right.plot([], [], "o-", color=BACKWARD, markersize=5)
        (self.ideal,) = right.plot([], [], ":", color=FAINT)
        (self.here,) = right.plot([], [], "D", color=TARGET, markersize=11)
        self.ends = [right.text(0, 0, "", fontsize=12, color=colour, ha="right", va=va)
                     for colour, va in ((INK, "center"), (BACKWARD, "bottom"), (FAINT, "top"))]
        self.moving = [*self.work, self.wait, *self.words, self.verdict, self.curve, self.ideal, self.here, *self.ends]
        for artist in self.moving:
            artist.set_in_layout(False)
        return figure

    def draw(self, workers, batch, link):
        times = np.array([seconds(w, batch, link) for w in WORKERS])
        alone, now = times[0].sum(), times[WORKERS.index(workers)]
        whole, waiting = now.sum(), now[1] / now.sum()
        scale = 0.96 / max(alone, whole)
        for bar, length in zip((*self.work, self.wait), (alone, now[0], now[1])):
            bar.set_width(length * scale)
        self.wait.set_x(now[0] * scale)
        self.words[0].set_text(duration(alone))
        self.words[1].set_text(f"{duration(whole)}, of it {percent(waiting, 1)} waiting")
        pace = alone / whole
        verdict = "One machine waits for nobody."
        if workers > 1:
            words = f"{two_digits(pace)} times as fast" if pace > 1.005 else f"{two_digits(1 / pace)} times as slow"
            verdict = f"{words} with {workers} machines."
        self.verdict.set(text=verdict, color=TARGET if pace > 1.005 else INK if workers == 1 else ERROR)
        sums = times.sum(axis=1)
        ideal = alone / np.array(WORKERS)
        self.curve.set_data(WORKERS, sums)
        self.ideal.set_data(WORKERS, ideal)
        self.here.set_data([workers], [whole])
        low, high = min(sums.min(), ideal.min()) / 2, max(sums.max(), alone) * 2.5
        # The limits of a log panel whose ticks are gone: no number stands on it, so the picture below it stays.
        self.right.set_ylim(low, high)
        above = sums[-1] * (high / low) ** 0.05
        ends = (0.85, alone, duration(alone)), (70, above, duration(sums[-1])), (40, ideal[-1], "shared, no wire")
        for text, (x, y, words) in zip(self.ends, ends):
            text.set(position=(x, y), text=words)
        self.drawn = {"seconds": dict(zip(WORKERS, sums)), "work": now[0], "wait": now[1], "waiting": waiting,
                      "pace": pace}
        each, several = -(-batch // workers), "s" if workers > 1 else ""
        formula = (f"{batch:,} examples on {workers} machine{several}: {each:,} each, "
                   f"{duration(FIXED)} + {each:,} · {duration(PER_EXAMPLE)} = {duration(now[0])} of work.<br>")
        formula += "Nothing travels." if workers == 1 else (
            f"Everybody sends 2 · {workers - 1}/{workers} · {MESSAGE / 1e6:.2f} MB through {link}, "
            f"and waits {duration(now[1])} for it.")
        return formula, (
            f"A step on {batch:,} examples: one machine {duration(alone)}; {workers} machine{several}, {link}, "
            f"{duration(whole)}, of it {percent(waiting, 1)} waiting. {verdict} "
            f"With 64 machines it takes {duration(sums[-1])}.")


def seconds(workers, batch, link):
    """Work and waiting of a step, in seconds."""
    bandwidth, latency = LINKS[link]
    work = step_seconds(batch, workers, PER_EXAMPLE, FIXED, 0.0)
    return work, wire_seconds(MESSAGE, workers, bandwidth, latency) if workers > 1 else 0.0


def explore_machines(**settings):
    """Share a batch among machines, and see what the wire leaves of it. Settings, all optional:
    workers, batch, link.
    """
    return Share(**settings)
