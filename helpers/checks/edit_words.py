"""What a found edit means, in a beginner's words: where it is, what the code does there, and a question. Never the
edit itself."""

import ast
import re

import numpy as np

from helpers.checks.diagnosis import factor, said, shape_words
from helpers.checks.edit_rules import MIRROR, argument, number, reduction

AXES = {"n": "examples", "d": "inputs", "m": "inputs", "k": "neurons", "K": "outputs", "P": "parameters"}
USUAL = dict(X="nd", A_in="nm", A="nm", W="mk", b="k", Z="nk", dA="nk", dZ="nk", Y="nK", Y_hat="nK", dY_hat="nK",
    theta="P", G="nP")
DOES = {
    "sum": "adds up", "mean": "averages", "max": "takes the largest", "min": "takes the smallest",
        "argmax": "takes the place of the largest",
    "argmin": "takes the place of the smallest", "prod": "multiplies together", "std": "takes the spread of",
        "var": "takes the variance of",
    "all": "asks whether all hold", "any": "asks whether one holds",
}  # fmt: skip
OPERATION = {
    ast.Add: "adds {b} to {a}", ast.Sub: "takes {b} away from {a}", ast.Mult: "multiplies {a} by {b}",
        ast.Div: "divides {a} by {b}",
    ast.MatMult: "takes the matrix product of {a} and {b}", ast.Pow: "raises {a} to the power {b}",
        ast.Mod: "takes the rest of {a} divided by {b}",
    ast.FloorDiv: "divides {a} by {b} and drops what is behind the point", ast.Or: "asks whether {a} or {b} holds",
        ast.And: "asks whether {a} and {b} hold",
}  # fmt: skip
WITH = {
    ast.Mult: "multiplies by", ast.Div: "divides by", ast.FloorDiv: "divides by", ast.Add: "adds",
        ast.Sub: "takes away",
    ast.MatMult: "takes the matrix product with", ast.Pow: "raises to the power",
}  # fmt: skip
COMPARES = {
    ast.Gt: "larger than", ast.GtE: "larger than or equal to", ast.Lt: "smaller than",
        ast.LtE: "smaller than or equal to",
    ast.Eq: "equal to", ast.NotEq: "other than",
}  # fmt: skip
# kind | what the reader's code does there | what a program does that has this in it | the question that leads on.
# {x} is the place with its value, {code} without it, {size} its shape, {line} the line, {part} what goes or comes,
# {name} a name that is set.
TABLE = """
reduction | {x} is used | does something else with {x}
    | What should become of the numbers here: a sum, a mean, or something else?
axis | {x} is used | does something else with {x} | Which numbers belong together here, and which should stay apart?
reduced | {x} is used | does something else with {x} | Should these numbers be put together at this place already?
not reduced | {code} still holds {size} | leaves {size} where numbers should be put together
    | How many numbers should there be after this place?
product | {x} is used | does something else with {x} | Which two shapes go together, and which shape should come out?
operator | {x} is used | does something else with {x} | Which operation does the formula have here?
exchanged | {x} is used | exchanges two values | Which of the two comes first?
brackets | {x} is used | does something else with {x}
    | In which order does the formula reckon here, and in which order does Python?
order | {x} is used | does something else with {x} | What comes first in the formula, and what is done with its result?
factor too many | {x} is used | has a factor too many | Does the formula have this factor here?
factor missing | {x} is used as it is, without a factor that belongs to it | leaves out a factor
    | Which factor does the formula have here besides?
term too many | {x} is used | has a term too many | Does the formula have this term here?
term missing | {x} is used as it is, without a term that belongs to it | leaves out a term
    | What else does the formula add or take away here?
power too many | {x} is used | has a power too many | Does the formula have a power here?
power missing | {x} is used as it is | goes on with {x} as it is
    | What does the formula do with each number before the next step?
call too many | {x} is used | sends a value through a function too many | Is this function in the formula at this place?
call missing | {x} is used as it is | goes on with {x} as it is
    | What does the formula do with this value before it goes on?
function | {x} is used | does something else with {x} | Which function does the formula have here?
turned | {code} is {size} | goes on with {size}, rows and columns exchanged
    | Which shape is needed here: this one, or the other way round?
not turned | {code} is {size} | goes on with {size}, rows and columns exchanged
    | Which shape is needed here: this one, or the other way round?
minus too many | the sign of {x} is turned | has a minus too many | Which sign does the formula have here?
minus missing | {x} keeps its sign | has a minus too few | Which sign does the formula have here?
complement | {x} is used as it is | goes on with {x} as it is
    | What does the formula have here: a value, or what is left of the whole?
name | {x} is used | uses {code} where something else belongs | Is this the quantity that the formula has here?
number | {x} is used | has another number in it | Is this the number that the formula has here?
comparison | {x} is used | asks another question
    | Try the value at the border, and one on each side: what should come out?
count | {x} is used | counts something else | What does the formula count here?
index | {x} is used | takes another part out of {size}
    | Which part of it is meant here: where does it begin, and where does it end?
index too many | {x} is used | takes a part where all of it is meant | Is a part of it meant here, or all of it?
index missing | {x} is used as it is | goes on with {x} as it is
    | Is all of it meant here, or a part, and along which axis does it go?
entry missing | {x} is used: these are places | goes on with places
    | What stands at these places, and which of the two is asked for?
off by one | {x} is used | begins or ends one place off | Where does Python begin to count, and where does it stop?
step missing | {code} goes on by one in every turn | goes on by one in every turn
    | How far should it be from one turn to the next?
arguments | {x} is used | hands over values in another order | Which of the values belongs to which place of the call?
argument too many | {x} is used | hands over a value too many | Does this setting belong here?
argument missing | {x} is used | leaves out a setting of a call | Which settings does this call need here?
branches | {line} depends on the condition above it, or on the wrong side of it | decides in another way
    | Which of the cases should lead to which value?
else missing | {line} says what happens where it holds, and not what happens where it does not
    | does nothing where a condition does not hold
    | What should happen in the other case?
results | the results come in the order {code} | gives its results in another order
    | In which order are the results asked for?
result too many | the results are {code} | gives a result too many | Which results are asked for?
result missing | {x} is all that comes back | gives back less than is asked for | Which results are asked for?
direction | {code} gives the parts in this order | takes its parts in another order
    | In which order should the parts come?
expression | {x} is used | does something else with {x} | What does the formula have in this place?
too much | {x} is used | does something else with {x} | What does the formula have in this place?
lines | {line} comes before the line below it | does two steps in the other order
    | Which of the two lines needs what the other one makes or changes?
moved | {line} stands at this place | does a step at another place | Before or after which line does it belong?
line too many | {line} is carried out too | does a step too many | What would be the result without this line?
line missing | {line} is carried out here only | leaves out a step | Should the same be done once more somewhere?
put back | {line} changes it for all turns to come | leaves a change in place
    | What should be there again when the next turn begins?
out of the loop | {line} is carried out in every turn of the loop | does a step in every turn of a loop and not once
    | How often should this line run: once in every turn, or once in all?
into the loop | {line} is carried out once, and not in every turn of the loop
    | does a step once and not in every turn of a loop
    | How often should this line run: once in every turn, or once in all?
carried | in every turn {part} is what it was in the first one: nothing that the loop makes becomes {part}
    | carries nothing from one turn to the next
    | What should the second turn begin with?
stop | {line} decides what becomes of the turns that are left | stops a loop, or goes on with it
    | Should the loop end here, or go on with the next turn?
update | {line} is carried out | sets a value anew where it should change it, or the other way round
    | Should the old value count here, and how?
overwritten | from this line on {part} means something else, and what it was before is still needed below
    | gives a name to something else too early
    | What does {part} stand for in each of the lines below?
target | the result gets the name {code} | gives a result another name | Under which name is this needed later?
swapped | {code} stands where {part} belongs, and the other way round | exchanges two values, and {size} is one of them
    | What does each of the two names stand for?
unpacked | what comes from the right is named {code}, in this order | takes apart a result in another order
    | In which order do these values come, and which of them is needed later?
left out | {line} leaves some of the values out | leaves some of the values out | Which of the values belong here?
condition | {line} treats some of the values in another way | treats some of the values in another way
    | Should some of the values be treated in another way here?
in place | {line} changes an array that is still used under another name | changes an array in place
    | Who else still uses the array that is changed here?
copied | {line} works on a copy | works on a copy | Which array should change here?
"""
ROWS = [row.split("|") for row in TABLE.strip().replace("\n    ", " ").splitlines()]
KINDS = {row[0].strip(): [part.strip() for part in row[1:]]
    for row in ROWS}
