"""The small edits that learners' mistakes undo: for every place of a program, what else could stand there."""

import ast
import collections
import functools
import itertools
from dataclasses import dataclass

import numpy as np

# What an edit is when it is read the other way round, in a right program that was made wrong; all others are their own.
MIRROR = dict([
    ("factor too many", "factor missing"), ("term too many", "term missing"), ("call too many", "call missing"),
        ("reduced", "not reduced"),
    ("turned", "not turned"), ("minus too many", "minus missing"), ("line too many", "line missing"),
        ("in place", "copied"),
    ("index too many", "index missing"), ("power too many", "power missing"), ("into the loop", "out of the loop"),
        ("too much", "expression"),
    ("result too many", "result missing"), ("argument too many", "argument missing"),
])  # fmt: skip
MIRROR |= {b: a for a, b in MIRROR.items()}
REDUCE = {
    "sum": ["mean"], "mean": ["sum"], "max": ["min", "sum", "mean"], "min": ["max"], "argmax": ["argmin"],
        "argmin": ["argmax"],
    "prod": ["sum"], "std": ["var"], "var": ["std"], "all": ["any"], "any": ["all"],
}  # fmt: skip
FAMILIES = [line.split() for line in """exp log expm1 log1p log2 log10
maximum minimum fmax
abs square sqrt sign
zeros_like ones_like empty_like
zeros ones
floor ceil rint
dot multiply outer
hstack vstack concatenate
max min sum
append extend
round ceil floor""".splitlines()]  # fmt: skip
# kind, cost: what stands there → what could, with [the part that goes or comes]. A … D are any expressions, N is a
# number;
# ± is + or −, · is * or /, ∘ and ∗ are any of + − * / @.
REWRITES = """operator 1: A + B → A - B; A * B
operator 1: A - B → A + B
operator 1: A * B → A / B; A @ B; A + B
operator 1: A / B → A * B
operator 1: A @ B → A * B
operator 1: A // B → A / B
operator 1: A ** B → A * B
operator 3: A * B → A ** B
operator 1: A % B → A // B
operator 1: A & B → A | B
operator 1: A | B → A & B
operator 1: A and B → A or B; A; B
operator 1: A or B → A and B; A; B
exchanged 1: A - B → B - A
exchanged 1: A / B → B / A
exchanged 1: A // B → B // A
exchanged 1: A ** B → B ** A
complement 1: N - A → A
product 1: A @ B → A.T @ B; A @ B.T; A.T @ B.T; B.T @ A; B @ A.T; B.T @ A.T
product 2: A @ B → B @ A
product 2: A.dot(B) → B.dot(A); A.T.dot(B); A.dot(B.T); B.T.dot(A); B.dot(A.T)
term too many 1: A + B → A [B]; B [A]
term too many 1: A - B → A [B]
term too many 2: A - B → -B [A]
factor too many 1: A * B → A [B]; B [A]
factor too many 1: A / B → A [B]
factor too many 1: A @ B → A [B]
factor too many 1: A // B → A [B]
factor too many 2: A / B → B [A]
factor too many 2: A @ B → B [A]
power too many 1: A ** B → A [B]
brackets 1: (A ∘ B) ∗ C → A ∘ (B ∗ C)
brackets 1: A ∘ (B ∗ C) → (A ∘ B) ∗ C
brackets 1: A * (B ± C) → B ± A * C
brackets 1: (A ± B) · C → A · C ± B
brackets 1: A ± B * C → B * (A ± C)
brackets 1: A · C ± B → (A ± B) · C
brackets 2: -A ∘ B → -(A ∘ B)
brackets 1: A ∘ B ** C → (A ∘ B) ** C
brackets 1: (A ∘ B) ** C → A ∘ B ** C
brackets 2: A ** (B * C) → A ** B * C
brackets 2: -A ** B → (-A) ** B
order 3: A.T ∘ B → (A ∘ B).T
order 3: A ∘ B.T → (A ∘ B).T
index 1: A[B][C] → A[C][B]"""
COMPARISONS = ast.Gt, ast.GtE, ast.Lt, ast.LtE, ast.Eq, ast.NotEq


# Trees


@functools.lru_cache(maxsize=None)
def template(text):
    return ast.parse(text, mode="eval").body


def made(text, **parts):
    """An expression from its text, with nodes in the place of the names: made("np.sum(A)", A=node)."""
    return fill(template(text), parts)


def fill(node, parts):
    if isinstance(node, list):
        return [fill(one, parts) for one in node]
    if not isinstance(node, ast.AST):
        return node
    if isinstance(node, ast.Name) and node.id in parts:
        return parts[node.id]
    new = type(node)(**{field: fill(value, parts) for field, value in ast.iter_fields(node)})
    twice = isinstance(new, ast.Attribute) and new.attr == "T" and isinstance(new.value,
        ast.Attribute) and new.value.attr == "T"
    return new.value.value if twice else new


def matched(pattern, node, found):
    """Whether a node has the form of a pattern; `found` gets what the letters stand for."""
    if isinstance(pattern, ast.Name) and len(pattern.id) == 1:
        if pattern.id == "N" and not isinstance(node, ast.Constant):
            return False
        return found.setdefault(pattern.id, node) is node
    if type(pattern) is not type(node):
        return False
    if isinstance(pattern, ast.expr_context):
        return True
    for field, one in ast.iter_fields(pattern):
        two = getattr(node, field)
        ones, twos = (one, two) if isinstance(one, list) and isinstance(two, list) else ([one], [two])
        if len(ones) != len(twos):
            return False
        for a, b in zip(ones, twos):
            if not (matched(a, b, found) if isinstance(a, ast.AST) else a == b):
                return False
    return True


def rewrites():
    """The table as trees, by what stands at the top → [(kind, cost, pattern, new, detail)]."""
    table = collections.defaultdict(list)
    for line in REWRITES.splitlines():
        head, rule = line.split(":", 1)
        kind, cost = head.rsplit(" ", 1)
        signs = [[(sign, op) for op in ops] for sign,
            ops in (("±", "+-"), ("·", "*/"), ("∘", "+-*/@"), ("∗", "+-*/@")) if sign in rule]
        for chosen in itertools.product(*signs):
            text = rule
            for sign, op in chosen:
                text = text.replace(sign, op)
            pattern, news = text.split("→")
            pattern = template(pattern.strip())
            for new in news.split(";"):
                new, _, detail = new.strip().partition(" [")
                table[top(pattern)].append((kind, int(cost), pattern, new, detail.rstrip("]")))
    return table


