"""Exercises of notebook 11: one derivative of three workers, the mean of all gradients, and the batch that pays."""

import numpy as np

from helpers.exercises.base import Exercise, Mistake

TRUTHS = {"11: the mean of the means, the same or another gradient": "another",
          "11: one of two workers is killed, the other goes on or stops": "stops",
          "11: 16 and 15 examples in two processes, weighted, plain or error": "plain"}


def my_slope(slopes=(0.3, 0.6, 0.9), counts=(11, 11, 10)):
    return sum(n * g for n, g in zip(counts, slopes)) / sum(counts)


def my_all_reduce(parts, counts):
    total = sum(n * g for n, g in zip(counts, parts))
    return total / sum(counts)


def my_break_even(per_example, wire, workers):
    return wire / (per_example * (1 - 1 / workers))


def _mean_of(parts, counts, chosen):
    """The mean of the chosen means."""
    return sum(parts[i] for i in chosen) / len(chosen)


def _last(counts):
    """The last worker that has examples."""
    return max(i for i, n in enumerate(counts) if n)


def _without_last(parts, counts, divide_by):
    """The last worker comes too late and is left out."""
    left = [n if i != _last(counts) else 0 for i, n in enumerate(counts)]
    return sum(n * g for n, g in zip(left, parts)) / (divide_by(counts, left) or 1)


def _case(counts, P=4):
    return [_rng.normal(size=P) if n else np.zeros(P) for n in counts], list(counts)


_rng = np.random.default_rng(11)

slope = Exercise(
    my_slope,
    own=lambda rng: (tuple(float(g) for g in rng.permutation([0.2, 0.5, 0.8, 1.1])[:3]),
                     tuple(int(n) for n in rng.permutation([3, 5, 8, 14])[:3])),
    asks=lambda slopes, counts: (
        f"Three workers have {counts[0]}, {counts[1]} and {counts[2]} examples of a batch. The derivatives of one "
        f"weight, each the mean over a worker's examples, are {slopes[0]}, {slopes[1]} and {slopes[2]}. "
        "What is the derivative of the whole batch?"),
    digits=3,
    hints=["Each worker's mean stands for as many examples as it has.",
           "Turn each mean back into a sum: times its number of examples.",
           "(n₁g₁ + n₂g₂ + n₃g₃) / (n₁ + n₂ + n₃)."],
    then="Each worker's voice weighs as much as it has examples.",
    mistakes=(
        Mistake("mean of means", lambda g, n: sum(g) / 3,
                "this is the mean of the three means.", "Has every worker as many examples as the next?"),
        Mistake("sum of means", lambda g, n: sum(g),
                "the three means are added.",
                "If all three were equal, could the whole batch have three times as much?"),
        Mistake("not divided", lambda g, n: sum(a * b for a, b in zip(g, n)),
                "this is the sum over all examples.", "The loss is a mean. Over how many?"),
        Mistake("divided by the workers", lambda g, n: sum(a * b for a, b in zip(g, n)) / 3,
                "the sum over all examples is divided by the number of workers.",
                "How many examples are in the sum?"),
        Mistake("last one forgotten", lambda g, n: (g[0] * n[0] + g[1] * n[1]) / (n[0] + n[1]),
                "only two workers are in this mean.", "Where is the third?"),
        Mistake("weighted the wrong way", lambda g, n: sum(a / b for a, b in zip(g, n)) / sum(1 / b for b in n),
                "the fewer examples a worker has, the more it counts here.",
                "Whose mean is the more certain one?"),
    ),
)

all_reduce = Exercise(
    my_all_reduce,
    cases=[_case((11, 11, 10)), _case((4, 4)), _case((5, 2, 1, 8)), _case((3, 0, 2)), _case((6, 7))],
    hints=["What does the whole batch's gradient look like as a sum over its examples?",
           "A worker's part is a mean. Times its count it is a sum again; the sums may be added.",
           "Divide by the number of all examples, sum(counts)."],
    then="All workers take the same step with it, so their weights stay the same.",
    quantities=lambda parts, counts: {"the number of examples": sum(counts), "the number of workers": len(counts)},
    mistakes=(
        Mistake("sum", lambda p, c: sum(p),
                "the parts are added and not divided.", "With ten workers, would the step be ten times as long?"),
        Mistake("mean of means", lambda p, c: _mean_of(p, c, range(len(p))),
                "every worker counts the same, whatever it has seen.",
                "Does a worker with 2 examples know as much as one with 5?"),
        Mistake("mean of those who have any", lambda p, c: _mean_of(p, c, [i for i, n in enumerate(c) if n]),
                "every worker that has examples counts the same.",
                "Does a worker with 2 examples know as much as one with 5?"),
        Mistake("forgotten worker", lambda p, c: _without_last(p, c, lambda counts, left: sum(counts)),
                "the last worker is missing in the sum, and its examples are counted.",
                "Who has not arrived yet when you divide?"),
        Mistake("forgotten with its examples", lambda p, c: _without_last(p, c, lambda counts, left: sum(left)),
                "the last worker is left out, with all its examples.", "Whose images does the network then never see?"),
        Mistake("unequal shards", lambda p, c: sum(c[0] * g for g in p) / sum(c),
                "every part is taken for as large as the first.",
                "How many examples has the last worker?"),
        Mistake("sum over the examples", lambda p, c: sum(n * g for n, g in zip(c, p)),
                "this is the sum over all examples.", "The loss is a mean. Over how many?"),
        Mistake("divided by the workers", lambda p, c: sum(n * g for n, g in zip(c, p)) / len(p),
                "the sum over all examples is divided by the number of workers.", "How many examples are in the sum?"),
        Mistake("the first one's", lambda p, c: p[0].copy(),
                "this is what one worker had alone.", "Where are the other examples?"),
    ),
)

pays = Exercise(
    my_break_even,
    cases=[(1e-5, 2e-3, 2), (1e-5, 2e-3, 4), (2e-6, 5e-4, 3), (4e-5, 1e-2, 16)],
    hints=["One machine takes per_example · n. How long do w machines compute on n examples?",
           "Together: per_example · n / workers + wire. At the break-even both are equal.",
           "per_example · n · (1 − 1/workers) = wire. Solve for n."],
    then="Below it, the second machine makes the training slower.",
    quantities=lambda per_example, wire, workers: {"the number of workers": workers},
    mistakes=(
        Mistake("wire alone", lambda c, t, w: t / c,
                "this is where the wire takes as long as one machine computes.",
                "What do the workers do before they send?"),
        Mistake("for each worker", lambda c, t, w: w * t / c,
                "here the wire takes as long as each worker's own part.",
                "Is the time that is won the time that a worker still computes?"),
        Mistake("one worker's share of it", lambda c, t, w: t / (c * w),
                "this divides by the workers where their gain belongs.",
                "How much of the work does one of w workers no longer do?"),
        Mistake("upside down", lambda c, t, w: c * (1 - 1 / w) / t,
                "this is the inverse.", "With a slower wire, do you need more examples or fewer?"),
        Mistake("gain of the others", lambda c, t, w: t / (c * (w - 1)),
                "the gain is taken as w − 1 parts of a whole step each.",
                "Which share of a step do w workers save: w − 1, or (w − 1)/w?"),
        Mistake("seconds", lambda c, t, w: t * (1 - 1 / w),
                "these are seconds.", "And how many examples take as long?"),
    ),
)
