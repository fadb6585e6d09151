"""The explorer of notebook 12: cover a part of a digit, and see what that does beside what the slope says."""

import numpy as np
from matplotlib.patches import Rectangle

from helpers.activations import PRIME, softmax
from helpers.checks.contracts import network, takes
from helpers.topics.explain import input_gradient, occlusion
from helpers.explorers.base import Explorer, Number, choice
from helpers.figures.digits import draw_chances, move_chances
from helpers.figures.explanations import SIGNED, bound
from helpers.figures.style import INK, canvas
from helpers.figures.words import minus, percent
from helpers.network import forward
from helpers.parameters import glorot, layers
from helpers.training import one_hot

NETWORKS = ["trained", "random weights"]
SIDE = 28
INKS = {"grey": 0.5, "white": 0.0, "black": 1.0}


class Occluder(Explorer):
    """A square over a digit; the answer; and two maps, what covering each pixel costs and what the gradient says."""

    def __init__(self, network, X, labels, /, **settings):
        sizes = [W.shape[0] for W, _, _ in network] + [network[-1][0].shape[1]]
        # float32: one map is 784 digits through the network, and a slider should not wait for them.
        theta, bends = glorot(sizes, np.random.default_rng(1), np.float32), [f for *_, f in network]
        ours = [(W.astype(np.float32), b.astype(np.float32), f) for W, b, f in network]
        self.networks = dict(zip(NETWORKS, (ours, layers(theta, sizes, bends))))
        self.X, self.labels, self.kept = X.astype(np.float32), labels, {}
        super().__init__(**settings)

    def controls(self):
        return {
            "digit": choice("digit", list(range(min(20, len(self.X))))),
            "network": choice("network", NETWORKS),
            "row": Number("row", 14, 1, SIDE, step=1),
            "column": Number("column", 14, 1, SIDE, step=1),
            "side": Number("side", 7, 1, SIDE, step=1),
            "ink": choice("square", list(INKS)),
        }

    def build(self):
        figure, axes = canvas(9.6, 3.2, columns=4, width_ratios=[1, 0.8, 1, 1])
        digit, chances, cost, slope = axes
        self.shown = digit.imshow(np.zeros((SIDE, SIDE)), cmap="Greys", vmin=0, vmax=1)
        self.cost = cost.imshow(np.zeros((SIDE, SIDE)), cmap=SIGNED, vmin=-1, vmax=1)
        self.slope = slope.imshow(np.zeros((SIDE, SIDE)), cmap=SIGNED, vmin=-1, vmax=1)
        for ax, title in ((digit, "covered"), (cost, "cost of covering"), (slope, "slope")):
            ax.set_title(title, fontsize=13)
            ax.set(xticks=[], yticks=[])
            ax.spines[:].set_visible(True)
        frame = {"fill": False, "edgecolor": INK, "linewidth": 1.6}
        self.frames = [ax.add_patch(Rectangle((0, 0), 1, 1, **frame)) for ax in (digit, cost, slope)]
        self.scales = [ax.text(13.5, 30.2, "", ha="center", va="center", fontsize=12) for ax in (cost, slope)]
        chances.set_box_aspect(1.25)  # as high as the pictures beside it
        self.bars, self.percent = draw_chances(chances, "its answer")
        self.moving = [self.shown, self.cost, self.slope, *self.frames, *self.scales, *self.bars, *self.percent]
        return figure

    def maps(self, digit, network, side, ink):
        """The scores without the square, and both maps for the best; kept, because moving the square changes none."""
        key = digit, network, side, ink
        if key not in self.kept:
            net, x = self.networks[network], self.X[digit]
            Z = forward(net, x[None])[0]
            y = one_hot(Z.argmax(axis=1), Z.shape[1], np.float32)
            found = Z[0], occlusion(net, x, y[0], side, INKS[ink]), input_gradient(net, x[None], y)[0]
            self.kept = {key: found} if len(self.kept) > 8 else self.kept | {key: found}
        return self.kept[key]

    def draw(self, digit, network, row, column, side, ink):
        row, column, side = round(row), round(column), round(side)
        Z, cost, slope = self.maps(digit, network, side, ink)
        answer, top, left = int(Z.argmax()), row - 1 - (side - 1) // 2, column - 1 - (side - 1) // 2
        picture = self.X[digit].reshape(SIDE, SIDE).copy()
        picture[max(top, 0) : top + side, max(left, 0) : left + side] = INKS[ink]
        covered = forward(self.networks[network], picture.reshape(1, -1))[0][0]
        chances, now = softmax(covered.astype(float)), int(covered.argmax())
        self.shown.set_data(picture)
        for image, text, values in zip((self.cost, self.slope), self.scales, (cost, slope)):
            image.set_data(values.reshape(SIDE, SIDE))
            image.set_clim(-bound(values), bound(values))
            text.set_text(f"scale ±{bound(values):.2g}")
        for frame in self.frames:
            frame.set_bounds(left - 0.5, top - 0.5, side, side)
        move_chances(self.bars, self.percent, chances)
        drop = float(cost.reshape(SIDE, SIDE)[row - 1, column - 1])
        self.drawn = {"picture": picture, "cost": cost, "slope": slope, "chances": chances, "drop": drop}
        what = f"Digit {digit}, a {self.labels[digit]}, {network}"
        before, after = (minus(f"{value:.1f}") for value in (Z[answer], covered[answer]))
        change = "lowers" if drop > 0 else "raises"
        moved = f"{change} the score of {answer} by {abs(drop):.1f}, from {before} to {after}"
        if abs(drop) < 0.05:
            moved = f"leaves the score of {answer} at {after}"
        still = f"still read as {now}" if now == answer else f"read as {answer} before, as {now} now"
        everything = " Everything is covered: no digit is left to explain." if (picture == INKS[ink]).all() else ""
        where = f"a {ink} square of side {side} at row {row}, column {column}"
        sure = f"{percent(chances[now])} sure"
        formula = f"z<sub>{answer}</sub> = {before} → {after} under the square; read as <b>{now}</b>, {sure}"
        return formula, f"{what}: {where} {moved}; {still}, {sure}.{everything}"


@takes(network=network(PRIME, without=softmax))
def explore_occlusion(network, X, labels, /, **settings):
    """Slide a square over the digits X (n, 784), labels (n,), read by `network` [(W, b, f)], whose last layer gives Z.

    Settings, all optional: digit, row, column, side, network ("trained" or "random weights"),
    ink ("grey", "white" or "black").
    """
    return Occluder(network, X, labels, **settings)
