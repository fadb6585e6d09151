"""Who solved what, for a folder of handed-in notebooks: python -m helpers.exercises.grade FOLDER

Each notebook runs in a kernel of its own, with a limit on time and on memory, and one that breaks does not stop the rest.
Prints a table and writes it to FOLDER/grades.csv. Needs no network.
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

from helpers.exercises.base import STATES, Exercise

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
    """Run a copy of the notebook in a process that can be stopped with all its children, and read what the checks have told."""
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place) / "copy.ipynb"
        try:
            notebook = nbformat.read(path, as_version=4)
            asked = expected("\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code"), path.stem)
            nbformat.write(notebook, copy)
        except Exception as error:
            return {"problem": f"cannot be read as a notebook ({type(error).__name__})"}
        told = Path(place) / "states.jsonl"
        environment = dict(os.environ, WFW_PREDICTIONS=str(Path(place) / "predictions.jsonl"), **{STATES: str(told)})
        child = subprocess.Popen([sys.executable, "-m", __spec__.name if __spec__ else "helpers.exercises.grade", "--run", str(copy), str(gigabytes)],
                                 stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment, start_new_session=True)
        try:
            _, complaint = child.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            stop(child)
            return asked | states(told) | {"problem": f"still running after {seconds:g} seconds"}
        if child.returncode:
            last = complaint.decode(errors="replace").strip().splitlines()[-1:] or ["the kernel ended"]
            return asked | states(told) | {"problem": last[0][:120]}
        return asked | states(told) | {"problem": ""}


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


def run(path, gigabytes):
    """In the process of its own: limit the memory and execute. Cells that fail do not stop the others."""
    from nbclient import NotebookClient

    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (int(gigabytes * 2**30),) * 2)
    except (ImportError, ValueError, OSError):
        pass  # Windows: no limit on memory
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=None, allow_errors=True, kernel_name="python3", resources={"metadata": {"path": str(Path(path).parent)}}).execute()


def main():
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m helpers.exercises.grade", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", nargs="?")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="limit for one notebook")
    parser.add_argument("--gigabytes", type=float, default=GIGABYTES, help="limit for one notebook")
    parser.add_argument("--run", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.run:
        return run(arguments.run[0], float(arguments.run[1]))
    if not arguments.folder:
        parser.error("name the folder of handed-in notebooks")
    rows = grade(arguments.folder, arguments.seconds, arguments.gigabytes)
    names = list(dict.fromkeys(name for row in rows for name in row if name not in ("notebook", "problem")))
    with open(Path(arguments.folder) / "grades.csv", "w", newline="", encoding="utf-8-sig") as stream:  # Excel reads umlauts by the mark in front
        table = csv.DictWriter(stream, ["notebook", "solved", *names, "problem"])
        table.writeheader()
        for row in rows:
            solved = sum(state == "right" for state in row.values())
            table.writerow(row | {"solved": solved})
            print(f"{row['notebook']:40} {solved} of {len(row) - 2} solved", row["problem"] and f"({row['problem']})")


if __name__ == "__main__":
    main()
