"""The explorer of notebook 08: a stethoscope for backward passes."""

import re

import numpy as np

from helpers.activations import relu, sigmoid, softmax
from helpers.checks.contracts import unchecked
from helpers.explorers.base import Explorer, Number, choice
from helpers.figures.style import BACKWARD, INK, PAPER, TARGET, canvas
from helpers.figures.words import power, rounded
from helpers.gradcheck import SICK, compare, diagnose, numerical_gradient
from helpers.losses import mse
from helpers.network import backward, forward
from helpers.parameters import glorot, layers, size
from helpers.topics.patients import PATIENTS, gradient_by

SIZES, ACTIVATIONS, EXAMPLES = [4, 5, 5, 3], [relu, sigmoid, softmax], 16
ARRAYS = ["dW1", "db1", "dW2", "db2", "dW3", "db3"]
PROGRAMS = {"nobody: the right program": backward} | PATIENTS
LOW = 1e-12


class Stethoscope(Explorer):
    """Pick a patient, an array and ε: the ratio of its gradient to the measured one, entry by entry, and a verdict."""

    formula_lines = 3

    def controls(self):
        return {
            "patient": choice("patient", list(PROGRAMS), "biases averaged"),
            "array": choice("array", ARRAYS, "db2"),
            "epsilon": Number("ε", 1e-6, 1e-13, 1e-1, step=1e-7, log=True),
        }

    def build(self):
        rng = np.random.default_rng(4)
        self.X = rng.normal(size=(EXAMPLES, SIZES[0]))
        self.Y = np.eye(SIZES[-1])[rng.integers(SIZES[-1], size=EXAMPLES)]
        self.theta = glorot(SIZES, rng) + 0.3 * rng.normal(size=size(SIZES))
        self.right = gradient_by(backward, self.theta, SIZES, ACTIVATIONS, self.X, self.Y)
        self.measured = None, None  # ε and the slopes measured with it
        figure, (left, right) = canvas(9.6, 4.2, columns=2, width_ratios=[1, 1.15])
        self.cells = left.imshow(np.zeros((5, 5)), cmap="PuOr_r", vmin=-1, vmax=1)
        left.axis("off")
        left.set_title("ratio: its slope ÷ the measured one", fontsize=13)
        self.numbers = [left.text(j, i, "", ha="center", va="center", fontsize=12) for i in range(5) for j in range(5)]
        right.axvspan(LOW / 10, SICK, color=TARGET, alpha=0.12, linewidth=0)
        right.set(xscale="log", xlim=(LOW, 3), ylim=(5.6, -0.6), yticks=range(6), yticklabels=ARRAYS,
                  xlabel="relative error")
        right.set_title("every array: right below 10⁻⁷", fontsize=13)
        right.tick_params(axis="y", length=0, labelsize=12)
        self.bars = right.barh(range(6), np.full(6, LOW), left=LOW / 10, height=0.62)
        self.mark = right.text(LOW, 0, "◀", va="center", fontsize=13, color=INK)
        self.moving = [self.cells, *self.numbers, *self.bars, self.mark]
        return figure

    def loss(self, theta):
        """The MSE of the sixteen examples at θ."""
        # 146 times for one picture, of what was checked before: unchecked, the picture takes 0.8 of the time.
        return unchecked(mse)(unchecked(forward)(unchecked(layers)(theta, SIZES, ACTIVATIONS), self.X)[0], self.Y)

    def draw(self, patient, array, epsilon):
        if epsilon != self.measured[0]:
            self.measured = epsilon, numerical_gradient(self.loss, self.theta, epsilon)
        theirs = self.measured[1]
        ours = gradient_by(PROGRAMS[patient], self.theta, SIZES, ACTIVATIONS, self.X, self.Y)
        ours[np.abs(ours) < 1e-12 * np.abs(theirs).max()] = 0  # the rounding of a sum that is 0
        errors = compare(ours, theirs, SIZES)
        quantities = {"the number of examples": EXAMPLES, "the number of outputs": SIZES[-1]}
        ratio, verdict = diagnose(ours, theirs, SIZES, quantities)[array]
        verdict = verdict.replace("you have", "it has").replace("wanted", "measured")
        if (patient, array) == ("one sum for all biases", "db3"):
            verdict += ", because each row of softmax's dZ sums to 0"
        self.show_ratio(np.atleast_2d(ratio))
        for bar, name in zip(self.bars, ARRAYS):
            bar.set(width=max(errors[name], LOW), color=BACKWARD if errors[name] > SICK else TARGET,
                    alpha=1.0 if name == array else 0.45)
        self.mark.set_position((min(max(errors[array], LOW) * 1.3, 1.4), ARRAYS.index(array)))
        sick = [name for name, error in errors.items() if error > SICK]
        # Where even the right program differs from what is measured, the patient is not to blame.
        coarse = max(compare(self.right, theirs, SIZES).values()) > SICK
        self.drawn = {"ratio": ratio, "errors": errors, "sick": sick, "verdict": verdict, "coarse": coarse}
        listed = f"{'Off the measurement' if coarse else 'Sick arrays'}: {', '.join(sick) or 'none'}."
        doubt = f" ε = {power(epsilon)} measures badly: even the right program is off, so change ε first." if coarse else ""
        words = re.sub(r"-(?=\d)", "−", f"{array} of “{patient}”: {verdict}. {listed}{doubt}")
        slope = f"slope ≈ (L(θ + ε eⱼ) − L(θ − ε eⱼ)) / 2ε with ε = {power(epsilon)}"
        return f"{slope}<br>{words}", words

    def show_ratio(self, ratio):
        """The heat map, with its number in every cell that there is."""
        shown = np.full((5, 5), np.nan)
        shown[: ratio.shape[0], : ratio.shape[1]] = ratio
        self.cells.set_data(np.ma.masked_invalid(np.clip(shown - 1, -1, 1)))
        for text, value in zip(self.numbers, shown.ravel()):
            here = np.isfinite(value)
            text.set(text=rounded(value) if here and abs(value) < 100 else f"{value:.0e}" if here else "",
                     color=PAPER if here and abs(value - 1) > 0.6 else INK)


def explore_patients(**settings):
    """Listen to a backward pass. Settings, all optional: patient, array, epsilon."""
    return Stethoscope(**settings)
