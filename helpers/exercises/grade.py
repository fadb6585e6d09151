"""Who solved what, for a folder of handed-in notebooks: python -m helpers.exercises.grade FOLDER

Each notebook runs in a kernel of its own, with a limit on time and on memory, and one that breaks does not stop the
rest. Each my_network.py is trained on MNIST and laid beside Keras. Prints two tables, and writes them to
FOLDER/grades.csv and FOLDER/networks.csv. Needs no network.
"""

import argparse
import contextlib
import csv
import importlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
import numpy as np

from helpers import yours
from helpers.activations import identity, relu
from helpers.data import mnist
from helpers.exercises.base import STATES, Exercise
from helpers.frameworks import keras_bridge
from helpers.losses import cross_entropy
from helpers.optimizers import gradient_descent
from helpers.parameters import glorot, layers
from helpers.training import accuracy, minibatches, one_hot

IMPORT = re.compile(r"^\s*(?:from\s+helpers\.exercises\s+import\s+|import\s+helpers\.exercises\.)(\w+)", re.M)
SECONDS, GIGABYTES = 180, 4
BEST = {"right": 3, "wrong": 2, "open": 1}  # of several checks of one exercise the best counts


def grade(folder, seconds=SECONDS, gigabytes=GIGABYTES):
    """A row for each notebook under `folder`: {"notebook": path, exercise: state, …, "problem": why it has no states}."""
    folder = Path(folder)
    if not folder.is_dir():
        raise ValueError(f"folder: got {folder}, wanted a folder of handed-in notebooks")
    paths = sorted(p for p in folder.rglob("*.ipynb") if ".ipynb_checkpoints" not in p.parts)
    return [{"notebook": str(path.relative_to(folder)), **grade_one(path, seconds, gigabytes)} for path in paths]


def grade_one(path, seconds, gigabytes):
    """Run a copy of the notebook in a process that can be stopped, and read what the checks have told."""
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place) / "copy.ipynb"
        try:
            notebook = nbformat.read(path, as_version=4)
            asked = expected("\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code"), path.stem)
            nbformat.write(notebook, copy)
        except Exception as error:
            return {"problem": f"cannot be read as a notebook ({type(error).__name__})"}
        told = Path(place) / "states.jsonl"
        own = {"WFW_PREDICTIONS": str(Path(place) / "predictions.jsonl"), STATES: str(told)}
        problem = apart(["--run", copy], own, seconds, gigabytes)
        return asked | states(told) | {"problem": problem}


def networks(folder, seconds=SECONDS, gigabytes=GIGABYTES):
    """A row for each my_network.py under `folder`: {"network": path, what `measure` finds, "problem": why it is short}."""
    rows = []
    for path in sorted(Path(folder).rglob(yours.FILE)):
        with tempfile.TemporaryDirectory() as place:
            told = Path(place) / "row.jsonl"
            problem = apart(["--network", told], {"WFW_MY_NETWORK": str(path.absolute())}, seconds, gigabytes)
            found = {}
            for line in told.read_text(encoding="utf-8").splitlines() if told.exists() else []:
                found |= json.loads(line)
        rows.append({"network": str(path.relative_to(folder))} | found | {"problem": problem})
    return rows


def apart(command, own, seconds, gigabytes):
    """Run this module in a process of its own, which can be stopped with all its children → what went wrong, or ""."""
    name = __spec__.name if __spec__ else "helpers.exercises.grade"
    child = subprocess.Popen([sys.executable, "-m", name, *map(str, command), "--gigabytes", str(gigabytes)],
                             stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=os.environ | own,
                             start_new_session=True)
    try:
        _, complaint = child.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        stop(child)
        return f"still running after {seconds:g} seconds"
    if not child.returncode:
        return ""
    last = complaint.decode(errors="replace").strip().splitlines()[-1:] or ["the kernel ended"]
    return last[0][:120]


def stop(child):
    """End the process and everything that it started."""
    if hasattr(os, "killpg"):
        os.killpg(child.pid, signal.SIGKILL)
    child.kill()
    child.communicate()


def expected(code, stem):
    """{exercise: "not run", or "missing" where no check of it is left} for all exercises of the notebook that was handed out."""
    asked = {}
    for name in dict.fromkeys([*IMPORT.findall(code), re.sub(r"^\d+_", "", stem)]):
        try:
            exercises = vars(importlib.import_module(f"helpers.exercises.{name}"))
        except ImportError:
            continue
        for exercise in [key for key, value in exercises.items() if isinstance(value, Exercise)]:
            asked[exercise] = "not run" if re.search(rf"\b{exercise}\b", code) else "missing"
    return asked


