"""The explorer of notebook 02: every squared error as the square it is, and the landscape that they make."""

import numpy as np

from helpers.data import tiny
from helpers.explorers.base import Explorer, Number, choice
from helpers.figures.style import BACKWARD, ERROR, FORWARD, canvas
from helpers.figures.surface import draw_contour, draw_squares, label_levels, minimum, move_squares
from helpers.figures.words import fitted, number

X, Y = tiny.line_X, tiny.line_Y
N, K = Y.shape
CONSTANTS = {"1/(2n), ours": ("1/(2n) ", 2 * N), "1, the sum": ("", 1), "½, half the sum": ("½ ", 2),
             "1/n, the mean": ("1/n ", N), "1/(nK), Keras": ("1/(nK) ", N * K)}
W_RANGE, B_RANGE = (-0.6, 2.2), (-1.2, 2.2)


class Squares(Explorer):
    """Slope and intercept under the finger: the squares on the left, the point in the bowl on the right."""

    formula_lines = 2

    def controls(self):
        return {"w": Number("w", 0.3, *W_RANGE), "b": Number("b", 0.9, *B_RANGE),
                "constant": choice("constant", list(CONSTANTS))}

    def build(self):
        figure, (left, right) = canvas(9.6, 4.6, columns=2)
        self.line, self.squares, self.errors, points = draw_squares(left, X, Y, 0, 0, reach=1.4)
        left.set(xlim=(-0.9, 4.3), ylim=(-0.6, 4.2))
        left.set_title(" ", fontsize=18)  # room for the words, which move
        drawn = draw_contour(right, X, Y, {}, W_RANGE, B_RANGE)
        right.set_title(" ", fontsize=18)
        self.best = minimum(X, Y)
        (self.point,) = right.plot([], [], "o", color=FORWARD, markersize=9, clip_on=False)
        style = {"ha": "left", "va": "bottom", "fontsize": 14, "color": ERROR}
        self.sum = left.text(0, 1.02, "", transform=left.transAxes, **style)
        self.loss = right.text(0, 1.02, "", transform=right.transAxes, **style)
        self.marks, self.levels = label_levels(right, drawn)
        self.moving = [*self.squares, self.line, *self.errors, points, *self.marks, self.point, self.sum,
                       self.loss]
        return figure

    def draw(self, w, b, constant):
        name, divisor = CONSTANTS[constant]
        error = Y - (w * X + b)
        areas = (error**2).ravel()
        total = float(areas.sum())
        L, grad = total / divisor, np.array([(error * X).sum(), error.sum()]) * -2 / divisor
        move_squares(self.line, self.squares, self.errors, X, Y, w, b)
        self.point.set_data([w], [b])
        ours = 2 * N / divisor
        for text, level, before in zip(self.marks, self.levels, ("L = ", "", "")):
            text.set_text(before + fitted(level * ours, 2))
        front = "" if divisor == 1 else f"1/{divisor} · "
        beyond = ", some beyond the edge" if not self.fit() else ""
        self.sum.set_text(f"areas together {fitted(total)}{beyond}")
        at_best = np.hypot(*([w, b] - self.best)) < 0.02
        self.loss.set_text(f"L = {front}{fitted(total)} = {fitted(L, 4)}" if front else f"L = {fitted(L, 4)}")
        self.drawn = {"loss": L, "grad": grad, "areas": areas, "levels": self.levels * ours}
        slopes = f"{fitted(grad[0])} to w, {fitted(grad[1])} to b"
        inside = " + ".join(fitted(area, 2) for area in areas)
        added = f"{front}({inside})" if front else inside
        same = ", with K = 1 the same as the mean" if "K" in name else ""
        formula = (f"L = {name}Σ (y − ŷ)² = {added} = <b style='color: {ERROR}'>{fitted(L, 4)}</b>{same}<br>"
                   f"<span style='color: {BACKWARD}'>Its slope: {slopes}</span>, both 0 at the star")
        place = "at the minimum" if at_best else "not at the minimum"
        alt = (f"Six points and the line with w = {number(w, 2)}, b = {number(b, 2)}; the squares have areas "
               f"{inside.replace(' + ', ', ')}{beyond}. With the constant {constant} the loss is {fitted(L, 4)}, its slope "
               f"{slopes}, {place}.")
        return formula, alt

    def fit(self):
        """Whether every square lies within the picture."""
        ax = self.line.axes
        (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
        return all(left <= s.get_x() and s.get_x() + s.get_width() <= right and low <= s.get_y() and
                   s.get_y() + s.get_height() <= high for s in self.squares)


def explore_squares(**settings):
    """Move the line and watch its squares. Settings, all optional: w, b, constant."""
    return Squares(**settings)
