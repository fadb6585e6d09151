"""Who imports whom: the maths needs NumPy alone and stays short, and imports go one way."""

import ast
import graphlib
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HELPERS = ROOT / "helpers"
HEAVY = {"matplotlib", "ipywidgets", "IPython", "keras", "jax", "tensorflow", "torch", "sklearn", "scipy", "tqdm", "PIL", "pandas"}

# The folders of helpers/, each with those that it may not import. What lies in none of them is what a student reads.
ABOVE = {
    "data": {"topics", "frameworks", "figures", "explorers", "exercises", "site"},
    "checks": {"topics", "frameworks", "figures", "explorers", "exercises", "site"},
    "topics": {"figures", "explorers", "exercises", "site"},
    "frameworks": {"figures", "explorers", "exercises", "site"},
    "figures": {"explorers", "exercises", "site"},
    "explorers": {"exercises", "site"},
    "exercises": {"explorers", "site"},
    "site": set(),
}
MOST = 300  # lines of the seven files that are not blank
COMMANDS = {"lab", "yours"}  # at the top because a reader types their names; they put the rest together

FILES = {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
         for path in sorted(HELPERS.rglob("*.py"))}
READ = sorted(path.stem for path in HELPERS.glob("*.py") if path.stem not in {"__init__", *COMMANDS})
MATHS = [f"helpers.{name}" for name in READ]


def layer(name):
    part = name.split(".")[1] if "." in name else ""
    return part if part in ABOVE else "commands" if part in COMMANDS else "maths"


def imports(path):
    """The modules that a file imports anywhere in it, with `from helpers import mnist` read as helpers.data.mnist."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: an import that does not say where from"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found.add(inner if inner in FILES else node.module)
    return found


IMPORTS = {name: imports(path) for name, path in FILES.items()}
each_file = pytest.mark.parametrize("name", FILES)


def python(*arguments):
    done = subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done


def test_the_files_that_students_read_are_the_seven():
    assert len(READ) == 7 and {path.name for path in HELPERS.iterdir() if path.is_dir() and path.name[0] != "_"} == set(ABOVE)


@each_file
def test_imports_go_one_way(name):
    for other in IMPORTS[name]:
        if other.split(".")[0] == "helpers" and other != "helpers":
            part, own = other.split(".")[1], layer(name)
            closed = {"maths": ABOVE.keys() - {"checks"} | COMMANDS, "commands": set()}.get(own) or ABOVE.get(own, set())
            assert part not in closed, f"{name} imports {other}"


def test_no_two_helpers_import_each_other():
    graph = {name: {other for other in others if other in FILES and other != name} for name, others in IMPORTS.items()}
    graphlib.TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle


def test_every_helper_that_is_imported_exists():
    for name, others in IMPORTS.items():
        for other in others:
            assert other.split(".")[0] != "helpers" or other in FILES, f"{name} imports {other}"


@each_file
def test_no_star_imports(name):
    tree = ast.parse(FILES[name].read_text(encoding="utf-8"))
    assert not any(alias.name == "*" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names)


@pytest.mark.parametrize("name", MATHS)
def test_the_maths_names_no_package_but_numpy(name):
    packages = {other.split(".")[0] for other in IMPORTS[name]} - set(sys.stdlib_module_names)
    assert packages <= {"numpy", "helpers"}


@pytest.mark.parametrize("name", MATHS)
def test_importing_maths_loads_numpy_and_nothing_else(name):
    code = f"import sys, numpy; before = set(sys.modules); import {name}; print(*set(sys.modules) - before)"
    done = python("-c", code)
    loaded = {module.split(".")[0] for module in done.stdout.split()}
    assert not loaded & HEAVY
    assert loaded - set(sys.stdlib_module_names) <= {"numpy", "helpers"}
    assert done.stderr == ""


def test_the_package_itself_imports_nothing():
    assert IMPORTS["helpers"] == set()


def times(code):
    """Milliseconds spent in each module itself, {name: ms}, as -X importtime reports them."""
    rows = [line.removeprefix("import time:").split("|") for line in python("-X", "importtime", "-c", code).stderr.splitlines()]
    return {name.strip(): int(own) / 1000 for own, _, name in rows if own.strip().isdigit()}


def test_importing_all_of_the_maths_costs_little_next_to_numpy():
    # Beside NumPy's own time on the same machine, so that a slow machine does not fail it.
    numpy, ours = [], []
    for _ in range(3):
        alone = times("import numpy")
        together = times("import numpy, " + ", ".join(MATHS))
        numpy.append(sum(alone.values()))
        ours.append(sum(ms for name, ms in together.items() if name not in alone))
    print(f"\nNumPy {statistics.median(numpy):.0f} ms, all of the maths on top of it {statistics.median(ours):.0f} ms")
    assert min(ours) <= max(50, min(numpy))  # on a busy machine both take longer


def test_the_maths_that_students_read_stays_short():
    lengths = {name: sum(bool(line.strip()) for line in FILES[f"helpers.{name}"].read_text(encoding="utf-8").splitlines()) for name in READ}
    print("\nlines that are not blank:", lengths, "together", sum(lengths.values()))
    assert sum(lengths.values()) <= MOST
