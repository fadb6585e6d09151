"""The explorer of notebook 03: walk forward through the tiny network, and back, a computation at a time."""

import numpy as np

from helpers import tiny
from helpers.activations import sigmoid_prime
from helpers.explorers.base import Explorer, Number
from helpers.figures.graph import extent
from helpers.figures.style import canvas
from helpers.losses import mse_grad
from helpers.network import forward

STEPS = ["x", "Z1", "A1", "Z2", "A2", "L", "dA2", "dZ2", "dW2 and db2", "dA1", "dZ1", "dW1 and db1"]


class WalkBack(Explorer):
    """A step slider: what is not computed yet is not shown, and the computation of the moment is spelled out above."""

    def controls(self):
        return {
            "step": Number("step", len(STEPS) - 1, 0, len(STEPS) - 1, step=1),
            "x1": Number("x₁", 1.0, -3.0, 3.0, step=0.1),
            "x2": Number("x₂", 2.0, -3.0, 3.0, step=0.1),
            "y": Number("target", 1.0, -2.0, 2.0, step=0.1),
            "w": Number("w: x₁ → first", 0.5, -3.0, 3.0, step=0.05),
        }

    def build(self):
        theta, net = tiny.network()
        right, tall = extent(net, True)
        figure, self.graph = canvas(9.6, 9.6 * (tall + 2.6) / (right + 1.4))
        self.graph.axis("off")
        self.moving, self.still = [], 0
        return figure

    def draw(self, step, x1, x2, y, w):
        theta, net = tiny.network()
        theta[0] = w
        x, target = np.array([[x1, x2]]), np.array([[y]])
        Y_hat, cache = forward(net, x)
        (W1, b1, _), (W2, b2, _) = net
        Z1, A1 = cache[0][1], cache[1][0]
        dA2 = mse_grad(Y_hat, target)
        dZ1 = (dA1 := dA2 @ W2.T) * sigmoid_prime(Z1)
        grads = {"dA2": dA2, "dZ2": dA2, "dW2": A1.T @ dA2, "db2": dA2[0], "dA1": dA1, "dZ1": dZ1, "dW1": x.T @ dZ1, "db1": dZ1[0]}
        step = int(round(step))
        shown = {name for words in STEPS[: step + 1] for name in words.split(" and ")}
        values = self.redraw_graph(self.graph, net, cache, Y_hat, target, grads, shown)
        L = float((target - Y_hat)[0, 0] ** 2 / 2)
        self.drawn = {"shown": shown, "grads": grads, "L": L, "values": values}
        n = {name: f"{value:.3f}" for name, value in (
            ("x1", x1), ("z", Z1[0, 0]), ("a", A1[0, 0]), ("a2", A1[0, 1]), ("y_hat", Y_hat[0, 0]), ("y", y), ("dy", dA2[0, 0]), ("da", dA1[0, 0]),
            ("slope", sigmoid_prime(Z1)[0, 0]), ("dz", dZ1[0, 0]), ("dw", grads["dW1"][0, 0]), ("w", w), ("dw2", grads["dW2"][0, 0]))}
        spelled = [
            "An example comes in.",
            f"z = x₁ w + x₂ · 0.2 − 0.4 = {n['z']} for the first hidden neuron",
            f"a = σ(z) = σ({n['z']}) = {n['a']}",
            f"z = a₁ · 0.8 + a₂ · (−0.6) + 0.3 = {n['a']} · 0.8 − {n['a2']} · 0.6 + 0.3 = {n['y_hat']}",
            f"ŷ = z = {n['y_hat']}",
            f"L = ½ (y − ŷ)² = ½ ({n['y']} − {n['y_hat']})² = {L:.4f}",
            f"dŷ = ŷ − y = {n['y_hat']} − {n['y']} = {n['dy']}",
            f"dz = dŷ · 1 = {n['dy']}, because the output has no bend",
            f"dw = a · dz = {n['a']} · {n['dy']} = {n['dw2']} for the upper edge, and db = dz",
            f"da = w · dz = 0.8 · {n['dy']} = {n['da']} for the first hidden neuron",
            f"dz = σ′(z) · da = {n['slope']} · {n['da']} = {n['dz']}",
            f"dw = x₁ · dz = {n['x1']} · {n['dz']} = {n['dw']}, and db = dz",
        ][step].replace("-", "−")
        way = "forward" if step < 6 else "back"
        return f"<b>Step {step} of {len(STEPS) - 1}, {way}:</b> {spelled}", f"Walking {way}, step {step}, {STEPS[step]}: {spelled}"


def explore_chain_rule(**settings):
    """Walk through the graph. Settings, all optional: step (0 to 11), x1, x2, y, w."""
    return WalkBack(**settings)
