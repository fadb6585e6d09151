"""How sure somebody was, and how often that was right."""

import numpy as np

from helpers.figures.style import FAINT, FORWARD, INK, TARGET, Picture, canvas, ours

EDGES = [0, 0.4, 0.6, 0.8, 1.01]


@ours()
def calibration_chart(predictions):
    """For guesses held with about the same sureness, the share that was right.

    predictions [(sure 0 to 1, right), …].
    """
    figure, ax = canvas(6.4, 4.6)
    ax.plot([0, 1], [0, 1], color=TARGET, linewidth=1.4, linestyle="--")
    ax.text(0.72, 0.69, "as often right as sure", color=TARGET, ha="center", va="top", fontsize=12,
            rotation=45, rotation_mode="anchor", transform_rotates_text=True)  # along the line and below it
    ax.set(xlim=(-0.03, 1.03), ylim=(-0.06, 1.1), xlabel="how sure you were", ylabel="how often you were right")
    ticks = [0, 0.5, 1]
    ax.set(xticks=ticks, yticks=ticks, xticklabels=["0", "50 %", "100 %"], yticklabels=["0", "50 %", "100 %"])
    groups = []
    sure, right = np.array([s for s, _ in predictions]), np.array([r for _, r in predictions], float)
    for low, high in zip(EDGES, EDGES[1:]):
        here = (sure >= low) & (sure < high)
        if here.any():
            groups.append((float(sure[here].mean()), float(right[here].mean()), int(here.sum())))
    for x, y, n in groups:
        ax.plot([x], [y], "o", color=FORWARD, markersize=8 + 2 * min(n, 8))
        ax.annotate(f"{n}", (x, y), xytext=(0, 14), textcoords="offset points", ha="center", color=INK, fontsize=12)
    if not groups:
        ax.text(0.25, 0.75, "no predictions yet", ha="center", color=FAINT, fontsize=14)
    words = "; ".join(f"of {n} held with {x:.0%} sureness {y:.0%} were right" for x, y, n in groups) or "none yet"
    return Picture(figure, f"Your {len(predictions)} revealed predictions: {words}.", groups=groups)
