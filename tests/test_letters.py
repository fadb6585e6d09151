"""The quick way to a picture gives the picture of the slow way: letters as matplotlib sets them, pixels as they are."""

import io

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from helpers.explorers.base import encoded
from helpers.explorers.letters import Letters


def both(words, **style):
    """The ink (rows, columns) of a text as Letters draw it, and as matplotlib does."""
    inks = []
    for quick in (True, False):
        canvas = FigureCanvasAgg(Figure(figsize=(4, 1), dpi=125))
        text = canvas.figure.text(0.5, 0.5, words, **style)
        text.set_animated(True)
        canvas.draw()
        Letters(canvas).draw(text) if quick else text.draw(canvas.get_renderer())
        inks.append(255 - np.asarray(canvas.buffer_rgba())[..., :3].min(axis=-1).astype(int))
    return inks


def centre(ink):
    return [(ink.sum(axis=1 - axis) * np.arange(ink.shape[axis])).sum() / ink.sum() for axis in (0, 1)]


@pytest.mark.parametrize("va", ["center", "baseline", "bottom", "top"])
@pytest.mark.parametrize("ha", ["left", "center", "right"])
@pytest.mark.parametrize("words", ["z = −0.589", "dŷ = 12.30", "σ′(z) · da = 1 · (−0.4)"])
def test_words_stand_where_matplotlib_puts_them(words, ha, va):
    for style in ({}, {"fontweight": "bold", "fontsize": 11.5}, {"fontstyle": "italic"}):
        quick, slow = both(words, ha=ha, va=va, **style)
        assert np.abs(np.subtract(centre(quick), centre(slow))).max() < 1.0
        assert np.isclose(quick.sum(), slow.sum(), rtol=0.03), "as much ink"


def test_colour_and_paper():
    for box in (None, {"facecolor": "yellow", "edgecolor": "none", "pad": 1}):
        canvas = FigureCanvasAgg(Figure(figsize=(2, 1), dpi=100, facecolor="black"))
        text = canvas.figure.text(0.5, 0.5, "█", color="#D55E00", fontsize=30, ha="center", va="center", bbox=box)
        text.set_animated(True)
        canvas.draw()
        Letters(canvas).draw(text)
        colours = {tuple(map(int, pixel)) for row in np.asarray(canvas.buffer_rgba())[..., :3] for pixel in row}
        assert (0xD5, 0x5E, 0) in colours and (0, 0, 0) in colours and ((255, 255, 0) in colours) == bool(box)


@pytest.mark.parametrize("style", [{"rotation": 90}, {"alpha": 0.5}, {"s": "$x^2$"}, {"s": "two\nlines"}, {"s": ""}, {"visible": False}])
def test_what_is_not_plain_is_matplotlibs_own(style):
    quick, slow = both(**({"words": style["s"]} if "s" in style else {"words": "z = 1"} | style))
    assert np.array_equal(quick, slow)


def test_pixels_come_back_as_they_were():
    for shape in ((1, 1, 4), (7, 5, 4), (300, 401, 4)):
        pixels = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
        image = Image.open(io.BytesIO(encoded(pixels)))
        image.verify()
        assert np.array_equal(Image.open(io.BytesIO(encoded(pixels))), pixels[..., :3])
