"""From recorded rows to a ranking: a score between 0 and 1 for each criterion, and a weighted mean of them."""

import datetime
import math

from helpers.frameworks import recorded

CRITERIA = ["performance", "ease", "maintenance", "documentation", "compatibility"]
TIE = 0.02  # timings vary by more than such a gap between two scores
COSTS = ["step_s", "first_s", "import_s", "memory_mb", "disk_mb"]
PYTHONS, SYSTEMS = ["3.11", "3.12", "3.13", "3.14"], ["Windows", "macOS", "Linux"]
CANDIDATES = {"TensorFlow": "tensorflow", "PyTorch": "torch", "JAX": "jax", "PyTensor": "pytensor"}


def scores(record=None):
    """{name: {criterion: score}} of the four. A cost scores best/value: twice as much has ½.

    performance: the geometric mean over step, first step, import, memory and disk.
    ease: the mean of lines (best/value) and of the points for error messages.
    maintenance: ½ for each year since the last release.
    documentation: the share of public names that show an example.
    compatibility: the share of Python versions × systems with a ready wheel.
    """
    record = record or recorded()
    measured = {name: record["measured"][name] for name in CANDIDATES}
    best = {cost: min(row[cost] for row in measured.values()) for cost in [*COSTS, "lines"]}
    found = {}
    for name, row in measured.items():
        points = [answer["points"] for answer in row["errors"].values()]
        facts = record["released"][CANDIDATES[name]]
        read, last = (datetime.date.fromisoformat(facts[key]) for key in ("read", "date"))
        found[name] = {
            "performance": math.prod(best[cost] / row[cost] for cost in COSTS) ** (1 / len(COSTS)),
            "ease": (best["lines"] / row["lines"] + sum(points) / (2 * len(points))) / 2,
            "maintenance": 0.5 ** ((read - last).days / 365),
            "documentation": row["examples"],
            "compatibility": len(facts["wheels"]) / (len(PYTHONS) * len(SYSTEMS)),
        }
    return found


def ranking(weights, table=None):
    """Σ w·s / Σ w of each candidate, the best first: [(name, total)].   weights {criterion: w}."""
    table = table or scores()
    unknown = sorted(set(weights) - set(CRITERIA))
    if unknown:
        raise ValueError(f"weights: got {', '.join(unknown)}, wanted some of {', '.join(CRITERIA)}")
    if any(w < 0 for w in weights.values()) or sum(weights.values()) <= 0:
        raise ValueError(f"weights: got {weights}, wanted none below 0 and at least one above it")
    whole = sum(weights.values())
    totals = {name: sum(w * row[c] for c, w in weights.items()) for name, row in table.items()}
    return sorted(((name, t / whole) for name, t in totals.items()), key=lambda pair: -pair[1])


def leaders(criterion, table=None):
    """Who is within TIE of the best in one criterion, the best first."""
    ordered = ranking({criterion: 1}, table)
    return [name for name, score in ordered if score >= ordered[0][1] - TIE]
