"""The notebooks as files: frame, size, links, and outputs that a reader and a machine can trust."""

import ast
import importlib
import json
import re
import statistics
from pathlib import Path

import pytest

from helpers.yours import PARTS

FOLDER = Path(__file__).parent.parent / "notebooks"
PATHS = sorted(FOLDER.glob("*.ipynb"))
CORE = [p for p in PATHS if "01" <= p.name[:2]]


def cells(path, kind=None):
    found = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [c for c in found if kind in (None, c["cell_type"])]


def text(cell):
    return "".join(cell["source"])


def outputs(path):
    return [(cell, output) for cell in cells(path, "code") for output in cell["outputs"]]


def each(paths=PATHS):
    return pytest.mark.parametrize("path", paths, ids=lambda p: p.stem)


def test_the_series_is_numbered_without_a_gap():
    assert [p.name[:2] for p in PATHS] == [f"{i:02d}" for i in range(len(PATHS))]
    assert all(re.fullmatch(r"\d\d_[a-z_]+\.ipynb", p.name) for p in PATHS)


@each()
def test_first_and_last_cell_lead_to_the_neighbours(path):
    i = PATHS.index(path)
    expected = {p.name for p in PATHS[max(i - 1, 0) : i + 2]} - {path.name}
    for cell in (cells(path)[0], cells(path)[-1]):
        linked = set(re.findall(r"\]\((\w+\.ipynb)\)", text(cell)))
        assert linked == expected


@each()
def test_every_link_leads_to_a_file(path):
    for cell in cells(path, "markdown"):
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text(cell)):
            assert (FOLDER / target).exists(), target


@each(CORE)
def test_the_frame_is_complete(path):
    headings = re.findall(r"^#+ (.*)$", "\n\n".join(map(text, cells(path, "markdown"))), flags=re.M)
    assert headings[0].startswith(path.name[:2] + " ")
    assert {"New symbols", "Your turn", "What usually goes wrong", "What you learned"} <= set(headings)
    assert any("**Predict" in text(cell) for cell in cells(path, "markdown"))


@each()
def test_cells_are_short(path):
    code = [[line for line in text(cell).splitlines() if line.strip()] for cell in cells(path, "code")[1:]]
    assert max(map(len, code)) <= 12
    assert statistics.median(map(len, code)) <= 4
    assert all(len(line) <= 120 for lines in code for line in lines)
    for cell in cells(path, "markdown"):
        prose = [line for line in text(cell).splitlines() if not line.startswith("|")]
        assert len(" ".join(prose).split()) <= 120, text(cell)[:60]


@each()
def test_only_the_first_code_cell_imports(path):
    first, *rest = cells(path, "code")
    assert "import" in text(first)
    for cell in rest:
        found = [node for node in ast.walk(ast.parse(text(cell))) if isinstance(node, (ast.Import, ast.ImportFrom))]
        assert not found, text(cell)


@each()
def test_every_import_exists_and_is_used(path):
    first, *rest = map(text, cells(path, "code"))
    used = {node.id for cell in rest for node in ast.walk(ast.parse(cell)) if isinstance(node, ast.Name)}
    for node in ast.walk(ast.parse(first)):
        if isinstance(node, ast.ImportFrom) and node.module.startswith("helpers"):
            module = importlib.import_module(node.module)
            for alias in node.names:
                assert hasattr(module, alias.name) or importlib.import_module(f"{node.module}.{alias.name}")
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                assert (alias.asname or alias.name).split(".")[0] in used, f"{alias.name} is imported and not used"


@each()
def test_code_has_no_machinery(path):
    for cell in cells(path, "code"):
        for line in text(cell).splitlines():
            assert not line.rstrip().endswith(";") and not re.match(r"\s*[%!]", line) and "plt." not in line, line


@each()
def test_cells_were_run_in_order_and_none_failed(path):
    counts = [cell["execution_count"] for cell in cells(path, "code")]
    assert counts == list(range(1, len(counts) + 1))
    assert not [output for _, output in outputs(path) if output["output_type"] == "error"]


