"""A framework in a Python of its own: python -m helpers.frameworks.measure torch FOLDER.

Reads problem.npz there, and writes theta.npy and row.json beside it.
"""

import importlib
import importlib.metadata
import inspect
import json
import re
import sys
import time
from pathlib import Path

import numpy as np

from helpers.frameworks import MISTAKES

# Where each framework keeps what a beginner looks up.
DOCUMENTED = {"tensorflow": ["keras.layers", "keras.ops"], "torch": ["torch.nn", "torch"],
              "jax": ["jax.numpy", "jax.nn", "jax"], "pytensor": ["pytensor.tensor"], "numpy": ["helpers.network", "helpers.losses", "helpers.parameters"]}
SKIPPED = 10  # steps: the first ones compile, and find cold caches


def peak_memory():
    """The most memory this process has held so far, in 10⁶ bytes; nan where the system does not tell."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        return int(status.split("VmHWM:")[1].split()[0]) * 1024 / 1e6  # on Linux: ru_maxrss begins with the parent's there
    except (OSError, IndexError):
        pass
    try:
        import resource
    except ImportError:
        return float("nan")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6


def clocked(batches, times):
    """The same batches, noting the time at which each one is asked for."""
    for batch in batches:
        times.append(time.perf_counter())
        yield batch


def seconds_a_step(train, theta, sizes, X, Y, batches, alpha):
    """Seconds for a step in float32 once all is warm, and seconds from the call to the end of the first step."""
    theta, X, Y = (array.astype(np.float32) for array in (theta, X, Y))
    times, start = [], time.perf_counter()
    train(theta, sizes, X, Y, clocked(batches, times), np.float32(alpha))
    # To the end and not from step to step: a framework may return before its work is done.
    return (time.perf_counter() - times[SKIPPED]) / (len(times) - SKIPPED), times[1] - start


def spoiled(X, Y):
    """The three mistakes, {name: (X, Y)}, in 64 examples."""
    X, Y = X[:64], Y[:64]
    return dict(zip(MISTAKES, [(X.reshape(-1, 28, 28), Y), (X, Y.argmax(axis=1)[:, None].astype(float)), (X, Y[:63])]))


def answers(train, theta, sizes, X, Y, alpha):
    """What the framework does about each mistake: the kind of error, what it says, and whether it names both numbers."""
    found = {}
    for mistake, (bad_X, bad_Y) in spoiled(X, Y).items():
        try:
            train(theta, sizes, bad_X, bad_Y, [slice(None)], alpha)
            found[mistake] = {"kind": "", "says": "", "points": 0}
        except Exception as error:  # whatever it raises is what is asked here
            words = " ".join(re.sub("\033\\[\\d*m", "", str(error)).split())  # without the codes for bold letters
            numbers = set("".join(c if c.isdigit() else " " for c in words).split())
            helpful = any(numbers.issuperset(both) for both in MISTAKES[mistake])
            found[mistake] = {"kind": type(error).__name__, "says": words[:300], "points": 1 + helpful}
    return found


def documented(modules):
    """The share of public functions and classes whose docstring has an example in it."""
    texts = []
    for module in map(importlib.import_module, modules):
        for name in dir(module):
            thing = getattr(module, name, None)
            if not name.startswith("_") and callable(thing):
                texts.append(inspect.getdoc(thing) or "")
    return sum(">>>" in text or "Example" in text for text in texts) / len(texts)


def versions(package):
    """The version of the package, and of Keras beside TensorFlow."""
    names = {"tensorflow": ["tensorflow", "keras"], "jax": ["jax", "jaxlib"]}.get(package, [package])
    return {name: importlib.import_module(name).__version__ for name in names}


def main(package, folder):
    """Measure, train in float64, provoke, and write it all down."""
    with np.load(Path(folder) / "problem.npz") as stored:
        problem = [stored[name] for name in ("theta", "sizes", "X", "Y", "batches", "alpha")]
    theta, sizes, X, Y, batches, alpha = problem
    sizes, alpha, before = [int(k) for k in sizes], float(alpha), peak_memory()
    start = time.perf_counter()
    importlib.import_module(package)
    module = importlib.import_module(f"helpers.frameworks.{package}")
    row = {"import_s": time.perf_counter() - start, "versions": versions(package)}
    np.save(Path(folder) / "theta.npy", module.train(theta, sizes, X, Y, batches, alpha))
    row["memory_mb"] = peak_memory() - before
    row["step_s"], row["first_s"] = seconds_a_step(module.train, theta, sizes, X, Y, batches, alpha)
    row["lines"] = len([line for line in inspect.getsource(module).splitlines() if line.strip()])
    row["examples"] = documented(DOCUMENTED[package])
    row["errors"] = answers(module.train, theta, sizes, X, Y, alpha)
    (Path(folder) / "row.json").write_text(json.dumps(row), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
