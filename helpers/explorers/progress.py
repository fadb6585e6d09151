"""What a training does while it runs: one picture, brought up to date a few times a second."""

import time

import ipywidgets as widgets
import numpy as np
from IPython.display import display
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator

from helpers.checks.contracts import count, takes
from helpers.explorers.base import Stage
from helpers.figures.style import ERROR, FAINT, FORWARD, INK, canvas, image, ours
from helpers.figures.words import percent

STILL = "While this cell runs, its progress bar and its curves stand here."
POINTS = 200  # on the curve of the loss, once the training is complete


@takes(steps=count, epochs=count)
def watch(training, steps, epochs, accuracies=(), seconds=0.2):
    """Pass on every (epoch, step, L) of `training`, and show how far it is: the bar, the loss, the accuracies.

    steps: of all epochs together. accuracies: a list that your loop appends to. seconds: between pictures, at least.
    Where you interrupt the cell or leave the loop, the last picture says at which step.
    """
    return watched(training, Progress(steps, epochs), accuracies, seconds)


def watched(training, progress, accuracies, seconds):
    """The generator behind `watch`, on a Progress of your own."""
    progress.show()
    display(progress)
    due = time.perf_counter() + seconds
    try:
        for epoch, step, L in training:
            progress.epoch = epoch
            progress.losses.append(L)
            yield epoch, step, L
            progress.note(accuracies)
            if (now := time.perf_counter()) >= due:
                progress.show()
                # A slow machine gets fewer pictures, so that drawing takes a tenth of the time at most.
                due = now + max(seconds, 10 * (time.perf_counter() - now))
    finally:
        progress.note(accuracies)
        progress.show(running=False)


class Progress(widgets.HTML):
    """The picture: the losses of all steps, the accuracies with the steps they were seen at, and `alt` in words."""

    def __init__(self, steps, epochs):
        super().__init__()
        self.steps, self.epochs, self.epoch = steps, epochs, 0
        self.losses, self.accuracies, self.alt = [], [], ""
        self.block, self.decades = max(1, steps // POINTS), (-2.0, 0.5)  # most losses begin and end in these
        self.figure, (left, right) = canvas(9.6, 3.4, columns=2)
        self.figure.set_layout_engine("none")  # places are fixed, so that nothing jumps and nothing is computed anew
        with ours():
            self.build(self.figure.add_axes((0.01, 0.86, 0.98, 0.045)), left, right)
            self.stage, self.limits = Stage(self.figure, self.moving), None

    def build(self, top, left, right):
        """The axes, and the artists that move."""
        left.set_position((0.075, 0.15, 0.4, 0.56))
        right.set_position((0.565, 0.15, 0.4, 0.56))
        top.set(xlim=(0, self.steps), ylim=(0, 1), xticks=[], yticks=[])
        top.spines[:].set_visible(False)
        self.bar = top.add_patch(Rectangle((0, 0), 0, 1, facecolor=FORWARD))
        top.add_patch(Rectangle((0, 0), self.steps, 1, facecolor="none", edgecolor=FAINT, clip_on=False))
        self.words = top.text(0, 1.5, "", fontsize=13, color=INK)
        mean = f", mean of {self.block} steps" if self.block > 1 else ""
        left.set(xlabel="step", title="loss" + mean, yscale="log", xlim=(0, self.steps))
        left.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        left.yaxis.set_minor_locator(NullLocator())
        right.set(xlabel="step", title="validation accuracy, %", xlim=(0, self.steps), ylim=(0, 100))
        for axis in (left.xaxis, right.xaxis):
            axis.set_major_locator(MaxNLocator(5, integer=True))
            axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
        (self.curve,) = left.plot([], [], color=ERROR, linewidth=1.6)
        (self.dots,) = right.plot([], [], "o-", color=FORWARD, clip_on=False)
        self.left, self.right, self.moving = left, right, [self.bar, self.words, self.curve, self.dots]

    def note(self, accuracies):
        """Take over what is new in the list, as seen after the latest step."""
        self.accuracies += [(len(self.losses), float(share)) for share in accuracies[len(self.accuracies) :]]

    def show(self, running=True):
        """Bring the picture and its words in line with the training."""
        step = len(self.losses)
        self.bar.set_width(min(step, self.steps))
        self.curve.set_data(*self.smooth())
        self.dots.set_data([at for at, _ in self.accuracies], [100 * share for _, share in self.accuracies])
        self.alt = self.describe(step, running)
        self.words.set_text(self.alt)
        self.value = image(self.png(), self.alt, self.figure)

    def smooth(self):
        """The mean loss of every full block of steps, and the step it ends at; before the first block each step."""
        full = len(self.losses) // self.block
        size = self.block if full else 1
        losses = np.array(self.losses[: full * size] if full else self.losses, float)
        return size * np.arange(1, len(losses) // size + 1), losses.reshape(-1, size).mean(axis=1)

    def describe(self, step, running):
        """The state in a line: epoch, step, loss, accuracy."""
        state = "" if running else "complete: " if step == self.steps else "stopped: "
        parts = [f"{state}epoch {self.epoch} of {self.epochs}", f"step {step:,} of {self.steps:,}"]
        if step:
            parts.append(f"loss {np.mean(self.losses[-self.block:]):.2g}")
        if self.accuracies:
            parts.append(f"validation accuracy {percent(self.accuracies[-1][1], 1)}")
        return ", ".join(parts)

    def scales(self):
        """The limits of both upright axes: half decades around all losses so far, 5 % steps below the accuracies."""
        losses = self.curve.get_ydata()
        losses = losses[np.isfinite(losses) & (losses > 0)]
        if len(losses):
            low, high = np.floor(2 * np.log10(losses.min())) / 2, np.ceil(2 * np.log10(losses.max())) / 2
            self.decades = min(low, self.decades[0]), max(high, self.decades[1])
        share = min((share for _, share in self.accuracies), default=0.0)
        return *(10**exponent for exponent in self.decades), 5 * np.floor(20 * share * 0.999), 100

    def png(self):
        """The picture as PNG bytes; where a scale has changed, what stands still is drawn again too."""
        limits = self.scales()
        if limits != self.limits:
            self.left.set_ylim(*limits[:2])
            self.right.set_ylim(*limits[2:])
            self.limits, self.stage.background = limits, None
        return self.stage.png()

    def __repr__(self):
        return STILL

    def _repr_mimebundle_(self, **kwargs):
        return dict(super()._repr_mimebundle_(**kwargs)) | {"text/html": f"<p>{STILL}</p>", "text/plain": STILL}
