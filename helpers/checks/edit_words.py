"""What a found edit means, in a beginner's words: where it is, what the code does there, and a question. Never the edit itself."""

import ast
import re

import numpy as np

from helpers.checks.diagnosis import factor, said, shape_words
from helpers.checks.edit_rules import MIRROR, argument, number, reduction

AXES = {"n": "examples", "d": "inputs", "m": "inputs", "k": "neurons", "K": "outputs", "P": "parameters"}
USUAL = {
    "X": "nd",
    "A_in": "nm",
    "A": "nm",
    "W": "mk",
    "b": "k",
    "Z": "nk",
    "dA": "nk",
    "dZ": "nk",
    "Y": "nK",
    "Y_hat": "nK",
    "dY_hat": "nK",
    "theta": "P",
    "G": "nP",
}
DOES = {
    "sum": "adds up",
    "mean": "averages",
    "max": "takes the largest",
    "min": "takes the smallest",
    "argmax": "takes the place of the largest",
    "argmin": "takes the place of the smallest",
    "prod": "multiplies together",
    "std": "takes the spread of",
    "var": "takes the variance of",
    "all": "asks whether all hold",
    "any": "asks whether one holds",
}
OPERATION = {
    ast.Add: "adds {b} to {a}",
    ast.Sub: "takes {b} away from {a}",
    ast.Mult: "multiplies {a} by {b}, entry by entry",
    ast.Div: "divides {a} by {b}",
    ast.MatMult: "takes the matrix product of {a} and {b}",
    ast.Pow: "raises {a} to the power {b}",
    ast.FloorDiv: "divides {a} by {b} and drops what is behind the point",
    ast.Mod: "takes the rest of {a} divided by {b}",
}
COMPARES = {
    ast.Gt: "larger than",
    ast.GtE: "larger than or equal to",
    ast.Lt: "smaller than",
    ast.LtE: "smaller than or equal to",
    ast.Eq: "equal to",
    ast.NotEq: "other than",
}
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
    "swapped": "What does each of the two names stand for?",
    "unpacked": "In which order do these values come, and which of them is needed later?",
    "left out": "Which of the values belong here?",
    "condition": "Should some of the values be treated in another way here?",
    "in place": "Who else still uses the array that is changed here?",
    "copied": "Which array should change here?",
}


def located(s, found):
    """The reply where one edit of the reader's own lines makes every case right."""
    edit, elsewhere = choose(s, found)
    words, ask = describe(s, s.program, edit, False)
    shapes = stopped(s)
    text = "\n".join(
        [
            *shapes,
            *(
                []
                if shapes
                and shapes[0] == place(s.program, edit.at, edit.kind)[0]
                and shapes[2:3] == place(s.program, edit.at, edit.kind)[2:]
                else [*place(s.program, edit.at, edit.kind), words]
            ),
            *elsewhere,
            ask,
        ]
    )
    return reply("located", text, edit, s.program.text(edit))


def explained(s, found):
    """The reply where the edited reference gives the reader's numbers."""
    edit, _ = choose(s, found)
    words, ask = describe(s, s.reference, edit, True)
    return reply(
        "explained", f"Your numbers are exactly those of a program that {words}\n{ask}", edit, s.reference.text(edit)
    )


def vague(edit):
    """Whether an edit says little: alone it may be put to use, beside another one it proves nothing."""
    return (
        edit.kind in VAGUE[1:]
        or isinstance(edit.old, ast.stmt | list)
        and edit.kind in ("lines", "line too many", "update")
    )


def telling(edit):
    """Whether an edit of the reference says something of the reader's numbers."""
    return edit.kind not in ("number", "expression", "too much", "condition", "result too many") and (
        edit.kind != "function" or isinstance(edit.new, ast.Call | ast.Name)
    )


