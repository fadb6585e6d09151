"""What was recovered from a gradient, how much of larger batches, and two groups of losses: members and strangers."""

import numpy as np

from helpers.checks.contracts import takes
from helpers.figures.explanations import GREY, PAPER_TO_INK, strips
from helpers.figures.digits import square
from helpers.figures.curves import label_ends
from helpers.figures.style import BACKWARD, FAINT, FORWARD, INK, TARGET, Picture, canvas, looks, ours


GIVEN_AWAY = 0.01  # a pixel: below it nobody sees a difference


@takes(X="(n, d) finite", found="(n, d)", distances="(n,)")
@ours()
def leak_pictures(X, found, distances, name):
    """The inputs, and below each the nearest image that the gradient gave.

    X (n, d), found (n, d), distances (n,), name of the data.
    """
    near = distances < GIVEN_AWAY
    words = [[("the same", TARGET) if same else (f"off by {d:.2g}", BACKWARD)] for same, d in zip(near, distances)]
    rows = [("in the batch", square(X), GREY, PAPER_TO_INK, []),
            ("from the gradient alone", square(np.clip(found, 0, 1)), GREY, PAPER_TO_INK, words)]
    alt = (f"{len(X)} digits of {name}, and below each the nearest image in the gradient: "
           f"{near.sum()} of {len(X)} are the same.")
    return Picture(strips(rows), alt, near=near, distances=distances)


@takes(found="(d,)")
@ours()
def opened(found):
    """One image that was read out of a gradient, (d,) with d = side², cut to what a pixel can be."""
    figure = strips([("from the gradient alone", square(np.clip(found, 0, 1)[None]), GREY, PAPER_TO_INK, [])])
    return Picture(figure, f"One image of {len(found)} pixels, read out of a gradient. Which digit is it?", found=found)


@ours()
def leak_curves(batches, shares, name, title=""):
    """How many digits each batch gives away, beside the line on which it gives away all.

    batches [n, …], each twice the one before; shares {words: [given away of each batch, …]}, name of the data.
    """
    figure, ax = canvas(8.4, 4.0)
    most = 1.25 * max(map(max, shares.values())) + 0.5
    line = np.geomspace(batches[0], batches[-1], 200)
    ax.plot(line, line, color=FAINT, linewidth=1.2)
    ends = []
    for (words, counts), (colour, style, marker) in zip(shares.items(), looks()):
        ax.plot(batches, counts, color=colour, linestyle=style, marker=marker, markersize=5)
        ends.append((words, colour, batches[-1], counts[-1]))
    ax.set(xscale="log", ylim=(-0.03 * most, most), xlabel="batch", ylabel="digits given away")
    ax.set_title(title, loc="left")
    ax.set_xticks(batches, [str(n) for n in batches])
    ax.set_xticks([], minor=True)
    place = 0.78 * min(most, batches[-1]), 0.94 * most
    ax.text(*place, "all of them", color=FAINT, ha="right", va="center", fontsize=12)
    label_ends(ax, ends)
    listed = "; ".join(f"{words} " + ", ".join(f"{count:.1f} of {n}" for n, count in zip(batches, counts))
                       for words, counts in shares.items())
    alt = f"Digits of {name} that a gradient gives away, by the size of its batch: {listed}."
    return Picture(figure, alt, batches=batches, shares=shares)


@takes(members="(n,)", strangers="(m,)")
@ours()
def two_losses(members, strangers, name):
    """How losses are spread, over those that were trained on and over those that were not.

    members (n,), strangers (m,), name of the data.
    """
    figure, ax = canvas(9.6, 3.6)
    share, medians = {}, {}
    for values, words, colour, style in ((members, "trained on", FORWARD, "-"),
                                         (strangers, "never seen", BACKWARD, "--")):
        ordered = np.sort(np.maximum(values, 1e-9))
        share[words], medians[words] = ordered, float(np.median(values))
        ax.plot(ordered, np.arange(1, len(ordered) + 1) / len(ordered), color=colour, linestyle=style, linewidth=2.2)
        at = int(0.5 * len(ordered))
        shift, ha = ((-8, 8), "right") if colour == FORWARD else ((10, -20), "left")
        ax.annotate(words, (ordered[at], 0.5), xytext=shift, textcoords="offset points", ha=ha, color=colour,
                    fontsize=13)
    ax.set(xscale="log", xlim=(1e-7, 20), ylim=(0, 1), xlabel="loss of one example", ylabel="share below")
    ax.axhline(0.5, color=INK, linewidth=0.6, linestyle=":")
    alt = (f"The losses of {len(members)} digits of {name} that were trained on and {len(strangers)} that were not: "
           f"half of the former lie below {medians['trained on']:.0e}, "
           f"half of the latter below {medians['never seen']:.0e}.")
    return Picture(figure, alt.replace("e-0", "e−"), share=share, medians=medians)
