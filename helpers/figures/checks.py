"""Checking gradients: chords against a tangent, the error over ε, and patients seen from outside and from inside."""

import numpy as np
from matplotlib.patches import Rectangle

from helpers.figures.curves import label_ends
from helpers.figures.style import BACKWARD, ERROR, FAINT, FORWARD, INK, PAPER, TARGET, Picture, canvas, ours
from helpers.figures.words import number
from helpers.gradcheck import SICK

NEAR, FAILED = 0.015, 0.7  # accuracy: so little below the right program is no difference; below this it failed


@ours()
def chords(f, x, slope, step):
    """The curve f around x with its tangent, and two chords: from x to x + step, and from x − step to x + step.

    f of a number → a number; slope is f′(x).
    """
    left, here, right = f(x - step), f(x), f(x + step)
    slopes = {"tangent": slope, "one-sided": (right - here) / step, "central": (right - left) / (2 * step)}
    grid = np.linspace(x - 1.3 * step, x + 1.3 * step, 201)
    curve = np.array([f(t) for t in grid])
    figure, ax = canvas(8.8, 4.2)
    ax.plot(grid, curve, color=INK, linewidth=2.6)
    ends = []
    looks = [(TARGET, ":", "", [x]), (BACKWARD, "--", "s", [x, x + step]), (FORWARD, "-.", "o", [x - step, x + step])]
    for name, (colour, style, mark, touches) in zip(slopes, looks):
        line = f(touches[-1]) + slopes[name] * (grid - touches[-1])
        ax.plot(grid, line, color=colour, linestyle=style, linewidth=1.8)
        ax.plot(touches, np.interp(touches, grid, line), mark, color=colour, markersize=8)
        ends.append((f"{name}  {number(slopes[name], 4)}", colour, grid[-1], line[-1]))
    ax.set(xlabel="one weight", ylabel="loss", xlim=(grid[0], grid[-1]))
    names = {"w − ε": x - step, "w": x, "w + ε": x + step}
    ax.set_xticks(list(names.values()), [f"{name} = {number(value, 1)}" for name, value in names.items()])
    label_ends(ax, ends)
    for label in ax.texts:
        label.set_fontsize(12)
    words = ", ".join(f"{name} {number(value, 4)}" for name, value in slopes.items())
    alt = f"The loss over one weight around {number(x, 1)}, and three slopes there: {words}."
    return Picture(figure, alt, grid=grid, curve=curve, slopes=slopes)