@each()
def test_outputs_hold_nothing_of_the_machine_that_made_them(path):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    assert notebook["metadata"] == {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    for cell in cells(path, "code"):
        assert set(cell["metadata"]) <= {"tags", "nbgrader"}
    for cell, output in outputs(path):
        words = json.dumps([v for k, v in output.get("data", {}).items() if "png" not in k] + [output.get("text", "")])
        words = re.sub(r"base64,[\w+/=]+", "", words)
        assert output.get("name") != "stderr", text(cell)
        assert not re.search(r"0x[0-9a-f]{6,}|/home/|/root/|/tmp/|/Users/|C:\\\\", words), words


@each()
def test_every_picture_says_what_is_seen(path):
    for cell, output in outputs(path):
        assert "image/png" not in output.get("data", {}), "show a Picture, which carries its words"
        for tag in re.findall(r"<img[^>]*?(?=src=)", "".join(output.get("data", {}).get("text/html", ""))):
            alt = re.search(r'alt="([^"]*)"', tag)[1]
            assert len(alt) > 30 and re.search(r"\d", alt), alt


@each()
def test_outputs_are_compared_or_asserted(path):
    code = cells(path, "code")
    shown = [i for i, cell in enumerate(code) if cell["outputs"]]
    ignored = [i for i in shown if "nbval-ignore-output" in cell_tags(code[i])]
    print(f"{path.stem}: {len(shown) - len(ignored)} of {len(shown)} outputs compared")
    assert len(ignored) <= 0.3 * len(shown)
    for i in ignored:
        assert "assert" in text(code[i]) + text(code[i + 1]), text(code[i])
    assert not {tag for cell in code for tag in cell_tags(cell)} - {"nbval-ignore-output"}


def cell_tags(cell):
    return cell["metadata"].get("tags", [])


@each()
def test_a_notebook_is_small(path):
    assert path.stat().st_size < 700_000


def test_no_notebook_is_missing_from_the_table_of_contents():
    contents = "".join(map(text, cells(PATHS[0], "markdown")))
    readme = (FOLDER.parent / "README.md").read_text(encoding="utf-8")
    for path in PATHS[1:]:
        assert path.name in contents and path.name in readme


@each(CORE)
def test_exercises_can_be_released_with_nbgrader(path):
    """Every check is a locked cell worth a point, below a cell whose solution stands between nbgrader's markers."""
    code = cells(path, "code")
    checks = [i for i, cell in enumerate(code) if re.match(r"exercises\.\w+\.check\(", text(cell))]
    assert len(checks) >= 2
    for i in checks:
        check, stub = (code[j]["metadata"]["nbgrader"] for j in (i, i - 1))
        assert check["grade"] and check["locked"] and check["points"] == 1 and not check["solution"]
        assert stub["solution"] and not stub["grade"] and not stub["locked"]
        assert text(code[i - 1]).index("### BEGIN SOLUTION") < text(code[i - 1]).index("### END SOLUTION")
    assert len(checks) == sum("exercises." in text(cell) and ".check(" in text(cell) for cell in code)


# Minutes: reckoned by one rule, which stands in the README

# A minute's words and lines of code; minutes for each. Two fresh readers took twice an exercise's time for a part.
WORDS, LINES, PREDICTION, EXPLORER, EXERCISE, PART = 150, 15, 1, 4, 5, 10


def without_optional(found):
    """The cells without the sections whose heading says that they are optional."""
    kept, optional = [], False
    for cell in found:
        heading = re.match(r"## (.*)", text(cell)) if cell["cell_type"] == "markdown" else None
        optional = heading[1].startswith("Optional") if heading else optional
        kept += [] if optional else [cell]
    return kept


def reckoned(path):
    """The minutes of a notebook, rounded to 5."""
    found = without_optional(cells(path))
    code = [text(cell) for cell in found if cell["cell_type"] == "code" and not text(cell).startswith(("import", "from"))]
    prose = " ".join(re.sub(r"\$\$.*?\$\$", " ", text(cell), flags=re.S) for cell in found if cell["cell_type"] == "markdown")
    lines = sum(bool(line.strip()) and not line.startswith("#") for cell in code for line in cell.splitlines())
    checks, guesses, explorers = ([name for cell in code for name in re.findall(pattern, cell, re.M)] for pattern in (
        r"^exercises\.(\w+)\.check\(", r"^guess\(", r"^explore_\w+\("))
    exact = len(prose.split()) / WORDS + lines / LINES + len(guesses) * PREDICTION + len(explorers) * EXPLORER
    exact += sum(PART if name in PARTS else EXERCISE for name in checks)
    return 5 * round(exact / 5)


@each()
def test_the_minutes_of_a_notebook_are_reckoned_by_the_rule(path):
    (said,) = re.findall(r"About (\d+) minutes", text(cells(path)[1]))
    assert int(said) == reckoned(path)


def test_the_readme_tells_the_rule():
    readme = (FOLDER.parent / "README.md").read_text(encoding="utf-8")
    (rule,) = re.findall(r"\*\*Minutes\.\*\* (.*)", readme)
    assert [int(number) for number in re.findall(r"\d+", rule)] == [WORDS, LINES, PREDICTION, EXPLORER, EXERCISE, PART, 5]


@each()
def test_an_assert_makes_one_claim(path):
    for cell in cells(path, "code"):
        for node in ast.walk(ast.parse(text(cell))):
            assert not (isinstance(node, ast.Assert) and isinstance(node.test, ast.BoolOp) and isinstance(node.test.op, ast.And)), text(cell)
