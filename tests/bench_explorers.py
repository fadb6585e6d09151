"""How long every explorer takes from an event to its picture: python tests/bench_explorers.py

Beside each stands what a stock `interact` callback does for one event: a new pyplot figure, as the inline backend sends it.
The two take turns, so that a busy moment hits both. "CPU" is the time of this process alone: what a machine would take
that does nothing else. The cockpit is measured by what its live display costs, and by how soon a new α counts.
"""

import gc
import statistics
import time

import numpy as np
from IPython.core.pylabtools import print_figure
from matplotlib import pyplot as plt

from helpers.explorers import mnist_from_scratch as cockpit
from helpers.explorers.base import Number
from helpers.data.mnist import load
from test_explorers import EXPLORERS, scribble, some_stroke, some_value

EVENTS, STOCK = 200, 40  # events for each explorer; among them as many of the stock kind
SECONDS = cockpit.SECONDS
MEDIAN, WORST, LIVE, SOON = 30, 100, 1.25, 250  # the bars: ms, ms, times, ms


def clocked(action):
    """Milliseconds that an action takes: on the wall, and of this process."""
    wall, cpu = time.perf_counter(), time.process_time()
    action()
    return 1000 * (time.perf_counter() - wall), 1000 * (time.process_time() - cpu)


def stock(a):
    """What `interact(f, a=slider)` does at every event."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.6, 4.2))
    x = np.linspace(-2, 2, 200)
    left.plot(x, (x - a) ** 2)
    left.set(xlabel="x", ylabel="y", title=f"a = {a:.2f}")
    right.plot(x, a * x, "o-")
    right.set(xlabel="x", ylabel="y")
    print_figure(figure, bbox_inches="tight")
    plt.close(figure)


def event(explorer, rng):
    """One random event that changes something, as an action: a slider dragged, a choice made, a stroke drawn."""
    names = [*explorer.control, *(["pad"] if hasattr(explorer, "pad") else [])]
    name = names[rng.integers(len(names))]
    if name == "pad":
        return lambda ink=some_stroke(rng): scribble(explorer.pad, ink)
    control, value = explorer.control[name], explorer.values[name]
    while value == explorer.values[name]:
        value = some_value(control, rng)
    moved = control.slider if isinstance(control, Number) else control
    return lambda: setattr(moved, "value", value)


def measure(explore):
    """{wall, cpu, stock wall, stock cpu: milliseconds of every event} of an explorer."""
    explorer, rng, found = explore(), np.random.default_rng(0), {"wall": [], "cpu": [], "stock wall": [], "stock cpu": []}
    new = 0
    for i in range(EVENTS):
        before = explorer.picture.value
        for name, value in zip(("wall", "cpu"), clocked(event(explorer, rng))):
            found[name].append(value)
        new += explorer.picture.value != before
        if i % (EVENTS // STOCK) == 0:
            for name, value in zip(("stock wall", "stock cpu"), clocked(lambda: stock(rng.random()))):
                found[name].append(value)
            gc.collect()  # its figures leave cycles, and to collect them takes 150 ms of whoever comes next
    if new < 0.8 * EVENTS:
        raise AssertionError(f"only {new} of {EVENTS} events of {type(explorer).__name__} made a new picture")
    return found


def epoch(explorer, steps, live):
    """Seconds for as many steps, on the wall and of the training's thread, with pictures or without."""
    done, run, whole = [], explorer.run, cockpit.Run.step

    def step(**values):
        done.append((time.perf_counter(), time.thread_time()))
        whole(run, **values)
        if len(done) > steps:
            explorer.go = False

    run.step, cockpit.SECONDS = step, SECONDS if live else float("inf")
    explorer.start()
    explorer.thread.join()
    cockpit.SECONDS = SECONDS
    del run.step
    return np.subtract(done[steps], done[0])


def measure_cockpit(data, rounds=3):
    """([(wall, cpu) ratio of an epoch with pictures to one without], [ms to the first step, ms to the picture])."""
    explorer = cockpit.explore_training(data)
    steps, ratios = -(-len(data.X_train) // 32), []
    for _ in range(rounds):
        ratios.append([epoch(explorer, steps, live) for live in (False, True)])
    ratios = np.array(ratios)  # (rounds, without or with, wall or cpu)
    waits, rng, whole, used = [], np.random.default_rng(0), cockpit.Run.step, []
    explorer.run.step = lambda **values: (used.append((values["learning_rate"], time.perf_counter())), whole(explorer.run, **values))
    explorer.start()
    for alpha in np.round(np.exp(rng.uniform(np.log(1e-4), np.log(2e-3), 30)), 6):
        time.sleep(rng.uniform(0.1, 0.5))
        begin = time.perf_counter()
        explorer.set(learning_rate=alpha)
        while f"α = {alpha:.3g}," not in explorer.alt:
            time.sleep(0.001)
        seen = time.perf_counter()
        while alpha not in (rate for rate, _ in used):
            time.sleep(0.001)
        waits.append([1000 * (next(at for rate, at in used if rate == alpha) - begin), 1000 * (seen - begin)])
        used.clear()
    explorer.pause()
    return ratios[:, 1].min(axis=0) / ratios[:, 0].min(axis=0), np.array(waits)


def met(*pairs):
    """Whether every number is within its bar."""
    return "yes" if all(number <= bar for number, bar in pairs) else "NO"


def main():
    """Print both tables."""
    print(f"Event to picture, {EVENTS} random events each, in ms. Bars: median ≤ {MEDIAN}, worst ≤ {WORST}.\n")
    print("| explorer | median | 95 % | worst | CPU median | CPU worst | stock, median | stock, CPU | met | met, CPU |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for parameter in EXPLORERS:
        if parameter.id != "explore_training":
            found = measure(parameter.values[0])
            wall, cpu = found["wall"], found["cpu"]
            row = [statistics.median(wall), np.percentile(wall, 95), max(wall), statistics.median(cpu), max(cpu),
                   statistics.median(found["stock wall"]), statistics.median(found["stock cpu"])]
            verdicts = [met((statistics.median(times), MEDIAN), (max(times), WORST)) for times in (wall, cpu)]
            print(f"| {parameter.id} | {' | '.join(f'{value:.0f}' for value in row)} | {' | '.join(verdicts)} |", flush=True)
    data = load(validation=10000)
    (wall, cpu), waits = measure_cockpit(data)
    print(f"\nCockpit, {data.name}: an epoch with live display takes {wall:.2f} times the epoch without it, {cpu:.2f} in CPU time "
          f"(bar {LIVE}: {met((wall, LIVE))}, CPU {met((cpu, LIVE))}).")
    (first, seen), (late, last) = np.median(waits, axis=0), waits.max(axis=0)
    print(f"A new α is used after {first:.0f} ms (worst {late:.0f}) and seen after {seen:.0f} ms (worst {last:.0f}; "
          f"bar {SOON}: {met((last, SOON))}), over {len(waits)} changes.")


if __name__ == "__main__":
    main()
