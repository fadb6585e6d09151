"""What a found edit means, in a beginner's words: where it is, what the code does there, and a question. Never the edit itself."""

import ast
import re

import numpy as np

from helpers.checks.diagnosis import factor, said, shape_words
from helpers.checks.edit_rules import MIRROR, number, reduction

AXES = {"n": "examples", "d": "inputs", "m": "inputs", "k": "neurons", "K": "outputs", "P": "parameters"}
USUAL = {"X": "nd", "A_in": "nm", "A": "nm", "W": "mk", "b": "k", "Z": "nk", "dA": "nk", "dZ": "nk", "Y": "nK", "Y_hat": "nK", "dY_hat": "nK", "theta": "P", "G": "nP"}
DOES = {"sum": "adds up", "mean": "averages", "max": "takes the largest", "min": "takes the smallest", "argmax": "takes the place of the largest",
        "argmin": "takes the place of the smallest", "prod": "multiplies together", "std": "takes the spread of", "var": "takes the variance of", "all": "asks whether all hold", "any": "asks whether one holds"}
OPERATION = {ast.Add: "adds {b} to {a}", ast.Sub: "takes {b} away from {a}", ast.Mult: "multiplies {a} by {b}, entry by entry", ast.Div: "divides {a} by {b}",
             ast.MatMult: "takes the matrix product of {a} and {b}", ast.Pow: "raises {a} to the power {b}", ast.FloorDiv: "divides {a} by {b} and drops what is behind the point", ast.Mod: "takes the rest of {a} divided by {b}"}
COMPARES = {ast.Gt: "larger than", ast.GtE: "larger than or equal to", ast.Lt: "smaller than", ast.LtE: "smaller than or equal to", ast.Eq: "equal to", ast.NotEq: "other than"}
ASKS = {
    "reduction": "What should become of the numbers here: a sum, a mean, or something else?",
    "axis": "Which numbers belong together here, and which should stay apart?",
    "reduced": "Should these numbers be put together at this place already?",
    "not reduced": "How many numbers should there be after this place?",
    "product": "Which two shapes go together, and which shape should come out?",
    "operator": "Which operation does the formula have here?",
    "exchanged": "Which of the two comes first?",
    "brackets": "In which order does the formula reckon here, and in which order does Python?",
    "order": "What comes first in the formula, and what is done with its result?",
    "factor too many": "Does the formula have this factor here?",
    "factor missing": "Which factor does the formula have here besides?",
    "term too many": "Does the formula have this term here?",
    "term missing": "What else does the formula add or take away here?",
    "power too many": "Does the formula have a power here?",
    "power missing": "What does the formula do with each number before the next step?",
    "call too many": "Is this function in the formula at this place?",
    "call missing": "What does the formula do with this value before it goes on?",
    "function": "Which function does the formula have here?",
    "turned": "Which shape is needed here: this one, or the other way round?",
    "not turned": "Which shape is needed here: this one, or the other way round?",
    "minus too many": "Which sign does the formula have here?",
    "minus missing": "Which sign does the formula have here?",
    "complement": "What does the formula have here: a value, or what is left of the whole?",
    "name": "Is this the quantity that the formula has here?",
    "number": "Is this the number that the formula has here?",
    "comparison": "Try the value at the border, and one on each side: what should come out?",
    "count": "What does the formula count here?",
    "index": "Which part of the table is meant: a row or a column, and which one?",
    "index too many": "Is a part of it meant here, or all of it?",
    "index missing": "Is all of it meant here, or a part?",
    "off by one": "Where does Python begin to count, and where does it stop?",
    "arguments": "Which of the values belongs to which place of the call?",
    "argument too many": "Does this setting belong here?",
    "branches": "Which of the cases should lead to which value?",
    "results": "In which order are the results asked for?",
    "result too many": "Which results are asked for?",
    "direction": "In which order should the parts come?",
    "expression": "What does the formula have in this place?",
    "lines": "Which of the two lines needs what the other one makes or changes?",
    "line too many": "What would be the result without this line?",
    "line missing": "Which step of the formula is not in your lines yet?",
    "out of the loop": "How often should this line run: once in every turn, or once in all?",
    "into the loop": "How often should this line run: once in every turn, or once in all?",
    "update": "Should the old value count here, and how?",
    "in place": "Who else still uses the array that is changed here?",
    "copied": "Which array should change here?",
}