VAGUE = ("operator", "number", "expression", "too much", "condition")  # in this order, the last is the vaguest


# Replies


def located(s, found):
    """The reply where one edit of the reader's own lines makes every case right."""
    edit, elsewhere = choose(s, found)
    words, ask = describe(s, s.program, edit, False)
    stop, here = stopped(s), place(s.program, edit.at)
    told = stop if stop and (stop[0], stop[2]) == (here[0], here[2]) else [*stop, *here, words]
    return reply("located", [*told, *elsewhere, ask], edit, s.program.text(edit))


def explained(s, found, both=False):
    """The reply where the edited reference gives the reader's numbers; `both` edits together, or one of them."""
    chosen = found if both else [choose(s, found)[0]]
    told = [describe(s, s.reference, edit, True, [other for other in chosen if other is not edit]) for edit in chosen]
    text = ", and that ".join(words.rstrip(".") for words, _ in told)
    return reply("explained", [f"Your numbers are exactly those of a program that {text}.", told[0][1]], chosen[0],
        s.reference.text(*chosen))


def both(s, fix, second, says=""):
    """The reply where two things are wrong: the first in its line, and the other one where it is known."""
    parts = ["There is more than one mistake. One of them:", *place(s.program, fix.at),
        *describe(s, s.program, fix, False)]
    if second:
        fix.apply()
        other, _ = choose(s, second)
        parts += ["Another one:", *place(s.program, other.at), *describe(s, s.program, other, False)]
        fix.undo()
    if says:
        parts += [f"When {'these are' if second else 'that is'} right, another one is left: {says}"]
    return reply("located", parts, fix, s.program.text(fix, other) if second else "")


