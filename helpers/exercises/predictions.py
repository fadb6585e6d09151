"""Predictions: written down before the answer is seen, shown beside it, and looked back on at the end.

They lie in a file in the reader's own folder and go nowhere else; `forget()` deletes it. The answers stand in the
exercises' modules, so that no page gives them away.
"""

import json
import math
import os
import re
import sys
from pathlib import Path

import numpy as np

from helpers import yours
from helpers.checks.contracts import describe
from helpers.checks.spoken import looks_like_a_number, read_number
from helpers.exercises.base import Reply
from helpers.figures.calibration import calibration_chart

FILE = "predictions.jsonl"
NOWHERE = []  # the lines of a kernel that runs in no reader's folder: kept while it lives


class Open(Exception):
    """A prediction that waits for a guess: it stops *Run All*, and what is shown is one sentence."""

    def _render_traceback_(self):
        return [str(self)]


def path():
    """The file: where WFW_PREDICTIONS says, else in the reader's own folder, else none."""
    own = yours.folder()
    return os.environ.get("WFW_PREDICTIONS") or (own / FILE if own else None)


def stored():
    """All predictions, {question: {"guess", "sure", "truth", "right"}}; none where the file is missing or unreadable.

    The file has a line for every guess and every answer, and of each question the last counts: two notebooks that write
    at once only add lines, and take none from each other.
    """
    found, lines = {}, list(NOWHERE)
    try:
        if path():
            with open(path(), encoding="utf-8", errors="replace") as stream:
                lines += stream.read().splitlines()
    except OSError:
        pass
    for line in lines:
        found |= entry(line)
    return found


def entry(line):
    """The one {question: prediction} of a line, or nothing where the line is damaged."""
    try:
        (question, told), = json.loads(line).items()
        return {question: told} if {"guess", "sure"} <= told.keys() else {}
    except (ValueError, AttributeError):
        return {}


def store(question, told):
    """Add a line to the file; where there is none, or it cannot be written, this kernel remembers it."""
    line = json.dumps({question: told}, ensure_ascii=False)
    try:
        with open(path() or os.devnull, "a", encoding="utf-8") as stream:
            stream.write("\n" + line)  # first the end of a line cut off
        kept = path() is not None
    except OSError:
        kept = False
    if not kept:
        NOWHERE.append(line)


def guess(question, *answer, sure=50):
    """Write down what you expect, a number or words, and how sure you are of it, 0 to 100 percent.

    A number may be written as you like: 0.62, "0,62", "62 %", "5/8", "10^-5". What may mean two things is asked for at once.
    """
    if not answer or answer[0] is None or answer[0] is ...:
        return Reply("open", "No guess yet.")
    if len(answer) > 1:
        pieces = ", ".join(f"{piece}" for piece in answer)
        return Reply("open", f"Not noted: {len(answer)} answers came, {pieces}. A number is written without commas between "
                             f"its digits, {joined(answer)}, and how sure you are with its name, sure=80.")
    (answer,) = answer
    if isinstance(answer, bool) or not isinstance(answer, (int, float, np.number, str)):
        raise TypeError(f"answer: got {describe(answer)}, wanted a number or words")
    try:
        sure = read_number(sure.rstrip(" %")) if isinstance(sure, str) else sure
    except ValueError:
        raise ValueError(f"sure: got {sure!r}, wanted a number from 0 to 100") from None
    if isinstance(sure, bool) or not isinstance(sure, (int, float, np.number)) or not 0 <= sure <= 100:
        raise ValueError(f"sure: got {sure!r}, wanted a number from 0 to 100")
    if 0 < sure <= 1:
        return Reply("open", f"Not noted: sure={sure:g} would be {sure:g} percent. Do you mean sure={100 * sure:g}? Write it "
                             "from 0 to 100.")
    try:
        answer = meant(question, answer)
    except ValueError as asked:
        return Reply("open", f"Not noted: {asked}")
    store(question, {"guess": answer, "sure": sure if isinstance(sure, (int, float)) else sure.item()})
    return Reply("noted", f"Noted: {shown(answer)}, {sure:g} % sure.")


def joined(pieces):
    """What was meant where Python took the comma within a number for one between two: 0,62 is 0.62, 3,000 is 3000."""
    first, *rest = pieces
    if first == 0:
        return f"{first}." + "".join(map(str, rest))
    return f"{first}" + "".join(f"{piece:03}" if isinstance(piece, int) else f"{piece}" for piece in rest)


def offered(question):
    """What a question names as answers behind its last comma but one: "…, 1, 2 or depends" → ["1", "2", "depends"]."""
    return re.split(r", | or ", question)[1:]