def located(s, found):
    """The reply where one edit of the reader's own lines makes every case right."""
    edit, elsewhere = choose(s, found)
    words, ask = describe(s, s.program, edit, False)
    text = "\n".join([*place(s.program, edit.at, edit.kind), f"{words}", *elsewhere, ask])
    return reply("located", text, edit, ask)


def explained(s, found):
    """The reply where the edited reference gives the reader's numbers."""
    edit, _ = choose(s, found)
    words, ask = describe(s, s.reference, edit, True)
    return reply("explained", f"Your numbers are exactly those of a program that {words}\n{ask}", edit, ask)


def both(s, fix, second, fault, gained=None):
    """The reply where two things are wrong: each that is known, the first in its line."""
    words, ask = describe(s, s.program, fix, False)
    parts = ["There is more than one mistake. One of them:", *place(s.program, fix.at, fix.kind), words, ask]
    if second:
        fix.apply()
        more, _ = describe(s, s.program, second[0], False)
        fix.undo()
        parts += ["Another:", *place(s.program, second[0].at, second[0].kind), more]
    elif fault:
        more, _ = describe(s, s.reference, fault, True)
        parts += [f"With that put right, your numbers would be those of a program that {more}"]
    return reply("located", "\n".join(parts), fix, ask)


def unknown(s):
    """An honest reply: the operation that failed, or nothing."""
    return {"state": "unknown", "text": "", "hint": "", "kind": "", "lines": []}


def reply(state, text, edit, ask):
    return {"state": state, "text": text, "hint": ask, "kind": edit.kind, "lines": [getattr(edit.at, "lineno", 0)]}


def choose(s, found):
    """The edit to speak of, and what to add where others do as well."""
    outer = lambda e: -width(e.old) if e.kind.endswith("missing") else width(e.old)  # noqa: E731
    best = sorted(found, key=lambda e: (e.cost, e.kind in ("expression", "number", "operator"), e.kind.endswith("missing"), outer(e)))
    edit = best[0]
    others = {e.at.lineno for e in best if e.kind == edit.kind and e.cost == edit.cost} - {edit.at.lineno}
    if others:
        return edit, [f"(The same could be put right in line {' or '.join(map(str, sorted(others)))} too.)"]
    return edit, []


def width(node):
    return sum(1 for part in ([node] if isinstance(node, ast.AST) else node) for _ in ast.walk(part))


def place(program, at, kind):
    """The line with the place marked below it."""
    number_ = next((i for i, tree in enumerate(program.trees) if getattr(at, "of", None) is tree), 0)
    lines = list(program.texts.values())[number_].splitlines() if isinstance(program.texts, dict) else program.texts[number_].splitlines()
    line = lines[at.lineno - 1]
    indent = len(line) - len(line.lstrip())
    start = len(line.encode()[: at.col_offset].decode())
    end = len(line.encode()[: at.end_col_offset].decode()) if at.end_lineno == at.lineno else len(line)
    where = f"In {program.names[number_]}, line {at.lineno}" if len(program.trees) > 1 and program.names[number_] != "<lambda>" else f"In line {at.lineno} of your function"
    return [where + ":", "    " + line.strip(), "    " + " " * (start - indent) + "^" * max(1, end - start)]


def describe(s, program, edit, explained):
    """(what the code does there, a question); in the reader's own lines as "Here …", else as what a program does."""
    kind, wrong, right = edit.kind, edit.old, edit.new
    if explained:
        edit.apply()
        kind, wrong, right = MIRROR.get(edit.kind, edit.kind), edit.new, edit.old
    values, _, _ = program.watch(s.cases[s.first])
    (edit.undo if explained else edit.apply)()
    values = program.watch(s.cases[s.first])[0] | values
    if not explained:
        edit.undo()
    words = phrase(s, kind, wrong, right, values, edit.detail, edit.at)
    return (words if explained else f"Here {words}") + ".", ASKS.get(kind, "What should happen here?")


def code(node):
    text = ast.unparse(node).replace("np.array(0)", "0")
    return f"`{text}`"


def worth(value):
    """A value in a few words, in brackets."""
    if isinstance(value, np.ndarray) and value.ndim or number(value) and np.ndim(value):
        return f" ({shape_words(np.shape(value))})"
    if number(value):
        return f" ({float(value):.4g})".replace("-", "−")
    return ""


