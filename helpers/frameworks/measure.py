"""A framework in a Python of its own: python -m helpers.frameworks.measure PROGRAM PACKAGE MODE FOLDER.

Reads problem.npz there, and writes theta.npy and row.json beside it.
"""

import importlib
import importlib.metadata
import json
import re
import sys
import time
import warnings
from pathlib import Path

import numpy as np

from helpers.frameworks import MISTAKES
from helpers.frameworks.concepts import OWN, examples

SKIPPED = 10  # steps: the first ones compile, and find cold caches


def plain_tensorflow(module):
    importlib.import_module("tensorflow").config.run_functions_eagerly(True)


def plain_jax(module):
    importlib.import_module("jax").config.update("jax_disable_jit", True)


def plain_pytensor(module):
    importlib.import_module("pytensor").config.mode = "FAST_COMPILE"


def compiled_torch(module):
    network = module.network
    module.network = lambda *sizes: importlib.import_module("torch").compile(network(*sizes))


# Every program as it is written is "usual"; here is how its step is compiled less (plain), or more.
MODES = {("tensorflow", "plain"): plain_tensorflow, ("jax", "plain"): plain_jax, ("pytensor", "plain"): plain_pytensor,
         ("torch", "compiled"): compiled_torch}


def peak_memory():
    """The most memory this process has held so far, in 10⁶ bytes; nan where the system does not tell."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        return int(status.split("VmHWM:")[1].split()[0]) * 1024 / 1e6  # not ru_maxrss, which begins with the parent's
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


def seconds_a_step(train, theta, sizes, X, Y, batches, learning_rate):
    """Seconds for a step in float32 once all is warm, and seconds from the call to the end of the first step."""
    theta, X, Y = (array.astype(np.float32) for array in (theta, X, Y))
    times, start = [], time.perf_counter()
    train(theta, sizes, X, Y, clocked(batches, times), np.float32(learning_rate))
    # To the end and not from step to step: a framework may return before its work is done.
    return (time.perf_counter() - times[SKIPPED]) / (len(times) - SKIPPED), times[1] - start


def spoiled(X, Y):
    """The three mistakes, {name: (X, Y)}, in 64 examples."""
    X, Y = X[:64], Y[:64]
    column = Y.argmax(axis=1)[:, None].astype(float)
    return dict(zip(MISTAKES, [(X.reshape(-1, 28, 28), Y), (X, column), (X, Y[:63])]))


def answers(train, theta, sizes, X, Y, learning_rate):
    """What the framework does about each mistake: the kind of error, what it says, and its points."""
    found = {}
    for mistake, (bad_X, bad_Y) in spoiled(X, Y).items():
        try:
            train(theta, sizes, bad_X, bad_Y, [slice(None)], learning_rate)
            found[mistake] = {"kind": "", "says": "", "points": 0}
        except Exception as error:  # whatever it raises is what is asked here
            # Without the codes for bold letters, and without the folders of this machine.
            words = re.sub("\033\\[\\d*m|(?<=File \")[^\"]*[/\\\\]", "", " ".join(str(error).split()))
            numbers = set("".join(c if c.isdigit() else " " for c in words).split())
            helpful = any(numbers.issuperset(both) for both in MISTAKES[mistake])
            found[mistake] = {"kind": type(error).__name__, "says": words[:300], "points": 1 + helpful}
    return found


def softmax_twice(train, right, theta, sizes, X, Y, batches, learning_rate):
    """Keras alone: softmax in the last layer, and a loss that is told to expect scores before softmax.

    right (P,) is where the same training ends without the mistake.
    """
    from helpers.activations import identity, relu
    from helpers.network import forward
    from helpers.parameters import layers

    def accuracy(theta):
        network = layers(theta, sizes, [*[relu] * (len(sizes) - 2), identity])
        return float((forward(network, X)[0].argmax(axis=1) == Y.argmax(axis=1)).mean())

    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        wrong = train(theta, sizes, X, Y, batches, learning_rate, last="softmax")
    heard = [str(warning.message) for warning in said if "from_logits" in str(warning.message)]
    return {"says": " ".join(" ".join(heard[:1]).split()), "gap": float(np.abs(wrong - right).max()),
            "accuracy": accuracy(wrong), "without": accuracy(right)}


def versions(program, package):
    """The version of the package, of what carries it, and of what Keras runs on."""
    names = [package, *{"jax": ["jaxlib"], "tensorflow": ["keras"]}.get(package, [])]
    if program == "keras":
        names.append(importlib.import_module("keras").backend.backend())
    return {name: importlib.import_module(name).__version__ for name in names}


def main(program, package, mode, folder):
    """Measure in float32 while all is cold; then, by its mode, train in float64, and provoke; and write it all down."""
    with np.load(Path(folder) / "problem.npz") as stored:
        problem = [stored[name] for name in ("theta", "sizes", "X", "Y", "batches", "learning_rate")]
    theta, sizes, X, Y, batches, learning_rate = problem
    sizes, learning_rate, before = [int(k) for k in sizes], float(learning_rate), peak_memory()
    start = time.perf_counter()
    importlib.import_module(package)
    module = importlib.import_module(f"helpers.frameworks.{program}")
    row = {"import_s": time.perf_counter() - start}
    MODES.get((program, mode), lambda module: None)(module)
    row["step_s"], row["first_s"] = seconds_a_step(module.train, theta, sizes, X, Y, batches, learning_rate)
    row["memory_mb"] = peak_memory() - before
    if mode in ("usual", "judged"):
        right = module.train(theta, sizes, X, Y, batches, learning_rate)
        np.save(Path(folder) / "theta.npy", right)
    if mode == "judged":
        row["errors"] = answers(module.train, theta, sizes, X, Y, learning_rate)
        row["examples"] = examples(program) if program in OWN else {}
        if program == "keras":
            row["softmax twice"] = softmax_twice(module.train, right, theta, sizes, X, Y, batches, learning_rate)
    row["versions"] = versions(program, package)
    (Path(folder) / "row.json").write_text(json.dumps(row), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
