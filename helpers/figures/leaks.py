"""What was recovered from a gradient, beside what went in; and two groups of losses, to tell members from strangers."""

import numpy as np

from helpers.contracts import takes
from helpers.figures.explanations import GREY, PAPER_TO_INK, strips
from helpers.figures.digits import square
from helpers.figures.style import BACKWARD, FORWARD, INK, TARGET, Picture, canvas

GIVEN_AWAY = 0.01  # a pixel: below it nobody sees a difference


@takes(X="(n, d) finite", found="(n, d)", distances="(n,)")
def leak_pictures(X, found, distances, name):
    """The inputs, and below each the nearest image that the gradient gave: X (n, d), found (n, d), distances (n,), name of the data."""
    near = distances < GIVEN_AWAY
    words = [[("the same" if same else f"off by {d:.2g}", TARGET if same else BACKWARD)] for same, d in zip(near, distances)]
    rows = [("in the batch", square(X), GREY, PAPER_TO_INK, []),
            ("from the gradient alone", square(np.clip(found, 0, 1)), GREY, PAPER_TO_INK, words)]
    alt = f"{len(X)} digits of {name}, and below each the nearest image in the gradient: {near.sum()} of {len(X)} are the same."
    return Picture(strips(rows), alt, near=near, distances=distances)


@takes(members="(n,)", strangers="(m,)")
def two_losses(members, strangers, name):
    """How losses are spread, over those that were trained on and over those that were not.   members (n,), strangers (m,)."""
    figure, ax = canvas(9.6, 3.6)
    share, medians = {}, {}
    for values, words, colour, style in ((members, "trained on", FORWARD, "-"), (strangers, "never seen", BACKWARD, "--")):
        ordered = np.sort(np.maximum(values, 1e-9))
        share[words], medians[words] = ordered, float(np.median(values))
        ax.plot(ordered, np.arange(1, len(ordered) + 1) / len(ordered), color=colour, linestyle=style, linewidth=2.2)
        at = int(0.5 * len(ordered))
        ax.annotate(words, (ordered[at], 0.5), xytext=(-8, 8) if colour == FORWARD else (10, -20), textcoords="offset points",
                    ha="right" if colour == FORWARD else "left", color=colour, fontsize=13)
    ax.set(xscale="log", xlim=(1e-7, 20), ylim=(0, 1), xlabel="loss of one example", ylabel="share below")
    ax.axhline(0.5, color=INK, linewidth=0.6, linestyle=":")
    alt = (f"The losses of {len(members)} digits of {name} that were trained on and {len(strangers)} that were not: "
           f"half of the former lie below {medians['trained on']:.0e}, half of the latter below {medians['never seen']:.0e}.")
    return Picture(figure, alt.replace("e-0", "e−"), share=share, medians=medians)
