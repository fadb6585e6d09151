"""Pictures of explanations: maps over digits, what excites a unit, nudges that fool, and how alike two maps are."""

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import ListedColormap, Normalize

from helpers.checks.contracts import count, takes
from helpers.figures.digits import square
from helpers.figures.style import BACKWARD, FAINT, FORWARD, INK, TARGET, Picture, canvas, ours
from helpers.figures.words import minus, rounded

# Few colours, so that each survives in a PNG of 128.
SIGNED, GREY = colormaps["PuOr_r"].resampled(25), colormaps["Greys"].resampled(64)
SIZE = ListedColormap(SIGNED(range(12, 25)))  # the upper half: from nothing to orange
PAPER_TO_INK = Normalize(0, 1)
GAP, LINE = 4, 7  # between two digits, and for a line of words below one, where a digit is 28 high
MARKS = {"with its sign": (FORWARD, "o", -0.18), "its size alone": (BACKWARD, "^", 0.18)}


@takes(X="(n, d) finite")
@ours()
def explanation_maps(X, maps, name, words=()):
    """Digits, and below them each explanation: orange where a number is above 0, purple where below.

    X (n, d), maps {title: (n, d)}, words below the digits, name of the data. All digits of a row share one scale,
    at its right; the rows have different units. A map without a negative number begins at white.
    """
    rows, drawn, listed = [("", square(X), GREY, PAPER_TO_INK, [[(word, INK)] for word in words])], {}, []
    for title, values in maps.items():
        if np.shape(values) != X.shape:
            raise ValueError(f"maps[{title!r}]: got shape {np.shape(values)}, wanted that of X, {X.shape}")
        high, low = bound(values), -bound(values) if np.min(values) < 0 else 0.0
        on_ink = float(np.abs(values[X > 0]).sum() / (np.abs(values).sum() or 1))
        drawn[title] = low, high, on_ink
        rows.append((title, square(values), SIGNED if low else SIZE, Normalize(low, high), []))
        listed.append(f"{title}, {minus(f'{low:.2g}')} to {high:.2g}, {on_ink:.0%} of it on the ink")
    what = f" ({', '.join(words)})" if words else ""
    alt = f"{len(X)} digits of {name}{what} and their explanations below: {'; '.join(listed)}."
    return Picture(strips(rows), alt, maps=maps, scales=drawn)


@takes(X="(n, d) finite", nudged="(n, d) finite")
@ours()
def nudge_pictures(X, nudged, before, after, name):
    """Digit, nudge and sum, three rows: what was added is small, and the answer below is another.

    X and nudged (n, d), the answers in words before and after, name of the data.
    """
    nudge = nudged - X
    largest = float(np.abs(nudge).max()) or 1.0
    rows = [("the digit", square(X), GREY, PAPER_TO_INK, [[(word, TARGET)] for word in before]),
            ("+ the nudge", square(nudge), SIGNED, Normalize(-largest, largest), []),
            ("= what the network is shown", square(nudged), GREY, PAPER_TO_INK, [[(word, BACKWARD)] for word in after])]
    listed = "; ".join(f"{one} becomes {two}" for one, two in zip(before, after))
    alt = f"{len(X)} digits of {name}, each with a nudge of at most {largest:.3f} a pixel: {listed}."
    return Picture(strips(rows), alt, nudge=nudge, largest=largest)


@takes(W="(d, k)", A="(n, k) finite", X="(n, d) finite", labels="(n,) labels", most=count)
@ours()
def unit_pictures(W, A, X, labels, units, name, most=9):
    """For some units of the first layer: the weights into it, and the `most` digits that excite it most.

    W (d, k), its activations A (n, k) for the digits X (n, d) with their labels (n,), units: numbers below k.
    """
    largest, drawn, listed = bound(W[:, list(units)]), {}, []
    across, down = 28 + GAP, 28 + GAP + 2
    figure, ax = canvas(9.6, 9.6 * len(units) * down / ((most + 2.9) * across))
    for row, unit in enumerate(units):
        top = np.argsort(-A[:, unit], kind="stable")[:most]
        found = np.bincount(labels[top])
        images = [(W[:, unit], SIGNED, Normalize(-largest, largest))] + [(X[i], GREY, PAPER_TO_INK) for i in top]
        for column, (pixels, cmap, norm) in enumerate(images):
            put(ax, square(pixels[None])[0], (column + 0.3 * (column > 0)) * across, row * down, cmap, norm)
        words = f"{found.max()} of {most}\nlabelled {found.argmax()}"
        ax.text((most + 1.4) * across, row * down + 14, words, va="center", fontsize=12, color=TARGET)
        ax.text(-3, row * down + 14, str(unit), ha="right", va="center", fontsize=12, color=INK)
        drawn[unit] = top
        listed.append(f"unit {unit}, {found.max()} of {most} labelled {found.argmax()}")
    ax.set(xlim=(-12, (most + 2.9) * across), ylim=(len(units) * down - GAP, -1), aspect="equal")
    ax.axis("off")
    alt = (f"{len(units)} of {W.shape[1]} units: the weights into each as a picture, between −{largest:.2g} and "
           f"{largest:.2g}, and the {most} digits of {name} that excite it most. {'; '.join(listed)}.")
    return Picture(figure, alt, top=drawn, largest=largest)


