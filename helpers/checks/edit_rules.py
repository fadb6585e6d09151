"""The small edits that learners' mistakes undo: each rule takes an expression or a block of lines and offers others for it."""

import ast
import collections
import itertools
from dataclasses import dataclass

import numpy as np

MIRROR = {
    "factor too many": "factor missing",
    "term too many": "term missing",
    "call too many": "call missing",
    "reduced": "not reduced",
    "turned": "not turned",
    "minus too many": "minus missing",
    "line too many": "line missing",
    "in place": "copied",
    "index too many": "index missing",
    "power too many": "power missing",
    "into the loop": "out of the loop",
    "too much": "expression",
}
MIRROR |= {
    b: a for a, b in MIRROR.items()
}  # what an edit is when it is read the other way round; all others are their own
REDUCE = {
    "sum": ("mean",),
    "mean": ("sum",),
    "max": ("min", "sum", "mean"),
    "min": ("max",),
    "argmax": ("argmin",),
    "argmin": ("argmax",),
    "prod": ("sum",),
    "std": ("var",),
    "var": ("std",),
    "all": ("any",),
    "any": ("all",),
}
FAMILIES = [
    ("exp", "log", "expm1", "log1p", "log2", "log10"),
    ("maximum", "minimum", "fmax"),
    ("abs", "square", "sqrt", "sign"),
    ("zeros_like", "ones_like", "empty_like"),
    ("zeros", "ones"),
    ("floor", "ceil", "rint"),
    ("dot", "multiply", "outer"),
    ("hstack", "vstack", "concatenate"),
    ("max", "min", "sum"),
    ("append", "extend"),
    ("round", "ceil", "floor"),
]
OPERATORS = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div, ast.MatMult, ast.Add, ast.Pow),
    ast.Div: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
    ast.FloorDiv: (ast.Div,),
    ast.Pow: (ast.Mult,),
    ast.Mod: (ast.FloorDiv,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
}
COMPARISONS = (ast.Gt, ast.GtE, ast.Lt, ast.LtE, ast.Eq, ast.NotEq)


@dataclass(eq=False)
class Edit:
    """One node, or one block of lines, in the place of another: `apply` and `undo` change the tree itself."""

    kind: str
    cost: int
    parent: ast.AST
    field: str
    index: object
    old: object
    new: object
    at: ast.AST = None
    detail: object = None
    values: dict = None

    def put(self, value):
        if self.index is None:
            setattr(self.parent, self.field, value)
        else:
            getattr(self.parent, self.field)[self.index] = value

    more: tuple = ()

    def apply(self):
        self.put(self.new)
        for other in self.more:
            other.apply()

    def toll(self):
        """How many parts of the program it takes away, and how many it puts there."""
        old, new = (
            collections.Counter(label(part) for one in (self, *self.more) for part in parts(getattr(one, side)))
            for side in ("old", "new")
        )
        return (old - new).total(), (new - old).total()

    def undo(self):
        for other in reversed(self.more):
            other.undo()
        self.put(self.old)


class World:
    """What a rule may look at: the value of each expression when the program ran, the names in scope, and pieces of the other program."""

    def __init__(self, values, names, donors, scope, trees, deep):
        self.values, self.names, self.scope, self.deep = values, names, scope, deep
        self.parameters = [a.arg for a in trees[0].args.args]
        self.size = count(trees[0])
        self.used = {
            node.id
            for tree in trees
            for node in ast.walk(tree)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
        }
        known = {*names, *scope}
        self.pieces = pieces(donors, self.parameters, known) if deep else []
        had = set(map(ast.unparse, self.pieces))
        self.pieces += [
            piece
            for piece in (pieces(trees, self.parameters, known, 8) if deep else ())
            if not isinstance(piece, ast.Name) and ast.unparse(piece) not in had
        ]
        called = [
            node.func.id
            for tree in [*donors, *trees]
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        ]
        self.calls = [
            n
            for n in dict.fromkeys(
                [*called, *(n for n, v in names.items() if callable(v)), "relu", "sigmoid", "softmax"]
            )
            if callable(names.get(n, scope.get(n))) and n not in ("_tick", "_see")
        ]
        self.wraps = list(wrappers(donors, self.parameters))
        self.numbers = [n for n, v in names.items() if number(v)]

    def of(self, node):
        return self.values.get(id(node))


def located(node, like):
    """Give every new node a place, without which Python compiles nothing; what has one already is left alone."""
    if hasattr(node, "lineno"):
        return node
    if "lineno" in node._attributes:
        node.lineno, node.col_offset, node.end_lineno, node.end_col_offset = (
            like.lineno,
            like.col_offset,
            like.end_lineno,
            like.end_col_offset,
        )
    for field in node._fields:
        part = getattr(node, field, None)
        for one in part if type(part) is list else (part,):
            if isinstance(one, ast.AST) and one._fields:
                located(one, like)
    return node


def number(value):
    return (
        isinstance(value, (int, float, np.number, np.bool_))
        or isinstance(value, np.ndarray)
        and value.dtype.kind in "biuf"
    )


def load(name):
    return ast.Name(name, ast.Load())


def numpy(name, *arguments, **keywords):
    return ast.Call(
        ast.Attribute(load("np"), name, ast.Load()),
        list(arguments),
        [ast.keyword(k, ast.Constant(v)) for k, v in keywords.items()],
    )


