"""Pictures of handwritten digits, and of how well, how fast and by which weights a network reads them."""

import math

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import Normalize
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from helpers.activations import softmax
from helpers.checks.contracts import count, takes
from helpers.figures.style import BACKWARD, FAINT, FORWARD, INK, TARGET, Picture, canvas, looks, ours
from helpers.figures.words import percent

GAP, LINE = 5, 6  # between two digits, and for a line of words below one, where a digit is 28 high


@takes(X="(n, d) finite", labels="(n,) labels", columns=count)
@ours()
def digits(X, labels, name, columns=10):
    """The digits in the rows of X, each with its label below.   X (n, d), d = side², labels (n,), name of the data."""
    figure = tiles(square(X), [[(str(label), TARGET)] for label in labels], columns, "Greys", Normalize(0, 1))
    alt = f"{len(X)} handwritten digits ({name}), {columns} a row, labelled {', '.join(map(str, labels))}."
    return Picture(figure, alt, images=square(X).copy(), labels=labels)  # a picture that is kept must not keep the data set


@takes(X="(n, d) finite", labels="(n,) labels", Z="(n, K) finite", most=count)
@ours()
def confident_mistakes(X, labels, Z, name, most=12):
    """The wrongly read digits, the surest first: label, answer, and how sure softmax(Z) is of it.

    X (n, d) with d = side², labels (n,), Z (n, K) before softmax, name of the data.
    """
    answers, sure = Z.argmax(axis=1), softmax(Z).max(axis=1)
    wrong = np.flatnonzero(answers != labels)
    order = wrong[np.argsort(-sure[wrong], kind="stable")][:most]
    words = [[(f"a {labels[i]}", TARGET), (f"read as {answers[i]}", BACKWARD), (percent(sure[i], 1), INK)]
             for i in order]
    figure = tiles(square(X)[order], words, 6, "Greys", Normalize(0, 1))
    listed = ", ".join(f"a {labels[i]} read as {answers[i]} ({percent(sure[i], 1)})" for i in order)
    alt = f"{len(wrong):,} of {len(X):,} digits ({name}) are read wrongly"
    alt += f"; the surest mistakes: {listed}." if listed else "."
    return Picture(figure, alt, order=order, labels=labels[order], answers=answers[order], sure=sure[order])


@takes(W="(m, k)", most=count)
@ours()
def weight_pictures(W, name, most=40):
    """The weights into each of the first neurons, laid out like the pixels they look at, on one scale for all.

    W (m, k) with m = side², one neuron a column; name of the data it was trained on.
    """
    images = square(np.ascontiguousarray(W.T))[:most]
    largest = float(np.quantile(np.abs(images), 0.998)) or 1.0
    # Few colours, so that each survives in a PNG of 128.
    colours, norm = colormaps["PuOr_r"].resampled(25), Normalize(-largest, largest)
    figure = tiles(images, [[] for _ in images], 10, colours, norm, scale="weight")
    alt = (f"The weights into the first {len(images)} of {W.shape[1]} neurons, trained on {name}, each as a picture; "
           f"one scale for all, from −{largest:.2f} or less (purple) to +{largest:.2f} or more (orange).")
    return Picture(figure, alt, images=images, largest=largest)


@takes(table="(K, K) labels")
@ours()
def confusion_matrix(table, name):
    """How often each digit (row) was read as which (column), mistakes shaded.   table (K, K) from `confusion`."""
    K, right, n = len(table), int(np.trace(table)), int(table.sum())
    mistakes = np.where(np.eye(K, dtype=bool), 0, table)
    figure, ax = canvas(6.6, 6.2)
    largest = max(int(mistakes.max()), 1)
    ax.imshow(mistakes, cmap="Oranges", vmin=0, vmax=1.6 * largest)
    for i, j in np.ndindex(K, K):
        colour, weight = (FORWARD, "bold") if i == j else (INK if table[i, j] else FAINT, "normal")
        text = f"{table[i, j]:,}" if table[i, j] else "·"
        ax.text(j, i, text, ha="center", va="center", color=colour, weight=weight, fontsize=10.5)
    ax.set(xticks=range(K), yticks=range(K), xlabel="read as", ylabel="is a")
    ax.set_title(f"{n:,} digits ({name}), {right:,} read correctly", loc="left")
    ax.tick_params(length=0, labelsize=12)
    ax.spines[:].set_visible(False)
    i, j = (int(index) for index in np.unravel_index(mistakes.argmax(), mistakes.shape))
    often = "once" if mistakes[i, j] == 1 else f"{mistakes[i, j]:,} times"
    worst = f"; the most frequent mistake is a {i} read as {j}, {often}" if mistakes.any() else ""
    alt = f"Confusion matrix of {n:,} digits ({name}): {right:,} on the diagonal{worst}."
    return Picture(figure, alt, table=table, worst=(i, j))


