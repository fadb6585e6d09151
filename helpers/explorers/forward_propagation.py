"""The explorer of notebook 01: turn any knob of the tiny network, and watch every number follow."""

import numpy as np
from contourpy import contour_generator
from matplotlib.collections import LineCollection
from matplotlib.colors import BoundaryNorm

from helpers.data import tiny
from helpers.activations import identity
from helpers.explorers.base import ACTIVATIONS, Explorer, Number, choice
from helpers.figures.graph import Graph, called, pitch, size
from helpers.figures.style import INK, PAPER, TARGET, canvas
from helpers.figures.words import bracket, fitted, number
from helpers.losses import mse
from helpers.network import forward
from helpers.parameters import layers

# In the order of θ, each with its place in the arrays.
KNOBS = {called(place): place for place in ("W1[0,0]", "W1[0,1]", "W1[1,0]", "W1[1,1]", "b1[0]", "b1[1]", "W2[0,0]", "W2[1,0]", "b2[0]")}
NAMES = list(KNOBS)
REACH, POINTS, BORDER = 3.0, 61, 0.5
BANDS = np.linspace(-0.5, 1.5, 17)


class Knobs(Explorer):
    """A list to choose a knob from, a slider to turn it; the graph on the left, ŷ for all inputs on the right."""

    formula_lines = 2

    def __init__(self, **settings):
        self.theta, self.held = tiny.network()[0], NAMES[0]
        super().__init__(**settings)
        self.opened = self.theta.copy()

    def controls(self):
        return {
            "knob": choice("knob", NAMES),
            "value": Number("value", float(self.theta[0]), -4.0, 4.0, step=0.05),
            "x1": Number("x₁", 1.0, -REACH, REACH, step=0.1),
            "x2": Number("x₂", 2.0, -REACH, REACH, step=0.1),
            "activation": choice("activation", list(ACTIVATIONS)),
        }

    def build(self):
        net = tiny.network()[1]
        figure, (left, right) = canvas(10.8, 4.1, columns=2, width_ratios=[2.1, 1])
        self.graph, across, height = Graph(left, net), pitch(slopes=False)[0], size(net)[1]
        for i, words in enumerate(["x  (1, 2)", "W₁  (2, 2)", "a  (1, 2)", "W₂  (2, 1)", "ŷ  (1, 1)"]):
            left.text(i * across / 2, -height / 2 - 0.2, words, ha="center", va="center", color=INK, fontsize=11)
        left.set_ylim(-height / 2 - 0.4, None)
        right.set(xlabel="x₁", ylabel="x₂", xticks=[-3, 0, 3], yticks=[-3, 0, 3])
        right.set_title(f"ŷ for all inputs, line where ŷ = {BORDER}", fontsize=12, pad=14)
        bands = {"norm": BoundaryNorm(BANDS, 256, extend="both"), "cmap": "Blues", "interpolation": "bilinear"}
        self.surface = right.imshow(np.zeros((POINTS, POINTS)), extent=(-REACH, REACH) * 2, origin="lower", **bands)
        scale = figure.colorbar(self.surface, ax=right, shrink=0.9, ticks=[-0.5, 0, 0.5, 1, 1.5], extendfrac=0.08)
        scale.minorticks_off()
        self.border = LineCollection([], colors=INK, linewidths=2.2)
        right.add_collection(self.border, autolim=False)
        dot = {"color": PAPER, "markeredgecolor": INK, "markeredgewidth": 2, "markersize": 15, "clip_on": False}
        (self.here,) = right.plot([], [], "o", **dot)
        days = right.plot(*tiny.X.T, "D", color=TARGET, markeredgecolor=PAPER, markersize=9)
        box = {"facecolor": PAPER, "edgecolor": "none", "pad": 1}
        days += [right.text(x1, x2 - 0.3, f"y = {target:g}", ha="center", va="top", fontsize=11, color=TARGET, bbox=box)
                 for (x1, x2), (target,) in zip(tiny.X, tiny.Y)]
        self.axis = np.linspace(-REACH, REACH, POINTS)
        self.inputs = np.stack(np.meshgrid(self.axis, self.axis), axis=-1).reshape(-1, 2)
        self.moving = [*self.graph.moving, self.surface, self.border, self.here, *days]
        return figure

    def draw(self, knob, value, x1, x2, activation):
        if knob != self.held:  # another knob: the slider goes to where that one stands
            self.held, value = knob, float(self.theta[NAMES.index(knob)])
            self.quietly(value=value)
        self.theta[NAMES.index(knob)] = value
        net = layers(self.theta, tiny.sizes, [ACTIVATIONS[activation], identity])
        Y_hat, cache = forward(net, np.array([[x1, x2]]))
        values = self.graph.show(net, cache, Y_hat, now={KNOBS[knob]})
        surface = forward(net, self.inputs)[0].reshape(POINTS, POINTS)
        border = contour_generator(self.axis, self.axis, surface).lines(BORDER)
        self.surface.set_data(surface)
        self.border.set_segments(border)
        self.here.set_data([x1], [x2])
        self.drawn = values | {"theta": self.theta.copy(), "surface": surface, "border": border, "y_hat": Y_hat[0, 0]}
        z, a, y = map(fitted, cache[0][1][0]), [fitted(v) for v in cache[1][0][0]], fitted(Y_hat[0, 0])
        w, v, b = (bracket(number(theta, 2)) for theta in self.theta[-3:])
        formula = f"ŷ = f(x W₁ + b₁) W₂ + b₂ = {a[0]} · {w} + {bracket(a[1])} · {v} + {b} = <b>{y}</b>"
        three = forward(net, tiny.X)[0].ravel()
        self.drawn |= {"three": three, "L": float(mse(three[:, None], tiny.Y))}
        said = ", ".join(f"day {i} {fitted(out, 2)} for {target:g}" for i, (out, target) in enumerate(zip(three, tiny.Y.ravel()), start=1))
        formula += f"<br>ŷ and its <span style='color: {TARGET}'>target</span>: {said}; largest error <b>{fitted(np.abs(three - tiny.Y.ravel()).max(), 2)}</b>"
        alt = (f"Inputs {number(x1, 2)} and {number(x2, 2)}, activation {activation}: z = {' and '.join(z)}, "
               f"a = {' and '.join(a)}, ŷ = {y}; {knob} is {number(value, 2)}. Over all inputs up to ±{REACH:.0f}, "
               f"ŷ runs from {fitted(surface.min(), 2)} to {fitted(surface.max(), 2)}, "
               f"and is above {BORDER} for {(surface > BORDER).mean():.0%} of them. "
               f"The three examples: {said}.")
        return formula, alt

    def set(self, **settings):
        """Set controls by name, and θ (9,) as `theta`; with the defaults, as Reset does, every knob goes back."""
        theta = settings.pop("theta", None)
        if hasattr(self, "opened") and settings == self.defaults:
            theta = self.opened
        if theta is not None:
            if np.shape(theta) != self.theta.shape or np.abs(theta).max() > 4:
                raise ValueError(f"theta: got {theta}, wanted {len(self.theta)} numbers from −4 to 4")
            self.theta = np.array(theta, float)
        knob = settings.get("knob", self.held)
        if knob in KNOBS and settings.keys() <= self.control.keys():
            self.held = knob
            settings.setdefault("value", float(self.theta[NAMES.index(knob)]))
        super().set(**settings)


def explore_network(**settings):
    """Turn a knob. Settings, all optional: knob (see KNOBS), value, x1, x2, activation, and theta for all nine at once."""
    return Knobs(**settings)