@ours()
def error_curve(epsilons, errors):
    """Relative errors over ε on two logarithmic axes, each branch with its measured slope, and the best ε starred.

    epsilons (m,) from large to small; errors {name: (m,)}, two of them.
    """
    figure, ax = canvas(9.2, 4.8)
    drawn, words = {}, []
    for (name, values), (colour, style, mark) in zip(errors.items(), [(BACKWARD, "--", "s"), (FORWARD, "-", "o")]):
        found = branches(epsilons, values)
        truncation, rounding, (best, least) = found["truncation"], found["rounding"], found["best"]
        ax.loglog(epsilons, values, color=colour, linestyle=style, marker=mark, markersize=4, linewidth=1.4)
        ax.plot(best, least, marker="*", color=TARGET, markersize=17, markeredgecolor=PAPER, zorder=5)
        middle = np.flatnonzero(epsilons > 10 * best)
        named = f"{name}\nslope {number(truncation, 1)}"
        write(ax, epsilons, values, middle[len(middle) // 2], (14, -24), named, colour)
        drawn[name] = found | {"errors": np.asarray(values)}
        near = f"1e{np.log10(found['meet']):.0f}"
        words.append(f"{name.capitalize()} is best near ε = {near}; above that its error has slope "
                     f"{number(truncation, 0)}, below it slope {number(rounding, 0)}")
    tail = len(epsilons) - len(epsilons) // 4
    write(ax, epsilons, values, tail, (14, 4), f"rounding\nslope {number(rounding, 1)}", INK)
    ax.set(xlabel="ε", ylabel="relative error", xlim=(epsilons[-1] / 2, epsilons[0] * 2))
    alt = f"Relative error of the measured gradient over ε, both axes logarithmic. {'. '.join(words)}."
    return Picture(figure, alt, epsilons=np.asarray(epsilons), **drawn)


def write(ax, x, y, i, shift, text, colour):
    """Words beside point i of a curve, moved by `shift` (in points)."""
    ax.annotate(text, (x[i], y[i]), xytext=shift, textcoords="offset points", color=colour, fontsize=12)


def branches(epsilons, errors):
    """The two straight branches of an error curve by least squares: slopes, the ε where they meet, the best point."""
    x, y = np.log10(epsilons), np.log10(np.maximum(errors, 1e-300))
    best = int(np.argmin(y))
    large, small = x > x[best] + 1, x < x[best] - 0.5
    if large.sum() < 2 or small.sum() < 2:
        raise ValueError(f"epsilons: got {epsilons[0]:g} to {epsilons[-1]:g}, wanted values on both sides of the best")
    (truncation, a), (rounding, b) = np.polyfit(x[large], y[large], 1), np.polyfit(x[small], y[small], 1)
    meet = 10 ** ((b - a) / (truncation - rounding))
    return {"truncation": truncation, "rounding": rounding, "meet": meet, "best": (10 ** x[best], 10 ** y[best])}


@ours()
def two_verdicts(accuracies, errors, right="right"):
    """What accuracy says of each program, and beside it what the gradient check says.

    accuracies {name: (seeds,)}, errors {name: relative error}; the program named `right` is the one to compare with.
    """
    if accuracies.keys() != errors.keys() or right not in errors:
        raise ValueError(f"errors: got {list(errors)}, wanted one for each of {list(accuracies)}, {right!r} among them")
    means = {name: float(np.mean(values)) for name, values in accuracies.items()}
    order = sorted(means, key=means.get)
    figure, panels = canvas(10.4, 0.33 * len(order) + 1.3, columns=2, sharey=True, width_ratios=[1.25, 1])
    outside, inside = panels
    for row, name in enumerate(order):
        mark, size, blue, pink = ("*", 15, TARGET, TARGET) if name == right else ("o", 8, FORWARD, ERROR)
        seeds = 100 * np.asarray(accuracies[name])
        outside.plot(seeds, np.full(len(seeds), row), "|", color=blue, markersize=8, alpha=0.7)
        outside.plot(100 * means[name], row, mark, color=blue, markersize=size)
        outside.text(102, row, f"{100 * means[name]:.1f}", color=blue, va="center", fontsize=11)
        inside.semilogx(errors[name], row, mark.replace("o", "s"), color=pink, markersize=size)
    outside.axvspan(100 * (means[right] - NEAR), 100 * (means[right] + NEAR), color=TARGET, alpha=0.18, linewidth=0)
    inside.axvspan(1e-10, SICK, color=TARGET, alpha=0.18, linewidth=0)
    outside.set(xlim=(0, 100), xlabel="test accuracy, %")
    inside.set(xlim=(1e-10, 3), xlabel="relative error of the gradient")
    outside.set_yticks(range(len(order)), order, fontsize=11)
    outside.get_yticklabels()[order.index(right)].set(color=TARGET, fontweight="bold")
    for ax, title in zip(panels, ("what accuracy says", "what the check says")):
        ax.set_title(title, loc="left", fontsize=13)
        ax.set_axisbelow(True)
        ax.grid(axis="y", color=FAINT, linewidth=0.4)
        ax.tick_params(axis="y", length=0)
    groups = by_accuracy(means, right)
    wrong = [error for name, error in errors.items() if name != right]
    alt = (
        f"Accuracy and gradient error of {len(order)} programs. The right one reaches {100 * means[right]:.1f} %, "
        f"its gradient error is {'below' if errors[right] < SICK else 'above'} 10⁻⁷. "
        f"As good or within {100 * NEAR:g} points: {', '.join(groups['near'])}. Worse: {', '.join(groups['worse'])}. "
        f"Below {100 * FAILED:g} %: {', '.join(groups['failed'])}. "
        f"The gradient errors of the wrong ones lie between {min(wrong):.2f} and {max(wrong):.2f}."
    )
    return Picture(figure, alt, order=order, accuracies=means, errors=dict(errors), **groups)


def by_accuracy(means, right="right"):
    """The wrong programs in three groups: as good as the right one or nearly, worse, and failed."""
    groups = {"near": [], "worse": [], "failed": []}
    for name, mean in means.items():
        if name != right:
            groups["near" if mean >= means[right] - NEAR else "worse" if mean >= FAILED else "failed"].append(name)
    return groups


@ours()
def fever_chart(tables):
    """The relative error of every array of every program: healthy, or how sick.   tables {name: {"dW1": error, …}}."""
    names, arrays = list(tables), list(next(iter(tables.values())))
    if any(list(table) != arrays for table in tables.values()):
        raise ValueError(f"tables: got {[list(table) for table in tables.values()]}, wanted the same arrays in each")
    figure, ax = canvas(9.2, 0.36 * len(names) + 0.9)
    for row, name in enumerate(names):
        for column, array in enumerate(arrays):
            error = tables[name][array]
            depth = 0 if error < SICK else np.clip(1 + np.log10(error) / 1.5, 0.1, 1)
            colour, alpha = (ERROR, 0.15 + 0.85 * depth) if depth else (TARGET, 0.12)
            ax.add_patch(Rectangle((column + 0.03, row + 0.06), 0.94, 0.88, color=colour, alpha=alpha, linewidth=0))
            text, ink = f"{error:.2f}" if depth else "ok", PAPER if depth > 0.75 else INK
            ax.text(column + 0.5, row + 0.52, text, ha="center", va="center", fontsize=11, color=ink)
    ax.set(xlim=(0, len(arrays)), ylim=(len(names), 0))
    ax.set_xticks(np.arange(len(arrays)) + 0.5, arrays, fontsize=12)
    ax.set_yticks(np.arange(len(names)) + 0.5, names, fontsize=11)
    ax.tick_params(length=0, top=False, labeltop=True, bottom=False, labelbottom=False)
    ax.set_title("the way back  ←", loc="right", fontsize=12, color=BACKWARD)
    for side in ax.spines.values():
        side.set_visible(False)
    sick = {name: [array for array in arrays if tables[name][array] >= SICK] for name in names}
    words = "; ".join(in_words(name, sick[name], arrays, tables[name]) for name in names)
    alt = f"Which of {len(arrays)} gradient arrays are wrong, and by what relative error. {words}."
    return Picture(figure, alt, tables=tables, sick=sick)


def in_words(name, sick, arrays, errors):
    """One row of a fever chart: which arrays are wrong, and by how much."""
    if not sick:
        return f"{name}: none"
    least, most = (f"{pick(errors[array] for array in sick):.2f}" for pick in (min, max))
    where, how_much = "all" if sick == arrays else ", ".join(sick), least if least == most else f"{least} to {most}"
    return f"{name}: {where} ({how_much})"
