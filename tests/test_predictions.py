"""Predictions are kept in one local file, compared honestly, and gone when asked."""

import importlib
import json
import os
import re
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
    ("fly off", "flies off", True), ("zero", "not zero", False), ("not zero", "not zero", True), ("jax", "JAX", True), ("rises", "falls", False), ("one", "1", True), ("one", 1.0, True),
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


@pytest.mark.parametrize("pieces, number", [((3, 0), "3000"), ((0, 62), "0.62"), ((1, 875), "1875"), ((470, 292), "470292")])
def test_a_comma_within_a_number_is_explained_with_the_number_that_was_meant(pieces, number):
    assert f"between its digits, {number}, and how sure" in predictions.guess("q", *pieces).text


def test_words_for_a_number_are_judged_where_they_were_offered_and_else_left_to_the_reader():
    predictions.guess("q, 1, 2 or depends", "it depends")
    assert predictions.reveal("q, 1, 2 or depends", 1).text == "Answer: 1. You said it depends: not this time."
    predictions.guess("how many pixels", "all of them")
    assert predictions.reveal("how many pixels", 784).text == "Answer: 784. You said all of them: whether that is right, judge yourself."
    assert "right" not in predictions.stored()["how many pixels"]


# What a page offers in words: its options in quotation marks are read from it, these stand in its sentences.
SAID = {
    "01: layers that replace two layers without a bend, 1, 2 or depends": ["one", "two", "it depends", "depends on the weights", "It depends on the weights."],
    "02: every example twice, and the loss doubles or stays": ["it doubles", "stays the same"],
    "03: the hidden neuron that should output more, 1 or 2": [1, 2, "1", "two"],
    "03: the loss after 2,000 steps, 0.1, 0.01 or 0": ["about 0.1", "0.01", 0, "zero"],
    "03: the share of slopes that the book sets to 1": ["half", "50 %", 1],
    "04: the best ε, 1e-2, 1e-5 or 1e-12": [1e-2, "1e-5", "10^{-12}", "10⁻⁵"],
    "05: the α that gets closest in sixty steps": [0.01, "0.1", "0,4", "α = 0.45"],
    "06: cross-entropy pushes harder how many times, 3, 50 or 3,000": [3, 50, 3000, "3,000", "50"],
    "07: rows of the weights of a Dense, 784 or 256": [784, "256"],
    "07: Keras's MSE gradient is ours times": [1, 0.5, "2", "½"],
    "07: the worst two weights, a thousandth, a millionth, a billionth or less": ["a thousandth", "a millionth", "a billionth", "less than that"],
    "07: below a millionth for fifty steps": ["order", "start", "MSE with the same α", "float32", "ε's place"],
    "09: the slowest to begin": ["TensorFlow", "PyTorch", "JAX", "PyTensor"],
    "09: the camera": ["Caffe", "ONNX"],
    "10: the best batch size of 1, 32 and 512": [1, "32", 512],
    "10: 1 times 0.9, two thousand times in float32, is 0": ["yes", "no"],
    "12: integrated gradients' sizes, trained against random": ["about 0", 0.5, "1"],
}


def asked():
    """Every prediction of the notebooks: its question, what its page offers in quotation marks, whether its page works out the truth."""
    found = []
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        importlib.import_module(f"helpers.exercises.{path.stem[3:]}")
        for before, cell in zip(cells, cells[1:]):
            for question in re.findall(r'^guess\("([^"]+)"', "".join(cell["source"]), re.M) if cell["cell_type"] == "code" else ():
                text = "".join(before["source"]).partition("**Predict")[2]
                found.append((question, re.findall(r'`"([^"`]+)"`', text) + re.findall(r"`([-\d.e]+)`", text)))
    return found


ASKED = asked()


@pytest.mark.parametrize("question, offered", ASKED, ids=[question for question, _ in ASKED])
def test_every_answer_that_a_page_offers_is_taken_and_one_of_them_is_right(question, offered):
    right, truth = set(), predictions.truth_of(question)
    for answer in offered + SAID.get(question, []):
        assert predictions.guess(question, answer).state == "noted", answer
        if truth is not None:
            reply = predictions.reveal(question)
            assert reply.state in ("right", "wrong"), reply.text
            right |= {answer} if reply.state == "right" else set()
    if truth is not None and len(offered) > 1:
        assert len(right & set(offered)) == 1, right


def test_the_predictions_of_all_pages_are_found_and_what_is_said_belongs_to_one():
    questions = [question for question, _ in ASKED]
    assert len(questions) >= 70 and len({question[:2] for question in questions}) >= 13 and set(SAID) <= set(questions)


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
