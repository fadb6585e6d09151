"""The time of every line of a function, with line_profiler, where it is installed."""

import inspect

from IPython.display import Markdown

from helpers.checks.contracts import unchecked
from helpers.figures.roofline import shares


def line_times(function, *arguments, times=20):
    """What each line of the function takes of its time, over `times` runs; without line_profiler, how to get it."""
    try:
        from line_profiler import LineProfiler
    except ImportError:
        return Markdown("Skipped: line by line needs line_profiler. `python -m pip install line_profiler`, "
                        "then run this cell again.")
    bare = inspect.unwrap(unchecked(function))  # without the check of its arguments, which is not its own work
    profiler = LineProfiler(bare)
    for _ in range(times):
        profiler.runcall(bare, *arguments)
    source, first = inspect.getsourcelines(bare)
    ((_, rows),) = profiler.get_stats().timings.items()
    seconds = {}
    for line, _, ticks in rows:
        text = source[line - first].strip()
        seconds[text] = seconds.get(text, 0) + ticks * profiler.timer_unit
    taken = {text: value for text, value in seconds.items() if value > 0}
    return shares(taken, f"{bare.__name__}, line by line", font="DejaVu Sans Mono")
