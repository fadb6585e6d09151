"""Words that change at every event, set from letters that are drawn once: several times as fast as a new layout."""

import math

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text


class Letters:
    """Draws matplotlib's texts where matplotlib would, to about a pixel, and leaves to it all but plain lines."""

    def __init__(self, canvas):
        self.canvas, self.fonts = canvas, {}

    def draw(self, text):
        """Draw a text onto the canvas."""
        words, renderer = text.get_text(), self.canvas.get_renderer()
        if type(text) is not Text or set("\n$") & set(words) or text.get_rotation() or text.get_alpha() is not None:
            return text.draw(renderer)
        if not words or not text.get_visible():
            return
        style = hash(text.get_fontproperties()), text.get_verticalalignment()
        if style not in self.fonts:
            self.fonts[style] = Font(text, self.canvas.figure.dpi)
        font = self.fonts[style]
        ink, width = font.line(words)
        x, y = text.get_transform().transform(text.get_position())
        x -= font.margin + {"left": 0, "center": 0.5, "right": 1}[text.get_horizontalalignment()] * width
        renderer.draw_image(renderer.new_gc(), round(x), round(y + font.rise) + font.low, coloured(ink, text))


class Font:
    """The letters of a text's font, each an image made when it is first met."""

    def __init__(self, text, dpi):
        self.scratch = FigureCanvasAgg(Figure(figsize=(2, 2), dpi=dpi))  # room for one letter in its middle
        self.scratch.figure.patch.set_alpha(0)
        self.properties, self.middle, self.known = text.get_fontproperties().copy(), dpi, {}
        self.margin = math.ceil(text.get_fontsize() * dpi / 72 / 5)
        # From the text's position to the line that the letters stand on, and how far they reach below it and above.
        self.rise = self.extent("x", text.get_verticalalignment()).y0 - self.extent("x").y0
        tallest = self.extent("(ŷ")
        self.low = math.floor(tallest.y0) - self.middle - self.margin
        self.high = math.ceil(tallest.y1) - self.middle + self.margin

    def extent(self, words, va="baseline"):
        """Where words go, drawn onto the scratch canvas."""
        style = {"transform": None, "va": va, "fontproperties": self.properties}
        text = self.scratch.figure.text(self.middle, self.middle, words, **style)
        self.scratch.draw()
        extent = text.get_window_extent()
        text.remove()
        return extent

    def letter(self, letter):
        """The ink of a letter, 0 to 255, with a margin all round, and how far the pen moves on."""
        if letter not in self.known:
            width = self.extent(letter).width
            rows = slice(self.middle + self.low, self.middle + self.high)
            columns = slice(self.middle - self.margin, self.middle + math.ceil(width) + self.margin)
            self.known[letter] = np.asarray(self.scratch.buffer_rgba())[::-1][rows, columns, 3].copy(), width
        return self.known[letter]

    def line(self, words):
        """The ink of a line of words, from below, and its width."""
        letters = [self.letter(letter) for letter in words]
        pens = np.cumsum([0, *(width for _, width in letters)])
        ink = np.zeros((self.high - self.low, math.ceil(pens[-1]) + 2 * self.margin), np.uint8)
        for (image, _), pen in zip(letters, pens):
            place = ink[:, round(pen) : round(pen) + image.shape[1]]
            np.maximum(place, image[:, : place.shape[1]], out=place)
        return ink, pens[-1]


def coloured(ink, text):
    """Ink as an image (rows, columns, 4): in the text's colour, on the paper of its box where it has one."""
    box, colour = text.get_bbox_patch(), np.array(to_rgb(text.get_color()))
    image = np.empty((*ink.shape, 4), np.uint8)
    image[..., :3], image[..., 3] = 255 * colour, ink
    if box is not None:
        share = ink[..., None] / 255
        image[..., :3], image[..., 3] = 255 * (share * colour + (1 - share) * to_rgb(box.get_facecolor())), 255
    return image
