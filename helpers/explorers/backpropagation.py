"""The explorer of notebook 03: walk forward through the tiny network, and back, a computation at a time."""

import numpy as np

from helpers.data import tiny
from helpers.activations import sigmoid_prime
from helpers.explorers.base import Explorer, Number
from helpers.figures.graph import Graph, size
from helpers.figures.style import BACKWARD, FORWARD, canvas
from helpers.figures.words import bracket, fitted, given, number
from helpers.losses import mse, mse_grad
from helpers.network import forward

STEPS = ["x and y", "Z1", "A1", "Z2", "A2", "L", "dA2", "dZ2", "dW2 and db2", "dA1", "dZ1", "dW1 and db1"]
HIDDEN = [(0, "₁"), (1, "₂")]
FLAT = 0.01  # a slope of σ below this lets next to nothing through; its largest is 0.25


class WalkBack(Explorer):
    """A step slider: what is not computed yet is not shown, and the computation of the moment is spelled out above."""

    formula_lines = 2

    def controls(self):
        return {
            "step": Number("step", len(STEPS) - 1, 0, len(STEPS) - 1, step=1),
            "x1": Number("x₁", 1.0, -3.0, 3.0, step=0.1),
            "x2": Number("x₂", 2.0, -3.0, 3.0, step=0.1),
            "y": Number("target", 1.0, -2.0, 2.0, step=0.01),
            "w": Number("w₁₁", 0.5, -3.0, 3.0, step=0.05),
        }

    def build(self):
        net = tiny.network()[1]
        width, height = size(net, loss=True, slopes=True)
        figure, ax = canvas(10.8, 10.8 * height / width)
        self.graph = Graph(ax, net, loss=True, slopes=True)
        self.moving = self.graph.moving
        return figure

    def draw(self, step, x1, x2, y, w):
        theta, net = tiny.network()
        theta[0] = w
        x, target, step = np.array([[x1, x2]]), np.array([[y]]), round(step)
        Y_hat, cache = forward(net, x)
        dA2 = mse_grad(Y_hat, target)
        dA1 = dA2 @ net[1][0].T
        dZ1 = dA1 * sigmoid_prime(cache[0][1])
        grads = {"dA2": dA2, "dZ2": dA2, "dW2": cache[1][0].T @ dA2, "db2": dA2[0],
                 "dA1": dA1, "dZ1": dZ1, "dW1": x.T @ dZ1, "db1": dZ1[0]}
        shown = {name for words in STEPS[: step + 1] for name in words.split(" and ")}
        lines, how = spell(step, net, cache, Y_hat, target, grads)
        values = self.graph.show(net, cache, Y_hat, target, grads, shown, STEPS[step].split(" and "), how)
        self.drawn = {"shown": shown, "grads": grads, "L": float(mse(Y_hat, target)), "values": values, "how": how}
        way, colour = ("forward", FORWARD) if step < 6 else ("back", BACKWARD)
        formula = f'<b style="color: {colour}">Step {step} of {len(STEPS) - 1}, {way}:</b> {"<br>".join(lines)}'
        numbers = {"x": x, "y": y} | {name: value for name, value in values.items() if name[0] != "W"}
        seen = "; ".join(f"{name} {', '.join(map(fitted, np.ravel(value)))}" for name, value in numbers.items())
        alt = f"Walking {way}, step {step}: {'; '.join(lines)}. Shown are {seen}; w₁₁ {number(w, 2)}."
        return formula, alt