def transpose(node):
    return node.value if isinstance(node, ast.Attribute) and node.attr == "T" else ast.Attribute(node, "T", ast.Load())


def parts(tree):
    """The parts of a tree that count."""
    return [
        part
        for node in (tree if isinstance(tree, list) else [tree])
        for part in ast.walk(node)
        if isinstance(part, (ast.Name, ast.Constant, ast.BinOp, ast.Call, ast.Subscript, ast.Compare, ast.UnaryOp))
    ]


def label(part):
    """What a part is, whatever place it has."""
    return (
        type(part).__name__,
        getattr(part, "id", None),
        (
            repr(getattr(part, "value", None))
            if isinstance(part, ast.Constant)
            else type(getattr(part, "op", None)).__name__
        ),
    )


def count(node):
    return len(parts(node))


def pieces(trees, parameters, known, most=6):
    """Small expressions of the other program, in this one's names, each once: what may be missing here."""
    found = {}
    for tree in trees[:1]:
        rename = dict(zip([a.arg for a in tree.args.args], parameters))
        once = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                once.setdefault(node.targets[0].id, []).append(node.value)
        inline = {name: values[0] for name, values in once.items() if len(values) == 1 and name not in known}
        whole = {ast.unparse(node.value) for node in ast.walk(tree) if isinstance(node, ast.Return) and node.value}
        calls = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if (
                id(node) not in calls
                and isinstance(node, (ast.Call, ast.BinOp, ast.Name, ast.Subscript, ast.Attribute, ast.Compare))
                and isinstance(node.ctx if hasattr(node, "ctx") else ast.Load(), ast.Load)
            ):
                new = Renaming(rename, inline).visit(ast.parse(ast.unparse(node), mode="eval").body)
                names = {part.id for part in ast.walk(new) if isinstance(part, ast.Name)}
                text = ast.unparse(new)
                short = isinstance(new, ast.Call) or not text.startswith("np.") and ast.unparse(node) not in whole
                if short and count(new) <= max(most, count(tree) // 6) and names <= known and not names & {"_tick"}:
                    found.setdefault(text, new)
    for node in found.values():
        for part in ast.walk(node):
            part.foreign = True  # no edit inside of it
    return [
        node
        for node in found.values()
        if not (isinstance(node, ast.Name) and node.id == "np") and not isinstance(node, ast.Attribute)
    ]


def wrappers(trees, parameters):
    """What the other program does with a single value: max(…, 0), 1 − …, f(…), each as a function that builds it around another one."""
    seen = set()
    for tree in trees[:1]:
        for node in ast.walk(tree):
            parts = (
                node.args
                if isinstance(node, ast.Call) and not node.keywords
                else (
                    [node.left, node.right]
                    if isinstance(node, ast.BinOp)
                    else ([node.left, *node.comparators] if isinstance(node, ast.Compare) else [])
                )
            )
            open_ = [i for i, part in enumerate(parts) if not isinstance(part, (ast.Constant, ast.Starred))]
            if (
                len(open_) != 1
                or isinstance(node, ast.Call)
                and (
                    argument(node) not in parts
                    or isinstance(node.func, ast.Name)
                    and node.func.id in ("_tick", "len", "range", "zip", "enumerate", "reversed", "list")
                )
            ):
                continue
            text = ast.unparse(node)
            whole = ast.unparse(parts[open_[0]])
            shape = text.replace(whole, "□", 1)
            if shape not in seen:
                seen.add(shape)
                yield lambda x, node=node, i=open_[0], parts=parts: wrapped(node, [*parts[:i], x, *parts[i + 1 :]])


def wrapped(node, parts):
    if isinstance(node, ast.Call):
        return ast.Call(node.func, parts, [])
    return (
        ast.BinOp(parts[0], node.op, parts[1])
        if isinstance(node, ast.BinOp)
        else ast.Compare(parts[0], node.ops, parts[1:])
    )


class Renaming(ast.NodeTransformer):
    def __init__(self, rename, inline):
        self.rename, self.inline = rename, inline

    def visit_Name(self, node):
        if node.id in self.inline:
            value = self.inline[node.id]
            return Renaming(self.rename, {k: v for k, v in self.inline.items() if k != node.id}).visit(
                ast.parse(ast.unparse(value), mode="eval").body
            )
        return ast.copy_location(load(self.rename.get(node.id, node.id)), node)


def edits(trees, values, names, donors, scope):
    """Every edit of a program's trees, the cheap ones first; costs are 1 for the everyday, 4 for the rare, which are made only when asked for."""
    for deep, part in itertools.product((False, True), (trees[:1], trees[1:])):
        if part:
            world = World(values, names, donors, scope, part, deep)
            world.own = {tree.name for tree in trees[1:]}  # in these the mistake is looked for, they are not exchanged
            yield from sorted(
                (edit for edit in some(part, world) if (edit.cost > 2) is deep), key=lambda edit: edit.cost
            )


def some(trees, world):
    """The edits and, where one of them fits several places, all of these at once."""
    alike = {}
    for edit in single(trees, world):
        yield edit
        if edit.kind in REPEATED and edit.detail is not None:
            alike.setdefault((edit.kind, type(getattr(edit.old, "op", None)), ast.unparse(edit.detail)), []).append(
                edit
            )
        elif edit.kind in ("name", "function") and isinstance(edit.old, ast.Name):
            alike.setdefault((edit.kind, edit.old.id, ast.unparse(edit.new)), []).append(edit)
        elif edit.kind == "reduction" and edit.cost == 1:
            alike.setdefault(
                (edit.kind, ast.unparse(edit.new.func) if isinstance(edit.new, ast.Call) else ""), []
            ).append(edit)
    for (kind, *_), (first, *more) in alike.items():  # the same mistake in every line
        if more and (
            kind in ("name", "function", "reduction")
            or len({id(edit.parent) for edit in (first, *more)}) == 1 + len(more)
            or kind in ("update", "in place")
        ):
            yield Edit(
                kind,
                2,
                first.parent,
                first.field,
                first.index,
                first.old,
                first.new,
                first.at,
                first.detail,
                more=tuple(more),
            )


def swaps(tree, w):
    """Two names exchanged wherever they are read."""
    read = {}
    for parent, field, index, node in slots(tree):
        if isinstance(node, ast.Name) and number(w.names.get(node.id)):
            read.setdefault(node.id, []).append((parent, field, index, node))
    for one, two in itertools.combinations(read, 2):
        if np.shape(w.names[one]) == np.shape(w.names[two]):
            found = [
                Edit("swapped", 2, *place, located(load(two if place[3].id == one else one), place[3]), place[3])
                for place in read[one] + read[two]
            ]
            if len(found) > 1:
                yield Edit(
                    *[getattr(found[0], f) for f in ("kind", "cost", "parent", "field", "index", "old", "new", "at")],
                    detail=load(two),
                    more=tuple(found[1:]),
                )


REPEATED = {"factor too many", "term too many", "update", "in place"}


def single(trees, world):
    for tree in trees:
        yield from swaps(tree, world)
        for parent, field, index, node in slots(tree):
            if isinstance(node, ast.expr):
                for kind, cost, new, *detail in expression(node, parent, world):
                    yield Edit(kind, cost, parent, field, index, node, located(new, node), node, *detail)
        for block in ast.walk(tree):
            if isinstance(block, ast.comprehension) and block.ifs:
                yield Edit("left out", 1, block, "ifs", None, block.ifs, [], block.ifs[0])
            for target in (
                getattr(block, "targets", [])
                if isinstance(block, ast.Assign)
                else [block.target] if isinstance(block, (ast.For, ast.comprehension)) else []
            ):
                for new in targets(target, block, world):
                    index = 0 if isinstance(block, ast.Assign) else None
                    yield Edit(
                        "unpacked",
                        2,
                        block,
                        "targets" if index == 0 else "target",
                        index,
                        target,
                        located(new, target),
                        target,
                    )
            for field in ("body", "orelse"):
                lines = getattr(block, field, None)
                if isinstance(lines, list) and lines and isinstance(lines[0], ast.stmt):
                    for i, line in enumerate(lines):
                        for new, kind, *detail in assignments(line):
                            yield Edit(kind, 1, block, field, i, line, located(new, line), line, *detail)
                    for kind, cost, new, at, *where in statements(block, field, lines, tree, world):
                        yield Edit(kind, cost, block, field, None, lines, [located(line, at) for line in new], at)


def slots(tree):
    """(parent, field, index, node) of every expression that is read."""
    waiting = [tree]
    while waiting:
        parent = waiting.pop(0)
        for field, value in ast.iter_fields(parent):
            for index, node in enumerate(value) if isinstance(value, list) else [(None, value)]:
                if (
                    not isinstance(node, ast.AST)
                    or ticking(node)
                    or hasattr(node, "foreign")
                    or field in ("args", "decorator_list", "returns")
                    and isinstance(parent, (ast.FunctionDef, ast.Lambda))
                    and field != "body"
                ):
                    continue
                waiting.append(node)
                if (
                    isinstance(node, ast.expr)
                    and isinstance(getattr(node, "ctx", ast.Load()), ast.Load)
                    and field != "func"
                ):
                    yield parent, field, index, node
                elif field == "func":
                    yield parent, field, index, node


def targets(target, block, w):
    """Other names for what is taken apart: two exchanged, or one that is thrown away kept."""
    parts = [target, *(part for part in getattr(target, "elts", []) if isinstance(part, ast.Tuple))]
    for part in parts:
        if not isinstance(part, ast.Tuple):
            continue
        orders = list(itertools.permutations(range(len(part.elts)))) if len(part.elts) < 4 else []
        for order in orders[1:]:
            yield replaced(target, part, ast.Tuple([part.elts[i] for i in order], ast.Store()))
        for i, one in enumerate(part.elts):
            if isinstance(one, ast.Name) and one.id not in w.used:
                for name, value in w.names.items():
                    if (
                        name != one.id
                        and (value is None or number(value))
                        and not any(isinstance(other, ast.Name) and other.id == name for other in part.elts)
                    ):
                        yield replaced(target, one, ast.Name(name, ast.Store()))


def ticking(node):
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and getattr(node.value.func, "id", "") == "_tick"
    )


