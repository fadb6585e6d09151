"""The grader: every handed-in notebook gets its row, whatever the others do."""

import csv
import subprocess
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from helpers.exercises.base import STATES
from helpers.exercises.grade import grade, states

HEAD = "from helpers.exercises import forward_propagation as exercises\nimport numpy as np"
LAYER = "def my_layer(A_in, W, b, f):\n    {}"
CHECK = "exercises.layer.check(my_layer)"
COUNT = "exercises.parameters.check(my_count)"


def hand_in(folder, name, *sources):
    (folder / name).parent.mkdir(exist_ok=True)
    nbformat.write(new_notebook(cells=[new_code_cell(source) for source in sources]), folder / name)


def graded(folder, *options):
    """What the command writes: {notebook: its row}."""
    subprocess.run([sys.executable, "-m", "helpers.exercises.grade", str(folder), *options], check=True, capture_output=True)
    with open(folder / "grades.csv", newline="", encoding="utf-8-sig") as stream:
        return {row["notebook"]: row for row in csv.DictReader(stream)}


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    """A folder of six notebooks, good and bad, graded."""
    folder = tmp_path_factory.mktemp("a room")
    hand_in(folder, "ada.ipynb", HEAD, LAYER.format("Z = A_in @ W + b; return Z, f(Z)"), CHECK, "my_count = 235146", COUNT)
    hand_in(folder, "bob/01.ipynb", HEAD, LAYER.format("return A_in @ W"), CHECK, "my_count = None", COUNT)
    hand_in(folder, "crash.ipynb", HEAD, "1 / 0", LAYER.format("Z = A_in @ W + b; return Z, f(Z)"), CHECK, COUNT)
    hand_in(folder, "dead.ipynb", HEAD, "import os; os._exit(1)", CHECK)
    hand_in(folder, "greedy.ipynb", HEAD, "x = np.ones((10**5, 10**5))", "my_count = 235146", COUNT)
    (folder / "broken.ipynb").write_text("no notebook at all")
    return graded(folder)


def test_right_wrong_and_open_are_told_apart(room):
    assert (room["ada.ipynb"]["layer"], room["ada.ipynb"]["parameters"], room["ada.ipynb"]["solved"]) == ("right", "right", "2")
    bob = room["bob/01.ipynb"]
    assert (bob["layer"], bob["parameters"], bob["solved"]) == ("wrong", "open", "0")


def test_a_cell_that_fails_does_not_spoil_the_next(room):
    assert (room["crash.ipynb"]["layer"], room["crash.ipynb"]["parameters"]) == ("right", "not run")


def test_an_exercise_whose_check_is_gone_is_missing(room):
    assert room["ada.ipynb"]["neuron"] == room["crash.ipynb"]["neuron"] == "missing"


def test_a_broken_notebook_has_a_row_that_says_why(room):
    assert len(room) == 6
    assert room["dead.ipynb"]["problem"] and room["dead.ipynb"]["layer"] == "not run"
    assert "cannot be read" in room["broken.ipynb"]["problem"]
    assert room["greedy.ipynb"]["parameters"] == "right"


def test_a_notebook_without_an_end_is_given_up(tmp_path):
    hand_in(tmp_path, "endless.ipynb", HEAD, LAYER.format("return 0"), "import time\nwhile True: time.sleep(1)", CHECK)
    row = graded(tmp_path, "--seconds", "3")["endless.ipynb"]
    assert row["problem"] == "still running after 3 seconds" and row["layer"] == "not run"


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(ValueError, match="folder: got"):
        grade(tmp_path / "nowhere")


WAYS = {
    "as handed out": "exercises.double.check(my_double)", "a semicolon": "exercises.double.check(my_double);",
    "printed": "print(exercises.double.check(my_double))", "a line below": "exercises.double.check(my_double)\nx = 1",
    "hint below": "exercises.double.check(my_double)\nexercises.double.hint()", "assigned": "reply = exercises.double.check(my_double)",
    "assigned and shown": "reply = exercises.double.check(my_double)\nreply", "display": "display(exercises.double.check(my_double))",
    "indented": "if True:\n    exercises.double.check(my_double)", "in a loop": "for _ in range(2):\n    exercises.double.check(my_double)",
    "spaced": "exercises . double . check( my_double )", "another name": "e = exercises\ne.double.check(my_double)",
    "the module": "from helpers.exercises import start_here\nstart_here.double.check(my_double)", "a lambda": "exercises.double.check(lambda x: x + x)",
    "a name of one's own": "mine = my_double\nexercises.double.check(mine)", "a tuple": "exercises.double.check(my_double), 1",
    "the text": "exercises.double.check(my_double).text", "an assert": "assert exercises.double.check(my_double).state == 'right'",
    "wrong first": "exercises.double.check(abs)\nexercises.double.check(my_double)", "solution below": "exercises.double.check(my_double)\nexercises.double.solution()",
    "a comment above": "# here\n\nexercises.double.check(my_double)  # and here", "time": "%time exercises.double.check(my_double)",
    "fails below": "exercises.double.check(my_double)\n1 / 0", "in a function": "def go():\n    return exercises.double.check(my_double)\ngo()",
}


def test_right_work_is_right_however_it_is_handed_in(tmp_path):
    cells = ["from helpers.exercises import start_here as exercises\ndef my_double(x):\n    return 2 * x"]
    for i, way in enumerate(WAYS.values()):  # one kernel for all of them, and a file for each
        cells += [f"import os; os.environ['{STATES}'] = {str(tmp_path / str(i))!r}", way]
    nbformat.write(new_notebook(cells=[new_code_cell(source) for source in cells]), tmp_path / "ways.ipynb")
    # In a Python of its own, as a class's notebooks are: the limit on memory would hold for all tests after this one.
    subprocess.run([sys.executable, "-m", "helpers.exercises.grade", "--run", tmp_path / "ways.ipynb"], check=True)
    found = {way: states(tmp_path / str(i)) for i, way in enumerate(WAYS)}
    assert len(WAYS) >= 20 and found == {way: {"double": "right"} for way in WAYS}


def test_names_with_umlauts_open_in_excel(tmp_path):
    (tmp_path / "Jürgen Größe.ipynb").write_text("no notebook at all")
    assert list(graded(tmp_path)) == ["Jürgen Größe.ipynb"] and (tmp_path / "grades.csv").read_bytes()[:3] == b"\xef\xbb\xbf"
