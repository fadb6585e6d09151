"""Numbers in prose are bound: each one stands in the code or the outputs of its notebook, or is a definition with a reason.

And a word, a sign or a function of NumPy is explained before it is used, in the notebooks that a beginner reads in a row.

A number of a run is compared with what the run recorded, to the digits that the prose shows. So where an output changes
and the sentence about it does not, a test fails.
"""

import ast
import html
import json
import re
import sys
from inspect import signature
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits

from helpers.data import tiny
from helpers.optimizers import momentum
from helpers.parameters import size
from helpers.topics.patients import PATIENTS
from test_imports import MOST

ROOT = Path(__file__).parent.parent
PATHS = sorted((ROOT / "notebooks").glob("*.ipynb"))
WORDS = {word: n for n, word in enumerate(
    "six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty".split(), 6)}
WORDS |= {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100, "thousand": 1000}
SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
BEFORE, AFTER = 10, 8  # as many cells before a text and after it may hold its ground
NUMBER = re.compile(r"(?<![\w.^_])(\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?)(?![\w])")

# What no run decides: (notebook or "" for all, the number as written) → (its value, the reason).
DEFINED = {
    ("", "0"): (0, "too common to say where it comes from"), ("", "1"): (1, "likewise"), ("", "2"): (2, "likewise"),
    ("", "235,146"): (size([784, 256, 128, 10]), "how many numbers that network learns"),
    ("", "nine"): (size(tiny.sizes), "how many numbers the tiny network learns"),
    ("", "six"): (len(tiny.line_X), "the points of the line"),
    ("", "16"): (round(53 * np.log10(2)), "the digits of 53 bits"), ("", "7"): (round(24 * np.log10(2)), "the digits of 24 bits"),
    ("", "1,797"): (len(load_digits().target), "the images that come with scikit-learn"),
    ("00", "1.9"): (1.9, "the α of the question"), ("00", "0.9"): (abs(1 - 1.9), "1 − α for it"),
    ("01", "hundred"): (100, "any number of layers would do"),
    ("08", "seventeen"): (len(PATIENTS), "the wrong programs"),
    ("04", "ten"): (10, "a power of ten"),
    ("05", "0.9"): (signature(momentum).parameters["beta"].default, "what is kept of the memory"),
    ("06", "six"): (6, "the notebook's sections from load to evaluate"), ("06", "thousand"): (1000, "an example that is not here"),
    ("06", "255"): (np.iinfo(np.uint8).max, "the largest byte"),
    ("07", "thousand"): (1000, "a network that is not here"), ("07", "1e-8"): (1e-8, "the ε of PyTorch's Adam"),
    ("09", "3.14"): (3.14, "the Python of the class"),
    ("10", "thousand"): (1000, "how many times as long, in round words"),
    ("10", "24"): (sys.getsizeof(1.0), "the bytes of a Python float"),
    ("10", "4"): (2 * 2, "the weights of a layer of 2 → 2"), ("10", "20"): (20, "a machine for reckoning by hand"),
    ("11", "8"): (np.dtype(float).itemsize, "the bytes of a float64"),
    ("12", "784"): (28 * 28, "the pixels of a digit"),
}


def cells(path):
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def prose(text):
    """The text without what is no prose or no claim: formulas on display, code, links to notebooks, what a question offers."""
    text = re.sub(r"\$\$.*?\$\$|```.*?```|<[^>]*>", " ", text, flags=re.S)
    text = re.sub(r"^\|.*\.ipynb.*$|^\| 00 .*$|\[[^\]]*\]\(\d\d_[^)]*\)", " ", text, flags=re.M)  # minutes have their own test
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"`[^`]*`|\\color\{#\w+\}|^#+ \d\d .*$|^## Step \d+|^\*\*\d\.|About \d+ minutes", " ", text, flags=re.M)
    text = re.sub(r"(\*\*Predict\.\*\*.*?)(?::|\b(?:is it|from)) [^:.?]*\b(?:or|to)\b[^:?]*\?", r"\1", text)
    text = re.sub(r"\b0\d\b(?!\.\d)|\bnotebooks? \d\d|\b[Ss]tep \d\b", " ", text)  # the names of notebooks and of sections
    text = re.sub(r"\b(?:19|20)\d\d\b", " ", text)  # years: a number of four digits has a comma
    text = re.sub(r"10\^\{?(-?\d+)\}?", r"1e\1", text)
    text = re.sub(r"10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", lambda m: "1e" + m[1].translate(SUPERSCRIPTS), text)
    return re.sub(r"[_^]\{[^}]*\}|[_^]\w|\\frac[1-9n]+", " ", text)


