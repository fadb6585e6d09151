"""Predictions are kept in one local file, compared honestly, and gone when asked."""

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

from helpers import yours
from helpers.exercises import predictions, start_here
from helpers.figures.calibration import calibration_chart

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def file(tmp_path, monkeypatch):
    monkeypatch.setenv("WFW_PREDICTIONS", str(tmp_path / "p.json"))
    return tmp_path / "p.json"


def test_no_guess_writes_nothing(file):
    assert predictions.guess("q").text == predictions.guess("q", ...).text == "No guess yet."
    assert predictions.reveal("q", 0.622).text == "Answer: 0.622. You made no guess."
    assert not file.exists()


@pytest.mark.parametrize("guess, truth, right", [
    (0.6, 0.622, True), (0.7, 0.622, False), (0, 0.0, True), (-2, 2.0, False), ("Arrives ", "arrives", True), ("flies off", "arrives", False),
    (1, "1", True), (0.5, "one", False),
    ("explode", "explodes", True), ("It explodes.", "explodes", True), ("exploded", "explodes", True), ("stay", "stays", True), ("it falls", "falls", True),
    ("fly off", "flies off", True), ("zero", "not zero", False), ("not zero", "not zero", True), ("jax", "JAX", True), ("rises", "falls", False), ("one", "1", True), ("one", 1.0, True), ("nan", 1.0, False),
    ("does not explode", "explodes", False), ("more", "less", False), (0, "no", False), ("no", "no", True), ("the first", "first", True),
])
def test_a_guess_stands_beside_the_truth(file, guess, truth, right):
    assert predictions.guess("q", guess, sure=80).text.startswith("Noted: ")
    reply = predictions.reveal("q", truth)
    assert (reply.state == "right") == right and predictions.shown(guess) in reply.text
    assert predictions.stored() == {"q": {"guess": guess, "sure": 80, "truth": truth, "right": right}}


@pytest.mark.parametrize("written, number, truth, right", [
    ("1", 1.0, 1.0, True), (" 0,6 ", 0.6, 0.622, True), ("0.7", 0.7, 0.622, False), ("1e-5", 1e-5, 1e-5, True), ("10^-5", 1e-5, 1e-5, True),
    ("62 %", 0.62, 0.622, True), ("5/8", 0.625, 0.622, True), ("235 146", 235146.0, 235146.0, True), ("½", 0.5, 0.5, True),
])
def test_a_number_is_noted_as_it_is_meant(written, number, truth, right):
    assert predictions.guess("q", written).text == f"Noted: {predictions.shown(number)}, 50 % sure."
    assert predictions.stored()["q"]["guess"] == number
    assert (predictions.reveal("q", truth).state == "right") == right


def test_percent_of_a_question_in_percent_is_not_a_hundredth():
    predictions.guess("percent read", "95 %")
    assert predictions.reveal("percent read", 96.0).state == "right"


@pytest.mark.parametrize("arguments, named, words", [
    (("q", 470, 292), {"sure": 80}, "470292"), (("q", 0.5), {"sure": 0.8}, "sure=80"), (("q", "235,146"), {}, "235146 or as 235.146"),
    (("q", "5 to 7"), {}, "more than one number"), (("q", 0.5, 80), {}, "sure=80"), (("a number", "explodes"), {}, "not a number"),
])
def test_what_may_mean_two_things_is_asked_for_at_once_and_not_noted(file, monkeypatch, arguments, named, words):
    monkeypatch.setattr(start_here, "TRUTHS", {"a number": 2.0}, raising=False)
    asked = predictions.guess(*arguments, **named)
    assert asked.state == "open" and asked.text.startswith("Not noted: ") and words in asked.text
    assert not file.exists()


def test_the_answer_of_an_exercise_is_found_by_its_question_and_may_have_several_forms(monkeypatch):
    monkeypatch.setattr(start_here, "TRUTHS", {"q": ("explodes", "diverges"), "n": lambda: 0.25, "w": "falls"}, raising=False)
    predictions.guess("q", "it diverges", sure="80 %")
    assert predictions.reveal("q").text == "Answer: explodes. You said it diverges: right."
    assert predictions.reveal("n").text == "Answer: 0.25. You made no guess."
    predictions.guess("w", "2,5,1")
    assert predictions.reveal("w").state == "wrong"
    with pytest.raises(ValueError, match="question: got 'x'"):
        predictions.reveal("x")


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A reader's own folder, and we are in it."""
    monkeypatch.delenv("WFW_PREDICTIONS")
    (tmp_path / yours.MARKER).write_text("{}")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_in_a_readers_folder_an_open_prediction_stops_with_one_sentence_until_there_is_a_guess(own):
    with pytest.raises(predictions.Open) as stopped:
        predictions.reveal("q", 0.5)
    (line,) = stopped.value._render_traceback_()
    assert "“q”" in line and "anyway=True" in line and "0.5" not in line and "\n" not in line
    assert predictions.reveal("q", 0.5, anyway=True).text == "Answer: 0.5. You made no guess."
    with pytest.raises(predictions.Open):
        predictions.reveal("q", 0.5)
    predictions.guess("q", 0.5)
    assert predictions.reveal("q", 0.5).state == "right"
    assert {path.name for path in own.iterdir()} == {yours.MARKER, "predictions.jsonl"}