@ours()
def learning_curves(runs, name):
    """Two panels: the loss of each epoch's batches, and the accuracy on the validation set after each epoch.

    runs {what: (losses of all steps, accuracies after each epoch)}, name of the data.
    """
    figure, (left, right) = canvas(9.6, 3.8, columns=2)
    drawn, words = {}, []
    for (what, (losses, accuracies)), (colour, style, mark) in zip(runs.items(), looks()):
        loss, accuracies = per_epoch(losses, len(accuracies)), np.asarray(accuracies, float)
        epochs = np.arange(1, len(loss) + 1)
        for ax, values in ((left, loss), (right, 100 * accuracies)):
            ax.plot(epochs, values, color=colour, linestyle=style, marker=mark, markersize=6, label=what)
        drawn[what] = (loss, accuracies)
        words.append(f"{what}: loss from {loss[0]:.3g} in epoch 1 to {loss[-1]:.3g} in epoch {epochs[-1]}, "
                     f"validation accuracy from {percent(accuracies[0], 1)} to {percent(accuracies[-1], 1)}")
    left.set(xlabel="epoch", yscale="log")
    left.set_title(f"training loss ({name})", loc="left")
    right.set(xlabel="epoch")
    right.set_title("validation accuracy, %", loc="left")
    left.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    left.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    left.yaxis.set_minor_formatter(NullFormatter())
    for ax in (left, right):
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    if len(runs) > 1:
        left.legend(frameon=False, loc="upper right", labelcolor="linecolor", fontsize=12)
    return Picture(figure, f"Learning curves ({name}). {'; '.join(words)}.", **drawn)


def per_epoch(losses, epochs):
    """The mean loss of each of `epochs` stretches of equal length.   losses (steps,) → (epochs,)."""
    if epochs < 1 or len(losses) < epochs or len(losses) % epochs:
        raise ValueError(f"losses: got {len(losses)} steps for {epochs} accuracies, wanted equally many in every epoch")
    return np.asarray(losses, float).reshape(epochs, -1).mean(axis=1)



def draw_chances(ax, title):
    """An empty bar for each digit, on axes that are there already; returns the bars and their words."""
    ax.set(xlim=(0, 1.35), ylim=(9.6, -0.6), yticks=range(10), xticks=[])
    ax.set_title(title, fontsize=13)
    ax.spines["bottom"].set_visible(False)
    ax.tick_params(length=0, labelsize=12)
    words = [ax.text(0, k, "", va="center", fontsize=11, color=INK) for k in range(10)]
    return ax.barh(range(10), np.zeros(10), color=FAINT), words


def move_chances(bars, words, chances):
    """Bring what `draw_chances` drew to other probabilities (10,): the likeliest is blue."""
    for k, (bar, text) in enumerate(zip(bars, words)):
        bar.set(width=chances[k], color=FORWARD if k == chances.argmax() else FAINT)
        text.set(x=chances[k] + 0.03, text=percent(chances[k]) if chances[k] >= 0.005 else "")


def tiles(images, words, columns, cmap, norm, scale=""):
    """Small square images in rows, lines of (text, colour) below each, and a colour scale if it has a name."""
    side, lines = images.shape[1] if len(images) else 28, max((len(some) for some in words), default=0)
    rows = max(1, math.ceil(len(images) / columns))
    pixel = side / 28
    across, down = side + GAP * pixel, side + (GAP + LINE * lines) * pixel
    figure, ax = canvas(9.6, 9.6 * rows * down / (columns * across))
    for i, (image, some) in enumerate(zip(images, words)):
        x, y = i % columns * across, i // columns * down
        shown = ax.imshow(image, cmap=cmap, norm=norm, extent=(x, x + side, y + side, y), interpolation="nearest")
        for k, (text, colour) in enumerate(some):
            below = y + side + LINE * pixel * (k + 0.6)
            ax.text(x + side / 2, below, text, ha="center", va="center", color=colour, fontsize=12)
    ax.set(xlim=(0, columns * across - GAP * pixel), ylim=(rows * down - GAP * pixel, 0), aspect="equal")
    ax.axis("off")
    if not len(images):
        ax.text(0.5, 0.5, "none", transform=ax.transAxes, ha="center", va="center", fontsize=14)
    elif scale:
        figure.colorbar(shown, ax=ax, label=scale, shrink=0.8, aspect=30, extend="both")
    return figure


def square(X):
    """Rows of pixels as square images.   X (n, side²) → (n, side, side)."""
    side = math.isqrt(X.shape[1])
    if side * side != X.shape[1]:
        raise ValueError(f"X: got rows of {X.shape[1]} numbers, wanted a square number such as 784 = 28 · 28")
    return X.reshape(len(X), side, side)