def numbers(text):
    """The numbers of a text as they are written, those in words too, each with what follows it."""
    text = re.sub(r"784-256-128-10", " ", text)
    for match in NUMBER.finditer(text):
        yield match[1].rstrip(","), text[match.end() : match.end() + 9]
    for match in re.finditer(r"\b((?:(?:twen|thir|for|fif|six|seven|eigh|nine)ty-)?(?:" + "|".join(WORDS) + r"))\b", text, re.I):
        yield match[1], text[match.end() : match.end() + 9]


def value(written):
    tens, _, ones = written.lower().rpartition("-")
    if written[0].isdigit():
        return float(written.replace(",", ""))
    return float(WORDS.get(tens, 0) + WORDS[ones])


def recorded(some):
    """Every number in the code and the outputs of some cells: what the pictures say in words is among them."""
    found = set()
    for cell in some:
        if cell["cell_type"] != "code":
            continue
        found |= {abs(n.value) for n in ast.walk(ast.parse("".join(cell["source"]))) if isinstance(n, ast.Constant)
                  and isinstance(n.value, (int, float)) and not isinstance(n.value, bool)}
        for output in cell["outputs"]:
            data = output.get("data", {})
            texts = [output.get("text", ""), data.get("text/plain", ""), data.get("text/markdown", "")]
            texts += re.findall(r'alt="([^"]*)"', "".join(data.get("text/html", "")))
            said = " ".join(html.unescape("".join(text)) for text in texts)
            found |= {float(number.replace(",", "")) for number in re.findall(r"\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?", said)}
    return found


def bound(written, after, found):
    """Whether a number as written is one of those found, whole numbers exactly, others to the digits that are shown."""
    wanted, unit = value(written), 1.0
    if "." in written and "e" not in written:
        unit = 10.0 ** -len(written.split(".")[1])
    rounded = unit < 1 or written[0].isalpha() and "-" in written  # forty-seven may be 46.9
    shares = (1, 100) if re.match(r"\s?(?:%|percent|points)", after) else (1,)
    near = 0.5001 * unit if rounded else 1e-9 * wanted
    return any(abs(wanted - share * number) <= near for number in found for share in shares)


def task(path):
    """The numbers in the exercises of a notebook: a task may name what its solution uses."""
    module = ROOT / "helpers" / "exercises" / f"{path.stem[3:]}.py"
    tree = ast.parse(module.read_text(encoding="utf-8")) if module.exists() else ast.Module([], [])
    return {abs(n.value) for n in ast.walk(tree) if isinstance(n, ast.Constant) and type(n.value) in (int, float)}


def unbound(path, notebook):
    """The numbers in the prose of a notebook's cells that have no ground → [(as written, the text of their cell)]."""
    name, left, each = path.stem[:2], [], [recorded([cell]) for cell in notebook]
    for i, cell in enumerate(notebook):
        if cell["cell_type"] != "markdown":
            continue
        text = "".join(cell["source"])
        whole = i < 3 or "# What you learned" in text or "# What usually goes wrong" in text
        near = set().union(*(each if whole else each[max(0, i - BEFORE) : i + AFTER]))
        near |= task(path) if re.search(r"^\*\*\d\. ", text, re.M) else set()
        for written, after in numbers(prose(text)):
            if not any((where, written.lower()) in DEFINED for where in ("", name)) and not bound(written, after, near):
                left.append((written, " ".join(prose(text).split())))
    return left


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_every_number_in_prose_is_one_of_a_run_or_a_definition(path):
    left = unbound(path, cells(path))
    assert not left, "\n".join(f"{written}: {text[max(0, text.find(written) - 60):][:140]}" for written, text in left)


