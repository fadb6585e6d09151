"""The explorer of notebook 10: say how long it takes, then let the machine answer."""

import functools
import time

import ipywidgets as widgets
import numpy as np

from helpers.topics import speed
from helpers.explorers.base import SIZES, Explorer, Number, choice
from helpers.figures.style import ERROR, FAINT, FORWARD, INK, TARGET, canvas
from helpers.figures.words import duration, prefixed, two_digits
from helpers.parameters import he

VERSIONS = {"pure Python": (speed.in_loops, np.float64), "NumPy, one by one": (speed.one_by_one, np.float64),
            "NumPy, batch": (speed.batched, np.float64), "batch, float32": (speed.batched, np.float32)}
BATCHES = [1, 4, 16, 64, 256, 1024]
LOW, HIGH = 1e-4, 1e5
LANDMARKS = {"a flash": 1e-3, "a blink": 0.2, "a breath": 4, "a coffee": 300, "a night's sleep": 28_800}
PATIENCE = 0.3  # seconds: what takes longer is measured on fewer examples, and the rest is reckoned
CLOSE = 2  # a guess within this factor is a good one


class Guess(Explorer):
    """A guess on a time scale, and beside it the time that was measured, as soon as somebody asks for it."""

    formula_lines = 2

    def controls(self):
        return {"version": choice("version", list(VERSIONS)), "batch": choice("batch", BATCHES, 64),
                "examples": Number("examples", 60_000, 1, 1_000_000, log=True, step=1),
                "guess": Number("your guess, s", 1.0, LOW, HIGH, log=True, step=0.001)}

    def __init__(self, **settings):
        self.found, self.asked, self.errors = None, None, []
        super().__init__(**settings)
        button = widgets.Button(description="Measure", button_style="primary", tooltip="Run it here and now", layout={"width": "8em"})
        button.on_click(lambda _: self.measure())
        self.children[0].children = (*self.children[0].children[:-1], button, self.children[0].children[-1])

    def set(self, **settings):
        """Set controls by name, then draw once; back to the start (Reset), all errors are forgotten too."""
        if settings == self.defaults:
            self.errors, self.asked = [], None
        super().set(**settings)

    def build(self):
        figure, ax = canvas(9.6, 3.3)
        ax.set(xscale="log", xlim=(LOW, HIGH), ylim=(0, 1), yticks=[])
        ax.set_title(" ", fontsize=20)  # room for the verdict, which moves
        ticks = [1e-3, 1e-2, 0.1, 1, 10, 60, 600, 3600, 36_000]
        ax.set_xticks(ticks, ["1 ms", "10 ms", "0.1 s", "1 s", "10 s", "1 min", "10 min", "1 h", "10 h"], fontsize=12)
        ax.minorticks_off()
        ax.spines["left"].set_visible(False)
        for name, at in LANDMARKS.items():
            ax.axvline(at, color=FAINT, linewidth=0.8, linestyle=(0, (1, 3)), zorder=0)
            ax.text(at, 0.03, f" {name}", color="#6A6A6A", fontsize=11, va="bottom", ha="left")
        (self.bar,) = ax.plot([], [], color=ERROR, linewidth=6, alpha=0.5, solid_capstyle="butt")
        (self.mine,) = ax.plot([], [], "v", color=FORWARD, markersize=15, clip_on=False)
        (self.truth,) = ax.plot([], [], "D", color=TARGET, markersize=12, clip_on=False)
        style = {"fontsize": 13.5, "ha": "center"}
        self.mine_words = ax.text(1, 0.79, "", color=FORWARD, va="bottom", **style)
        self.truth_words = ax.text(1, 0.41, "", color=TARGET, va="top", **style)
        self.verdict = ax.text(0, 1.03, "", transform=ax.transAxes, fontsize=14, ha="left", va="bottom", color=INK)
        self.moving = [self.bar, self.mine, self.truth, self.mine_words, self.truth_words, self.verdict]
        for artist in self.moving:
            artist.set_in_layout(False)
        return figure

    def draw(self, version, batch, examples, guess):
        question = version, batch, round(examples)
        if self.asked != (*question, guess):
            self.found, self.asked = None, (*question, guess)
        count = cost(*question)
        self.mine.set_data([guess], [0.7])
        self.mine_words.set(text=f"you: {duration(guess)}", x=inside(guess))
        shown = self.found is not None
        for artist in (self.bar, self.truth, self.truth_words):
            artist.set_visible(shown)
        work = (f"{question[2]:,} examples, {version}, {batch} at a time: {prefixed(count['flops'])}flop, and {prefixed(count['bytes'])}byte "
                f"read and written")
        self.drawn = {"guess": guess, "measured": None, "error": None, "errors": list(self.errors), **count}
        if not shown:
            self.verdict.set(text="Set your guess, then press Measure.", color=INK)
            return f"{work}.<br>{self.past()}", f"{work}. Your guess stands at {duration(guess)}; nothing has been measured yet."
        taken, tried = self.found
        error = max(guess / taken, taken / guess)
        self.truth.set_data([min(max(taken, LOW), HIGH)], [0.5])
        self.truth_words.set(text=f"measured: {duration(taken)}", x=inside(taken))
        self.bar.set_data([guess, taken], [0.6, 0.6])
        side = "too long" if guess > taken else "too short"
        words = f"Within a factor of {CLOSE}: well guessed." if error <= CLOSE else f"Your guess was {two_digits(error)} times {side}."
        self.verdict.set(text=words, color=TARGET if error <= CLOSE else ERROR)
        self.drawn |= {"measured": taken, "error": error, "tried": tried}
        part = "" if tried >= question[2] else f" Measured on {tried:,} of them, the rest reckoned from that."
        rate = f"{prefixed(count['flops'] / taken)}flop/s"
        return f"{work}, in {duration(taken)}: <b>{rate}</b>.<br>{part} {self.past()}", f"{work}. You guessed {duration(guess)}, measured were {duration(taken)}, {rate}. {words}{part}"

    def past(self):
        """How far off the guesses were so far."""
        return "Your errors so far, as factors: " + ", ".join(two_digits(e) for e in self.errors[-8:]) if self.errors else "No guess has been measured yet."

    def measure(self, run=None):
        """Measure what the controls say, and show it beside the guess.   run(version, batch, examples) → (seconds, examples tried)."""
        version, batch, examples, guess = self.values.values()
        seconds, tried = (run or timed)(version, batch, round(examples))
        self.found, self.asked = (seconds, tried), (version, batch, round(examples), guess)
        self.errors = [*self.errors, max(guess / seconds, seconds / guess)]
        self.redraw()