def unknown(s):
    """An honest reply: the operation that failed, or nothing."""
    words = stopped(s)
    state, kind = ("shapes", "shapes") if words else ("unknown", "")
    return {"state": state, "text": "\n".join(words), "kind": kind, "lines": [], "source": ""}


def reply(state, text, edit, source):
    return {"state": state, "text": "\n".join(text), "kind": edit.kind, "lines": [getattr(edit.at, "lineno", 0)],
        "source": source}


# What to make of an edit


def vague(edit):
    """Whether an edit says little: alone it may be put to use, beside another one it proves nothing."""
    if edit.kind in VAGUE[1:] or edit.kind == "function" and edit.cost > 2:
        return True
    steps = "lines", "line too many", "update", "moved", "line missing"
    return isinstance(edit.old, ast.stmt | list) and edit.kind in steps


def telling(edit):
    """Whether an edit of the reference says something of the reader's numbers."""
    silent = {*VAGUE[1:], "result too many", "target", "line missing", "overwritten", "moved", "carried"}
    return edit.kind not in silent and (edit.kind != "function" or isinstance(edit.new, ast.Call | ast.Name))


def cancels(edit):
    """Whether an edit puts a thing beside itself, x / x, x − x or f(x, x): then it is right for another reason."""

    def twice():
        nodes = list(ast.walk(edit.parent))
        pairs = [(node.left, node.right) for node in nodes if isinstance(node, ast.BinOp)
            and isinstance(node.op, ast.Sub | ast.Div)]
        pairs += [node.args for node in nodes if isinstance(node, ast.Call) and len(node.args) == 2]
        return sum(ast.dump(one) == ast.dump(two) for one, two in pairs)

    before = twice()
    edit.apply()
    after = twice()
    edit.undo()
    return after > before


def choose(s, found):
    """The edit to speak of, and what to add where others do as well."""
    first, own = (s.program.trees[0], set(s.program.names[1:])) if s.program else (None, ())

    def order(edit):
        named = isinstance(edit.old, ast.Name) and edit.old.id in own
        return edit.cost, named, home(edit) is not first, *rank(edit)

    best = sorted(found, key=order)
    edit = best[0]
    spoken = {e.at.lineno for e in (edit, *edit.more) if e.at}
    others = {e.at.lineno for e in best if e.cost == edit.cost and e.kind not in VAGUE
        and home(e) is home(edit)} - spoken
    if len(spoken) > 1:
        return edit, [f"The same goes for line {' and '.join(map(str, sorted(spoken - {edit.at.lineno})))}."]
    return edit, [f"(It could be put right in line {' or '.join(map(str, sorted(others)))} as well.)"] if others else []


def home(edit):
    """The function that an edit is in."""
    return getattr(edit.at, "of", None)