def top(node):
    return type(node), type(getattr(node, "op", None))


RULES = rewrites()


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
    more: tuple = ()

    def put(self, value):
        if self.index is None:
            setattr(self.parent, self.field, value)
        else:
            getattr(self.parent, self.field)[self.index] = value

    def apply(self):
        self.put(self.new)
        for other in self.more:
            other.apply()

    def undo(self):
        for other in reversed(self.more):
            other.undo()
        self.put(self.old)

    def toll(self):
        """How many parts of the program it takes away, and how many it puts there."""
        old, new = (
            collections.Counter(label(part) for one in (self, *self.more) for part in parts(getattr(one, side)))
                for side in ("old", "new")
        )
        return (old - new).total(), (new - old).total()


def located(node, like):
    """Give every new node a place, without which Python compiles nothing; what has one already is left alone."""
    if hasattr(node, "lineno"):
        return node
    if "lineno" in node._attributes:
        for name in ("lineno", "col_offset", "end_lineno", "end_col_offset"):
            setattr(node, name, getattr(like, name))
    for field in node._fields:
        part = getattr(node, field, None)
        for one in part if type(part) is list else (part,):
            if isinstance(one, ast.AST) and one._fields:
                located(one, like)
    return node


def replaced(tree, old, new):
    """A copy of a tree with one node in the place of another."""
    if tree is old:
        return located(new, old)
    if isinstance(tree, list):
        return [replaced(part, old, new) for part in tree]
    if not isinstance(tree, ast.AST):
        return tree
    return ast.copy_location(type(tree)(**{field: replaced(value, old, new) for field,
        value in ast.iter_fields(tree)}), tree)


def number(value):
    return isinstance(value, (int, float, np.number, np.bool_)) or isinstance(value,
        np.ndarray) and value.dtype.kind in "biuf"


def load(name):
    return ast.Name(name, ast.Load())


def constant(node):
    if isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant):
        return -node.operand.value
    return node.value if isinstance(node, ast.Constant) else None


def parts(tree):
    """The parts of a tree that count."""
    kinds = ast.Name, ast.Constant, ast.BinOp, ast.Call, ast.Subscript, ast.Compare, ast.UnaryOp
    return [part for node in (tree if isinstance(tree, list) else [tree]) for part in ast.walk(node)
        if isinstance(part, kinds)]


def label(part):
    """What a part is, whatever place it has."""
    value = repr(part.value) if isinstance(part, ast.Constant) else type(getattr(part, "op", None)).__name__
    return type(part).__name__, getattr(part, "id", None), value


def count(node):
    return len(parts(node))


def stored(node):
    """The names that a piece of a program sets."""
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}


def read(node):
    """The names that a piece of a program reads."""
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)}


def argument(node):
    """What a call works on: its first argument, or what a method belongs to."""
    f = node.func
    if isinstance(f, ast.Attribute) and not (isinstance(f.value, ast.Name) and f.value.id in ("np", "math")):
        return f.value
    plain = [arg for arg in node.args if not isinstance(arg, (ast.Starred, ast.Constant))]
    if plain and plain[0] in node.args[: 1 + (len(node.args) == 2)]:
        return plain[0]
    return node.args[0] if node.args else None


def with_argument(node, new):
    old = argument(node)
    if old in node.args:
        return ast.Call(node.func, [new if arg is old else arg for arg in node.args], node.keywords)
    return ast.Call(ast.Attribute(new, node.func.attr, ast.Load()), node.args, node.keywords)


def reduction(node):
    """(what it does, on what, axis, keepdims, whether it is Python's own) of a call that makes fewer numbers; None of
    another."""
    if not isinstance(node, ast.Call):
        return None
    f, name = node.func, getattr(node.func, "attr", None)
    function = name in REDUCE and isinstance(f.value, ast.Name) and f.value.id == "np"
    method = name in REDUCE and not function
    builtin = isinstance(f, ast.Name) and f.id in ("sum", "max", "min") and len(node.args) == 1
    if not (method or builtin or function and node.args):
        return None
    rest, words = node.args if method else node.args[1:], {k.arg: k.value for k in node.keywords}
    axis, keep = rest[0] if rest else words.get("axis"), bool(constant(words.get("keepdims")))
    return f.id if builtin else name, f.value if method else node.args[0], constant(axis), keep, builtin


def reduced(name, node, axis=None, keepdims=False):
    words = "" if axis is None else f", axis={axis}{', keepdims=True' if keepdims else ''}"
    return made(f"np.{name}(A{words})", A=node)


# What a program offers


