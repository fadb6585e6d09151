"""How every picture looks, and the Picture that a figure function returns."""

import base64
import contextlib
import html
import io
import threading

import numpy as np
from matplotlib import rc_context, rcParamsDefault
from matplotlib.figure import Figure
from PIL import Image

# One colour for one idea, from the Okabe-Ito palette, which colour-blind eyes tell apart.
FORWARD = "#0072B2"  # blue: what flows forward (A, Z, Ŷ)
BACKWARD = "#C25500"  # the palette's vermilion, darkened: what flows back (dA, dZ, dW, db)
TARGET = "#008560"  # the palette's green, darkened: the target Y, the true value, the minimum
ERROR = "#A8457F"  # the palette's pink, darkened: the error and the loss
WEIGHTS = "#6F5100"  # the palette's orange, darkened most, so that no eye takes it for what flows back: W, b and θ
INK = "#222222"
FAINT = "#757575"
PAPER = "#FFFFFF"

# Curves of one picture are told apart three times: by colour, by line and by mark.
COLOURS = [FORWARD, BACKWARD, TARGET, ERROR, WEIGHTS, INK]
LINES = ["-", "--", "-.", ":", (0, (6, 1, 1, 1, 1, 1)), (0, (8, 2))]
MARKERS = "osD^vP"

RC = {key: value for key, value in rcParamsDefault.items() if not key.startswith(("backend", "interactive"))} | {
    "font.size": 12,
    "font.family": "DejaVu Sans",  # ships with matplotlib: the same letters on every machine
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.titlesize": 13,
    "axes.titlelocation": "left",
    "axes.grid": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "lines.linewidth": 2.2,
    "figure.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "mathtext.fontset": "dejavusans",
}


def looks(first=None, without=None):
    """(colour, line, marker) of every curve in a picture; `first` comes first, `without` is taken by something else."""
    colours = sorted((colour for colour in COLOURS if colour != without), key=lambda colour: colour != first)
    return list(zip(colours, LINES, MARKERS))


TURN = threading.RLock()  # Matplotlib's settings belong to all threads, so only one may change them at a time


@contextlib.contextmanager
def ours():
    """Around all that makes or draws a picture: whatever style or NumPy errors the reader has chosen, it is ours."""
    with TURN, rc_context(RC), np.errstate(divide="warn", over="warn", under="ignore", invalid="warn"):
        yield


def canvas(width=9.0, height=4.0, columns=1, rows=1, **grid):
    """A figure in the series' style and its axes, one or an array of them. Sizes in inches, 100 pixels each."""
    with ours():
        figure = Figure(figsize=(width, height), dpi=100, layout="constrained")
        return figure, figure.subplots(rows, columns, **grid)


class Picture:
    """A finished figure: what it shows in words (`alt`), and what it drew in numbers (`drawn`).

    As the last line of a cell it displays itself, as an image that a screen reader can read out.
    """

    def __init__(self, figure, alt, **drawn):
        self.figure, self.alt, self.drawn = figure, alt, drawn

    def png(self, dpi=150):
        """The picture as PNG bytes."""
        buffer = io.BytesIO()
        with ours():
            self.figure.savefig(buffer, dpi=dpi, format="png")
        return small(buffer.getvalue())

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/html": image(self.png(), self.alt, self.figure), "text/plain": self.alt}


def small(png):
    """The same PNG with 128 colours, a third of the bytes: notebooks carry their pictures."""
    buffer = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").quantize(128, dither=Image.Dither.NONE).save(buffer, "png")
    return buffer.getvalue()


def image(png, alt, figure):
    """The <img> of a PNG, as wide as the figure at 100 pixels an inch, never wider than its window."""
    width = round(figure.get_figwidth() * 100)
    source = "data:image/png;base64," + base64.b64encode(png).decode()
    return f'<img alt="{html.escape(alt)}" width="{width}" style="max-width: 100%; height: auto" src="{source}">'