def rank(edit):
    """What is named first of several that are as small: what stands there before what is missing, and the widest
    place that lacks it."""
    missing = edit.kind.endswith("missing") or edit.kind == "term too many" and isinstance(edit.new,
        ast.Constant)  # 1 − β for 1
    part = edit.kind == "expression" and not isinstance(edit.parent, ast.Assign | ast.Return)
    late = VAGUE.index(edit.kind) if edit.kind in VAGUE else 0 if edit.kind in ("lines", "line too many",
        "moved") else -1
    size = width(edit.old)
    return edit.cost, late, part, missing or edit.kind.startswith("not "), not missing, -size if missing else size


def width(node):
    return sum(1 for part in ([node] if isinstance(node, ast.AST) else node) for _ in ast.walk(part))


def place(program, at):
    """The line with the place marked below it."""
    i = next((i for i, tree in enumerate(program.trees) if getattr(at, "of", None) is tree), 0)
    line = program.texts[i].splitlines()[at.lineno - 1]
    indent = len(line) - len(line.lstrip())
    start = len(line.encode()[: at.col_offset].decode())
    end = len(line.encode()[: at.end_col_offset].decode()) if at.end_lineno == at.lineno else len(line)
    named = len(program.trees) > 1 and program.names[i] != "<lambda>"
    where = f"In {program.names[i]}, line {at.lineno}:" if named else f"In line {at.lineno} of your function:"
    return [where, "    " + line.strip(), "    " + " " * (start - indent) + "^" * max(1, end - start)]


# Words


def describe(s, program, edit, told, others=()):
    """(what the code does there, a question); in the reader's own lines as "Here …", else as what a program does."""
    kind, wrong, right = edit.kind, edit.old, edit.new
    for other in others:
        other.apply()
    if told:
        edit.apply()
        kind, wrong, right = MIRROR.get(edit.kind, edit.kind), edit.new, edit.old
    values = program.watch(s.cases[s.first])[0]
    (edit.undo if told else edit.apply)()
    values = program.watch(s.cases[s.first])[0] | values
    for change in [*([] if told else [edit]), *reversed(others)]:
        change.undo()
    words, ask = phrase(s, kind, wrong, right, values, edit, told)
    return (words if told else f"Here {words}") + ".", ask


def code(node):
    text = ast.unparse(node).splitlines()[0]
    return f"`{text[1:-1] if isinstance(node, ast.Tuple) and text[0] == '(' else text}`"


def amount(value):
    """A number, or the size of a table of numbers, in words."""
    if not number(value):
        return ""
    if np.ndim(value):
        return shape_words(np.shape(value)) + ("" if np.any(value) else ", all 0")
    return f"{float(value):.4g}".replace("-", "−")


def phrase(s, kind, wrong, right, values, edit, told):
    """What the wrong place does, a sentence about it, or where it is `told` of the reference, what such a program
    does; and the question."""

    def of(node):
        return values.get(id(node))

    def worth(node):
        words = "" if isinstance(node, ast.Constant) else amount(of(node))
        return f" ({words})" if words else ""

    def name(node):  # the reference's own code would be the answer
        return amount(of(node)) or "a value" if told and not isinstance(node, ast.Name) else code(node) + worth(node)

    (here, there, ask), detail, place_ = KINDS[kind], edit.detail, isinstance(wrong, ast.expr)
    found = special(s, kind, wrong, right, of, name, detail, told)
    subject = f"{code(wrong)} " if place_ and not told else ""
    words = (there if told else here) if not found else found[1:] if found[0] == "!" else subject + found
    fields = dict(line=code(edit.at), part=code(detail) if detail is not None else "it")
    if place_:
        operand = wrong.operand if kind == "minus too many" and isinstance(wrong, ast.UnaryOp) else wrong
        fields |= dict(x=name(operand), code=code(wrong), size=amount(of(wrong)) or "a value")
    if kind == "name" and not told and number(of(wrong)) and np.size(of(wrong)) > 1:
        begins = f"{np.ravel(of(wrong))[0]:.4g}".replace("-", "−")
        words = f"{code(wrong)} is used, {amount(of(wrong))} that begins with {begins}"
    for field, text in fields.items():
        words, ask = words.replace("{" + field + "}", text), ask.replace("{" + field + "}", text)
    return words, ask


