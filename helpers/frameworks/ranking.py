"""From recorded rows to a ranking: a score between 0 and 1 for each criterion, and a weighted mean of them."""

import datetime
import math
import statistics

from helpers.frameworks import PROGRAM, recorded
from helpers.frameworks.concepts import lines

CRITERIA = ["performance", "ease", "maintenance", "documentation", "compatibility"]
COSTS = ["step_s", "start_s", "memory_mb", "disk_mb"]
PYTHONS, SYSTEMS = ["3.11", "3.12", "3.13", "3.14"], ["Windows", "macOS on Apple", "macOS on Intel", "Linux"]
# What PyPI is asked about: with Keras, also what it runs on.
CANDIDATES = {"TensorFlow": ["tensorflow"], "PyTorch": ["torch"], "JAX": ["jax"], "PyTensor": ["pytensor"],
              "Keras on JAX": ["keras", "jax"], "Keras on TensorFlow": ["keras", "tensorflow"],
              "Keras on PyTorch": ["keras", "torch"]}


def wheels(name, record):
    """Where all that a candidate needs has a ready wheel: ["Linux 3.12", …]."""
    first, *rest = (record["released"][package]["wheels"] for package in CANDIDATES[name])
    return [where for where in first if all(where in others for others in rest)]


def start(row):
    """Seconds from nothing to the end of the first step, of each run: import and first step together."""
    return [a + b for a, b in zip(row["import_s"], row["first_s"])]


def performance(record):
    """{name: [score of each round]}: the geometric mean of best/value over step, start, memory and disk.

    Each round is scored by itself, its rows measured one after the other, so that a slow hour slows them all.
    """
    rows = {name: record["measured"][name] | {"start_s": start(record["measured"][name])} for name in CANDIDATES}
    found = {name: [] for name in rows}
    for i in range(len(rows["JAX"]["step_s"])):
        costs = {name: [row[c][i] if isinstance(row[c], list) else row[c] for c in COSTS] for name, row in rows.items()}
        best = [min(values) for values in zip(*costs.values())]
        for name, values in costs.items():
            found[name].append(math.prod(b / v for b, v in zip(best, values)) ** (1 / len(COSTS)))
    return found


def scores(record=None):
    """{name: {criterion: score}} of the seven. A cost scores best/value: twice as much has ½.

    performance: the median over the rounds of `performance`.
    ease: the mean of lines of code (best/value) and of the points for error messages.
    maintenance: ½ for each year since the last release, of what was released longest ago.
    documentation: of the framework's names that the program uses, the share whose help shows an example.
    compatibility: the share of Python versions × systems with a ready wheel.
    """
    record = record or recorded()
    speed = performance(record)
    length = {name: lines(PROGRAM[name]) for name in CANDIDATES}
    found = {}
    for name, packages in CANDIDATES.items():
        row, facts = record["measured"][name], [record["released"][package] for package in packages]
        points = [answer["points"] for answer in row["errors"].values()]
        date = datetime.date.fromisoformat
        days = max((date(fact["read"]) - date(fact["date"])).days for fact in facts)
        found[name] = {
            "performance": statistics.median(speed[name]),
            "ease": (min(length.values()) / length[name] + sum(points) / (2 * len(points))) / 2,
            "maintenance": 0.5 ** (days / 365),
            "documentation": sum(row["examples"].values()) / len(row["examples"]),
            "compatibility": len(wheels(name, record)) / (len(PYTHONS) * len(SYSTEMS)),
        }
    return found


def spread(record=None):
    """{criterion: {name: (lowest, highest score of a round)}}, for the one criterion that a clock decides."""
    found = performance(record or recorded())
    return {"performance": {name: (min(rounds), max(rounds)) for name, rounds in found.items()}}


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


def leaders(criterion, table=None, ranges=None):
    """Who is best in one criterion, and who ties with it: whose range of scores reaches into the best one's range.

    ranges as `spread` gives them; a score without a range is exact.
    """
    table, ranges = (scores(), spread()) if table is None else (table, ranges or {})
    ordered = ranking({criterion: 1}, table)
    span = {name: ranges.get(criterion, {}).get(name, (score, score)) for name, score in ordered}
    return [name for name, _ in ordered if span[name][1] >= span[ordered[0][0]][0]]
