"""Every notebook with all its solutions put in: the same outputs as shipped, and "Right" under every check."""

import ast
import importlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PATHS = [path for path in sorted((ROOT / "notebooks").glob("*.ipynb")) if path.name > "01"]
CHECK = re.compile(r"^exercises\.(\w+)\.check\((\w+)(.*)\)", re.M)


def source(cell):
    return "".join(cell["source"])


def code(path):
    return [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]


def exercises(path):
    """The notebook's module of exercises."""
    return importlib.import_module("helpers.exercises." + re.search(r"exercises import (\w+) as exercises", source(code(path)[0]))[1])


def solved(path):
    """Its cells with each solution in the place of its stub, and what each check replies to it."""
    module, cells = exercises(path), code(path)
    for stub, cell in zip(cells, cells[1:]):
        if found := CHECK.search(source(cell)):
            exercise, answer = getattr(module, found[1]), found[2]
            text, name = exercise.solution().text, exercise.truth.__name__
            stub["source"] = text if exercise.cases else f"{text}\n\n\n{answer} = {name}()"
            if exercise.cases and not exercise.part and name != answer:
                stub["source"] += f"\n\n\n{answer} = {name}"
            reply = exercise.check(exercise.truth if exercise.cases else exercise.truth(*exercise.numbers()))
            assert reply.state == "right"
            cell["outputs"][0]["data"] = {"text/plain": reply.text}
    return cells


def names(text, kind):
    return {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name) and isinstance(node.ctx, kind)}


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_nothing_but_its_check_depends_on_an_answer(path):
    """So the run below, without the cells that no exercise needs, tells about the whole notebook."""
    cells = code(path)
    stubs = {i for i, cell in enumerate(cells) if CHECK.search(source(cells[min(i + 1, len(cells) - 1)]))}
    assert stubs
    made = set().union(*(names(source(cells[i]), ast.Store) | {n.name for n in ast.parse(source(cells[i])).body
                                                               if isinstance(n, ast.FunctionDef)} for i in stubs))
    for i, cell in enumerate(cells):
        if i not in stubs and i - 1 not in stubs:
            assert not made & names(source(cell), ast.Load), source(cell)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The imports and the exercises of every notebook, solved, under strict nbval."""
    folder = tmp_path_factory.mktemp("solved")
    for path in PATHS:
        cells = solved(path)
        kept = [cell for i, cell in enumerate(cells) if i == 0 or CHECK.search("\n".join(map(source, cells[i : i + 2])))
                or ".task(" in source(cell) or "yours.network()" in source(cell)]
        notebook = {"cells": kept, "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
                    "nbformat": 4, "nbformat_minor": 5}
        (folder / path.name).write_text(json.dumps(notebook), encoding="utf-8")
    done = subprocess.run([sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", "--nbval-cell-timeout=120", "-v", "-p",
                           "no:cacheprovider", "-p", "no:xdist", f"--nbval-sanitize-with={ROOT / 'tests/nbval_sanitize.cfg'}", str(folder)],
                          capture_output=True, text=True, cwd=folder)
    return done.stdout


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_with_its_solutions_every_check_says_right(run, path):
    lines = [line for line in run.splitlines() if line.startswith(path.stem) and "::" in line]
    passed = [line for line in lines if "PASSED" in line]
    assert len(passed) >= 2 * len(CHECK.findall("\n".join(map(source, code(path))))), run[-3000:]
    assert not [line for line in lines if "FAILED" in line or "ERROR" in line], run[-3000:]