def test_each_definition_has_the_value_that_is_written_and_is_used():
    used = {(path.stem[:2], written.lower()) for path in PATHS for cell in cells(path) if cell["cell_type"] == "markdown"
            for written, _ in numbers(prose("".join(cell["source"])))}
    there = {path.stem[:2] for path in PATHS} | {""}
    for (where, written), (true, why) in DEFINED.items():
        if where not in there:
            continue
        assert value(written) == pytest.approx(true) and why, written
        assert [1 for name, number in used if number == written and where in ("", name)], f"{written} is defined and never written"


def larger(thing):
    """A recorded output with every number in it 3 % larger."""
    if isinstance(thing, dict):
        return {key: larger(part) for key, part in thing.items()}
    if isinstance(thing, list):
        return [larger("".join(thing))]
    text = re.sub(r"base64,[^\"]*", "", str(thing))
    return re.sub(r"(?<![\w.])\d[\d,]*(?:\.\d+)?", lambda m: str(1.03 * float(m[0].replace(",", "")) + 0.004), text)


def test_a_changed_output_is_noticed():
    """With other numbers in the outputs many sentences no longer hold: what they say is from a run."""
    hang = {}
    for path in PATHS:
        notebook = cells(path)
        for cell in notebook:
            cell["outputs"] = [larger({k: out[k] for k in ("text", "data") if k in out}) for out in cell.get("outputs", [])]
        hang[path.stem] = [written for written, _ in unbound(path, notebook)]
        print(path.stem, hang[path.stem])
    assert sum(map(len, hang.values())) >= 15 and sum(map(bool, hang.values())) >= len(PATHS) / 2
    assert {"0.0600"} <= set(hang["03_backpropagation"]) and {"0.88", "0.0625"} <= set(hang["08_the_bug_clinic"])


def minutes(text):
    """{notebook: minutes} of a table of contents."""
    return {name: int(minutes) for name, minutes in re.findall(r"^\| \[?(\d\d)\b.*\| (\d+) \|$", text, re.M)}


def test_the_minutes_are_the_same_wherever_they_stand():
    contents = minutes("\n".join("".join(cell["source"]) for cell in cells(PATHS[0])))
    assert contents == minutes((ROOT / "README.md").read_text(encoding="utf-8")) and len(contents) >= 8
    for path in PATHS[: len(contents)]:
        (said,) = re.findall(r"About (\d+) minutes", "".join(cells(path)[1]["source"]))
        assert int(said) == contents[path.stem[:2]], path.stem


def test_the_readme_counts_right():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (count,) = re.findall(r"^(\w+) interactive notebooks", readme, re.M)
    assert WORDS[count.lower()] == len(minutes(readme))
    (lines,) = re.findall(r"`helpers/`, under (\d+) lines", readme)
    assert int(lines) == MOST
    (megabytes,) = re.findall(r"\((\d+) MB\)", readme)
    (pixels,) = re.findall(r"\((\d+-\d+-\d+-\d+)\)", readme)
    assert 11 <= int(megabytes) <= 12 and pixels == "784-256-128-10"


# No word before its explanation