def special(s, kind, wrong, right, of, name, detail, told):
    """What can be said better than by the table, about the place as the subject; after a ! as a whole sentence. None
    where there is nothing."""
    found, value = reduction(wrong) if isinstance(wrong, ast.AST) else None, of(wrong)
    if found and kind in ("reduction", "axis", "reduced"):
        shape = np.shape(of(found[1])) if number(of(found[1])) else ()
        return f"{DOES[found[0]]} {over(s, shape, found[2])}" + (f", and leaves {shape_words(np.shape(value))}"
            if number(value) else "")
    if isinstance(wrong, ast.BoolOp) and kind in ("operator", "expression"):
        return OPERATION[type(wrong.op)].format(a=code(wrong.values[0]), b=code(wrong.values[-1])) if not told else None
    if isinstance(wrong, ast.BinOp):
        words, op = OPERATION.get(type(wrong.op), "joins {a} and {b}").format(a=name(wrong.left),
            b=name(wrong.right)), type(wrong.op)
        if op is ast.Mult and np.ndim(of(wrong.left)) and np.ndim(of(wrong.right)):
            words += ", entry by entry"
        if kind == "brackets" and not told:
            sign = ast.unparse(ast.BinOp(ast.Name("a"), wrong.op, ast.Name("b")))[1:-1]
            left, right_ = (f"({ast.unparse(part)})" if isinstance(part, ast.BinOp) else ast.unparse(part)
                for part in (wrong.left, wrong.right))
            if f"{left}{sign}{right_}" == ast.unparse(wrong):
                return f"!the brackets in {code(wrong)} put what is in them first"
            return f"!Python reads {code(wrong)} as `{left}{sign}{right_}`"
        if kind == "product":
            return words + (f", and gives {shape_words(np.shape(value))}" if number(value) else "")
        if kind in ("operator", "exchanged", "order") or kind == "brackets" and told:
            return words
        if kind in ("factor too many", "term too many", "power too many") and detail is not None:
            part = f"{code(detail)}" + (f" ({amount(of(detail))})" if number(of(detail))
                and not isinstance(detail, ast.Constant) else "")
            if op is ast.Sub and ast.dump(detail) == ast.dump(wrong.left):
                return f"takes a value away from {part}"
            return f"{WITH.get(op, 'uses')} {part}" + (" once more than it should" if told else "")
    if kind == "factor missing" and isinstance(wrong, ast.expr):
        alike = number(value) and number(of(right)) and np.shape(value) == np.shape(of(right))
        r = factor(value, of(right)) if alike else None
        if r and r > 0 and abs(r - 1) > 1e-6 and any(abs(q - round(q)) < 1e-6 for q in (r, 1 / r)):
            much = f"{said(r)} what is needed"
            return (f"!leaves out a factor, so that a value is {much}"
                if told else f"!{name(wrong)} is used as it is, and that is {much} here")
    if kind == "term missing" and told and isinstance(wrong, ast.Name):
        return f"!uses {name(wrong)} as it is, without a term that belongs to it"
    if kind == "count" and number(value) and not np.ndim(value):
        meant = meanings(s).get(int(value)) if isinstance(wrong, (ast.Call, ast.Subscript)) else None
        return f"counts {int(value)}" + (f", the {meant}" if meant else "")
    if kind in ("comparison", "function") and isinstance(wrong, ast.Compare):
        asked = COMPARES.get(type(wrong.ops[0]), "like")
        return f"asks whether {name(wrong.left)} is {asked} {name(wrong.comparators[0])}"
    if kind in ("index", "index too many", "off by one") and isinstance(wrong,
        ast.Subscript) and number(of(wrong.value)) and number(value):
        return f"takes {amount(value)} out of {amount(of(wrong.value))}"
    if kind == "off by one" and isinstance(value, range):
        turns = f"{len(value)} turn{'s' * (len(value) != 1)}"
        return f"gives {turns}" + (f", from {value[0]} to {value[-1]}" if len(value) > 1 else f": {value[0]}" if value
            else "")
    if kind == "branches" and isinstance(wrong, ast.IfExp) and not told:
        return f"!where {code(wrong.test)} holds, {code(wrong.body)} is taken"
    if kind == "arguments" and isinstance(wrong, ast.Call) and not told:
        return f"!{code(wrong.func)} gets its values in the order {', '.join(map(code, wrong.args))}"
    if isinstance(wrong, ast.Call) and kind in ("function", "call too many", "order",
        "out of the loop") and argument(wrong) is not None:
        plain = isinstance(wrong.func, ast.Name) or told or ast.unparse(wrong.func).startswith("np.")
        used = code(wrong.func) if plain else f"`.{wrong.func.attr}`"
        if told:
            return f"!sends a value through {used}"
        several = len(wrong.args) > 1
        return f"!{name(wrong)} calls {used}" if several else f"!{used} is called on {name(argument(wrong))}"
    if kind in ("out of the loop", "update", "in place") and not told and isinstance(wrong, (list, ast.stmt)):
        return block(kind, wrong)
    return None


