"""Frameworks compared: tables of what was measured and recorded, their programs as text, and their scores as a picture."""

import ast
import math

from IPython.display import Markdown

from helpers.figures.style import FORWARD, INK, Picture, canvas, ours
from helpers.frameworks import middle
from helpers.frameworks.concepts import text_of
from helpers.frameworks.ranking import leaders

STEPS = math.ceil(60_000 / 64)  # of an epoch of MNIST in batches of 64
COLUMNS = {"import": ("import_s", 1, "s"), "first step": ("first_s", 1, "s"), "a step": ("step_s", 1e3, "ms"),
           "an epoch": ("step_s", STEPS, "s"), "memory": ("memory_mb", 1, "MB"), "on disk": ("disk_mb", 1, "MB")}
# The lines that matter: (the program, its name, how it makes the score, the gradient and the step, as its text has them).
LINES = [("numpy", "ours", "forward(net, X[batch])", "backward(…)", "theta -= learning_rate * grad"),
         ("tensorflow", "TensorFlow", "A @ W + b", "tape.gradient(…)", "p.assign_sub(learning_rate * g)"),
         ("torch", "PyTorch", "model(X[batch])", ".backward()", "optimizer.step()"),
         ("jax", "JAX", "X @ W + b", "jax.grad(loss)", "p - learning_rate * g"),
         ("pytensor", "PyTensor", "A @ W + b", "pt.grad(loss, shared)", "updates = [(p, p - learning_rate * g) …]"),
         ("keras", "Keras", "keras.Sequential(…)", "model.train_on_batch(…)", "keras.optimizers.SGD(…)")]


def program(module, *names):
    """The source of functions of helpers/frameworks/<module>.py, read as text, so nothing need be installed."""
    text = text_of(module)
    parts = {node.name: node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)}
    missing = set(names) - set(parts)
    if missing or not names:
        raise ValueError(f"names: got {', '.join(sorted(missing)) or 'none'}, wanted some of {', '.join(parts)}")
    lines, found = text.splitlines(), []
    for name in names:
        first = min([parts[name].lineno, *(mark.lineno for mark in parts[name].decorator_list)])
        found.append("\n".join(lines[first - 1 : parts[name].end_lineno]))
    return Markdown("```python\n" + "\n\n\n".join(found) + "\n```")


def rounded(value):
    """Two digits that count."""
    return f"{float(f'{value:.2g}'):,.10g}"


def table(head, rows):
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return Markdown("\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines))


def side_by_side():
    """The same three lines of each program; raises if a program no longer has them."""
    for module, _, *pieces in LINES:
        text = text_of(module)
        missing = [piece for piece in pieces if not all(part in text for part in piece.rstrip(")]").split("…"))]
        if missing:
            raise ValueError(f"{module}: got no {', '.join(missing)}, wanted every line of the table in its program")
    rows = [[name, *(f"`{piece}`" for piece in pieces)] for _, name, *pieces in LINES]
    return table(["", "score", "gradient", "step"], rows)


def spans(value, scale, unit):
    """A number with its unit; of several, the median, and from the least to the most."""
    words = f"{rounded(middle(value) * scale)} {unit}"
    if not isinstance(value, list) or len(value) == 1:
        return words
    return f"{words} ({rounded(min(value) * scale)} to {rounded(max(value) * scale)})"


def times(rows):
    """What each framework took, {name: row}; where a row holds several runs, their median and their range."""
    cells = [[name, *(spans(row[key], scale, unit) for key, scale, unit in COLUMNS.values())] for name, row in rows.items()]
    return table(["", *COLUMNS], cells)


def modes(compiled):
    """The first step and the later ones of each framework, compiled less or more, {name: {mode: its times}}."""
    rows = [[name, mode, spans(row["first_s"], 1, "s"), spans(row["step_s"], 1e3, "ms")]
            for name, found in compiled.items() for mode, row in found.items() if isinstance(row, dict)]
    return table(["", "mode", "first step of all", "a step"], rows)


def complaints(recorded, length=240):
    """What each framework says about each of the three mistakes, as recorded."""
    rows = []
    for name, row in recorded.items():
        for mistake, answer in row["errors"].items():
            says = f"{answer['kind']}: {answer['says']}" if answer["kind"] else "(trains on, and says nothing)"
            says = says if len(says) <= length else says[: length - 1] + "…"
            rows.append([name, mistake, says.replace("|", "\\|"), answer["points"]])
    return table(["", "mistake", "what it says", "points"], rows)


@ours()
def profile(scores, title="", ranges=None):
    """The score of every candidate (row) in every criterion (column), as discs; the best are dark and bold, ties too.

    scores {name: {criterion: 0 to 1}}; ranges as `ranking.spread` gives them, in small figures below.
    """
    names, criteria = list(scores), list(next(iter(scores.values())))
    if any(list(row) != criteria or not all(0 <= value <= 1 for value in row.values()) for row in scores.values()):
        raise ValueError("scores: wanted the same criteria in every row, with scores between 0 and 1")
    figure, ax = canvas(9.6, 1.2 + 0.72 * len(names))
    first = {c: leaders(c, scores, ranges) for c in criteria}
    for i, name in enumerate(names):
        for j, criterion in enumerate(criteria):
            value = scores[name][criterion]
            best = name in first[criterion]
            ax.scatter(j, i, s=40 + 760 * value, color=FORWARD, alpha=0.85 if best else 0.3, linewidth=0)
            weight = "bold" if best else "normal"
            ax.text(j + 0.24, i, f"{value:.2f}", fontsize=13, va="center", color=INK, weight=weight)
            if name in (ranges or {}).get(criterion, {}):
                low, high = ranges[criterion][name]
                ax.text(j + 0.24, i + 0.32, f"{low:.2f} to {high:.2f}", fontsize=10, va="center", color=INK)
    ax.set(xlim=(-0.4, len(criteria) - 0.3), ylim=(len(names) - 0.4, -0.6))
    ax.set_xticks(range(len(criteria)), criteria, fontsize=13)
    ax.set_yticks(range(len(names)), names, fontsize=13)
    ax.tick_params(length=0)
    ax.xaxis.tick_top()
    ax.spines[:].set_visible(False)
    ax.set_title(title, pad=14, loc="left")
    words = "; ".join(f"{c}: " + ", ".join(f"{name} {scores[name][c]:.2f}" for name in names) for c in criteria)
    for criterion, found in (ranges or {}).items():
        words += f". Ranges of {criterion}: " + ", ".join(f"{n} {low:.2f} to {high:.2f}" for n, (low, high) in found.items())
    return Picture(figure, f"{title or 'Scores'}, from 0 to 1. {words}.", scores=scores)