# What a reader's cell may use, as a pattern → what a text, or a comment, says about it first.
SIGNS = {
    r" @ ": r"`@`", r"\.T\b": r"`[^`]*\.T`", r"axis=": r"`[^`]*axis=", r"keepdims": r"`[^`]*keepdims", r"\blambda\b": r"`[^`]*lambda",
    r"\bzip\(": r"`zip`", r"\breversed\(": r"`[^`]*reversed", r" for \w+ in .*\]": r"`\[… for ", r"\[:1\]": r"`[^`]*\[:1\]`|first row, still as a table",
    r"\.ravel\(": r"`\.ravel\(\)`", r"\.reshape\(": r"`[^`]*reshape", r"\.tolist\(": r"`\.tolist\(\)`", r"\.copy\(": r"a copy, so that|`[^`]*\.copy\(\)",
    r"default_rng": r"random numbers", r"layers\(theta": r"does the same", "np.shares_memory": r"no copies but windows", r"\bunpack\(": r"`unpack`", r"PRIME\[": r"`PRIME\[f\]`",
}
# Functions of NumPy whose name says what they do.
SPEAK = set("abs all any arange array diff eye linspace max mean min round sqrt sum zeros zeros_like ones full float64".split())
TERMS = {
    "learning rate": r"\*\*learning rate\*\*", "target": r"\*\*target\*\*", "loss": r"\*\*loss\*\*, .* how wrong",
    "neuron": r"A neuron multiplies", "bias": r"adds a bias", "activation": r"\*\*activation function\*\*", "hidden neuron": r"\*\*Hidden\*\* means",
    "matrix product": r"\*\*matrix product\*\*", "broadcasting": r"\*\*broadcasting\*\*", "cache": r"\*\*cache\*\*", "ReLU": r"\*\*ReLU\*\*, \$\\max",
    "overflow": r"\*\*overflows\*\*", "transposed": r"transposed one, `W\.T`, whose rows and columns are exchanged", "softmax": r"function called softmax",
    "784-256-128-10": r"784-256-128-10 has 784 inputs", "gradient": r"called the \*\*gradient\*\*", "∂": r"written with a round ∂",
    "chain rule": r"The slope of the chain is their product", "relative error": r"relative error\} =", "one-sided": r"\*\*One-sided\*\*",
    "curvature": r"\*\*curvature\*\*", "batch": r"A \*\*batch\*\* is", "eigenvalue": r"its \$\\lambda\$ an eigenvalue", "momentum": r"Momentum",
}
FRAME = re.compile(r"#+ (\d\d |New symbols|The series|One notation|What you learned)")


def lesson():
    """What 00 to 05 say and use, in the order of reading: (notebook, number of the cell, kind, text, whether it must be understood now).

    What is for looking up, and what is marked as optional, may name what comes later.
    """
    found = []
    for path in PATHS[:6]:
        aside = False
        for i, cell in enumerate(cells(path)):
            text = "".join(cell["source"])
            if heading := re.match(r"##? (.*)", text):
                aside = bool(FRAME.match(text)) or heading[1].startswith("Optional")
            found.append((path.stem[:2], i, cell["cell_type"], text, not aside and i > 1))
    return found


def used(read):
    """{sign or function of NumPy: where a reader's cell has it first}; 00 is a tour, and says so."""
    first = {}
    for n, (name, _, kind, text, now) in enumerate(read):
        if kind == "code" and now and name != "00" and not re.match(r"import |from ", text):
            code = re.sub(r"#.*|\"[^\"]*\"", "", text)
            signs = [sign for sign in SIGNS if re.search(sign, code)]
            for one in signs + [f for f in re.findall(r"np\.(?!random)(?:linalg\.)?\w+", code) if f.split(".")[-1] not in SPEAK]:
                first.setdefault(one, n)
    return first


def said(read, pattern, before):
    """Whether a text, or a comment of a cell, holds the pattern, up to and with the cell `before`."""
    return any(re.search(pattern, text if kind == "markdown" else " ".join(re.findall("#.*", text))) for _, _, kind, text, _ in read[: before + 1])


def test_a_sign_and_a_function_of_numpy_are_explained_before_a_cell_uses_them():
    read = lesson()
    first = used(read)
    assert any("The code on this page is a tour" in text for name, _, _, text, _ in read if name == "00")
    missing = {one: read[n][:2] for one, n in first.items() if not said(read, SIGNS.get(one, "`[^`]*" + re.escape(one)), n)}
    assert not missing, missing
    assert len(first) >= 18 and {" @ ", r"\.T\b", "np.maximum"} <= set(first)


@pytest.mark.parametrize("term", TERMS)
def test_a_word_is_explained_where_it_stands_first(term):
    read = [(name, i, text, now) for name, i, kind, text, now in lesson() if kind == "markdown"]
    uses = [n for n, (*_, text, now) in enumerate(read) if now and re.search(rf"(?<![\w`]){term}", text, re.I)]
    told = [n for n, (*_, text, _) in enumerate(read) if re.search(TERMS[term], text, re.S)]
    assert told, f"{term} is explained nowhere"
    assert min(uses + told) == told[0], f"{term}: used in {read[uses[0]][:2]}, explained in {read[told[0]][:2]}"


def test_an_explanation_that_comes_too_late_is_noticed():
    read = lesson()
    n = used(read)[" @ "]
    assert said(read, SIGNS[" @ "], n) and not said(read[: n - 2] + read[n:], SIGNS[" @ "], n - 2)