def cancels(edit):
    """Whether an edit puts a thing beside itself, x / x, x − x or f(x, x): then it is right for another reason."""

    def twice(*trees):
        nodes = [node for tree in trees for node in ast.walk(tree)]
        pairs = [
            (node.left, node.right)
            for node in nodes
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub | ast.Div)
        ]
        return sum(
            ast.dump(one) == ast.dump(two)
            for one, two in [
                *pairs,
                *(node.args for node in nodes if isinstance(node, ast.Call) and len(node.args) == 2),
            ]
        )

    before = twice(edit.parent)
    edit.apply()
    after = twice(edit.parent)
    edit.undo()
    return after > before


def both(s, fix, second):
    """The reply where two things are wrong: the first in its line, and the other one where it is known."""
    words, ask = describe(s, s.program, fix, False)
    parts = ["There is more than one mistake. One of them:", *place(s.program, fix.at, fix.kind), words, ask]
    if second:
        fix.apply()
        other, _ = choose(s, second)
        more, _ = describe(s, s.program, other, False)
        fix.undo()
        parts += ["Another one:", *place(s.program, other.at, other.kind), more]
    return reply("located", "\n".join(parts), fix, s.program.text(fix, other) if second else "")


def unknown(s):
    """An honest reply: the operation that failed, or nothing."""
    words = stopped(s)
    return {
        "state": "shapes" if words else "unknown",
        "text": "\n".join(words),
        "kind": "shapes" if words else "",
        "lines": [],
        "source": "",
    }