def meant(question, answer):
    """The number that a guess means, else its words. Raises ValueError with what to ask."""
    if not isinstance(answer, str):
        return answer.item() if isinstance(answer, np.number) else answer
    truth = truth_of(question)
    if answer.strip() in offered(question) and re.fullmatch(r"[\d,]+", answer.strip()):
        return float(answer.replace(",", ""))  # 3,000, as the page writes it
    if chosen(question, answer):
        return answer
    if isinstance(truth, (str, tuple)) or truth is None and not looks_like_a_number(answer):
        return answer  # words, or a truth that only the page works out
    text = re.sub(r"\s*(%|percent|per cent)\s*$", "", answer) if "percent" in question else answer
    return read_number(text)


def chosen(question, answer):
    """Whether a guess holds the words of an answer that the question offers: it depends on the weights, of "… or depends"."""
    words = stems(answer)
    return any(set(stems(option)) <= set(words) for option in offered(question) if not looks_like_a_number(option))


def truth_of(question):
    """The truth of a question, from TRUTHS of the exercises that the notebook has imported; else None."""
    for name, module in list(sys.modules.items()):
        if name.startswith("helpers.exercises.") and question in getattr(module, "TRUTHS", {}):
            truth = module.TRUTHS[question]
            return truth() if callable(truth) else truth
    return None


def reveal(question, truth=None, within=0.1, anyway=False):
    """The truth, and beside it what was guessed: right `within` a tenth of a number, or in words that mean the same.

    `truth` is what the page has worked out, else the one that the exercises know. In your own copy of a notebook the
    answer waits for your guess; `anyway=True` shows it without one.
    """
    truth = truth_of(question) if truth is None else truth
    if truth is None:
        raise ValueError(f"question: got {question!r}, which the exercises of this notebook have no answer to")
    told = stored().get(question)
    if told is None and not anyway and yours.folder():
        raise Open(f"This prediction waits for your guess, “{question}”: write it in the cell that asks for it, run that "
                   "and then this one; to see the answer without a guess, add anyway=True here.")
    others = truth[1:] if isinstance(truth, tuple) else ()
    truth = truth[0] if isinstance(truth, tuple) else truth
    truth = truth if isinstance(truth, str) else float(truth) + 0.0
    if told is None:
        return Reply("open", f"Answer: {shown(truth)}. You made no guess.")
    if not isinstance(truth, str) and not comparable(question, told["guess"]):
        return Reply("open", f"Answer: {shown(truth)}. You said {told['guess']}: whether that is right, judge yourself.")
    right = any(agrees(told["guess"], one, within) for one in (truth, *others))
    store(question, told | {"truth": truth, "right": right})
    said, verdict = shown(told["guess"]), "right" if right else "not this time"
    return Reply("right" if right else "wrong", f"Answer: {shown(truth)}. You said {said}: {verdict}.")


def comparable(question, answer):
    """Whether a guess can be held against a number: one itself, or other words that the question offers."""
    try:
        return not isinstance(answer, str) or chosen(question, answer) or math.isfinite(read_number(answer))
    except ValueError:
        return False


def agrees(answer, truth, within):
    """Whether a guess is the truth: a number nearly, words in whatever form."""
    if isinstance(truth, str):
        return stems(str(answer)) == stems(truth)
    try:
        answer = read_number(answer) if isinstance(answer, str) else answer
    except ValueError:
        return False
    return bool(abs(answer - truth) <= within * abs(truth) + 1e-12)


def stems(text):
    """The words of a text without what changes no meaning: it explodes, explode and "Exploded." are one; one is 1."""
    try:
        return [f"{read_number(text):g}"]
    except ValueError:
        pass
    words = re.findall(r"[^\W_]+|[-+=<>]", text.casefold())
    return [stem(word) for word in words if word not in ("it", "they", "the", "a", "an", "is", "are", "will", "to")]


def stem(word):
    """A word without its ending: explodes, exploded, exploding, explode."""
    word = re.sub("ies$", "y", word)
    shorter = re.sub("(ing|ed|es|e)$|(?<!s)s$", "", word)
    return shorter if len(shorter) > 2 else word


def calibration():
    """How often you were right, by how sure you were: a picture of all predictions that have been revealed."""
    return calibration_chart([(p["sure"] / 100, p["right"]) for p in stored().values() if "right" in p])


def forget():
    """Delete every prediction."""
    NOWHERE.clear()
    if path():
        Path(path()).unlink(missing_ok=True)
    return Reply("open", "All predictions are deleted.")


def shown(value):
    """The words, or the number: whole from a thousand on, below with three digits."""
    return value if isinstance(value, str) else f"{value:,.0f}" if abs(value) >= 999.5 else f"{value:.3g}"
