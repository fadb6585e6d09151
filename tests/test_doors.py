"""The ways in beside a clone: the package holds the series, and what a hub, a container or a fork reads fits it."""

import configparser
import importlib
import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parent.parent
PARTS = ("helpers", "notebooks", "pyproject.toml", "requirements.txt", "README.md", "LICENSE")
SERIES = sorted((ROOT / "notebooks").glob("*.ipynb"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
# As a build front end calls setuptools, but with the one that is here: it asks for no network.
BUILD = "import sys; from setuptools import build_meta; print(build_meta.build_{}(sys.argv[1]))"


def text(name):
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """What an installed package is: a source archive is made of a copy, a wheel of the archive, and unpacked."""
    pytest.importorskip("setuptools", minversion="77", reason="builds the package: pip install 'setuptools>=77'")
    place = tmp_path_factory.mktemp("ein Ordner für 数字")
    made = place / "source"
    made.mkdir()
    for part in PARTS:
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        copy(ROOT / part, made / part)
    for kind in ("sdist", "wheel"):
        done = subprocess.run([sys.executable, "-c", BUILD.format(kind), str(place)], cwd=made, capture_output=True,
                              text=True)
        assert done.returncode == 0, done.stderr
        archive = place / done.stdout.split()[-1]
        shutil.unpack_archive(archive, place / kind, "zip" if kind == "wheel" else "gztar")
        made = next((place / kind).iterdir())
    return place / "wheel"


def test_the_package_holds_every_notebook_as_it_is_stored(package):
    held = sorted((package / "helpers" / "notebooks").glob("*.ipynb"))
    assert [path.name for path in held] == [path.name for path in SERIES] and len(SERIES) >= 13
    assert [path.read_bytes() for path in held] == [path.read_bytes() for path in SERIES]


def test_the_package_holds_every_module_and_what_was_recorded(package):
    for path in sorted((ROOT / "helpers").rglob("*")):
        if path.suffix in (".py", ".json", ".js", ".css", ".html") and "__pycache__" not in path.parts:
            assert (package / path.relative_to(ROOT)).is_file(), f"pyproject.toml leaves out {path.relative_to(ROOT)}"


def test_the_package_needs_what_requirements_name_and_its_command_makes_the_folder(package, tmp_path):
    about = next(package.glob("*.dist-info"))
    head = (about / "METADATA").read_text(encoding="utf-8").split("\n\n")[0].splitlines()
    needs = [line.split(": ", 1)[1] for line in head if line.startswith("Requires-Dist") and "extra ==" not in line]
    listed = [line.split("#")[0].strip() for line in text("requirements.txt").splitlines()]
    assert {*map(Requirement, needs)} == {*map(Requirement, filter(None, listed))} and len(needs) >= 10

    command = configparser.ConfigParser()
    command.read(about / "entry_points.txt")
    module, function = command["console_scripts"]["weight-for-weight"].split(":")
    code = f"import sys; sys.path.insert(0, {str(package)!r}); import {module} as m; m.{function}()"
    done = subprocess.run([sys.executable, "-I", "-c", code, "--folder", str(tmp_path / "my"), "--no-open"],
                          capture_output=True, text=True)
    assert done.stdout == f"Your notebooks and your network: {tmp_path / 'my'}\n", done.stderr
    for stored in SERIES:
        ours, theirs = (json.loads(path.read_text(encoding="utf-8"))["cells"]
                        for path in (stored, tmp_path / "my" / stored.name))
        assert [cell["source"] for cell in ours] == [cell["source"] for cell in theirs]
        assert not any(cell.get("outputs") for cell in theirs)


# What other machines read. Nothing here can start them, so the tests hold what can drift

def versions_of_python():
    """{where it is named: the Python of a door}."""
    matrix = yaml.safe_load(text(".github/workflows/test.yml"))["jobs"]["test"]["strategy"]["matrix"]["python"]
    container = json.loads(text(".devcontainer/devcontainer.json"))["image"].split(":")[1]
    return {"binder": text(".binder/runtime.txt").strip().removeprefix("python-"), "container": container,
            "oldest": matrix[0], "newest": matrix[-1]}


def test_every_door_has_a_python_that_the_project_allows_and_the_workflow_has_the_oldest():
    allowed, found = SpecifierSet(PROJECT["requires-python"]), versions_of_python()
    assert {door: version for door, version in found.items() if version not in allowed} == {}
    assert str(allowed) == f">={found['oldest']}"


def test_binder_installs_the_clone_itself():
    assert text(".binder/requirements.txt").split() == ["-e", "."]
    if sys.platform != "win32":
        assert all((ROOT / ".binder" / name).stat().st_mode & 0o100 for name in ("postBuild", "start"))


def test_the_citation_names_this_version_and_licence():
    cited = yaml.safe_load(text("CITATION.cff"))
    assert (cited["version"], cited["license"]) == (PROJECT["version"], PROJECT["license"])


def test_the_workflow_runs_what_make_test_runs():
    recipe = text("Makefile").split("\ntest: ")[1].split("\n\n")[0]
    recipe = recipe.replace("$(or $(WHAT),tests notebooks)", "tests notebooks")
    ours = " ".join(recipe.replace("$(PYTEST)", "").replace("\\\n", " ").split()).split("$(BIN)/")[1:]
    steps = yaml.safe_load(text(".github/workflows/test.yml"))["jobs"]["test"]["steps"]
    (windows,) = (step["run"] for step in steps if "pytest" in step.get("run", ""))
    lines = [" ".join(line.split()) for line in windows.replace("\\\n", " ").splitlines()]
    assert lines[1:] == [line.strip() for line in ours] and lines[0].endswith('-e ".[test]"')
    assert any(step.get("run", "").startswith("make test") for step in steps)


@pytest.mark.parametrize("name", ["README.md", ".binder/postBuild", "tests/hub.py", "helpers/lab.py"])
def test_the_line_that_holds_nothing_back_is_where_each_door_looks_for_it(name):
    (path,) = set(re.findall(r"helpers[\w.]*\.AtOnce", text(name)))
    module, kind = path.rsplit(".", 1)
    assert hasattr(importlib.import_module(module), kind)


def test_a_server_of_a_class_loads_that_line_without_numpy():
    code = "import sys, helpers.explorers.at_once, jupyter_server.serverapp; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "False\n", done.stderr


def test_the_readmes_values_for_kubernetes_can_be_read():
    (values,) = map(yaml.safe_load, re.findall(r"```yaml\n(.*?)```", text("README.md"), re.S))
    assert values["singleuser"]["memory"] == {"guarantee": "1G", "limit": "2G"} and values["cull"]["timeout"] == 3600
