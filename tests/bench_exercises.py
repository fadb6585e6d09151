"""How long a check takes with a right answer, for every exercise: python tests/bench_exercises.py, or make bench"""

import importlib
import pkgutil
import statistics
import time

import helpers.exercises
from helpers.exercises.base import Exercise

CHECKS, BAR = 20, 200  # ms
TRAINS = {"performance.faster"}  # races two trainings: its time is its task


def main():
    """Print the table."""
    print(f"Median and worst of {CHECKS} checks, in ms. Bar: {BAR}.\n")
    print("| exercise | median | worst | met |\n| --- | ---: | ---: | --- |")
    for module in pkgutil.iter_modules(helpers.exercises.__path__):
        for name, exercise in vars(importlib.import_module(f"helpers.exercises.{module.name}")).items():
            if not isinstance(exercise, Exercise) or f"{module.name}.{name}" in TRAINS:
                continue
            answer = exercise.truth if exercise.cases else exercise.truth(*exercise.numbers())
            took = []
            for _ in range(CHECKS):
                started = time.perf_counter()
                reply = exercise.check(answer)
                took.append(1e3 * (time.perf_counter() - started))
                assert reply.state == "right", (name, reply.text)
            met = "yes" if max(took) <= BAR else "no"
            print(f"| {module.name}.{name} | {statistics.median(took):.0f} | {max(took):.0f} | {met} |")


if __name__ == "__main__":
    main()