def phrase(s, kind, wrong, right, values, detail, at):
    """What the wrong place does, in the third person."""
    of = lambda node: values.get(id(node))  # noqa: E731
    if isinstance(wrong, list):
        return block_phrase(kind, at)
    found = reduction(wrong)
    if found and kind in ("reduction", "axis", "reduced"):
        name, on, axis, keep, _ = found
        shape = np.shape(of(on)) if number(of(on)) else ()
        result = of(wrong)
        left = f", and leaves {shape_words(np.shape(result))}" if number(result) else ""
        return f"{code(wrong)} {DOES[name]} {over(s, shape, axis)}{left}"
    if isinstance(wrong, ast.BinOp) and kind in ("operator", "exchanged", "product", "brackets", "order"):
        a, b = (code(part) + worth(of(part)) for part in (wrong.left, wrong.right))
        return f"{code(wrong)} " + OPERATION.get(type(wrong.op), "joins {a} and {b}").format(a=a, b=b)
    if kind in ("factor too many", "term too many", "power too many") and isinstance(wrong, ast.BinOp):
        a, b = (code(part) + worth(of(part)) for part in (wrong.left, wrong.right))
        return f"{code(wrong)} " + OPERATION.get(type(wrong.op), "joins {a} and {b}").format(a=a, b=b)
    if kind == "factor missing":
        return f"{code(wrong)}{worth(of(wrong))} is used as it is: a factor is missing" + times(of(wrong), of(right))
    if kind == "term missing":
        return f"{code(wrong)}{worth(of(wrong))} is used as it is: a term is missing"
    if kind in ("minus missing", "power missing", "call missing", "not reduced", "not turned", "complement", "index missing"):
        return f"{code(wrong)}{worth(of(wrong))} is used as it is"
    if kind == "minus too many":
        return f"the sign of {code(getattr(wrong, 'operand', wrong))} is turned"
    if kind in ("name", "function", "count", "number", "expression", "index", "index too many", "call too many", "turned", "arguments", "argument too many"):
        return f"{code(wrong)} stands{worth(of(wrong))}"
    if kind == "comparison" and isinstance(wrong, ast.Compare):
        return f"{code(wrong)} asks whether {code(wrong.left)} is {COMPARES.get(type(wrong.ops[0]), 'in relation')} {code(wrong.comparators[0])}"
    if kind in ("results", "result too many"):
        return f"the results come in the order {code(wrong)}"
    return f"{code(wrong)}{worth(of(wrong))} stands"


def times(given, wanted):
    """By which factor a value is off, where it is one."""
    if not (number(given) and number(wanted)):
        return ""
    r = factor(given, wanted)
    return f", and it is {said(r)} what is needed here" if r and r > 0 else ""


def block_phrase(kind, at):
    line = code(at).splitlines()[0].rstrip("`") + "`"
    return {"lines": f"{line} comes before the line below it", "line too many": f"{line} changes what comes after it",
            "out of the loop": f"{line} runs in every turn of the loop", "into the loop": f"{line} runs once, outside the loop",
            "update": f"{line} sets or changes a value", "in place": f"{line} changes an array that came in",
            "branches": f"{line} decides"}.get(kind, f"{line} stands")


def over(s, shape, axis):
    """Over what a sum goes: the 5 examples, or all 15 numbers."""
    if axis is None or not shape:
        return f"over all {int(np.prod(shape))} numbers" if shape else "over all numbers"
    if isinstance(axis, int) and -len(shape) <= axis < len(shape):
        size = shape[axis]
        meant = meanings(s).get(size)
        return f"over the {size} {meant}" if meant else f"over {size} numbers"
    return "over an axis"


def meanings(s):
    """What an axis of so many entries is in the case at hand: {5: "examples"}; nothing where two have the same length."""
    found = {}
    names = s.parameters
    text = s.doc or ""
    letters = {name: dims.replace(" ", "").split(",") for name, dims in re.findall(r"(\w+) \(([a-zA-Z, ]+)\)", text)}
    for name, value in zip(names, s.cases[s.first]):
        for letter, size in zip(letters.get(name, USUAL.get(name, "")), np.shape(value) if isinstance(value, np.ndarray) else ()):
            if letter in AXES:
                found.setdefault(size, set()).add(AXES[letter])
    return {size: words.pop() for size, words in found.items() if len(words) == 1}
