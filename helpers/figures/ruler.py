"""The ruler laid between two networks: how far apart their weights are after every step, on a logarithmic scale."""

import numpy as np

from helpers.figures.curves import label_ends
from helpers.figures.style import BACKWARD, FAINT, FORWARD, INK, PAPER, WEIGHTS, Picture, canvas, looks, ours
from helpers.figures.words import minus

GAP = r"largest $|W_\mathrm{NumPy} - W_\mathrm{Keras}|$"
MARKS = looks(first=WEIGHTS)
FLOOR = 1e-18  # where a difference of exactly 0 is drawn, which has no place on a logarithmic scale


@ours()
def ruler(gaps, lines, title="", moment=None, every=1, ylabel=GAP):
    """Curves of the largest difference between two networks, one value a step, or one in `every` so many steps.

    gaps {name: (steps,)}; lines {label: value} to read them against, drawn across; moment, a step to mark (from 1).
    """
    gaps = {name: curve(name, values) for name, values in gaps.items()}
    if not 1 <= len(gaps) <= len(MARKS):
        raise ValueError(f"gaps: got {len(gaps)} curves, wanted 1 to {len(MARKS)}")
    figure, ax = canvas(9.6, 4.6)
    for label, value in lines.items():
        ax.axhline(value, color=FAINT, linewidth=1.0, linestyle=(0, (1, 2)), zorder=0)
        over = not any(value < values[-1] < 50 * value for values in gaps.values())  # not where a curve ends
        ax.annotate(label, (0.99, value), (0, 3 if over else -3), xycoords=ax.get_yaxis_transform(),
                    textcoords="offset points", color=INK, fontsize=10.5, ha="right", va="bottom" if over else "top")
    ends = []
    for (name, values), (colour, style, _) in zip(gaps.items(), MARKS):
        drawn = np.maximum(values, FLOOR)
        ax.plot(every * np.arange(1, len(values) + 1), drawn, color=colour, linestyle=style, linewidth=2.0)
        ends.append((name, colour, every * len(values), drawn[-1]))
    steps = every * max(map(len, gaps.values()))
    low, high = min(g.min() for g in gaps.values()), max([g.max() for g in gaps.values()] + list(lines.values()))
    ax.set(yscale="log", xlim=(every, steps), ylim=(max(low, FLOOR) / 3, high * 20), xlabel="step")
    ax.set_title(title, loc="left")
    ax.set_ylabel(ylabel, fontsize=12)
    if moment:
        ax.axvline(moment, color=INK, linewidth=1.0)
        ax.text(moment, high * 6, f" step {moment}", color=INK, fontsize=10.5, ha="left", va="center")
    label_ends(ax, ends, gap=0.07, fontsize=11)
    words = "; ".join(f"{name} {between(values, lines)}" for name, values in gaps.items())
    marked = f" Marked: step {moment}." if moment else ""
    alt = f"{title or 'Difference'}, over {steps} steps on a logarithmic scale: {words}.{marked}"
    return Picture(figure, alt, gaps=gaps, lines=lines)


@ours()
def flip(z_ours, z_theirs, gaps, step):
    """The moment at which two networks part: one z on both sides of zero, and the difference around that step.

    gaps (steps,) is the largest difference after each step; step counts from 1.
    """
    gaps = curve("gaps", gaps)
    if not 1 <= step <= len(gaps):
        raise ValueError(f"step: got {step}, wanted a step from 1 to {len(gaps)}")
    figure, (left, right) = canvas(9.6, 3.6, columns=2)
    reach = 2.2 * max(abs(z_ours), abs(z_theirs), FLOOR)
    left.axvspan(0, reach, color=FORWARD, alpha=0.08, linewidth=0)
    left.axvline(0, color=INK, linewidth=1.2)
    left.axhline(0, color=FAINT, linewidth=1.0)
    for name, z, marker, colour, height in (("NumPy", z_ours, "o", FORWARD, 0.32),
                                            ("Keras", z_theirs, "s", BACKWARD, -0.32)):
        left.plot([z, z], [0, height], color=colour, linewidth=1.2)
        left.plot(z, 0, marker=marker, color=colour, markersize=9)
        words = minus(f"{name}\nz = {z:.1e}")
        left.text(z, height * 1.18, words, color=colour, fontsize=11, ha="center", va="bottom" if height > 0 else "top",
                  bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1.5})
    for side, words in ((-1, "off: slope 0"), (1, "on: slope 1")):
        left.text(side * reach / 2, 0.9, words, color=INK, fontsize=11, ha="center")
    left.set(xlim=(-reach, reach), ylim=(-1, 1.1))
    left.set_title("One z, computed twice", loc="left")
    left.set_xticks([0])
    left.set_yticks([])
    left.spines["left"].set_visible(False)
    first, last = max(step - 25, 1), min(step + 25, len(gaps))
    shown = np.maximum(gaps[first - 1 : last], FLOOR)
    right.plot(np.arange(first, last + 1), shown, color=WEIGHTS, marker=".", markersize=5, linewidth=1.2)
    right.plot(step, np.maximum(gaps[step - 1], FLOOR), color=WEIGHTS, marker="D", markersize=8)
    right.annotate(f"step {step}", (step, gaps[step - 1]), (-10, 4), textcoords="offset points", fontsize=11,
                   ha="right", color=WEIGHTS)
    right.set(yscale="log", ylim=(shown.min() / 4, shown.max() * 6), xlabel="step")
    right.set_title(GAP, loc="left")
    before = gaps[step - 2] if step > 1 else 0.0
    return Picture(figure, f"At step {step} one z is {z_ours:.1e} in NumPy and {z_theirs:.1e} in Keras, on "
                   f"{'opposite sides' if (z_ours > 0) != (z_theirs > 0) else 'the same side'} of zero; "
                   f"the largest difference goes from {before:.1e} to {gaps[step - 1]:.1e}.",
                   z_ours=z_ours, z_theirs=z_theirs, gaps=gaps, step=step)


def curve(name, values):
    """The values as (steps,) floats, none below 0; raises ValueError for anything else."""
    values = np.asarray(values, float)
    if values.ndim != 1 or len(values) == 0 or not (values >= 0).all():
        raise ValueError(f"{name}: got {values.shape} values, wanted a sequence of differences, each 0 or more")
    return values


def between(values, lines):
    """Where a curve stays, with a factor of 2 to spare, in words that another processor's rounding leaves alone.

    Where it crosses all lines, the words are its first and its last value.
    """
    under = [label for label in sorted(lines, key=lines.get) if 2 * values.max() < lines[label]]
    over = [label for label in sorted(lines, key=lines.get) if values.min() > 2 * lines[label]]
    if under and over:
        return f"stays between {over[-1]} and {under[0]}"
    if under or over:
        return f"stays below {under[0]}" if under else f"stays above {over[-1]}"
    return f"goes from {values[0]:.0e} to {values[-1]:.0e}"