def spell(step, net, cache, Y_hat, target, grads):
    """The step in numbers, a line or two, and for the graph where a local slope meets the incoming gradient."""
    (W1, b1, _), (W2, b2, _) = net
    x, z, a, y_hat, y = cache[0][0][0], cache[0][1][0], cache[1][0][0], Y_hat[0, 0], target[0, 0]
    da, dz, dz2, slope = grads["dA1"][0], grads["dZ1"][0], grads["dZ2"][0, 0], sigmoid_prime(z)
    through = "; σ is so flat at {} that hardly any blame comes through"
    flat = [through.format(fitted(z[k])) if slope[k] < FLAT else "" for k in (0, 1)]

    def times(left, right):
        return f"{left} · {bracket(fitted(right))}"

    def total(inputs, W, b, k):
        w, v, b = (bracket(number(value, 2)) for value in (*W[:, k], b[k]))
        return f"{inputs[0]} · {w} + {bracket(inputs[1])} · {v} + {b}"

    inputs, active = [given(v) for v in x], [fitted(v) for v in a]
    lines = [
        [f"An example comes in, x₁ = {inputs[0]} and x₂ = {inputs[1]}, with its target y = {given(y)}"],
        [f"z{s} = x₁ w₁{s} + x₂ w₂{s} + b₁{s} = {total(inputs, W1, b1, k)} = {fitted(z[k])}" for k, s in HIDDEN],
        [f"a{s} = σ(z{s}) = σ({fitted(z[k])}) = {fitted(a[k])}" for k, s in HIDDEN],
        [f"z = a₁ v₁ + a₂ v₂ + b₂ = {total(active, W2, b2, 0)} = {fitted(y_hat)}"],
        [f"ŷ = z = {fitted(y_hat)}, because the output has no bend"],
        [f"L = ½ (y − ŷ)² = ½ ({given(y)} − {bracket(fitted(y_hat))})² = {fitted((y - y_hat) ** 2 / 2, 4)}"],
        [f"dŷ = ŷ − y = {fitted(y_hat)} − {bracket(given(y))} = {fitted(dz2)}, the slope of ½ (y − ŷ)²"],
        [f"dz = f′(z) · dŷ = {times(1, dz2)} = {fitted(dz2)}, because the output has no bend"],
        [f"dv{s} = a{s} · dz = {times(active[k], dz2)} = {fitted(grads['dW2'][k, 0])}{last}"
         for (k, s), last in zip(HIDDEN, ["", f"; db₂ = dz = {fitted(dz2)}"])],
        [f"da{s} = v{s} · dz = {times(number(W2[k, 0], 2), dz2)} = {fitted(da[k])}" for k, s in HIDDEN],
        [f"dz{s} = σ′(z{s}) · da{s} = {times(fitted(slope[k]), da[k])} = {fitted(dz[k])}{flat[k]}" for k, s in HIDDEN],
        [f"dw₁{s} = x₁ · dz{s} = {times(inputs[0], dz[k])} = {fitted(grads['dW1'][0, k])}; dw₂{s} = x₂ · dz{s} = "
         f"{times(inputs[1], dz[k])} = {fitted(grads['dW1'][1, k])}; db₁{s} = dz{s} = {fitted(dz[k])}" for k, s in HIDDEN],
    ][step]
    how = {
        "dA2": {"L": f"{fitted(y_hat)} − {bracket(given(y))}"},
        "dZ2": {"f2[0]": f"f′(z) · dŷ = {times(1, dz2)}"},
        "dW2 and db2": {f"W2[{k},0]": f"= {times(active[k], dz2)}" for k, _ in HIDDEN},
        "dA1": {f"W2[{k},0]": f"← {times(number(W2[k, 0], 2), dz2)}" for k, _ in HIDDEN},
        "dZ1": {f"f1[{k}]": f"σ′(z) · da = {times(fitted(slope[k]), da[k])}" for k, _ in HIDDEN},
        "dW1 and db1": {f"W1[{j},{k}]": f"= {times(inputs[j], dz[k])}" for j in (0, 1) for k in (0, 1)},
    }
    return lines, how.get(STEPS[step], {})


def explore_chain_rule(**settings):
    """Walk through the graph. Settings, all optional: step (0 to 11), x1, x2, y, w."""
    return WalkBack(**settings)