def states(told):
    """{exercise: "right", "wrong" or "open"} as its checks have told."""
    found = {}
    for line in told.read_text(encoding="utf-8", errors="replace").splitlines() if told.exists() else []:
        with contextlib.suppress(ValueError, TypeError, KeyError):  # a line that no check has written
            name, state = json.loads(line)
            found[name] = max(found.get(name, state), state, key=BEST.__getitem__)
    return found


def limit(gigabytes):
    """Let this process and what it starts have no more memory than that."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (int(gigabytes * 2**30),) * 2)
    except (ImportError, ValueError, OSError):
        pass  # Windows: no limit on memory


def run(path):
    """Execute a notebook. Cells that fail do not stop the others."""
    from nbclient import NotebookClient

    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=None, allow_errors=True, kernel_name="python3",
                   resources={"metadata": {"path": str(Path(path).parent)}}).execute()


def measure(told, steps=100):
    """What is known of the reader's network, a line as soon as it is: its parts, what is wrong with them, the share of
    the test's digits that it reads after an epoch, and the largest |ΔW| beside Keras after `steps` steps in float64."""

    def tell(**row):
        with open(told, "a", encoding="utf-8") as stream:
            stream.write(json.dumps(row) + "\n")

    owners, wrong = yours.whose(), yours.diagnose()
    tell(parts=f"{list(owners.values()).count('yours')} of {len(owners)}", wrong=", ".join(wrong))
    mine, data, sizes, activations = yours.network(), mnist.load(), [784, 256, 128, 10], [relu, relu, identity]
    theta, Y = glorot(sizes, np.random.default_rng(0)), one_hot(data.labels_train, 10)
    batches = minibatches(len(Y), 32, np.random.default_rng(0))

    def trained(dtype, batches):
        start = layers(theta.astype(dtype), sizes, activations)
        return mine.train(start, data.X_train, Y.astype(dtype), mine.cross_entropy_grad, 0.1, batches)

    with keras_bridge.one_thread():
        guessed = mine.forward(trained(np.float32, batches), data.X_test)[0].argmax(axis=1)
    tell(accuracy=round(accuracy(guessed, data.labels_test), 4), data=data.name)
    if keras_bridge.installed("keras"):
        model = keras_bridge.build(theta, sizes, activations, loss=cross_entropy, optimizer=gradient_descent,
                                   learning_rate=0.1)
        with keras_bridge.one_thread():
            for batch in batches[:steps]:
                model.train_on_batch(data.X_train[batch], Y[batch])
            network = trained(np.float64, batches[:steps])
        reached = np.concatenate([array.ravel() for W, b, _ in network for array in (W, b)])
        tell(gap=f"{keras_bridge.gap(reached, keras_bridge.read(model), sizes).max():.1e}")


def show(rows, path, first):
    """Write a table, its columns in the order in which they appear, `first` in front and the problem at the end."""
    names = dict.fromkeys([*first, *(name for row in rows for name in row if name != "problem"), "problem"])
    with open(path, "w", newline="", encoding="utf-8-sig") as stream:  # Excel reads umlauts by the mark in front
        table = csv.DictWriter(stream, list(names))
        table.writeheader()
        table.writerows(rows)


def main():
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m helpers.exercises.grade",
                                     description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", nargs="?")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="limit for one notebook")
    parser.add_argument("--gigabytes", type=float, default=GIGABYTES, help="limit for one notebook")
    parser.add_argument("--run", help=argparse.SUPPRESS)
    parser.add_argument("--network", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.run or arguments.network:
        limit(arguments.gigabytes)
        return run(arguments.run) if arguments.run else measure(arguments.network)
    if not arguments.folder:
        parser.error("name the folder of handed-in notebooks")
    folder, limits = Path(arguments.folder), (arguments.seconds, arguments.gigabytes)
    rows = grade(folder, *limits)
    for row in rows:
        row["solved"] = sum(state == "right" for state in row.values())
        problem = row["problem"] and f"({row['problem']})"
        print(f"{row['notebook']:40} {row['solved']} of {len(row) - 3} solved", problem)
    show(rows, folder / "grades.csv", ["notebook", "solved"])
    found = networks(folder, *limits)
    for row in found:
        words = [f"{row['parts']} parts" if "parts" in row else "", row.get("wrong") and f"wrong: {row['wrong']}",
                 f"{row['accuracy']:.1%} of {row['data']} right" if "accuracy" in row else "",
                 f"|ΔW| {row['gap']}" if "gap" in row else "", row["problem"] and f"({row['problem']})"]
        print(f"{row['network']:40} {', '.join(word for word in words if word)}")
    if found:
        show(found, folder / "networks.csv", ["network", "parts", "wrong", "accuracy", "data", "gap"])


if __name__ == "__main__":
    main()
