"""Predictions are kept in one local file, compared honestly, and gone when asked."""

import subprocess

import numpy as np
import pytest

from helpers.exercises import predictions
from helpers.figures.calibration import calibration_chart


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
    ("1", 1.0, True), (" 0.6 ", 0.622, True), ("0.7", 0.622, False), ("1e-5", 1e-5, True), ("one", 1.0, False), ("nan", 1.0, False), ("1", "1", True), (1, "1", True),
])
def test_a_guess_stands_beside_the_truth(file, guess, truth, right):
    assert predictions.guess("q", guess, sure=80).text.startswith("Noted: ")
    reply = predictions.reveal("q", truth)
    assert (reply.state == "right") == right and predictions.shown(guess) in reply.text
    assert predictions.stored() == {"q": {"guess": guess, "sure": 80, "truth": truth, "right": right}}


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
    assert predictions.guess("q", 1).state == "noted"


@pytest.mark.parametrize("arguments, error", [(("q", [1]), TypeError), (("q", True), TypeError), (("q", 1, 120), ValueError), (("q", 1, "very"), ValueError)])
def test_a_bad_argument_is_named(arguments, error):
    with pytest.raises(error, match="answer|sure"):
        predictions.guess(*arguments)


def test_the_chart_counts_what_it_is_given():
    picture = calibration_chart([(0.9, True), (0.9, False), (0.5, True), (0.1, False)])
    assert picture.drawn["groups"] == [(0.1, 0.0, 1), (0.5, 1.0, 1), (0.9, 0.5, 2)]
    assert "of 2 held with 90% sureness 50% were right" in picture.alt
    assert "none yet" in predictions.calibration().alt


def test_a_number_of_numpy_is_a_number():
    assert predictions.guess("q", np.int64(5)).text == "Noted: 5, 50 % sure." and predictions.reveal("q", 5.0).state == "right"
    assert predictions.guess("q", np.float32(0.5)).text == "Noted: 0.5, 50 % sure."
    assert predictions.shown(999.7) == "1,000" and predictions.shown(999.4) == "999"