def inside(seconds):
    """Where words about this time still fit into the picture."""
    return min(max(seconds, LOW * 8), HIGH / 8)


@functools.lru_cache(maxsize=4)
def problem(dtype):
    """θ, X and Y to work on: noise does, because no version is faster on one picture than on another."""
    rng = np.random.default_rng(0)
    X, Y = rng.random((max(BATCHES), SIZES[0])), np.eye(SIZES[-1])[rng.integers(0, SIZES[-1], max(BATCHES))]
    return he(SIZES, rng, dtype), X.astype(dtype), Y.astype(dtype)


@functools.lru_cache(maxsize=256)
def batch_cost(version, n):
    """Counted flop and byte of one gradient over n examples."""
    gradient, dtype = VERSIONS[version]
    if gradient is speed.in_loops:
        return speed.flops(SIZES, n), speed.list_bytes(SIZES, n)
    at_one, at_two = (speed.books(gradient, theta, SIZES, X[:k], Y[:k]) for k in (1, 2) for theta, X, Y in [problem(dtype)])
    # Both grow by the same amount with every example, so two small counts give all of them.
    return tuple(at_one[key] + (n - 1) * (at_two[key] - at_one[key]) for key in ("flops", "bytes"))


def cost(version, batch, examples):
    """Counted flop and byte of all examples: full batches, and the rest in a smaller one."""
    full, rest = divmod(examples, batch)
    parts = [(full, batch_cost(version, batch))] + ([(1, batch_cost(version, rest))] if rest else [])
    return {key: sum(times * pair[i] for times, pair in parts) for i, key in enumerate(("flops", "bytes"))}


def timed(version, batch, examples):
    """Seconds for gradients over this many examples, and on how many of them that was measured."""
    gradient, dtype = VERSIONS[version]
    theta, X, Y = problem(dtype)
    n = min(batch, examples, 4 if gradient is speed.in_loops else batch)
    if gradient is not speed.in_loops:
        gradient(theta, SIZES, X[:n], Y[:n])  # the first run finds cold caches
    done, start = 0, time.perf_counter()
    while done < examples and (done == 0 or time.perf_counter() - start < PATIENCE):
        k = min(n, examples - done)
        gradient(theta, SIZES, X[:k], Y[:k])
        done += k
    return (time.perf_counter() - start) * examples / done, done


def explore_time(**settings):
    """Guess how long a gradient over many examples takes, then measure. Settings, all optional: version, batch, examples, guess."""
    return Guess(**settings)