def block(kind, wrong):
    """More of some whole lines."""
    line = wrong if isinstance(wrong, ast.stmt) else None
    if kind == "update" and isinstance(line, ast.Assign):
        return "!{line} sets " + code(line.targets[0]) + " anew, whatever was in it"
    if kind == "update" and isinstance(line, ast.AugAssign):
        return "!{line} changes what is in " + code(line.target) + " already, by " + code(line.value)
    if kind == "in place" and isinstance(line, ast.Assign) and isinstance(line.value, ast.Name):
        return "!{line} gives the same array a second name: whoever changes one changes both"
    if kind == "in place" and isinstance(line, ast.Expr) and "append" in ast.unparse(line):
        return "!{line} puts in the thing itself and no copy: whoever changes it later changes what is in there"
    return None


def over(s, shape, axis):
    """Over what a sum goes: the 5 examples, or all 15 numbers."""
    if axis is None or not shape:
        return f"over all {int(np.prod(shape))} numbers" if shape else "over all numbers"
    if isinstance(axis, int) and -len(shape) <= axis < len(shape):
        return f"over {'the ' * (shape[axis] in meanings(s))}{shape[axis]} {meanings(s).get(shape[axis], 'numbers')}"
    return "over an axis"


def meanings(s):
    """What an axis of so many entries is in the case at hand: {5: "examples"}; nothing where two have the same
    length."""
    found, letters = {}, {name: dims.replace(" ", "").split(",") for name,
        dims in re.findall(r"(\w+) \(([a-zA-Z, ]+)\)", s.doc or "")}
    for name, value in zip(s.parameters, s.cases[s.first]):
        for letter, size in zip(letters.get(name, USUAL.get(name, "")),
            np.shape(value) if isinstance(value, np.ndarray) else ()):
            if letter in AXES:
                found.setdefault(size, set()).add(AXES[letter])
    return {size: words.pop() for size, words in found.items() if len(words) == 1}


# Shapes that do not fit


def stopped(s):
    """Where NumPy could not join two arrays: the line, the two shapes, and what is wanted of them; [] where that is
    not what happened."""
    error = s.given[s.first]
    trace, frame = error.__traceback__ if isinstance(error, ValueError) and s.program else None, None
    while trace:
        frame = trace if trace.tb_frame.f_code.co_filename == "<edited>" else frame
        trace = trace.tb_next
    if not frame:
        return []
    inner, where = frame.tb_frame, list(frame.tb_frame.f_code.co_positions())[frame.tb_lasti // 2]
    for tree in (tree for tree in s.program.trees if tree.name == inner.f_code.co_name):
        for node in ast.walk(tree):
            if isinstance(node, (ast.BinOp, ast.AugAssign)) and (node.lineno, node.end_lineno, node.col_offset,
                node.end_col_offset) == where:
                parts = (node.left, node.right) if isinstance(node, ast.BinOp) else (node.target, node.value)
                try:
                    a, b = (eval(compile(ast.unparse(part), "<part>", "eval"), inner.f_globals, inner.f_locals)
                        for part in parts)
                except Exception:
                    return []
                if number(a) and number(b):
                    rule = "Entry by entry needs two of one shape, or a row for every row."
                    if isinstance(node.op, ast.MatMult):
                        rule = "A matrix product needs as many columns on the left as there are rows on the right."
                    one, two = (f"{code(part)} is {amount(value)}{axes(s, value)}" for part,
                        value in zip(parts, (a, b)))
                    return [*place(s.program, node), f"Here two shapes do not fit: {one}, and {two}.", rule]
    return []


def axes(s, value):
    """What the axes of an array are: examples × inputs."""
    meant = [meanings(s).get(size) for size in np.shape(value)]
    return f" ({' × '.join(meant)})" if meant and all(meant) and len(meant) < 3 else ""
