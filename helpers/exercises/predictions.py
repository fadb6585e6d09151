"""Predictions: written down before the answer is seen, shown beside it, and looked back on at the end.

They lie in a file beside the notebooks and go nowhere else; `forget()` deletes it.
"""

import importlib
import json
import os
import pkgutil
from pathlib import Path

import numpy as np

import helpers.exercises
from helpers.checks.contracts import describe
from helpers.exercises.base import Reply
from helpers.figures.calibration import calibration_chart

FILE = "predictions.jsonl"


def path():
    """The file: where WFW_PREDICTIONS says, else beside the notebooks."""
    return Path(os.environ.get("WFW_PREDICTIONS") or Path(__file__).parents[2] / "notebooks" / FILE)


def stored():
    """All predictions, {question: {"guess", "sure", "truth", "right"}}; none where the file is missing or unreadable.

    The file has a line for every guess and every answer, and of each question the last counts: two notebooks that write
    at once only add lines, and take none from each other.
    """
    found = {}
    try:
        for line in path().read_text(encoding="utf-8", errors="replace").splitlines():
            found |= entry(line)
    except OSError:
        pass
    return found


def entry(line):
    """The one {question: prediction} of a line, or nothing where the line is damaged."""
    try:
        (question, told), = json.loads(line).items()
        return {question: told} if {"guess", "sure"} <= told.keys() else {}
    except (ValueError, AttributeError):
        return {}


def store(question, told):
    """Add a line to the file; a folder that cannot be written keeps nothing."""
    try:
        with open(path(), "a", encoding="utf-8") as stream:
            stream.write("\n" + json.dumps({question: told}, ensure_ascii=False))  # first the end of a line cut off
    except OSError:
        pass


def guess(question, answer=None, sure=50):
    """Write down what you expect, a number or words, and how sure you are of it, 0 to 100 percent."""
    if answer is None or answer is ...:
        return Reply("open", "No guess yet.")
    if isinstance(answer, bool) or not isinstance(answer, (int, float, np.number, str)):
        raise TypeError(f"answer: got {describe(answer)}, wanted a number or words")
    if isinstance(sure, bool) or not isinstance(sure, (int, float)) or not 0 <= sure <= 100:
        raise ValueError(f"sure: got {sure!r}, wanted a number from 0 to 100")
    answer = answer.item() if isinstance(answer, np.number) else answer
    store(question, {"guess": answer, "sure": sure})
    return Reply("noted", f"Noted: {shown(answer)}, {sure:g} % sure.")


def truth_of(question):
    """What the notebook's module of exercises has in TRUTHS for a question."""
    for module in pkgutil.iter_modules(helpers.exercises.__path__):
        truths = getattr(importlib.import_module(f"helpers.exercises.{module.name}"), "TRUTHS", {})
        if question in truths:
            return truths[question]
    raise ValueError(f"question: got {question!r}, wanted one that a notebook asks")


def reveal(question, truth=None, within=0.1):
    """The truth, and beside it what was guessed; a number is right `within` a tenth of the truth, words if they agree."""
    truth = truth_of(question) if truth is None else truth
    told, truth = stored().get(question), truth if isinstance(truth, str) else float(truth) + 0.0
    if told is None:
        return Reply("open", f"Answer: {shown(truth)}. You made no guess.")
    said = shown(told["guess"])
    answer = told["guess"] if isinstance(truth, str) else number(told["guess"])
    if isinstance(truth, str) or isinstance(answer, str):
        right = str(answer).strip().lower() == str(truth).strip().lower()
    else:
        right = abs(answer - truth) <= within * abs(truth) + 1e-12
    store(question, told | {"truth": truth, "right": right})
    return Reply("right" if right else "wrong", f"Answer: {shown(truth)}. You said {said}: {'right' if right else 'not this time'}.")


def number(answer):
    """A number in quotation marks is a number too; words stay words."""
    try:
        return float(answer)
    except ValueError:
        return answer


def calibration():
    """How often you were right, by how sure you were: a picture of all predictions that have been revealed."""
    return calibration_chart([(p["sure"] / 100, p["right"]) for p in stored().values() if "right" in p])


def forget():
    """Delete every prediction."""
    path().unlink(missing_ok=True)
    return Reply("open", "All predictions are deleted.")


def shown(value):
    """The words, or the number: whole from a thousand on, below with three digits."""
    return value if isinstance(value, str) else f"{value:,.0f}" if abs(value) >= 999.5 else f"{value:.3g}"