class World:
    """What a rule may look at: the value of each expression when the program ran, the names in scope, and pieces of
    the other program."""

    def __init__(self, values, names, donors, scope, trees, deep):
        self.values, self.names, self.scope, self.deep, self.size = values, names, scope, deep, count(trees[0])
        self.parameters = [a.arg for a in trees[0].args.args]
        self.once = collections.Counter(n.id for t in trees for n in ast.walk(t) if isinstance(n, ast.Name)
            and isinstance(n.ctx, ast.Load))
        self.used = set(self.once)
        known = {*names, *scope}
        self.pieces = pieces(donors, self.parameters, known) if deep else []
        had = set(map(ast.unparse, self.pieces))
        own = pieces(trees, self.parameters, known, 8) if deep else ()
        self.pieces += [piece for piece in own if not isinstance(piece, ast.Name) and ast.unparse(piece) not in had]
        nodes = [node for tree in [*donors, *trees] for node in ast.walk(tree)]
        called = [node.func.id for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
        called += [n for n, v in names.items() if callable(v)]
        self.calls = [n for n in dict.fromkeys([*called, "relu", "sigmoid", "softmax"])
            if callable(names.get(n, scope.get(n))) and n[0] != "_"]
        self.wraps = list(wrappers(donors))
        self.numbers = [n for n, v in names.items() if number(v)]
        self.whole = [n for n in self.numbers if isinstance(names[n], (int, np.integer))
            and not isinstance(names[n], bool)]

    def of(self, node):
        return self.values.get(id(node))


def pieces(trees, parameters, known, most=8):
    """Small expressions of the other program, in this one's names, each once: what may be missing here."""
    found = {}
    for tree in trees[:1]:
        rename, once = dict(zip([a.arg for a in tree.args.args], parameters)), {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                once.setdefault(node.targets[0].id, []).append(node.value)
        inline = {name: values[0] for name, values in once.items() if len(values) == 1 and name not in known}
        whole = {ast.unparse(node.value) for node in ast.walk(tree) if isinstance(node, ast.Return) and node.value}
        calls = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            kinds = ast.Call, ast.BinOp, ast.Name, ast.Subscript, ast.Compare
            if id(node) not in calls and isinstance(node, kinds) and isinstance(getattr(node, "ctx", ast.Load()),
                ast.Load):
                new = Renaming(rename, inline).visit(ast.parse(ast.unparse(node), mode="eval").body)
                text = ast.unparse(new)
                short = isinstance(new, ast.Call) or not text.startswith("np.") and ast.unparse(node) not in whole
                if short and text != "np" and count(new) <= max(most,
                    count(tree) // 4) and read(new) <= known - {"_tick"}:
                    found.setdefault(text, new)
    for node in found.values():
        for part in ast.walk(node):
            part.foreign = True  # no edit inside of it
    return list(found.values())


class Renaming(ast.NodeTransformer):
    def __init__(self, rename, inline):
        self.rename, self.inline = rename, inline

    def visit_Name(self, node):
        if node.id in self.inline:
            rest = {k: v for k, v in self.inline.items() if k != node.id}
            return Renaming(self.rename, rest).visit(ast.parse(ast.unparse(self.inline[node.id]), mode="eval").body)
        return ast.copy_location(ast.Name(self.rename.get(node.id, node.id), node.ctx), node)


def wrappers(trees):
    """What the other program does with a single value, max(…, 0), 1 − …, f(…): each as a function that builds it
    around another one."""
    seen = set()
    for node in ast.walk(trees[0]) if trees else ():
        inside = (
            node.args if isinstance(node, ast.Call) and not node.keywords
            else [node.left, node.right] if isinstance(node, ast.BinOp)
            else [node.left, *node.comparators] if isinstance(node, ast.Compare) else []
        )  # fmt: skip
        open_ = [part for part in inside if not isinstance(part, (ast.Constant, ast.Starred))]
        plain = ("_tick", "len", "range", "zip", "enumerate", "reversed", "list")
        if len(open_) != 1 or isinstance(node,
            ast.Call) and (argument(node) not in inside or getattr(node.func, "id", "") in plain):
            continue
        shape = ast.unparse(node).replace(ast.unparse(open_[0]), "□", 1)
        if shape not in seen:
            seen.add(shape)
            yield lambda x, node=node, old=open_[0]: exchanged(node, old, x)


def exchanged(node, old, new):
    """A copy of the top of a tree, with another part in it."""
    def swap(value):
        return [swap(one) for one in value] if isinstance(value, list) else new if value is old else value

    return type(node)(**{field: swap(value) for field, value in ast.iter_fields(node)})


# All edits


def edits(trees, values, names, donors, scope):
    """Every edit of a program's trees, the cheap ones first; costs are 1 for the everyday, 4 for the rare, which are
    made only when asked for."""
    for deep, part in itertools.product((False, True), (trees[:1], trees[1:])):
        if part:
            world = World(values, names, donors, scope, part, deep)
            world.own = {tree.name for tree in trees[1:]}  # in these the mistake is looked for, they are not exchanged
            yield from sorted((edit for edit in some(part, world) if (edit.cost > 2) is deep),
                key=lambda edit: edit.cost)


def some(trees, world):
    """The edits and, where one of them fits several places, all of these at once: the same mistake in every line."""
    alike = collections.defaultdict(list)
    for edit in single(trees, world):
        yield edit
        if edit.kind in ("factor too many", "term too many", "update", "in place") and edit.detail is not None:
            alike[edit.kind, type(getattr(edit.old, "op", None)), ast.unparse(edit.detail)].append(edit)
        elif edit.kind in ("name", "function") and isinstance(edit.old, ast.Name):
            alike[edit.kind, edit.old.id, ast.unparse(edit.new)].append(edit)
        elif edit.kind == "reduction" and edit.cost == 1:
            alike[edit.kind, ast.unparse(edit.new.func) if isinstance(edit.new, ast.Call) else ""].append(edit)
    for (kind, *_), (first, *more) in alike.items():
        apart = len({id(edit.parent) for edit in (first, *more)}) == 1 + len(more)
        if more and (apart or kind in ("name", "function", "reduction", "update", "in place")):
            yield Edit(kind, 2, first.parent, first.field, first.index, first.old, first.new, first.at, first.detail,
                tuple(more))


def single(trees, world):
    for tree in trees:
        yield from swaps(tree, world)
        for parent, field, index, node in slots(tree):
            for kind, cost, new, *detail in expression(node, parent, field, world):
                yield Edit(kind, cost, parent, field, index, node, located(new, node), node, *detail)
        for block in ast.walk(tree):
            if isinstance(block, ast.comprehension) and block.ifs:
                yield Edit("left out", 1, block, "ifs", None, block.ifs, [], block.ifs[0])
            if isinstance(block, (ast.Assign, ast.For, ast.comprehension)):
                target = block.targets[0] if isinstance(block, ast.Assign) else block.target
                place = (block, "targets", 0) if isinstance(block, ast.Assign) else (block, "target", None)
                for kind, new in targets(target, block, world):
                    yield Edit(kind, 2, *place, target, located(new, target), target)
        yield from overwritten(tree)
        yield from statements(tree, world)


def ticking(node):
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and getattr(node.value.func, "id",
        "") == "_tick"


def slots(tree):
    """(parent, field, index, node) of every expression that is read."""
    waiting = [tree]
    while waiting:
        parent = waiting.pop(0)
        for field, value in ast.iter_fields(parent):
            for index, node in enumerate(value) if isinstance(value, list) else [(None, value)]:
                defined = isinstance(parent, (ast.FunctionDef, ast.Lambda)) and field != "body"
                if isinstance(node, ast.AST) and not (ticking(node) or hasattr(node, "foreign") or defined):
                    waiting.append(node)
                    if isinstance(node, ast.expr) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
                        yield parent, field, index, node


# Names


def swaps(tree, w):
    """Two names exchanged wherever they are read."""
    places = collections.defaultdict(list)
    for parent, field, index, node in slots(tree):
        if isinstance(node, ast.Name) and number(w.names.get(node.id)):
            places[node.id].append((parent, field, index, node))
    for one, two in itertools.combinations(places, 2):
        if np.shape(w.names[one]) == np.shape(w.names[two]):
            both = places[one] + places[two]
            first, *more = [Edit("swapped", 2, *p, located(load(two if p[3].id == one else one), p[3]), p[3])
                for p in both]
            first.detail, first.more = load(two), tuple(more)
            yield first


def targets(target, block, w):
    """Other names for what is set: two exchanged, or one that is thrown away kept, or another variable."""
    for part in [target, *getattr(target, "elts", [])]:
        if not isinstance(part, ast.Tuple):
            continue
        for order in list(itertools.permutations(range(len(part.elts))))[1:] if len(part.elts) < 4 else []:
            yield "unpacked", replaced(target, part, ast.Tuple([part.elts[i] for i in order], ast.Store()))
        for one in part.elts:
            if isinstance(one, ast.Name) and one.id not in w.used:
                taken = {getattr(other, "id", None) for other in part.elts}
                for name, value in w.names.items():
                    if name not in taken and (value is None or number(value)):
                        yield "unpacked", replaced(target, one, ast.Name(name, ast.Store()))
    if isinstance(target, ast.Name) and isinstance(block, ast.Assign):
        for name in w.names:
            if name != target.id and name not in w.scope:
                yield "target", ast.Name(name, ast.Store())
    if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Tuple) and len(target.slice.elts) == 2:
        yield "target", ast.Subscript(target.value, ast.Tuple(target.slice.elts[::-1], ast.Load()), ast.Store())


def overwritten(tree):
    """A name that is set again while its old value is still needed: another name from there on."""
    parameters = {a.arg for a in tree.args.args}
    for owner, field, lines in blocks(tree):
        for i, line in enumerate(lines):
            if not isinstance(line, (ast.Assign, ast.For)):
                continue
            target = line.targets[0] if isinstance(line, ast.Assign) else line.target
            later = lines[i + 1 :] if isinstance(line, ast.Assign) else line.body
            for name in stored(target) if isinstance(line, ast.For) else stored(target) & parameters:
                new = replaced(target, *[(part, ast.Name(name + "_", ast.Store())) for part in ast.walk(target)
                    if getattr(part, "id", "") == name][0])
                loads = [slot for one in later for slot in slots(one) if isinstance(slot[3], ast.Name)
                    and slot[3].id == name]
                more = [Edit("overwritten", 1, *slot, located(load(name + "_"), slot[3])) for slot in loads]
                place = (line, "targets", 0) if isinstance(line, ast.Assign) else (line, "target", None)
                for some_ in (more, [one for one in more if one.field != "func"], []):
                    yield Edit("overwritten", 1, *place, target, new, line, load(name), tuple(some_))


# Expressions


def expression(node, parent, field, w):
    """What could stand in the place of an expression: (kind, cost, new), and the part that goes or comes where one
    does."""
    value = w.of(node)
    for kind, cost, pattern, new, detail in RULES.get(top(node), ()):
        found = {}
        if matched(pattern, node, found):
            yield (kind, cost, made(new, **found), *([made(detail, **found)] if detail else []))
    if isinstance(node, ast.BinOp):
        yield from binary(node, w)
    elif isinstance(node, ast.UnaryOp) and not isinstance(parent, ast.Slice):
        yield ("minus too many" if isinstance(node.op, ast.USub) else "call too many"), 1, node.operand
    elif isinstance(node, ast.Call):
        yield from call(node, w)
    elif isinstance(node, ast.Attribute) and field != "func":
        yield from attribute(node, w)
    elif isinstance(node, ast.Subscript):
        yield from subscript(node, w)
    elif isinstance(node, ast.Constant) and isinstance(node.value, (bool, int, float)):
        yield from constants(node, parent, w)
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
        orders = [o for o in itertools.permutations(range(len(node.elts))) if len(o) < 4
            or sum(i != j for i, j in enumerate(o)) == 2]
        for order in orders[1:] if len(node.elts) < 4 else orders:
            cost = 1 if sum(i != j for i, j in enumerate(order)) == 2 else 2
            yield "results", cost, type(node)([node.elts[i] for i in order], ast.Load())
        for i in range(len(node.elts)):
            yield "result too many", 3, type(node)(node.elts[:i] + node.elts[i + 1 :], ast.Load())
    tested = isinstance(parent, ast.Compare) and isinstance(parent.ops[0], (ast.Is, ast.IsNot, ast.Eq, ast.NotEq))
    if field == "test" or tested:
        return  # another condition only shuts a branch
    if isinstance(node, ast.Name) and node.id not in ("np", "_tick"):
        yield from names(node, value, parent, w)
    if number(value) and not isinstance(parent, ast.Compare | ast.Slice):
        yield from around(node, value, w)
    rows = isinstance(parent, (ast.For, ast.comprehension, ast.Return, ast.Call))
    if isinstance(value, (list, zip, enumerate, range, tuple)) and rows:
        if not isinstance(value, (zip, enumerate)):
            yield "direction", 2, made("A[::-1]", A=node)
            yield "index missing", 3, made("A[1:]", A=node)
            yield "index missing", 3, made("A[:-1]", A=node)
        yield "direction", 2, made("reversed(list(A))", A=node)
    if isinstance(parent, ast.Return) and not isinstance(node, ast.Tuple):
        for name, other in w.names.items():
            if number(other) or isinstance(other, list):
                yield "result missing", 2, made("(A, B)", A=node, B=load(name))
                yield "result missing", 2, made("(B, A)", A=node, B=load(name))
    if not w.deep:
        return
    if number(value) and isinstance(node, (ast.BinOp, ast.Call)):  # reckoned anew what is handed over
        for n in w.parameters:
            if isinstance(w.names.get(n), np.ndarray) and w.names[n].shape == np.shape(value) != ():
                yield "expression", 3, load(n)
    if number(value) and not isinstance(node, (ast.Name, ast.Constant)):
        inside = [part for part in ast.walk(node) if part is not node and isinstance(part, ast.expr)
            and number(w.of(part))]
        for part in [part for part in inside if not isinstance(part, ast.Constant)][:8]:
            if not isinstance(node, ast.BinOp) or part not in (node.left, node.right):
                yield "too much", 3, part
            yield from (("function", 3, wrap(part)) for wrap in w.wraps)
    plain = isinstance(node, ast.Constant) and not isinstance(parent, ast.Subscript)
    last = {n for n in read(node) & set(w.names) - set(w.parameters) if w.once[n] == len(loads(node, n))}
    for piece in w.pieces if count(node) <= max(6, w.size // 6) and not plain else ():
        indexed = isinstance(node, ast.Name) and isinstance(piece, ast.Subscript)  # X for X[batch] is common
        within = isinstance(parent, ast.Call) and not indexed and not (count(node) > 2 and read(node) & read(piece))
        idle = last - read(piece) and count(piece) > 2  # what was reckoned before would be for nothing
        bare = isinstance(node, ast.Name) and idle or isinstance(piece, ast.Name) and number(value)
        if not (within or bare):
            yield "expression", 3 if count(piece) < 9 and not idle else 4, piece


def loads(node, name):
    return [part for part in ast.walk(node) if isinstance(part, ast.Name) and part.id == name]


def names(node, value, parent, w):
    """One name for another."""
    if number(value):
        for n in w.numbers:
            if n != node.id:
                yield "name", 1 if np.shape(w.names[n]) == np.shape(value) else 2, load(n)
    elif callable(value):
        if not isinstance(parent, ast.Compare):  # in `if f is relu` another name only shuts the branch
            yield from (("function", 1, load(n)) for n in w.calls if n != node.id and node.id not in w.own)
    elif node.id not in w.names or value is None and node.id not in w.scope:  # nobody knows this name
        yield from (("name", 1, load(n)) for n in w.names if n != node.id)
    else:
        yield from (("name", 2, load(n)) for n, v in w.names.items() if n != node.id and type(v) is type(value))


def binary(node, w):
    left, right, op = node.left, node.right, type(node.op)
    found = reduction(left)
    if op is ast.Div and found and found[0] == "sum":
        yield "reduction", 1, reduced("mean", found[1], found[2], found[3]), right
    for part in list(ast.walk(node))[:12]:  # f(a) ∘ b ∗ c → f(a ∘ b ∗ c)
        if isinstance(part, ast.Call) and part not in (left,
            right) and argument(part) is not None and not reduction(part) and number(w.of(part)):
            yield "order", 2, with_argument(part, replaced(node, part, argument(part)))
    for one, two, swap in ((left, right, False), (right, left, True)):  # f(a) ∘ b → f(a ∘ b)
        if isinstance(one, ast.Call) and argument(one) is not None:
            inner = argument(one)
            yield "order", 2, with_argument(one,
                ast.BinOp(two, node.op, inner) if swap else ast.BinOp(inner, node.op, two))
    if op in (ast.Mult, ast.Div) and isinstance(left, ast.BinOp) and isinstance(left.op, (ast.Mult, ast.Div)):
        late = None  # g · C / length → g · f(C / length), and g / length · C too
        if isinstance(left.op, ast.Mult):
            late = ast.BinOp(left.right, node.op, right)
        elif op is ast.Mult:
            late = ast.BinOp(right, ast.Div(), left.right)
        if late:
            yield from (("call missing", 2, ast.BinOp(left.left, ast.Mult(), wrap(late))) for wrap in w.wraps)


def call(node, w):
    inner, found, f = argument(node), reduction(node), node.func
    if found:
        name, on, axis, keep, builtin = found
        ndim = np.ndim(w.of(on)) if number(w.of(on)) else 2
        axes = [None, *range(ndim)]
        yield from (("reduction", 1, reduced(other, on, axis, keep)) for other in REDUCE[name])
        yield from (("reduction", 2, reduced(other, on, a, keep)) for other in REDUCE[name][:1] for a in axes
            if a != axis)
        if name == "mean" and axis is None and ndim > 1:
            yield "reduction", 1, made("np.sum(A) / len(A)", A=on)
        same = axis + ndim if axis is not None and axis < 0 else axis
        for a, k in itertools.product(axes, (False, True)):
            if (a, k) != (same, keep) and not (a is None and k):
                yield "axis", 1, reduced(name, on, a, k)
        if name == "mean" and ndim > 1:
            yield "reduced", 2, made("A / len(A)", A=on)
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
                rest = ast.Call(f, [type(inner)(one, inner.generators), *node.args[1:]], node.keywords)
                yield "out of the loop", 1, ast.BinOp(rest, elt.op, two)
        if isinstance(inner, ast.Call) and argument(inner) is not None:
            yield "order", 2, with_argument(inner, with_argument(node, argument(inner)))
    known = f.attr if isinstance(f, ast.Attribute) else getattr(f, "id", None)
    for other in dict.fromkeys(o for family in FAMILIES if known in family and not found for o in family if o != known):
        yield "function", 1, ast.Call(ast.Attribute(f.value, other, ast.Load()) if isinstance(f, ast.Attribute)
            else load(other), node.args, node.keywords)
    if isinstance(f, ast.Name) and known in ("max", "min", "sum", "abs", "round") and number(w.of(node)):
        full = {"max": "maximum", "min": "minimum"}.get(known, known) if len(node.args) > 1 else known
        yield "function", 1, ast.Call(made(f"np.{full}"), node.args, [])
    if known == "len" and node.args and isinstance(w.of(node.args[0]), np.ndarray):
        yield from (("count", 1, made(size, A=node.args[0])) for size in sizes(w.of(node.args[0]), "len(A)"))
        yield "count", 2, made("np.count_nonzero(A)", A=node.args[0])
    if known == "len" and node.args and isinstance(node.args[0], ast.Subscript):
        yield "count", 1, made("len(A)", A=node.args[0].value)
    if isinstance(f, ast.Attribute) and known == "append" and len(node.args) == 1:
        yield "direction", 1, made("A.insert(0, B)", A=f.value, B=node.args[0])
    if isinstance(f, ast.Attribute) and known == "insert" and len(node.args) == 2:
        yield "direction", 1, made("A.append(B)", A=f.value, B=node.args[1])
    for i, j in itertools.combinations(range(len(node.args)), 2):
        new = list(node.args)
        new[i], new[j] = new[j], new[i]
        yield "arguments", 1 if known == "where" else 2, ast.Call(f, new, node.keywords)
    for i in range(len(node.keywords)) if not found else ():
        yield "argument too many", 2, ast.Call(f, node.args, node.keywords[:i] + node.keywords[i + 1 :])
    for i in range(2, len(node.args)):
        yield "argument too many", 3, ast.Call(f, node.args[:i] + node.args[i + 1 :], node.keywords)
    if known == "range":
        yield from turns(node, w)
    if known == "norm" and node.args and np.ndim(w.of(node.args[0]) if number(w.of(node.args[0])) else 0) == 2:
        for text in ("", ", axis=0", ", axis=1", ", axis=0, keepdims=True", ", axis=1, keepdims=True"):
            new = made(f"F(A{text})", F=f, A=node.args[0])
            if {k.arg: constant(k.value) for k in new.keywords} != {k.arg: constant(k.value) for k in node.keywords}:
                yield "axis", 1, new
    if known == "astype":
        yield "call too many", 1, f.value


def turns(node, w):
    """Another range."""
    args = node.args
    for i, text in itertools.product(range(len(args[:2])), ("A + 1", "A - 1")):
        if len(args) != 2 or i:
            yield "off by one", 1, ast.Call(node.func, [*args[:i], made(text, A=args[i]), *args[i + 1 :]], [])
    if len(args) == 1:
        yield "off by one", 1, made("range(1, A)", A=args[0])
        yield from (("step missing", 2, made("range(0, A, B)", A=args[0], B=load(n))) for n in w.whole)
    elif len(args) == 2:
        yield "off by one", 1, made("range(A)", A=args[1])
        yield from (("step missing", 2, made("range(A, B, C)", A=args[0], B=args[1], C=load(n))) for n in w.whole)


def sizes(array, but=""):
    """What can be counted of an array, as text about A."""
    return [text for text in ("len(A)", "A.size", *(f"A.shape[{i}]" for i in range(1, np.ndim(array)))) if text != but]


def attribute(node, w):
    value = w.of(node.value)
    if node.attr == "T":
        yield "turned", 1, node.value
    if node.attr == "size" and isinstance(value, np.ndarray):
        yield from (("count", 1, made(size, A=node.value)) for size in sizes(value, "A.size"))


def subscript(node, w):
    value, index, make = w.of(node.value), node.slice, functools.partial(ast.Subscript, node.value, ctx=ast.Load())
    if isinstance(node.value, ast.Attribute) and node.value.attr == "shape" and isinstance(index, ast.Constant):
        for i in range(len(value) if isinstance(value, tuple) else 2):
            if i != index.value:
                yield "count", 1, make(ast.Constant(i))
        yield "count", 1, made("A.size", A=node.value.value)
        return
    if isinstance(value, np.ndarray) and value.ndim > 1:
        if isinstance(index, ast.Tuple) and len(index.elts) == 2:
            if isinstance(index.elts[0], ast.Slice):
                yield "index", 1, make(index.elts[1])
            if not any(isinstance(part, ast.Constant) and part.value is None for part in index.elts):
                yield "index", 1, make(ast.Tuple(index.elts[::-1], ast.Load()))
        elif not isinstance(index, (ast.Slice, ast.Tuple)):
            yield "index", 1, made("A[:, B]", A=node.value, B=index)
    if type(w.of(node)) is type(value) or number(value):
        yield "index too many", 2, node.value
    if not isinstance(index, (ast.Slice, ast.Tuple, ast.Constant)):
        yield from (("off by one", 2, make(made(text, A=index))) for text in ("A + 1", "A - 1"))
    if isinstance(index, ast.Slice):
        bounds = dict(lower=index.lower, upper=index.upper, step=index.step)
        for side in ("lower", "upper"):
            part = bounds[side]
            if part is not None:
                yield "index", 2, make(ast.Slice(**bounds | {side: None}))
                yield from (("off by one", 2, make(ast.Slice(**bounds | {side: made(text, A=part)})))
                    for text in ("A + 1", "A - 1"))
                for n in w.whole:
                    if n != getattr(part, "id", None):
                        yield "index", 2, make(ast.Slice(**bounds | {side: load(n)}))
                        yield from (("index", 2, make(ast.Slice(**bounds | {side: made(text, A=part, B=load(n))})))
                            for text in ("A + B", "A * B", "A - B"))
        if index.step is not None:
            yield "direction", 1, make(ast.Slice(index.lower, index.upper, None))


def constants(node, parent, w):
    value = node.value
    if value is True or value is False:
        yield "number", 1, ast.Constant(not value)
        return
    for other in dict.fromkeys([0, 1, 2, 0.5, -1, value + 1, value - 1, 2 * value, value / 2, -value]):
        turned = other < 0 and not isinstance(parent, (ast.Slice, ast.Subscript, ast.Call, ast.keyword))
        if other != value and not turned:
            yield "number", 2, ast.Constant(int(other) if isinstance(value, int) and other == int(other) else other)
    if isinstance(value, int):
        yield from (("number", 3, load(n)) for n in w.numbers if np.ndim(w.names[n]) == 0)


def around(node, value, w):
    """What could be missing around an expression: a sign, a factor, a term, a slope, a sum, a function."""
    array = isinstance(value, np.ndarray) and value.ndim > 0
    if not isinstance(node, (ast.Constant, ast.UnaryOp)):
        yield "minus missing", 2, made("-A", A=node)
    if array and value.ndim == 2:
        yield "not turned", 1 if isinstance(node, ast.Name) else 2, made("A.T", A=node)
    if array and value.ndim == 1:
        yield "index missing", 2, made("A[:, None]", A=node)
    for name in ("sum", "mean") if array else ():
        yield "not reduced", 2, reduced(name, node)
        for axis in range(value.ndim if value.ndim > 1 else 0):
            yield "not reduced", 2, reduced(name, node, axis)
            yield "not reduced", 3, reduced(name, node, axis, True)
    if isinstance(node, ast.Constant):
        return
    for kind, cost, text in (("power missing", 2, "A ** 2"), ("call missing", 2, "np.sqrt(A)"),
        ("call missing", 2, "np.abs(A)"), ("complement", 2, "1 - A")):
        yield kind, cost, made(text, A=node)
    kinds = {ast.Mult: "factor missing", ast.Div: "factor missing", ast.Add: "term missing", ast.Pow: "power missing"}
    yield from ((kinds.get(type(getattr(new, "op", None)), "call missing"), 2, new)
        for new in (wrap(node) for wrap in w.wraps))
    yield from (("call missing", 2, ast.Call(load(name), [node], []), load(name)) for name in w.calls)
    factors = [ast.Constant(2), *(load(n) for n in w.numbers if np.ndim(w.names[n]) == 0)]
    for n in w.parameters:
        if isinstance(w.names.get(n), np.ndarray) and np.ndim(w.names[n]):
            factors += [made(size, A=load(n)) for size in sizes(w.names[n])]
    for factor in factors:
        yield "factor missing", 2, made("A * B", A=node, B=factor), factor
        yield "factor missing", 2, made("A / B", A=node, B=factor), factor
    for n in w.numbers:
        other, name = w.names[n], load(n)
        if np.ndim(other) and np.shape(other) == np.shape(value):
            yield "factor missing", 2, made("A * B", A=node, B=name), name
        rows = np.shape(other) == np.shape(value)[-max(np.ndim(other), 0) or 99 :]
        if n not in read(node) and (rows or np.shape(other) == np.shape(value)):  # 2 ε − ε is no term that is missing
            for text, cost in (("A + B", 2), ("A - B", 2), ("B - A", 3)):
                yield "term missing", cost, made(text, A=node, B=name), name
    whole = isinstance(value, (int, np.integer)) or array and value.dtype.kind == "i"
    for n in w.parameters if whole else ():
        if isinstance(w.names.get(n), np.ndarray) and w.names[n].ndim == 1:
            yield "entry missing", 2, made("A[B]", A=load(n), B=node), load(n)
    for piece in w.pieces if w.deep else ():
        if not isinstance(piece, ast.Name):
            for text in ("A * B", "A / B", "A + B", "A - B"):
                yield ("factor missing" if text[2] in "*/" else "term missing"), 4, made(text, A=node, B=piece), piece


# Lines


def blocks(tree):
    """(owner, field, lines) of every block of lines; the owner's own block before those inside."""
    for owner in ast.walk(tree):
        for field in ("body", "orelse"):
            lines = getattr(owner, field, None)
            if isinstance(lines, list) and lines and isinstance(lines[0], ast.stmt):
                yield owner, field, lines


def statements(tree, w):
    """Lines moved, left out, copied, turned into updates, or carried over."""
    every = list(blocks(tree))
    inside = {id(line): (owner, field) for owner, field, lines in every for line in lines}
    for owner, field, lines in every:
        for i, line in enumerate(lines):
            if ticking(line):
                continue
            for kind, new, *detail in other_line(line):
                yield Edit(kind, 1, owner, field, i, line, located(new, line), line, *detail)
            whole = (owner, field, None, lines)
            if len([one for one in lines if not ticking(one)]) > 1 and not isinstance(line,
                (ast.Return, ast.FunctionDef)):
                yield Edit("line too many", 2, *whole, [*lines[:i], *lines[i + 1 :]], line)
            if isinstance(line, ast.If):
                yield Edit("condition", 3, *whole, [*lines[:i], *line.body, *lines[i + 1 :]], line)
                if line.orelse:
                    yield Edit("branches", 1, owner, field, i, line,
                        located(ast.If(line.test, line.orelse, line.body), line), line)
                else:
                    if i + 1 < len(lines) and not isinstance(line.body[-1], (ast.Return, ast.Continue, ast.Break)):
                        more = (Edit("else missing", 1, line, "orelse", None, [], [lines[i + 1]]),)
                        yield Edit("else missing", 1, *whole, [*lines[: i + 1], *lines[i + 2 :]], line, None, more)
                    yield from (Edit("else missing", 2, line, "orelse", None, [], [new], line)
                        for new in milder(line.body, w))
            if isinstance(line, (ast.For, ast.While)):
                yield from carried(line, w)
                yield from begun(line, whole, i)
            if not isinstance(line, ast.FunctionDef):
                yield from moves(line, i, lines, owner, field, every, inside)
    for name in w.parameters:
        if isinstance(w.names.get(name), np.ndarray) and changes(tree, name):
            for owner, field, lines in every:
                if owner is tree or isinstance(owner, ast.For):
                    at = changes(tree, name)[0]
                    copy = located(ast.parse(f"{name} = {name}.copy()").body[0] if owner is tree
                        else ast.parse(f"{name} = np.array({name})").body[0], at)
                    yield Edit("in place", 1, owner, field, None, lines, [copy, *lines], at)


def moves(line, i, lines, owner, field, every, inside):
    """One line at another place: near ones in and out of loops, then anywhere."""
    rest = [*lines[:i], *lines[i + 1 :]]
    bare = not [one for one in rest if not ticking(one)]
    if bare and (field == "body" and not isinstance(owner, ast.If) or not isinstance(line, (ast.Return, ast.Expr))):
        return  # an empty block, or a branch that sets nothing any more
    rest = rest if not bare or field == "orelse" else [located(ast.Pass(), line)]
    held = {id(part) for part in ast.walk(line)}
    up = inside.get(id(owner), (None, None))
    for other, side, there in every:
        if id(other) in held:
            continue
        if other is owner and side == field:
            for j in range(len(rest) + 1):
                after = [*rest[:j], line, *rest[j:]]
                last = j and isinstance(after[j - 1], ast.Return) or isinstance(line, ast.Return)
                if j != i and not last and not ticking(after[min(j + 1, len(rest))]):
                    at, kind = lines[j] if j == i - 1 else line, "lines" if abs(j - i) == 1 else "moved"
                    yield Edit(kind, 1 if kind == "lines" else 3, owner, field, None, lines, after, at)
            continue
        near = (other, side) == up or inside.get(id(other), (None, None)) == (owner, field)
        loops = isinstance(owner, (ast.For, ast.While)), isinstance(other, (ast.For, ast.While))
        kind = "moved" if loops[0] == loops[1] else "out of the loop" if loops[0] else "into the loop"
        kind = "branches" if isinstance(owner, ast.If) and near and not isinstance(line,
            ast.Return) else "out of the loop" if isinstance(line, ast.Return) else kind
        for j in range(len(there) + 1):
            before, behind = there[j - 1] if j else None, there[j] if j < len(there) else None
            if isinstance(before, ast.Return) or ticking(behind):
                continue
            beside = owner in (before, behind) or other in (*lines[i - 1 : i], *lines[i + 1 : i + 2])
            edge = near and beside and (j in (0, len(there)) or ticking(before) or before is owner or behind is owner)
            cost = 1 if edge and not isinstance(owner, ast.If) else 2 if near or isinstance(line, ast.Return) else 3
            if isinstance(line, ast.Return) and behind is not None:
                continue
            more = Edit(kind, cost, other, side, None, there, [*there[:j], line, *there[j:]])
            yield Edit(kind, cost, owner, field, None, lines, rest, line, more=(more,))
            if not isinstance(line, (ast.Return, ast.For, ast.While, ast.If)) and near and before is owner:
                yield Edit("line missing", 3, other, side, None, there, [*there[:j], line, *there[j:]], line)
    if isinstance(line, ast.AugAssign) and isinstance(owner, ast.For):
        yield Edit("put back", 3, owner, field, None, lines, [*lines, line], line)


def carried(loop, w):
    """`x = y` as the last line of a loop: what a turn makes goes into the next one."""
    made_, wanted = set().union(*map(stored, loop.body)), set().union(*map(read, loop.body))
    for x in sorted((wanted - stored(loop.target) if isinstance(loop, ast.For) else wanted) & set(w.names)):
        for y in sorted(made_ - {x}):
            if type(w.names.get(x)) is type(w.names.get(y)) and not callable(w.names.get(x)):
                line = located(ast.Assign([ast.Name(x, ast.Store())], load(y)), loop.body[-1])
                yield Edit("carried", 2, loop, "body", None, loop.body, [*loop.body, line], loop, load(x))


def begun(loop, whole, i):
    """A line of a loop that sets a value anew in every turn as an update, with 0 before the loop."""
    for j, line in enumerate(loop.body):
        if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name):
            zero = located(ast.Assign([ast.Name(line.targets[0].id, ast.Store())], ast.Constant(0)), loop)
            lines = whole[3]
            more = (Edit("update", 2, *whole, [*lines[:i], zero, *lines[i:]]),)
            new = located(ast.AugAssign(line.targets[0], ast.Add(), line.value), line)
            yield Edit("update", 2, loop, "body", j, line, new, line, None, more)


def milder(lines, w):
    """What could stand in a missing `else`: the same line with less in it."""
    line = lines[-1]
    value = getattr(line, "value", None)
    value = value.args[-1] if isinstance(line, ast.Expr) and isinstance(value, ast.Call) and value.args else value
    for part in ast.walk(value) if value is not None else ():
        if part is not value and isinstance(part,
            (ast.Name, ast.Subscript)) and number(w.of(part)) and np.shape(w.of(part)) == np.shape(w.of(value)):
            yield replaced(line, value, part)


def changes(tree, name):
    """The lines that change an array in place."""
    found = []
    for node in ast.walk(tree):
        for target in node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node,
            ast.AugAssign) else []:
            part = isinstance(target, ast.Subscript)
            if (part or isinstance(node, ast.AugAssign)) and getattr(target.value if part else target, "id",
                None) == name:
                found.append(node)
    return found


def other_line(line):
    """An assignment as an update and the reverse; an update in place as a new array; another way out of a turn."""
    if isinstance(line, (ast.Break, ast.Continue)):
        yield "stop", ast.Continue() if isinstance(line, ast.Break) else ast.Break()
    if isinstance(line, ast.Assign) and len(line.targets) == 1 and not isinstance(line.targets[0], ast.Tuple):
        target, value = line.targets[0], line.value
        yield from (("update", ast.AugAssign(target, op(), value)) for op in (ast.Add, ast.Sub))
        if isinstance(value, ast.Name):
            yield "in place", ast.Assign([target], made("A.copy()", A=value)), ast.Constant("copy")
    if isinstance(line, ast.AugAssign):
        there = type(line.target)(**dict(ast.iter_fields(line.target)) | {"ctx": ast.Load()})
        yield "update", ast.Assign([line.target], line.value)
        if isinstance(line.target, ast.Name):
            yield "update", ast.Assign([ast.Subscript(there, ast.Constant(...), ast.Store())],
                line.value), ast.Constant(...)
        yield "in place", ast.Assign([line.target], ast.BinOp(there, line.op, line.value))
        yield from (("update", ast.AugAssign(line.target, op(), line.value))
            for op in (ast.Add, ast.Sub, ast.Mult, ast.Div) if not isinstance(line.op, op))
    if isinstance(line, ast.Expr) and isinstance(line.value, ast.Call) and getattr(line.value.func, "attr",
        "") == "append" and line.value.args:
        yield "in place", ast.Expr(made("A.append(B.copy())", A=line.value.func.value,
            B=line.value.args[0])), ast.Constant("copy")
    if isinstance(line, ast.Expr) and isinstance(line.value, ast.Call) and getattr(line.value.func, "attr",
        "") == "clear":
        yield "in place", ast.Assign([ast.Name(line.value.func.value.id, ast.Store())],
            ast.List([], ast.Load())) if isinstance(line.value.func.value, ast.Name) else line