def test_a_notebook_shows_the_sentence_and_no_traceback(own):
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(kernel_name="python3", cwd=str(own), env=os.environ | {"PYTHONPATH": str(ROOT)})
    try:
        shown = []
        client.execute_interactive("from helpers.exercises.predictions import reveal\nreveal('q', 0.5)", output_hook=shown.append, timeout=60)
        (error,) = [message["content"] for message in shown if message["msg_type"] == "error"]
        assert len(error["traceback"]) == 1 and error["traceback"][0].startswith("This prediction waits for your guess, “q”")
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_without_a_folder_of_ones_own_a_kernel_remembers_and_nothing_is_written(monkeypatch, tmp_path):
    monkeypatch.delenv("WFW_PREDICTIONS")
    monkeypatch.chdir(tmp_path)
    predictions.guess("q", 0.5)
    assert predictions.reveal("q", 0.5).state == "right" and not list(tmp_path.iterdir())
    predictions.forget()
    assert predictions.stored() == {}


def test_the_last_guess_counts_and_forget_deletes_all(file):
    predictions.guess("q", 1)
    predictions.guess("q", 2)
    assert predictions.stored()["q"]["guess"] == 2
    predictions.forget()
    predictions.forget()
    assert not file.exists() and predictions.stored() == {}


@pytest.mark.parametrize("content", ["", "[1]", "{", "\x00", '{"q": 1}', '{"q": {}}', '{"q": {"guess": 1, "su', "{}"])
def test_a_damaged_line_is_no_prediction_and_spoils_no_other(file, content):
    file.write_text(content)
    assert predictions.stored() == {} and predictions.guess("q", 1).state == "noted"
    assert predictions.stored() == {"q": {"guess": 1, "sure": 50}}


def test_two_notebooks_at_once_lose_nothing(file, second_python):
    many = "import sys\nfrom helpers.exercises.predictions import guess\nfor i in range(200): guess(f'{sys.argv[1]} {i}', i)"
    writers = [subprocess.Popen([second_python, "-c", many, name]) for name in "ab"]
    assert [writer.wait() for writer in writers] == [0, 0]
    assert {question: told["guess"] for question, told in predictions.stored().items()} == {
        f"{name} {i}": i for name in "ab" for i in range(200)}


def test_a_folder_that_cannot_be_written_stops_nobody(monkeypatch):
    monkeypatch.setenv("WFW_PREDICTIONS", "/proc/nowhere/p.json")
    assert predictions.guess("q", 1).state == "noted" and predictions.reveal("q", 1).state == "right"
    predictions.NOWHERE.clear()


@pytest.mark.parametrize("arguments, error", [(("q", [1]), TypeError), (("q", True), TypeError), (("q", 1, 120), ValueError), (("q", 1, "very"), ValueError),
                                              (("q", 1, float("nan")), ValueError), (("q", 1, -1), ValueError)])
def test_a_bad_argument_is_named(arguments, error):
    question, answer, *sure = arguments
    with pytest.raises(error, match="answer|sure"):
        predictions.guess(question, answer, **({"sure": sure[0]} if sure else {}))


def test_the_chart_counts_what_it_is_given():
    picture = calibration_chart([(0.9, True), (0.9, False), (0.5, True), (0.1, False)])
    assert picture.drawn["groups"] == [(0.1, 0.0, 1), (0.5, 1.0, 1), (0.9, 0.5, 2)]
    assert "of 2 held with 90% sureness 50% were right" in picture.alt
    assert "none yet" in predictions.calibration().alt


def test_a_number_of_numpy_is_a_number():
    assert predictions.guess("q", np.int64(5)).text == "Noted: 5, 50 % sure." and predictions.reveal("q", 5.0).state == "right"
    assert predictions.guess("q", np.float32(0.5)).text == "Noted: 0.5, 50 % sure."
    assert predictions.shown(999.7) == "1,000" and predictions.shown(999.4) == "999"
