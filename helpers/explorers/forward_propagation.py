"""The explorer of notebook 01: turn any knob of the tiny network, and watch every number follow."""

import numpy as np

from helpers import tiny
from helpers.activations import identity, relu, sigmoid
from helpers.explorers.base import Explorer, Number, choice
from helpers.figures.style import INK, PAPER, canvas
from helpers.network import forward
from helpers.parameters import layers

KNOBS = ["W1: x₁ → first", "W1: x₁ → second", "W1: x₂ → first", "W1: x₂ → second", "b1: first", "b1: second",
         "W2: first → ŷ", "W2: second → ŷ", "b2: ŷ"]  # in the order of θ
BENDS = {"sigmoid": sigmoid, "ReLU": relu, "none": identity}
REACH, POINTS = 3.0, 61


class Knobs(Explorer):
    """A list to choose a knob from, a slider to turn it; the graph on the left, ŷ for all inputs on the right."""

    def __init__(self, **settings):
        self.theta, self.held = tiny.network()[0], KNOBS[0]
        super().__init__(**settings)

    def controls(self):
        return {
            "knob": choice("knob", KNOBS),
            "value": Number("value", float(self.theta[0]), -4.0, 4.0, step=0.05),
            "x1": Number("x₁", 1.0, -REACH, REACH, step=0.1),
            "x2": Number("x₂", 2.0, -REACH, REACH, step=0.1),
            "bend": choice("activation", list(BENDS)),
        }

    def build(self):
        figure, (self.graph, right) = canvas(10.4, 4.0, columns=2, width_ratios=[2.35, 1])
        self.graph.axis("off")
        right.set(xlabel="x₁", ylabel="x₂", xticks=[-3, 0, 3], yticks=[-3, 0, 3])
        right.set_title("ŷ, from −1 (dark) to 2 (light)", fontsize=12)
        self.surface = right.imshow(np.zeros((POINTS, POINTS)), extent=(-REACH, REACH) * 2, origin="lower", cmap="cividis", vmin=-1, vmax=2)
        (self.here,) = right.plot([], [], "o", color=PAPER, markeredgecolor=INK, markeredgewidth=2, markersize=11)
        axis = np.linspace(-REACH, REACH, POINTS)
        self.inputs = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
        self.moving = [self.surface, self.here]
        self.still = len(self.moving)
        return figure

    def draw(self, knob, value, x1, x2, bend):
        if knob != self.held:  # another knob: the slider goes to where that one stands
            self.held, value = knob, float(self.theta[KNOBS.index(knob)])
            self.quietly(value=value)
        self.theta[KNOBS.index(knob)] = value
        net = layers(self.theta, tiny.sizes, [BENDS[bend], identity])
        x = np.array([[x1, x2]])
        Y_hat, cache = forward(net, x)
        self.redraw_graph(self.graph, net, cache, Y_hat)
        self.surface.set_data(forward(net, self.inputs)[0].reshape(POINTS, POINTS))
        self.here.set_data([x1], [x2])
        (W1, b1, _), (W2, b2, _) = net
        (Z1, A1), y = (cache[0][1][0], cache[1][0][0]), float(Y_hat[0, 0])
        self.drawn = {"theta": self.theta.copy(), "y_hat": y, "surface": forward(net, self.inputs)[0]}
        formula = (f"ŷ = f(x W₁ + b₁) W₂ + b₂ = {A1[0]:.3f} · {W2[0, 0]:.2f} + {A1[1]:.3f} · ({W2[1, 0]:.2f}) + {b2[0]:.2f} = <b>{y:.3f}</b>"
                   " &nbsp; shapes (1, 2) → (1, 2) → (1, 1)").replace("-", "−")
        alt = f"Inputs {x1:.1f} and {x2:.1f}, hidden layer with {bend}: z = {Z1[0]:.2f} and {Z1[1]:.2f}, a = {A1[0]:.2f} and {A1[1]:.2f}, ŷ = {y:.3f}; {knob} is {value:.2f}."
        return formula, alt

    def set(self, **settings):
        """Set controls by name; with the defaults, as Reset does, every knob goes back."""
        if settings and settings == getattr(self, "defaults", None):
            self.theta, self.held = tiny.network()[0], KNOBS[0]
        elif "knob" in settings and "value" not in settings:
            settings["value"] = float(self.theta[KNOBS.index(settings["knob"])])
        if "knob" in settings:
            self.held = settings["knob"]
        super().set(**settings)


def explore_network(**settings):
    """Turn a knob. Settings, all optional: knob (see KNOBS), value, x1, x2, bend."""
    return Knobs(**settings)
