"""The explorer of notebook 02: every squared error as the square it is, and the landscape that they make."""

import numpy as np
from matplotlib.patches import Rectangle

from helpers import tiny
from helpers.explorers.base import Explorer, Number, choice
from helpers.figures.style import BACKWARD, ERROR, FORWARD, TARGET, canvas
from helpers.figures.surface import draw_contour, minimum

X, Y = tiny.line_X, tiny.line_Y
N, K = Y.shape
CONSTANTS = {"1/(2n), ours": ("1/(2n)", 1 / (2 * N)), "1, the sum": ("", 1.0), "½, half the sum": ("½ ", 0.5),
             "1/n, the mean": ("1/n ", 1 / N), "1/(nK), Keras": ("1/(nK) ", 1 / (N * K))}
W_RANGE, B_RANGE = (-0.6, 2.2), (-1.2, 2.2)


class Squares(Explorer):
    """Slope and intercept under the finger: the squares on the left, the point in the bowl on the right."""

    def controls(self):
        return {"w": Number("w", 0.3, *W_RANGE), "b": Number("b", 0.9, *B_RANGE), "constant": choice("constant", list(CONSTANTS))}

    def build(self):
        figure, (left, right) = canvas(9.6, 4.4, columns=2)
        left.set(xlabel="x", ylabel="y", xlim=(-0.9, 4.3), ylim=(-0.6, 4.2), aspect="equal")
        self.squares = [left.add_patch(Rectangle((0, 0), 0, 0, facecolor=ERROR, edgecolor=ERROR, alpha=0.3)) for _ in X]
        self.errors = [left.plot([], [], color=ERROR, linewidth=1.6)[0] for _ in X]
        (self.line,) = left.plot([], [], color=FORWARD)
        (self.dots,) = left.plot(X.ravel(), Y.ravel(), "o", color=TARGET, markersize=8)
        draw_contour(right, X, Y, {}, np.linspace(*W_RANGE, 113), np.linspace(*B_RANGE, 137))
        (self.downhill,) = right.plot([], [], color=BACKWARD, linewidth=2)
        (self.point,) = right.plot([], [], "o", color=FORWARD, markersize=11)
        self.words = right.text(0.97, 0.96, "", transform=right.transAxes, ha="right", va="top", fontsize=14, color=ERROR)
        self.best = minimum(X, Y)
        self.moving = [*self.squares, *self.errors, self.line, self.dots, self.downhill, self.point, self.words]
        return figure

    def draw(self, w, b, constant):
        name, c = CONSTANTS[constant]
        error = Y - (w * X + b)
        L = c * float((error**2).sum())
        grad = np.array([-2 * c * float((error * X).sum()), -2 * c * float(error.sum())])
        for square, line, (x, y), e in zip(self.squares, self.errors, np.hstack([X, Y]), error.ravel()):
            side = abs(e)
            square.set_bounds(x - (side if e > 0 else 0), min(y, y - e), side, side)
            line.set_data([x, x], [y, y - e])
        ends = np.array([-0.9, 4.3])
        self.line.set_data(ends, w * ends + b)
        self.point.set_data([w], [b])
        step = grad / (2 * c * N) * 0.5  # one and the same arrow, whatever the constant
        self.downhill.set_data([w, w - step[0]], [b, b - step[1]])
        self.words.set_text(f"L = {L:.3f}")
        alpha = 0.1 / (2 * N * c)
        self.drawn = {"loss": L, "grad": grad, "areas": (error**2).ravel(), "alpha": alpha}
        at_best = np.hypot(w - self.best[0], b - self.best[1]) < 0.02
        formula = (f"L = {name} Σ (y − ŷ)² = <span style='color: {ERROR}'>{L:.4f}</span>, "
                   f"<span style='color: {BACKWARD}'>∇L = ({grad[0]:.3f}, {grad[1]:.3f})</span>, "
                   f"and α = {alpha:.4g} takes the step that α = 0.1 takes with ours")
        alt = f"w = {w:.2f}, b = {b:.2f}: loss {L:.3f}, gradient ({grad[0]:.2f}, {grad[1]:.2f}), {'at the minimum' if at_best else 'not at the minimum'}."
        return formula, alt


def explore_squares(**settings):
    """Move the line and watch its squares. Settings, all optional: w, b, constant."""
    return Squares(**settings)
