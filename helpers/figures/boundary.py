"""A network over two inputs: what it says of every place on the plane, and where it changes its mind."""

import contourpy
import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from helpers.figures.style import INK, PAPER, TARGET, Picture, canvas, ours
from helpers.figures.words import fitted
from helpers.losses import mse
from helpers.network import forward

FINE = 61  # places on each side of the map
SAYS = LinearSegmentedColormap.from_list("says", ["#FFFFFF", "#FFFFFF", "#B5D4E9", "#6FAFD6"])  # from 0 to 1, in the blue of what flows forward


def plane(X, rim=0.35):
    """The places of a map around X (n, 2) → its left, right, lower and upper end, and all its points (FINE², 2)."""
    (left, low), (right, high) = X.min(axis=0) - rim, X.max(axis=0) + rim
    across, up = np.meshgrid(np.linspace(left, right, FINE), np.linspace(low, high, FINE))
    return (left, right, low, high), np.column_stack([across.ravel(), up.ravel()])


def draw_plane(ax, X, Y):
    """The points with their targets, above an empty map → the map's image and the line of its boundary, to be filled."""
    ends, _ = plane(X)
    says = ax.imshow(np.zeros((FINE, FINE)), cmap=SAYS, vmin=0, vmax=1, origin="lower", extent=ends, aspect="auto", interpolation="bilinear")
    (edge,) = ax.plot([], [], color=INK, linewidth=2.4)
    ones = Y.ravel() > 0.5
    ax.plot(*X[ones].T, "o", color=TARGET, markersize=6, markeredgecolor=PAPER)
    ax.plot(*X[~ones].T, "s", color=PAPER, markersize=5.5, markeredgecolor=TARGET, markeredgewidth=1.4)
    ax.set(xticks=[], yticks=[], xlim=ends[:2], ylim=ends[2:])
    return says, edge


def move_boundary(says, edge, X, Y, layers):
    """Bring map and boundary to another network → its loss, and how many points of X (n, 2) lie on their side."""
    (left, right, low, high), places = plane(X)
    Y_hat = forward(layers, places)[0].reshape(FINE, FINE)
    says.set_data(Y_hat)
    lines = contourpy.contour_generator(np.linspace(left, right, FINE), np.linspace(low, high, FINE), Y_hat).lines(0.5)
    gap = [[np.nan, np.nan]]  # between pieces that do not touch
    edge.set_data(*(np.vstack([piece for line in lines for piece in (line, gap)]).T if lines else ([], [])))
    said = forward(layers, X)[0]
    return float(mse(said, Y)), int(((said > 0.5) == (Y > 0.5)).sum())


@ours()
def boundaries(networks, X, Y):
    """One map for each network, with its loss.   networks {title: layers}, X (n, 2), Y (n, 1) of 0 and 1."""
    figure, axes = canvas(3.1 * len(networks), 3.3, columns=len(networks), squeeze=False)
    losses, right, words = [], [], []
    for ax, (title, layers) in zip(axes[0], networks.items()):
        loss, count = move_boundary(*draw_plane(ax, X, Y), X, Y, layers)
        ax.set_title(f"{title}\nL = {fitted(loss)}", fontsize=12)
        losses.append(loss), right.append(count)
        words.append(f"{title}: loss {fitted(loss)}, {count} of {len(X)} points on their side")
    return Picture(figure, f"Two clouds of points and the boundary that a network draws between them. {'; '.join(words)}.", losses=losses, right=right)
