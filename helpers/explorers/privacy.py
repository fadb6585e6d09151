"""The explorer of notebook 13: what the gradient of a batch gives away, with more examples, clipping and noise."""

import numpy as np
import traitlets

from helpers.activations import PRIME, softmax
from helpers.checks.contracts import network, takes
from helpers.explorers.base import Explorer, Number, choice
from helpers.figures.explanations import GREY
from helpers.figures.leaks import GIVEN_AWAY
from helpers.figures.style import BACKWARD, INK, TARGET, canvas
from helpers.figures.words import percent
from helpers.losses import cross_entropy_grad
from helpers.network import forward
from helpers.topics.privacy import blames, distance, norms, recover
from helpers.training import one_hot

SHOWN, MOST, LEAST_NOISE = 8, 64, 1e-5


class FromNothing(Number):
    """A number whose logarithmic slider ends at 0: below `low` there is nothing."""

    def __init__(self, label, low, high):
        self.low = low
        super().__init__(label, low, low, high, step=low, log=True)
        self.box.min = self.box.value = 0
        self.slider.add_class("from-nothing")

    def slide(self, change):
        """Take a value from the slider; its lower end is 0."""
        if change.new < 1.01 * self.low:
            self.value = 0.0
        elif self.value:
            super().slide(change)
        else:
            self.value = float(f"{change.new:.4g}")

    @traitlets.validate("value")
    def within(self, proposal):
        """Keep to the ends, and call less than the slider can show 0."""
        value = min(super().within(proposal), self.box.max)
        return value if value > self.low else 0.0

    def follow(self, change):
        """Bring slider and box to the value."""
        self.box.value = change.new
        self.slider.value = max(change.new, self.low)


class Leak(Explorer):
    """The first digits of a batch, and below each the nearest image that the batch's gradient holds."""

    formula_lines = 2

    def __init__(self, network, X, labels, **settings):
        self.network = [(W.astype(np.float32), b.astype(np.float32), f) for W, b, f in network]
        self.X, self.labels, self.side = X[:MOST].astype(np.float32), labels[:MOST], round(X.shape[1] ** 0.5)
        self.Y = one_hot(self.labels, self.network[-1][0].shape[1], np.float32)
        rng = np.random.default_rng(0)
        self.noise = [rng.normal(size=a.shape).astype(np.float32) for a in self.network[0][:2]]
        super().__init__(**settings)

    def controls(self):
        return {"batch": Number("batch", min(8, len(self.X)), 1, len(self.X), step=1), "clip": choice("clip each to C = 1", ["no", "yes"]),
                "noise": FromNothing("noise σ", LEAST_NOISE, 1)}

    def build(self):
        figure, axes = canvas(9.6, 3.6, columns=SHOWN, rows=2)
        blank = np.zeros((self.side, self.side))
        self.images = [[ax.imshow(blank, cmap=GREY, vmin=0, vmax=1) for ax in row] for row in axes]
        self.words = [ax.text(0.5, -0.2, "", ha="center", va="center", fontsize=12, transform=ax.transAxes) for ax in axes[1]]
        for row, title in zip(axes, ("in the batch", "from the gradient alone")):
            row[0].text(0, 1.12, title, transform=row[0].transAxes, fontsize=13, color=INK).set_in_layout(False)
            for ax in row:
                ax.set(xticks=[], yticks=[])
                ax.set_title(" ", fontsize=14)  # room for the words above and below
                ax.set_xlabel(" ", fontsize=14)
                ax.spines[:].set_visible(True)
        self.moving = [*self.images[0], *self.images[1], *self.words]
        return figure

    def draw(self, batch, clip, noise):
        n, sigma = round(batch), noise
        x = self.X[:n]
        Z, cache = forward(self.network, x)
        dA = cross_entropy_grad(Z, self.Y[:n]) * n
        if clip == "yes":
            dA *= np.minimum(1, 1 / np.maximum(norms(self.network, cache, dA), 1e-30))[:, None]
        dZ = blames(self.network, cache, dA)[0]
        dW, db = ((total + np.float32(sigma) * own) / n for total, own in zip((x.T @ dZ, dZ.sum(axis=0)), self.noise))
        found = recover(dW, db)
        off = distance(x, found)
        near = off < GIVEN_AWAY
        for i in range(SHOWN):
            here = i < n and len(found) > 0
            nearest = found[np.square(found - x[i]).sum(axis=1).argmin()] if here else np.zeros(self.side**2)
            for row, pixels in zip(self.images, (x[i] if i < n else np.zeros(self.side**2), np.clip(nearest, 0, 1))):
                row[i].set_data(pixels.reshape(self.side, self.side))
                row[i].set_visible(i < n)
            words = "" if not here else "the same" if near[i] else f"off by {off[i]:.2g}"
            self.words[i].set(text=words, color=TARGET if here and near[i] else BACKWARD)
        self.drawn = {"near": near, "off": off, "found": found}
        cut = "each gradient cut to length 1, " if clip == "yes" else ""
        told = f"σ = {sigma:.2g}" if sigma else "no noise"
        given = f"{near.sum()} of {n} given away ({percent(near.mean())})"
        formula = f"x̂ = dW₁[:, j] / db₁[j] for each of {len(found)} neurons with blame; batch {n}, {cut}{told}: <b>{given}</b>"
        rest = f"The worst of the nearest images is off by {off.max():.2g} a pixel" if not near.all() else "The images are the digits"
        return formula, f"Batch of {n}, {cut}{told}: {given}. {rest}."


@takes(network=network(PRIME, without=softmax))
def explore_leak(network, X, labels, **settings):
    """Recover digits X (n, d), labels (n,), from the gradient of `network` [(W, b, f)], whose last layer gives Z.

    Settings, all optional: batch, clip ("no" or "yes"), noise (σ; 0 is none).
    """
    return Leak(network, X, labels, **settings)