def reduction(node):
    """(what it does, on what, axis, keepdims, rebuild) of a call that makes fewer numbers; None of another."""
    if not isinstance(node, ast.Call):
        return None
    f = node.func
    method = (
        isinstance(f, ast.Attribute) and f.attr in REDUCE and not (isinstance(f.value, ast.Name) and f.value.id == "np")
    )
    function = isinstance(f, ast.Attribute) and f.attr in REDUCE and not method
    builtin = isinstance(f, ast.Name) and f.id in ("sum", "max", "min") and len(node.args) == 1
    if not (method or builtin or function and node.args):
        return None
    rest = node.args if method else node.args[1:]
    words = {k.arg: k.value for k in node.keywords}
    axis = rest[0] if rest else words.get("axis")
    return (
        (f.attr if not builtin else f.id),
        (f.value if method else node.args[0]),
        constant(axis),
        bool(constant(words.get("keepdims"))),
        builtin,
    )


def constant(node):
    if isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant):
        return -node.operand.value
    return node.value if isinstance(node, ast.Constant) else None


def reduced(name, node, axis=None, keepdims=False):
    words = {"axis": axis} if axis is not None else {}
    return numpy(name, node, **words, **({"keepdims": True} if keepdims else {}))


def expression(node, parent, w):
    """What could stand in the place of an expression: (kind, cost, new)."""
    value = w.of(node)
    if isinstance(node, ast.BinOp):
        yield from binary(node, w)
    elif isinstance(node, ast.UnaryOp):
        yield ("minus too many" if isinstance(node.op, ast.USub) else "call too many"), 1, node.operand
    elif isinstance(node, ast.Call):
        yield from call(node, w)
    elif isinstance(node, ast.Attribute):
        yield from attribute(node, w)
    elif isinstance(node, ast.Subscript):
        yield from subscript(node, w)
    elif isinstance(node, ast.Constant) and isinstance(node.value, (bool, int, float)):
        yield from constants(node, w)
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        for op in COMPARISONS:
            if not isinstance(node.ops[0], op):
                yield "comparison", 1, ast.Compare(node.left, [op()], node.comparators)
        yield "comparison", 2, ast.Compare(node.comparators[0], node.ops, [node.left])
    elif isinstance(node, ast.IfExp):
        yield "branches", 1, ast.IfExp(node.test, node.orelse, node.body)
        yield "call too many", 2, node.body
        yield "call too many", 2, node.orelse
    elif isinstance(node, (ast.Tuple, ast.List)) and 2 <= len(node.elts) <= 6:
        for i, j in itertools.combinations(range(len(node.elts)), 2):
            new = list(node.elts)
            new[i], new[j] = new[j], new[i]
            yield "results", 1, type(node)(new, ast.Load())
        if len(node.elts) == 3:
            yield "results", 2, type(node)([node.elts[i] for i in (1, 2, 0)], ast.Load())
            yield "results", 2, type(node)([node.elts[i] for i in (2, 0, 1)], ast.Load())
        for i in range(len(node.elts)):
            yield "result too many", 3, type(node)(node.elts[:i] + node.elts[i + 1 :], ast.Load())
    if (
        node is getattr(parent, "test", None)
        or isinstance(parent, ast.Compare)
        and isinstance(parent.ops[0], (ast.Is, ast.IsNot, ast.Eq, ast.NotEq))
    ):
        return  # another condition only shuts a branch
    if isinstance(node, ast.Name) and node.id not in ("np", "_tick"):
        if number(value):
            others = [n for n in w.numbers if n != node.id]
            near = [n for n in others if np.shape(w.names[n]) == np.shape(value)]
            yield from (("name", 1 if n in near else 2, load(n)) for n in others)
        elif callable(value):
            if not isinstance(parent, ast.Compare):  # in `if f is relu` another name only shuts the branch
                yield from (("function", 1, load(n)) for n in w.calls if n != node.id and node.id not in w.own)
        else:
            yield from (("name", 2, load(n)) for n, v in w.names.items() if n != node.id and type(v) is type(value))
    if number(value) and not isinstance(parent, ast.Compare | ast.Slice):
        yield from around(node, value, w)
    if isinstance(value, (list, zip, enumerate, range, tuple)) and isinstance(
        parent, (ast.For, ast.comprehension, ast.Return, ast.Call)
    ):
        if not isinstance(value, (zip, enumerate)):
            yield "direction", 2, ast.Subscript(node, ast.Slice(None, None, ast.Constant(-1)), ast.Load())
            yield "index missing", 3, ast.Subscript(node, ast.Slice(ast.Constant(1), None, None), ast.Load())
            yield "index missing", 3, ast.Subscript(node, ast.Slice(None, ast.Constant(-1), None), ast.Load())
        yield "direction", 2, ast.Call(load("reversed"), [ast.Call(load("list"), [node], [])], [])
    if w.deep and number(value) and not isinstance(node, (ast.Name, ast.Constant)):
        inside = [
            part
            for part in ast.walk(node)
            if part is not node
            and isinstance(part, ast.expr)
            and number(w.of(part))
            and not isinstance(part, ast.Constant)
        ]
        for part in inside[:8]:
            if not isinstance(node, ast.BinOp) or part not in (node.left, node.right):
                yield "too much", 3, part
            yield from (("function", 3, wrap(part)) for wrap in w.wraps)
    if not w.deep:
        return
    small = count(node) <= max(5, w.size // 6)
    for piece in w.pieces if small else ():
        called = isinstance(parent, ast.Call) and not (
            isinstance(node, ast.Name) and isinstance(piece, ast.Subscript)
        )  # X for X[batch] is common
        if not (isinstance(node, ast.Constant) or called or isinstance(piece, ast.Name) and number(value)):
            yield "expression", 3, piece


def binary(node, w):
    left, right, op = node.left, node.right, type(node.op)
    if op is ast.Sub and isinstance(left, ast.Constant):
        yield "complement", 1, right
    for other in OPERATORS.get(op, ()):
        yield "operator", 1 if other is not ast.Pow else 3, ast.BinOp(left, other(), right)
    found = reduction(left)
    if op is ast.Div and found and found[0] == "sum":
        yield "reduction", 1, reduced("mean", found[1], found[2], found[3]), right
    if op in (ast.Sub, ast.Div, ast.FloorDiv, ast.Pow):
        yield "exchanged", 1, ast.BinOp(right, node.op, left)
    if op is ast.MatMult:
        for one, two in itertools.product({left, transpose(left)}, {right, transpose(right)}):
            for a, b in ((one, two), (two, one)):
                if (a, b) != (left, right):
                    yield "product", 1 if {a, b} != {left, right} else 2, ast.BinOp(a, ast.MatMult(), b)
    kind = "term too many" if op in (ast.Add, ast.Sub) else "power too many" if op is ast.Pow else "factor too many"
    yield kind, 1, left, right
    if op is not ast.Pow:
        yield kind, 1 if op in (ast.Add, ast.Mult) else 2, (
            right if op is not ast.Sub else ast.UnaryOp(ast.USub(), right)
        ), left
    if isinstance(left, ast.BinOp):  # (a ∘ b) ∗ c → a ∘ (b ∗ c)
        yield "brackets", 1, ast.BinOp(left.left, left.op, ast.BinOp(left.right, node.op, right))
    if isinstance(right, ast.BinOp):
        yield "brackets", 1, ast.BinOp(ast.BinOp(left, node.op, right.left), right.op, right.right)
    for part in list(ast.walk(node))[:12]:  # f(a) ∘ b ∗ c → f(a ∘ b ∗ c)
        if (
            isinstance(part, ast.Call)
            and part not in (left, right)
            and argument(part) is not None
            and not reduction(part)
            and number(w.of(part))
        ):
            yield "order", 2, with_argument(part, replaced(node, part, argument(part)))
    for one, two, swap in ((left, right, False), (right, left, True)):  # f(a) ∘ b → f(a ∘ b)
        if isinstance(one, ast.UnaryOp):
            yield "brackets", 2, ast.UnaryOp(
                one.op, ast.BinOp(*((two, node.op, one.operand) if swap else (one.operand, node.op, two)))
            )
        if isinstance(one, ast.Call):
            inner = argument(one)
            if inner is not None:
                yield "order", 2, with_argument(
                    one, ast.BinOp(*((two, node.op, inner) if swap else (inner, node.op, two)))
                )
        if isinstance(one, ast.Attribute) and one.attr == "T":
            yield "order", 3, transpose(ast.BinOp(*((two, node.op, one.value) if swap else (one.value, node.op, two))))


def replaced(tree, old, new):
    """A copy of a tree with one node in the place of another."""
    if tree is old:
        return located(new, old)
    if isinstance(tree, list):
        return [replaced(part, old, new) for part in tree]
    if not isinstance(tree, ast.AST):
        return tree
    return ast.copy_location(
        type(tree)(**{field: replaced(value, old, new) for field, value in ast.iter_fields(tree)}), tree
    )


def argument(node):
    """What a call works on: its first argument, or what a method belongs to."""
    if isinstance(node.func, ast.Attribute) and not (
        isinstance(node.func.value, ast.Name) and node.func.value.id in ("np", "math")
    ):
        return node.func.value
    return node.args[0] if node.args and not isinstance(node.args[0], ast.Starred) else None


def with_argument(node, new):
    if argument(node) is not (node.args[0] if node.args else None):
        return ast.Call(ast.Attribute(new, node.func.attr, ast.Load()), node.args, node.keywords)
    return ast.Call(node.func, [new, *node.args[1:]], node.keywords)


def call(node, w):
    inner = argument(node)
    found = reduction(node)
    if found:
        name, on, axis, keep, builtin = found
        ndim = np.ndim(w.of(on)) if number(w.of(on)) else 2
        for other in REDUCE[name]:
            yield "reduction", 1, reduced(other, on, axis, keep)
        if name == "mean" and axis is None and ndim > 1:
            yield "reduction", 1, ast.BinOp(reduced("sum", on), ast.Div(), ast.Call(load("len"), [on], []))
        for a in (None, *range(ndim)):
            for k in (False, True):
                if (a, k) not in (
                    (axis, keep),
                    (axis + ndim if axis is not None and axis < 0 else axis, keep),
                ) and not (a is None and k):
                    yield "axis", 1, reduced(name, on, a, k)
        if name == "mean" and ndim > 1:
            yield "reduced", 2, ast.BinOp(on, ast.Div(), ast.Call(load("len"), [on], []))
        for other in REDUCE[name][:1]:
            for a in (None, *range(ndim)):
                if a != axis:
                    yield "reduction", 2, reduced(other, on, a, keep)
        if builtin:
            yield "axis", 1, reduced(name, on)
    if inner is not None:
        simple = number(w.of(node)) and number(w.of(inner))
        if found:
            yield "reduced", 1, inner
        elif simple or not number(w.of(inner)) and type(w.of(node)) in (list, reversed):
            yield "call too many" if simple else "direction", 1 if simple else 2, inner
        if isinstance(inner, ast.BinOp):  # f(a ∘ b) → f(a) ∘ b, and with b
            yield "order", 2, ast.BinOp(with_argument(node, inner.left), inner.op, inner.right)
            yield "order", 2, ast.BinOp(inner.left, inner.op, with_argument(node, inner.right))
            if not isinstance(inner.op, ast.Pow):
                yield "order", 3, ast.BinOp(with_argument(node, inner.left), inner.op, with_argument(node, inner.right))
        if isinstance(inner, (ast.GeneratorExp, ast.ListComp)) and isinstance(inner.elt, ast.BinOp):
            elt = inner.elt
            for one, two in ((elt.left, elt.right), (elt.right, elt.left)):
                yield "out of the loop", 1, ast.BinOp(
                    ast.Call(node.func, [type(inner)(one, inner.generators), *node.args[1:]], node.keywords),
                    elt.op,
                    two,
                )
        if isinstance(inner, ast.Call) and argument(inner) is not None:
            yield "order", 2, with_argument(inner, with_argument(node, argument(inner)))
    f = node.func
    known = f.attr if isinstance(f, ast.Attribute) else getattr(f, "id", None)
    for family in FAMILIES:
        if known in family and not found:
            for other in family:
                if other != known:
                    yield "function", 1, ast.Call(
                        ast.Attribute(f.value, other, ast.Load()) if isinstance(f, ast.Attribute) else load(other),
                        node.args,
                        node.keywords,
                    )
    if isinstance(f, ast.Name) and f.id in ("max", "min", "sum", "abs", "round") and number(w.of(node)):
        yield "function", 1, numpy(
            {"max": "maximum", "min": "minimum"}.get(f.id, f.id) if len(node.args) > 1 else f.id, *node.args
        )
    if known == "len" and node.args and isinstance(w.of(node.args[0]), np.ndarray):
        a = node.args[0]
        yield "count", 1, ast.Attribute(a, "size", ast.Load())
        if np.ndim(w.of(a)) > 1:
            yield "count", 1, ast.Subscript(ast.Attribute(a, "shape", ast.Load()), ast.Constant(1), ast.Load())
    if known == "append" and len(node.args) == 1 and isinstance(f, ast.Attribute):
        yield "direction", 1, ast.Call(ast.Attribute(f.value, "insert", ast.Load()), [ast.Constant(0), *node.args], [])
    if known == "insert" and len(node.args) == 2:
        yield "direction", 1, ast.Call(ast.Attribute(f.value, "append", ast.Load()), node.args[1:], [])
    for i, j in itertools.combinations(range(len(node.args)), 2):
        new = list(node.args)
        new[i], new[j] = new[j], new[i]
        yield "arguments", 1 if known == "where" else 2, ast.Call(f, new, node.keywords)
    for i, word in enumerate(node.keywords):
        if not found:
            yield "argument too many", 2, ast.Call(f, node.args, node.keywords[:i] + node.keywords[i + 1 :])
    for i in range(2, len(node.args)):
        yield "argument too many", 3, ast.Call(f, node.args[:i] + node.args[i + 1 :], node.keywords)
    if known == "range" and len(node.args) == 3:
        for op in (ast.Add, ast.Sub):
            yield "off by one", 1, ast.Call(
                f, [node.args[0], ast.BinOp(node.args[1], op(), ast.Constant(1)), node.args[2]], []
            )
            yield "off by one", 1, ast.Call(f, [ast.BinOp(node.args[0], op(), ast.Constant(1)), *node.args[1:]], [])
    if known == "range" and 1 <= len(node.args) <= 2:
        last = node.args[-1]
        for op in (ast.Add, ast.Sub):
            yield "off by one", 1, ast.Call(f, [*node.args[:-1], ast.BinOp(last, op(), ast.Constant(1))], [])
        if len(node.args) == 1:
            yield "off by one", 1, ast.Call(f, [ast.Constant(1), last], [])
        else:
            yield "off by one", 1, ast.Call(f, [last], [])
    if known == "norm" and node.args and np.ndim(w.of(node.args[0]) if number(w.of(node.args[0])) else 0) == 2:
        had = {k.arg: constant(k.value) for k in node.keywords}
        for words in ({}, *({"axis": a} | k for a in (0, 1) for k in ({}, {"keepdims": True}))):
            if words != had:
                yield "axis", 1, ast.Call(f, node.args[:1], [ast.keyword(k, ast.Constant(v)) for k, v in words.items()])
    if known == "astype":
        yield "call too many", 1, f.value


def attribute(node, w):
    value = w.of(node.value)
    if node.attr == "T":
        yield "turned", 1, node.value
    if node.attr == "size" and isinstance(value, np.ndarray):
        yield "count", 1, ast.Call(load("len"), [node.value], [])
        for i in range(1, value.ndim):
            yield "count", 1, ast.Subscript(ast.Attribute(node.value, "shape", ast.Load()), ast.Constant(i), ast.Load())


def subscript(node, w):
    value, index = w.of(node.value), node.slice
    if isinstance(node.value, ast.Attribute) and node.value.attr == "shape" and isinstance(index, ast.Constant):
        for i in range(len(value) if isinstance(value, tuple) else 2):
            if i != index.value:
                yield "count", 1, ast.Subscript(node.value, ast.Constant(i), ast.Load())
        yield "count", 1, ast.Attribute(node.value.value, "size", ast.Load())
        return
    if isinstance(value, np.ndarray) and value.ndim > 1:
        everything = ast.Slice(None, None, None)
        if isinstance(index, ast.Tuple) and len(index.elts) == 2:
            if isinstance(index.elts[0], ast.Slice):
                yield "index", 1, ast.Subscript(node.value, index.elts[1], ast.Load())
            if not any(isinstance(part, ast.Constant) and part.value is None for part in index.elts):
                yield "index", 1, ast.Subscript(node.value, ast.Tuple(index.elts[::-1], ast.Load()), ast.Load())
        elif not isinstance(index, (ast.Slice, ast.Tuple)):
            yield "index", 1, ast.Subscript(node.value, ast.Tuple([everything, index], ast.Load()), ast.Load())
    if type(w.of(node)) is type(value) or number(value):
        yield "index too many", 2, node.value
    if not isinstance(index, (ast.Slice, ast.Tuple, ast.Constant)):
        for op in (ast.Add, ast.Sub):
            yield "off by one", 2, ast.Subscript(node.value, ast.BinOp(index, op(), ast.Constant(1)), ast.Load())
    if isinstance(index, ast.Slice):
        for name, part in (("lower", index.lower), ("upper", index.upper)):
            changed = dict(lower=index.lower, upper=index.upper, step=index.step)
            if part is not None:
                yield "index", 2, ast.Subscript(node.value, ast.Slice(**changed | {name: None}), ast.Load())
                for op in (ast.Add, ast.Sub):
                    yield "off by one", 2, ast.Subscript(
                        node.value, ast.Slice(**changed | {name: ast.BinOp(part, op(), ast.Constant(1))}), ast.Load()
                    )
        if index.step is not None:
            yield "direction", 1, ast.Subscript(node.value, ast.Slice(index.lower, index.upper, None), ast.Load())


def constants(node, w):
    value = node.value
    if value is True or value is False:
        yield "number", 1, ast.Constant(not value)
        return
    others = [0, 1, 2, 0.5, -1, value + 1, value - 1, 2 * value, value / 2, -value]
    for other in dict.fromkeys(others):
        if other != value:
            yield "number", 2, ast.Constant(int(other) if isinstance(value, int) and other == int(other) else other)
    if isinstance(value, int):
        yield from (("number", 3, load(n)) for n in w.numbers if np.ndim(w.names[n]) == 0)


def around(node, value, w):
    """What could be missing around an expression: a sign, a factor, a term, a slope, a sum, a function."""
    array = isinstance(value, np.ndarray) and value.ndim > 0
    if not isinstance(node, (ast.Constant, ast.UnaryOp)):
        yield "minus missing", 2, ast.UnaryOp(ast.USub(), node)
    if array and value.ndim == 2:
        yield "not turned", 1 if isinstance(node, ast.Name) else 2, transpose(node)
    if array and value.ndim == 1:
        yield "index missing", 2, ast.Subscript(
            node, ast.Tuple([ast.Slice(None, None, None), ast.Constant(None)], ast.Load()), ast.Load()
        )
    if array:
        for name in ("sum", "mean"):
            yield "not reduced", 2, reduced(name, node)
            for axis in range(value.ndim if value.ndim > 1 else 0):
                yield "not reduced", 2, reduced(name, node, axis)
                yield "not reduced", 3, reduced(name, node, axis, True)
    if isinstance(node, ast.Constant):
        return
    yield "power missing", 2, ast.BinOp(node, ast.Pow(), ast.Constant(2))
    yield "call missing", 3, numpy("sqrt", node)
    yield "call missing", 2, numpy("abs", node)
    yield "complement", 2, ast.BinOp(ast.Constant(1), ast.Sub(), node)
    for wrap in w.wraps:
        new = wrap(node)
        op = type(getattr(new, "op", None))
        yield (
            "factor missing"
            if op in (ast.Mult, ast.Div)
            else "term missing" if op is ast.Add else "power missing" if op is ast.Pow else "call missing"
        ), 2, new
    for name in w.calls:
        yield "call missing", 2, ast.Call(load(name), [node], []), load(name)
    for two in (ast.Constant(2),):
        for op in (ast.Mult, ast.Div):
            yield "factor missing", 2, ast.BinOp(node, op(), two), two
    for n in w.numbers:
        other = w.names[n]
        if np.ndim(other) == 0:
            for op in (ast.Mult, ast.Div):
                yield "factor missing", 2, ast.BinOp(node, op(), load(n)), load(n)
        elif np.shape(other) == np.shape(value):
            yield "factor missing", 2, ast.BinOp(node, ast.Mult(), load(n)), load(n)
        if fits(other, value):
            yield "term missing", 2, ast.BinOp(node, ast.Add(), load(n)), load(n)
            yield "term missing", 2, ast.BinOp(node, ast.Sub(), load(n)), load(n)
            yield "term missing", 3, ast.BinOp(load(n), ast.Sub(), node), load(n)
    for n in w.parameters:
        if isinstance(w.names.get(n), np.ndarray) and np.ndim(w.names[n]):
            for size in (
                ast.Call(load("len"), [load(n)], []),
                ast.Attribute(load(n), "size", ast.Load()),
                *[
                    ast.Subscript(ast.Attribute(load(n), "shape", ast.Load()), ast.Constant(i), ast.Load())
                    for i in range(1, np.ndim(w.names[n]))
                ],
            ):
                for op in (ast.Mult, ast.Div):
                    yield "factor missing", 2, ast.BinOp(node, op(), size), size
    for piece in w.pieces if w.deep else ():
        if not isinstance(piece, ast.Name):
            for op in (ast.Mult, ast.Div, ast.Add, ast.Sub):
                yield ("factor missing" if op in (ast.Mult, ast.Div) else "term missing"), 4, ast.BinOp(
                    node, op(), piece
                ), piece


def fits(one, two):
    """Whether two numbers may be added without making a new table of them."""
    return np.shape(one) == np.shape(two) or np.shape(one) == np.shape(two)[-max(np.ndim(one), 0) or 99 :]


def statements(block, field, lines, tree, w):
    """Other blocks of lines for a block: (kind, cost, lines, the line it is about)."""
    real = [i for i, line in enumerate(lines) if not ticking(line)]
    for i in real:
        line, rest = lines[i], lines[i + 1 :]
        if i + 1 in real and not isinstance(lines[i + 1], (ast.Return, ast.FunctionDef)):
            yield "lines", 1, [*lines[:i], lines[i + 1], line, *lines[i + 2 :]], line
        if len(real) > 1 and not isinstance(line, (ast.Return, ast.FunctionDef)):
            yield "line too many", 2, [*lines[:i], *rest], line
        for inner in ("body", "orelse"):
            part = getattr(line, inner, None)
            if not isinstance(line, (ast.For, ast.While, ast.If)) or not part:
                continue
            last, kept = part[-1], part[:-1]
            if [p for p in kept if not ticking(p)]:
                yield "out of the loop" if not isinstance(line, ast.If) else "branches", 1, [
                    *lines[:i],
                    with_block(line, inner, kept),
                    last,
                    *rest,
                ], last
            if rest and not isinstance(line, ast.If):
                yield "into the loop", 1, [*lines[:i], with_block(line, inner, [*part, rest[0]]), *rest[1:]], rest[0]
            first = next((p for p in part if not ticking(p)), None)
            if (
                first is not None
                and [p for p in part if p is not first and not ticking(p)]
                and not isinstance(line, ast.If)
            ):
                yield "out of the loop", 1, [
                    *lines[:i],
                    first,
                    with_block(line, inner, [p for p in part if p is not first]),
                    *rest,
                ], first
            if i - 1 in real and not isinstance(line, ast.If):
                ticks = [p for p in part if ticking(p)]
                yield "into the loop", 1, [
                    *lines[: i - 1],
                    with_block(line, inner, [*ticks, lines[i - 1], *part[len(ticks) :]]),
                    *rest,
                ], lines[i - 1]
            if isinstance(line, ast.If) and inner == "body":
                yield "condition", 3, [*lines[:i], *part, *rest], line
        if isinstance(line, ast.If) and line.orelse:
            yield "branches", 1, [*lines[:i], ast.If(line.test, line.orelse, line.body), *rest], line
    if block is tree and field == "body":
        for name in w.parameters:
            if isinstance(w.names.get(name), np.ndarray) and changed_in_place(tree, name):
                copy = ast.Assign(
                    [ast.Name(name, ast.Store())], ast.Call(ast.Attribute(load(name), "copy", ast.Load()), [], [])
                )
                yield "in place", 1, [copy, *lines], next(changed_in_place(tree, name, True))


def changed_in_place(tree, name, where=False):
    found = (
        node
        for node in ast.walk(tree)
        if isinstance(node, (ast.AugAssign, ast.Assign))
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if (isinstance(target, ast.Subscript) or isinstance(node, ast.AugAssign))
        and getattr(target.value if isinstance(target, ast.Subscript) else target, "id", None) == name
    )
    return found if where else next(found, None) is not None


def with_block(line, field, lines):
    new = type(line)(**dict(ast.iter_fields(line)) | {field: lines})
    return ast.copy_location(new, line)


def assignments(line):
    """An assignment as an update and the reverse; an update in place as a new array."""
    if isinstance(line, ast.Assign) and len(line.targets) == 1 and not isinstance(line.targets[0], ast.Tuple):
        target = line.targets[0]
        for op in (ast.Add, ast.Sub):
            yield ast.AugAssign(target, op(), line.value), "update"
        value = line.value
        if isinstance(value, ast.Name):
            yield ast.Assign(
                [target], ast.Call(ast.Attribute(value, "copy", ast.Load()), [], [])
            ), "in place", ast.Constant("copy")
    if isinstance(line, ast.AugAssign):
        read = type(line.target)(**dict(ast.iter_fields(line.target)) | {"ctx": ast.Load()})
        yield ast.Assign([line.target], line.value), "update"
        if isinstance(line.target, ast.Name):
            yield ast.Assign([ast.Subscript(read, ast.Constant(...), ast.Store())], line.value), "update", ast.Constant(
                ...
            )
        yield ast.Assign([line.target], ast.BinOp(read, line.op, line.value)), "in place"
        for op in (ast.Add, ast.Sub, ast.Mult, ast.Div):
            if not isinstance(line.op, op):
                yield ast.AugAssign(line.target, op(), line.value), "update"