@ours()
def similarity_dots(similar, name):
    """How alike two networks' explanations are, digit by digit, from −1 to 1, with the median of each row written on.

    similar {explanation: {"with its sign": (n,), "its size alone": (n,)}}, rank correlations; name of the data.
    """
    for title, kinds in similar.items():
        if set(kinds) != set(MARKS):
            raise ValueError(f"similar[{title!r}]: got {sorted(kinds)}, wanted {sorted(MARKS)}")
    figure, ax = canvas(9.6, 0.8 + 0.8 * len(similar))
    medians, listed = {}, []
    for row, (title, kinds) in enumerate(similar.items()):
        medians[title] = {}
        for kind, values in kinds.items():
            colour, mark, offset = MARKS[kind]
            middle = medians[title][kind] = float(np.median(values))
            height = np.full(len(values), row + offset)
            ax.plot(values, height, mark, color=colour, markersize=6, alpha=0.25, markeredgewidth=0)
            ax.plot([middle, middle], [row + offset - 0.13, row + offset + 0.13], color=INK, linewidth=2.5)
            ax.text(1.06, row + offset, f"{kind}: {rounded(middle)}", color=colour, va="center", fontsize=12)
        told = ", ".join(f"{kind} {rounded(middle)}" for kind, middle in medians[title].items())
        listed.append(f"{' '.join(title.split())}: {told}")
    ax.axvline(0, color=FAINT, linewidth=0.8)
    ax.set(xlim=(-1, 1.02), ylim=(len(similar) - 0.5, -0.5), xticks=[-1, -0.5, 0, 0.5, 1], yticks=range(len(similar)),
           yticklabels=similar, xlabel="rank correlation: −1 reversed, 0 unrelated, 1 the same")
    ax.tick_params(axis="y", length=0, labelsize=12)
    ax.spines["left"].set_visible(False)
    n = len(next(iter(next(iter(similar.values())).values())))
    alt = f"Rank correlation between two networks' explanations, {n} digits of {name}, medians. {'; '.join(listed)}."
    return Picture(figure, alt, medians=medians)


def strips(rows):
    """Rows of square images, each row with a title, its own colours, and lines of (text, colour) below its images.

    rows [(title, images (n, side, side), cmap, norm, words)]; a row of maps has its scale at its right.
    """
    n, side = rows[0][1].shape[:2]
    across = (28 + GAP) * side / 28
    columns, line, y = max(n, 5), LINE * side / 28, 0.0
    figure, ax = canvas(9.6, 1.0)
    for title, images, cmap, norm, words in rows:
        y += line * bool(title)
        ax.text(0, y - 0.55 * line, title, va="center", fontsize=13, color=INK)
        for i, image in enumerate(images):
            shown = put(ax, image, i * across, y, cmap, norm)
            for k, (text, colour) in enumerate(words[i] if words else []):
                below = y + side + line * (k + 0.6)
                ax.text(i * across + side / 2, below, text, ha="center", va="center", color=colour, fontsize=12)
        if norm is not PAPER_TO_INK:
            place = ax.inset_axes([columns * across, y, 0.12 * side, side], transform=ax.transData)
            bar = figure.colorbar(shown, cax=place, ticks=sorted({norm.vmin, 0, norm.vmax}))
            bar.ax.set_yticklabels([minus(f"{tick:.2g}") for tick in bar.get_ticks()], fontsize=11)
        y += side + line * max((len(some) for some in words), default=0) + across - side
    width = columns * across + 0.62 * across
    ax.set(xlim=(-0.5, width), ylim=(y - across + side + 0.5, -0.5), aspect="equal")
    ax.axis("off")
    figure.set_size_inches(9.6, 9.6 * y / width)
    return figure


def put(ax, image, x, y, cmap, norm):
    """One square image with its upper left corner at (x, y), framed so that paper has an edge."""
    side = len(image)
    ax.plot([x, x + side, x + side, x, x], [y, y, y + side, y + side, y], color=FAINT, linewidth=0.5)
    return ax.imshow(image, cmap=cmap, norm=norm, extent=(x, x + side, y + side, y), interpolation="nearest")


def bound(values):
    """Where a scale ends that must not be ruled by a few pixels: 99.5 of 100 lie within."""
    return float(np.quantile(np.abs(values), 0.995)) or 1.0