def stopped(s):
    """Where NumPy could not join two arrays: the line, the two shapes, and what is wanted of them; [] where that is not what happened."""
    error = s.given[s.first]
    if not isinstance(error, ValueError) or not s.program:
        return []
    trace = error.__traceback__
    frames = []
    while trace:
        if trace.tb_frame.f_code.co_filename == "<edited>":
            frames.append(trace)
        trace = trace.tb_next
    if not frames:
        return []
    frame = frames[-1]
    where = list(frame.tb_frame.f_code.co_positions())[frame.tb_lasti // 2]
    for tree in s.program.trees:
        for node in ast.walk(tree):
            if (
                isinstance(node, (ast.BinOp, ast.AugAssign))
                and (node.lineno, node.end_lineno, node.col_offset, node.end_col_offset) == where
                and tree.name == frame.tb_frame.f_code.co_name
            ):
                parts = (node.left, node.right) if isinstance(node, ast.BinOp) else (node.target, node.value)
                try:
                    a, b = (
                        eval(
                            compile(ast.unparse(part), "<part>", "eval"),
                            frame.tb_frame.f_globals,
                            frame.tb_frame.f_locals,
                        )
                        for part in parts
                    )
                except Exception:
                    return []
                if not (number(a) and number(b)):
                    return []
                one, two = (
                    f"{code(parts[0])} is {amount(a)}{axes(s, a)}",
                    f"{code(parts[1])} is {amount(b)}{axes(s, b)}",
                )
                rule = (
                    "A matrix product needs as many columns on the left as there are rows on the right"
                    if isinstance(node.op, ast.MatMult)
                    else "Entry by entry needs two of one shape, or a row for every row"
                )
                return [*place(s.program, node, ""), f"Here two shapes do not fit: {one}, and {two}.", rule + "."]
    return []


def axes(s, value):
    """What the axes of an array are: examples × inputs."""
    meant = [meanings(s).get(size) for size in np.shape(value)]
    return (
        f" ({' × '.join(meant)})"
        if len(meant) == 2 and all(meant)
        else f" ({meant[0]})" if len(meant) == 1 and meant[0] else ""
    )


def reply(state, text, edit, source):
    return {"state": state, "text": text, "kind": edit.kind, "lines": [getattr(edit.at, "lineno", 0)], "source": source}


def choose(s, found):
    """The edit to speak of, and what to add where others do as well."""
    first = s.program.trees[0] if s.program else None
    own = set(s.program.names[1:]) if s.program else ()
    best = sorted(
        found,
        key=lambda edit: (
            edit.cost,
            isinstance(edit.old, ast.Name) and edit.old.id in own,
            home(s, edit) is not first,
            *rank(edit),
        ),
    )
    edit = best[0]
    spoken = {e.at.lineno for e in (edit, *edit.more)}
    others = {
        e.at.lineno for e in best if e.cost == edit.cost and e.kind not in VAGUE and home(s, e) is home(s, edit)
    } - spoken
    if len(spoken) > 1:
        return edit, [f"The same goes for line {' and '.join(map(str, sorted(spoken - {edit.at.lineno})))}."]
    if others:
        return edit, [f"(It could be put right in line {' or '.join(map(str, sorted(others)))} as well.)"]
    return edit, []


def home(s, edit):
    """The function that an edit is in."""
    return getattr(edit.at, "of", None)


VAGUE = ("operator", "number", "expression", "too much", "condition")  # in this order, the last is the vaguest


def rank(edit):
    """What is named first of several that are as small: what stands there before what is missing, and the widest place that lacks it."""
    missing = edit.kind.endswith("missing")
    if edit.kind == "term too many" and isinstance(edit.new, ast.Constant):
        missing = True  # 1 − β becomes 1: there is a factor 1 − β too many
    part = edit.kind == "expression" and not isinstance(edit.parent, ast.Assign | ast.Return)
    return (
        edit.cost,
        VAGUE.index(edit.kind) if edit.kind in VAGUE else -1,
        part,
        missing or edit.kind.startswith("not "),
        not missing,
        -width(edit.old) if missing else width(edit.old),
    )


def width(node):
    return sum(1 for part in ([node] if isinstance(node, ast.AST) else node) for _ in ast.walk(part))


def place(program, at, kind):
    """The line with the place marked below it."""
    number_ = next((i for i, tree in enumerate(program.trees) if getattr(at, "of", None) is tree), 0)
    lines = (
        list(program.texts.values())[number_].splitlines()
        if isinstance(program.texts, dict)
        else program.texts[number_].splitlines()
    )
    line = lines[at.lineno - 1]
    indent = len(line) - len(line.lstrip())
    start = len(line.encode()[: at.col_offset].decode())
    end = len(line.encode()[: at.end_col_offset].decode()) if at.end_lineno == at.lineno else len(line)
    where = (
        f"In {program.names[number_]}, line {at.lineno}"
        if len(program.trees) > 1 and program.names[number_] != "<lambda>"
        else f"In line {at.lineno} of your function"
    )
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
    words = phrase(s, kind, wrong, right, values, edit.detail, edit.at, explained)
    return (words if explained else f"Here {words}") + ".", ASKS.get(kind, "What should happen here?")


def code(node):
    text = ast.unparse(node).splitlines()[0]
    return f"`{text}`"


def worth(value, node=None):
    """A value in a few words, in brackets; none for what stands there as a number already."""
    words = amount(value)
    return f" ({words})" if words and not isinstance(node, ast.Constant) else ""


def amount(value):
    """A number, or the size of a table of numbers, in words."""
    if not number(value):
        return ""
    if np.ndim(value):
        return shape_words(np.shape(value)) + ("" if np.any(value) else ", all 0")
    return f"{float(value):.4g}".replace("-", "−")


def phrase(s, kind, wrong, right, values, detail, at, told):
    """What the wrong place does: a sentence about it, or where it is `told` of the reference, what such a program does."""

    def of(node):
        return values.get(id(node))

    def name(node):  # the reference's own code would be the answer
        if told and not isinstance(node, ast.Name):
            return amount(of(node)) or "a value"
        return code(node) + worth(of(node), node)

    if isinstance(wrong, (list, ast.stmt)) and kind != "left out":
        return block_phrase(kind, wrong, at, told)
    subject = "" if told or kind == "left out" else f"{code(wrong)} "
    found, size = reduction(wrong), np.shape(of(wrong)) if number(of(wrong)) else ()
    leaves = f", and leaves {shape_words(size)}" if number(of(wrong)) else ""
    if found and kind in ("reduction", "axis", "reduced"):
        return f"{subject}{DOES[found[0]]} {over(s, np.shape(of(found[1])) if number(of(found[1])) else (), found[2])}{leaves}"
    if isinstance(wrong, ast.BinOp):
        words = OPERATION.get(type(wrong.op), "joins {a} and {b}")
        if isinstance(wrong.op, ast.Mult) and np.ndim(of(wrong.left)) and np.ndim(of(wrong.right)):
            words += ", entry by entry"
        if kind == "brackets" and not told:
            sign = ast.unparse(ast.BinOp(ast.Name("a"), wrong.op, ast.Name("b")))[1:-1]
            left, right_ = (
                f"({ast.unparse(part)})" if isinstance(part, ast.BinOp) else ast.unparse(part)
                for part in (wrong.left, wrong.right)
            )
            return f"Python reads {code(wrong)} as `{left}{sign}{right_}`"
        if kind == "product":
            return subject + words.format(a=name(wrong.left), b=name(wrong.right)) + leaves.replace("leaves", "gives")
        if kind in ("operator", "exchanged", "brackets", "order"):
            return subject + words.format(a=name(wrong.left), b=name(wrong.right))
        if kind in ("factor too many", "term too many", "power too many") and detail is not None:
            if isinstance(wrong.op, ast.Sub) and detail is wrong.left:
                return f"{subject}takes a value away from {code(detail)}{worth(of(detail), detail)}"
            verb = {
                ast.Mult: "multiplies by",
                ast.Div: "divides by",
                ast.Add: "adds",
                ast.Sub: "takes away",
                ast.MatMult: "takes the matrix product with",
                ast.Pow: "raises to the power",
            }.get(type(wrong.op), "uses")
            return f"{subject}{verb} {code(detail)}{worth(of(detail), detail)}" + (
                " once more than it should" if told else ""
            )
    if kind == "factor missing":
        r = (
            factor(of(wrong), of(right))
            if number(of(wrong)) and number(of(right)) and np.shape(of(wrong)) == np.shape(of(right))
            else None
        )
        plain = r and r > 0 and any(abs(q - round(q)) < 1e-6 for q in (r, 1 / r))
        much = f"{said(r)} what is needed" if plain else ""
        if told:
            return "leaves out a factor" + (f", so that a value is {much}" if much else "")
        return f"{name(wrong)} is used as it is" + (
            f", and that is {much} here" if much else ", without a factor that belongs to it"
        )
    if kind == "term missing":
        return "leaves out a term" if told else f"{name(wrong)} is used as it is, without a term that belongs to it"
    if kind == "minus missing":
        return "has a minus too few" if told else f"{name(wrong)} keeps its sign"
    if kind == "minus too many":
        return "has a minus too many" if told else f"the sign of {name(getattr(wrong, 'operand', wrong))} is turned"
    if kind == "not reduced":
        return (
            f"leaves {amount(of(wrong))} where numbers should be put together"
            if told
            else f"{code(wrong)} still holds {amount(of(wrong))}"
        )
    if kind in ("turned", "not turned"):
        return (
            f"goes on with {amount(of(wrong))}, rows and columns exchanged"
            if told
            else f"{code(wrong)} is {amount(of(wrong))}"
        )
    if kind in ("power missing", "call missing", "complement", "index missing"):
        return f"goes on with {name(wrong)} as it is" if told else f"{name(wrong)} is used as it is"
    if kind == "count" and number(of(wrong)):
        meant = meanings(s).get(int(of(wrong)))
        return f"{subject}counts {int(of(wrong))}" + (
            f", the {meant}" if meant and isinstance(wrong, (ast.Call, ast.Subscript)) else ""
        )
    if kind in ("comparison", "function") and isinstance(wrong, ast.Compare):
        return f"{subject}asks whether {name(wrong.left)} is {COMPARES.get(type(wrong.ops[0]), 'like')} {name(wrong.comparators[0])}"
    if (
        kind in ("index", "index too many", "off by one")
        and isinstance(wrong, ast.Subscript)
        and number(of(wrong.value))
    ):
        return f"{subject}takes {amount(of(wrong))} out of {amount(of(wrong.value))}"
    if kind == "off by one" and isinstance(of(wrong), range):
        turns = list(of(wrong))
        return f"{subject}gives {len(turns)} turns" + (f", from {turns[0]} to {turns[-1]}" if turns else "")
    if kind == "branches" and isinstance(wrong, ast.IfExp) and not told:
        return f"where {code(wrong.test)} holds, {code(wrong.body)} is taken"
    if kind == "left out":
        return "leaves some of the values out" if told else f"{code(at)} leaves some of the values out"
    if kind == "arguments" and isinstance(wrong, ast.Call) and not told:
        return f"{code(wrong.func)} gets its values in the order {', '.join(map(code, wrong.args))}"
    if kind == "unpacked":
        return (
            "takes apart a result in another order"
            if told
            else f"what comes from the right is named {code(wrong)}, in this order"
        )
    if kind in ("results", "result too many"):
        return "gives its results in another order" if told else f"the results come in the order {code(wrong)}"
    if kind == "direction":
        return "takes its parts in another order" if told else f"{code(wrong)} gives the parts in this order"
    if (
        isinstance(wrong, ast.Call)
        and kind in ("function", "call too many", "order", "out of the loop")
        and argument(wrong) is not None
    ):
        used = (
            code(wrong.func)
            if isinstance(wrong.func, ast.Name) or told or ast.unparse(wrong.func).startswith("np.")
            else f"`.{wrong.func.attr}`"
        )
        if len(wrong.args) > 1 and not told:
            return f"{code(wrong)}{worth(of(wrong))} calls {used}"
        return f"sends a value through {used}" if told else f"{used} is called on {name(argument(wrong))}"
    if kind == "swapped":
        return (
            f"exchanges two values ({amount(of(wrong))} is one of them)"
            if told
            else f"{code(wrong)} stands where {code(detail)} belongs, and the other way round"
        )
    if isinstance(wrong, ast.Name) or isinstance(wrong, ast.Attribute) and kind == "function":
        first = (
            f" that begins with {np.ravel(of(wrong))[0]:.4g}".replace("-", "−")
            if kind == "name" and number(of(wrong)) and np.size(of(wrong)) > 1 and not told
            else ""
        )
        return (
            f"uses {code(wrong)} where something else belongs"
            if told
            else f"{code(wrong)} is used{worth(of(wrong))}{first}"
        )
    return f"does something else with {name(wrong)}" if told else f"{name(wrong)} is used"


def block_phrase(kind, wrong, at, told):
    """The same for whole lines."""
    line = code(at)
    if kind == "update" and isinstance(at, ast.Assign):
        words = f"{line} sets {code(at.targets[0])} anew, whatever was in it"
    elif kind == "update":
        words = f"{line} changes what is in {code(at.target)} already, by {code(at.value)}"
    else:
        words = {
            "lines": f"{line} comes before the line below it",
            "line too many": f"{line} is carried out too",
            "out of the loop": f"{line} is carried out in every turn of the loop"
            + (", so the first turn is the last" if isinstance(at, ast.Return) else ""),
            "into the loop": f"{line} is carried out once, and not in every turn of the loop",
            "in place": (
                f"{line} changes an array that is not its own"
                if isinstance(at, ast.AugAssign) or not isinstance(getattr(at, "value", None), ast.Name)
                else f"{line} gives the same array a second name: whoever changes one changes both"
            ),
            "branches": f"{line} decides",
        }.get(kind, f"{line} is carried out")
    if not told:
        return words
    return {
        "lines": "does two steps in the other order",
        "line too many": "does a step too many",
        "line missing": "leaves out a step",
        "out of the loop": "does a step in every turn of a loop and not once",
        "into the loop": "does a step once and not in every turn of a loop",
        "update": "sets a value anew where it should change it, or the other way round",
        "in place": "changes an array in place",
        "copied": "works on a copy",
    }.get(kind, "does a step differently")


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
        for letter, size in zip(
            letters.get(name, USUAL.get(name, "")), np.shape(value) if isinstance(value, np.ndarray) else ()
        ):
            if letter in AXES:
                found.setdefault(size, set()).add(AXES[letter])
    return {size: words.pop() for size, words in found.items() if len(words) == 1}
