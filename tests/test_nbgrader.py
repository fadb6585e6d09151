"""A school that uses nbgrader: release a notebook as it is, hand it in solved, half solved and untouched, read the points."""

import importlib.util
import json
import os
import shutil
import sys
from pathlib import Path

import pytest

NOTEBOOK = Path(__file__).parent.parent / "notebooks" / "02_the_mse_loss.ipynb"
ANSWERS = {"02-by-hand": "my_loss = 5 / 6", "02-mse": "def my_mse(Y_hat, Y):\n    return ((Y_hat - Y) ** 2).sum() / (2 * len(Y))",
           "02-mse-grad": "def my_mse_grad(Y_hat, Y):\n    return (Y_hat - Y) / len(Y)",
           "02-same-step": "def my_learning_rate(learning_rate, n):\n    return learning_rate / (2 * n)"}
WRONG = {"02-by-hand": "my_loss = 5 / 3", "02-mse": "def my_mse(Y_hat, Y):\n    return ((Y_hat - Y) ** 2).mean()"}


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """nbgrader's own programs, on a course of one notebook and three students."""
    if not importlib.util.find_spec("nbgrader"):
        pytest.skip('nbgrader is not installed: pip install -e ".[grading]"')
    from nbgrader.apps import NbGraderAPI
    from traitlets.config import Config

    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])  # it calls alembic by name
    root = tmp_path_factory.mktemp("course")
    config = Config()
    config.CourseDirectory.root, config.CourseDirectory.course_id = str(root), "weight"
    config.ExecutePreprocessor.timeout = 120
    (root / "source" / "loss").mkdir(parents=True)
    shutil.copy(NOTEBOOK, root / "source" / "loss")
    api = NbGraderAPI(config=config)
    made = api.generate_assignment("loss")
    assert made["success"], made["log"]
    for student, answers in {"ada": ANSWERS, "bob": WRONG, "eve": {}}.items():
        folder = root / "submitted" / student / "loss"
        folder.mkdir(parents=True)
        notebook = json.loads((root / "release" / "loss" / NOTEBOOK.name).read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            cell["source"] = answers.get(cell["id"], cell["source"])
        (folder / NOTEBOOK.name).write_text(json.dumps(notebook), encoding="utf-8")
        graded = api.autograde("loss", student)
        assert graded["success"], graded["log"]
    return root, api


def test_a_release_keeps_the_stubs_and_shows_no_solution(course):
    root, _ = course
    text = (root / "release" / "loss" / NOTEBOOK.name).read_text(encoding="utf-8")
    assert "BEGIN SOLUTION" not in text and "YOUR CODE HERE" in text


def test_each_solved_exercise_is_a_point(course):
    _, api = course
    with api.gradebook as book:
        points = {student: book.find_submission_notebook("02_the_mse_loss", "loss", student).score for student in ("ada", "bob", "eve")}
        most = book.find_notebook("02_the_mse_loss", "loss").max_score
    assert most == 4 and points == {"ada": 4, "bob": 0, "eve": 0}
