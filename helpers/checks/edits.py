"""Where is the mistake? A wrong program is nearly always a right one with a small edit; this looks for the edit.

`diagnose(program, reference, cases)` changes one place at a time, in the reader's own lines first, until every case
is right: the mistake is located. Where no place of theirs will do, it changes the reference until it gives the
reader's numbers: the mistake is explained. The edit itself is never told. Ideas: mutation testing run backwards, and
repair of student programs by small syntactic edits (Singh, Gulwani and Solar-Lezama, 2013).
"""

import ast
import contextlib
import functools
import inspect
import io
import itertools
import time
import types
import warnings

import numpy as np

from helpers.checks import edit_words, worker
from helpers.checks.edit_rules import count, edits, located

SECONDS = 1.5
TICKS = 3000  # turns of all loops together: the cases are small, so more means that a loop does not end
SAME = 2e-8  # a difference quotient with ε on one side alone is 1e-7 off, and that is a mistake to find


def diagnose(program, reference, cases, seconds=SECONDS, tied=False, named=()):
    """What is wrong with `program`, a function that should give what `reference` gives for every case, a tuple of
    arguments.

    → {"state": "located", "explained", "shapes" or "unknown", "text", "kind", "lines", "source"}, or None where every
    case is right; `source` is the program put right, or the reference made wrong, and only for tests. Each case gets
    a twin with other numbers, unless what is in it hangs together (`tied`). `named` are wrong programs that are
    known: (what they do, the function); one of them may be half of what is wrong.
    """
    return search(pack(program, reference, cases, seconds, tied, named))


def explain(program, reference, cases, seconds=SECONDS, tied=False, named=()):
    """The words of `diagnose`, found by the worker, or None where there is nothing to say."""
    found = worker.ask("helpers.checks.edits:search", (pack(program, reference, cases, seconds, tied, named),),
        3 * seconds + 2)
    return f"Not right yet. {found['text']}" if found and found["text"] else None


def pack(program, reference, cases, seconds=SECONDS, tied=False, named=()):
    """What `search` needs, as one thing that can be sent to another process: there the source is out of reach."""
    program, reference = map(inspect.unwrap, (program, reference))
    return {
        "program": program,
        "sources": sources(program),
        "reference": reference,
        "reference_sources": sources(reference),
        "parameters": list(inspect.signature(reference).parameters),
        "cases": cases,
        "tied": tied,
        "named": list(named),
        "seconds": seconds,
    }


# Source


@functools.lru_cache(maxsize=8)
def parsed(text):
    return [node for node in ast.walk(ast.parse(text)) if isinstance(node, (ast.FunctionDef, ast.Lambda))]


def sources(function):
    """The text of a function and of those functions of its own file that it calls → {name: text}, itself first; {}
    where unknown."""
    found, waiting = {}, [(getattr(function, "__name__", ""), function)]
    while waiting:
        name, one = waiting.pop(0)
        text = source(one) if isinstance(one, types.FunctionType) else None
        if text is None or name in found:
            if not found:
                return {}
            continue
        found[name] = text
        waiting += [
            (other, value)
            for other, value in inspect.getclosurevars(one).globals.items()
            if isinstance(value, types.FunctionType)
            and value.__module__ == one.__module__
            and not hasattr(value, "__wrapped__")
        ]
    return found


def source(function):
    """The text of one function, from its first column; a lambda's too, which Python keeps only with the lines around
    it."""
    try:
        text = "".join(inspect.findsource(function)[0])
        nodes = parsed(text)
    except (OSError, TypeError, SyntaxError, ValueError):
        return None
    code = function.__code__
    places = [place for place in code.co_positions() if None not in place and place[1] > place[0] - 1]
    for node in nodes:
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
        if first != code.co_firstlineno or getattr(node, "name", "<lambda>") != code.co_name:
            continue
        if isinstance(node, ast.Lambda):
            body = (node.body.lineno, node.body.col_offset), (node.body.end_lineno, node.body.end_col_offset)
            if not all(
                body[0] <= (p[0], p[2]) and (p[1], p[3]) <= body[1] for p in places if (p[0], p[2]) != (p[1], p[3])
            ):
                continue
        lines = text.splitlines()[node.lineno - 1 : node.end_lineno]
        lines[-1] = lines[-1].encode()[: node.end_col_offset].decode()
        lines[0] = lines[0].encode()[node.col_offset :].decode()
        return "\n".join(
            [lines[0], *(line[min(node.col_offset, len(line) - len(line.lstrip())) :] for line in lines[1:])]
        )
    return None


def tree(text):
    """A function definition from its text; a lambda becomes one, with the same places."""
    if not text.startswith("lambda"):
        node = ast.parse(text).body[0]
    else:
        lambda_ = ast.parse(f"(\n{text}\n)", mode="eval").body
        ast.increment_lineno(lambda_, -1)
        node = ast.FunctionDef(
            "_", lambda_.args, [ast.copy_location(ast.Return(lambda_.body), lambda_.body)], [], type_params=[]
        )
        ast.copy_location(node, lambda_)
    node.decorator_list, node.returns = [], None
    return node


class Endless(BaseException):
    """A loop that takes too many turns; no `except Exception` of the reader's catches it."""


class Program:
    """Functions as trees, ready to run with a place changed. The first is the program, the others are those that it
    calls."""

    def __init__(self, function, texts, scope):
        self.names, self.texts, self.trees = list(texts), list(texts.values()), [tree(text) for text in texts.values()]
        self.size = count(self.trees[0])
        nodes = [part for node in self.trees for part in ast.walk(node)]
        for node, name in zip(self.trees, self.names):
            node.name = name if name.isidentifier() else "_"
            for part in ast.walk(node):
                part.of = node
        inner = inspect.getclosurevars(function).nonlocals
        self.scope = {"np": np, **scope, **function.__globals__, **inner, "_tick": self.tick, "_see": self.note}
        self.seen, self.left = {}, 0
        own = {part.id for part in nodes if isinstance(part, ast.Name)}
        self.state = [n for n in own if isinstance(self.scope.get(n),
            (list, dict, np.ndarray))]  # may change from call to call
        for loop in [part for part in nodes if isinstance(part, (ast.For, ast.While, ast.FunctionDef))]:
            tick = located(ast.parse("_tick()").body[0], loop)
            for part in ast.walk(tick):
                part.of = None
            loop.body.insert(isinstance(loop, ast.FunctionDef) and ast.get_docstring(loop) is not None, tick)

    def tick(self):
        self.left -= 1
        if self.left < 0:
            raise Endless

    def note(self, number, value):
        self.seen.setdefault(number, value)
        return value

    def fresh(self):
        """The names that the program may use, with a copy of what may change from call to call."""
        return self.scope | {name: copied(self.scope[name]) for name in self.state}

    def function(self, trees=None):
        """The program as it stands now."""
        scope = self.fresh()
        exec(compile(ast.Module(trees or self.trees, []), "<edited>", "exec"), scope)
        return scope[(trees or self.trees)[0].name]

    def together(self, choices):
        """All edits of expressions in one program, compiled once → (those edits, its names: _m and _k are the numbers
        of the edits that it makes, the program); nothing where they do not compile."""
        inline, slots = [edit for edit in choices if inside_one(edit)], {}
        for number, edit in enumerate(inline, start=1):
            slots.setdefault(id(edit.old), []).append((number, edit.new))
        scope = self.fresh() | {"_m": 0, "_k": 0}
        try:
            exec(compile(ast.Module([switched(node, slots) for node in self.trees], []), "<edited>", "exec"), scope)
        except (SyntaxError, ValueError, TypeError, RecursionError):
            return [], scope, None
        return inline, scope, scope[self.trees[0].name]

    def variants(self, choices):
        """(edit, the program with it) for each."""
        inline, scope, function = self.together(choices)
        compiled = set(map(id, inline))
        for edit in choices:
            if id(edit) not in compiled:
                edit.apply()
                try:
                    yield edit, self.function()
                except (SyntaxError, ValueError, TypeError):
                    pass
                finally:
                    edit.undo()
        for number, edit in enumerate(inline, start=1):
            scope["_m"] = number
            yield edit, function

    def text(self, *changes):
        """The source with these edits."""
        for edit in changes:
            edit.apply()
        lines = "\n".join(map(ast.unparse, self.trees)).splitlines()
        for edit in reversed(changes):
            edit.undo()
        return "\n".join(line for line in lines if line.strip() != "_tick()")

    def run(self, case, function=None):
        """What it gives, as leaves; an Exception where it fails."""
        self.left = TICKS
        try:
            return run(function or self.function(), case)
        except Endless as error:
            return error

    def watch(self, case):
        """Run once and remember what every expression was the first time → the values by node, and every local
        name's."""
        self.seen, names = {}, {}
        numbered = [part for node in self.trees for part in ast.walk(node)]
        for i, part in enumerate(numbered):
            part.number = i
        trees = [ast.fix_missing_locations(Watching().visit(clone(node))) for node in self.trees]
        self.run(case, self.function(trees))
        values = {id(part): self.seen[i] for i, part in enumerate(numbered) if i in self.seen}
        for part in numbered:
            if isinstance(part, ast.Name) and names.get(part.id) is None and id(part) in values:
                names[part.id] = values[id(part)]
            elif isinstance(part, ast.Assign) and isinstance(part.targets[0], ast.Name) and id(part.value) in values:
                names.setdefault(part.targets[0].id, values[id(part.value)])
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                names.setdefault(part.id, None)
        return values, {**names, **dict(zip([a.arg for a in self.trees[0].args.args], case))}


def inside_one(edit):
    """Whether an edit changes one expression, and so can live beside others in a program that is compiled once."""
    sliced = isinstance(edit.old, ast.expr) and any(isinstance(p, ast.Slice)
        for p in [edit.old, *ast.iter_child_nodes(edit.old)])
    stored = isinstance(getattr(edit.old, "ctx", None), ast.Store)
    return not edit.more and not stored and isinstance(edit.old,
        ast.expr) and (not sliced or isinstance(edit.old, ast.Subscript))


class Watching(ast.NodeTransformer):
    """Wrap every expression so that its value is noted, and note what a loop or an unpacking names."""

    def visit_For(self, node):
        node = self.generic_visit(node)
        node.body[1:1] = self.named(node.target)  # after the tick
        return node

    def visit_Assign(self, node):
        return [self.generic_visit(node),
            *(self.named(node.targets[0]) if isinstance(node.targets[0], ast.Tuple) else [])]

    def named(self, target):
        seen = [part for part in ast.walk(target) if isinstance(part, ast.Name) and hasattr(part, "number")]
        call = [ast.Call(ast.Name("_see", ast.Load()), [ast.Constant(part.number), ast.Name(part.id, ast.Load())], [])
            for part in seen]
        return [ast.copy_location(ast.Expr(one), target) for one in call if isinstance(target, (ast.Name, ast.Tuple))]

    def generic_visit(self, node):
        node = super().generic_visit(node)
        blind = ast.Starred, ast.Slice, ast.JoinedStr, ast.FormattedValue
        if isinstance(node, ast.expr) and isinstance(getattr(node, "ctx", ast.Load()),
            ast.Load) and not isinstance(node, blind):
            if hasattr(node, "number"):
                see = ast.Call(ast.Name("_see", ast.Load()), [ast.Constant(node.number), node], [])
                return ast.copy_location(see, node)
        return node


def switched(node, slots):
    """A tree in which the expression of each slot is any of its edits, by the number in _m or _k; 0 is none."""
    if isinstance(node, list):
        return [switched(part, slots) for part in node]
    if not isinstance(node, ast.AST):
        return node
    new = type(node)(**{field: switched(value, slots) for field, value in ast.iter_fields(node)})
    ast.copy_location(new, node)
    choices = slots.get(id(node))
    for name in "_k", "_m":
        if choices:
            low, high = ast.Constant(choices[0][0]), ast.Constant(choices[-1][0])
            chosen = ast.Compare(low, [ast.LtE(), ast.LtE()], [ast.Name(name, ast.Load()), high])
            new = located(ast.IfExp(chosen, tournament(choices, name), new), node)
    return new


def tournament(choices, name):
    """One of the numbered expressions, found in log₂ steps."""
    if len(choices) == 1:
        return choices[0][1]
    half = len(choices) // 2
    test = ast.Compare(ast.Name(name, ast.Load()), [ast.Lt()], [ast.Constant(choices[half][0])])
    return ast.IfExp(test, tournament(choices[:half], name), tournament(choices[half:], name))


def clone(node):
    """A copy of a tree; copy.deepcopy takes ten times as long."""
    if isinstance(node, list):
        return [clone(part) for part in node]
    if not isinstance(node, ast.AST):
        return node
    new = ast.copy_location(type(node)(**{field: clone(value) for field, value in ast.iter_fields(node)}), node)
    if hasattr(node, "number"):
        new.number = node.number
    return new


# Results


def copied(value):
    """A copy of arguments: arrays and what holds them."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if type(value) in (list, tuple):
        return type(value)([copied(part) for part in value])
    return {key: copied(part) for key, part in value.items()} if type(value) is dict else value


def leaves(value):
    """A result as a flat list: arrays of numbers, brackets, and whatever else there is."""
    if isinstance(value, (bool, int, float, np.number, np.bool_, np.ndarray)):
        array = np.asarray(value)
        return [array.astype(float) if array.dtype.kind in "biuf" else str(array.dtype)]
    if isinstance(value, (list, tuple)):
        if value and all(isinstance(part, (bool, int, float, np.number)) for part in value):
            return [np.array(value, float)]
        return ["(", *itertools.chain.from_iterable(map(leaves, value)), ")"]
    if isinstance(value, dict):
        return leaves(list(value.items()))
    return [value]


def equal(a, b):
    """Whether two leaves are one."""
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return a.shape == b.shape and (not a.size or bool(np.abs(a - b).max() <= SAME * np.abs(b).max() + 1e-300))
    return type(a) is type(b) and not isinstance(a, np.ndarray) and (a is b or a == b)


def failed(*results):
    return any(isinstance(result, BaseException) for result in results)


def same(given, truth):
    """Whether two results are one."""
    return not failed(given, truth) and len(given) == len(truth) and all(map(equal, given, truth))


def signature(result):
    """A result in a few digits: equal results have equal ones."""
    if failed(result):
        return None
    sums = [part if not isinstance(part, np.ndarray) else (part.ravel() * np.cos(np.arange(part.size))).sum()
        for part in result]
    return tuple(f"{part.shape}{float(sum_):.7e}" if isinstance(part, np.ndarray) else str(part) for part,
        sum_ in zip(result, sums))


def right(given, truth):
    """For each leaf of the truth whether it is right."""
    return () if failed(given, truth) or len(given) != len(truth) else tuple(map(equal, given, truth))


def varied(value, rng):
    """Another input of the same kind: entries mixed and stretched; rows of 0 and 1 change places; the rest stays."""
    if isinstance(value, np.ndarray) and value.size:
        if value.dtype.kind != "f" or np.isin(value, (0, 1)).all():
            return value[rng.permutation(len(value))] if value.ndim else value
        mixed = rng.permutation(value.ravel()) * rng.uniform(0.8, 1.25, value.size)
        return mixed.reshape(value.shape).astype(value.dtype)
    if type(value) is float:
        return value * rng.uniform(0.8, 1.25)
    return type(value)([varied(part, rng) for part in value]) if type(value) in (list, tuple) else value


def numbers(result):
    return [] if failed(result) else [part for part in result if isinstance(part, np.ndarray)]


def finite(result):
    return not failed(result) and all(np.isfinite(part).all() for part in numbers(result))


def shapes(result):
    """The shapes of a result, without its numbers."""
    return None if failed(result) else [np.shape(part) if isinstance(part, np.ndarray) else part for part in result]


def size(value):
    return value.size if isinstance(value, np.ndarray) else sum(map(size, value)) if isinstance(value,
        (list, tuple)) else 1


def run(function, case):
    given = copied(case)
    try:
        result = function(*given)
        return leaves(given if result is None else result)
    except Exception as error:
        return error


def scaled(given, truth):
    """Whether a result is right but for one factor, in three entries at least."""
    if failed(given) or shapes(given) != shapes(truth):
        return False
    one, two = (np.concatenate([part.ravel() for part in numbers(result)] or [np.zeros(0)])
        for result in (given, truth))
    length = two @ two if one.size > 2 else 0
    r = one @ two / length if length else 0
    return bool(abs(r) > 1e-9 and abs(r - 1) > 1e-6 and np.abs(one - r * two).max() < SAME * np.abs(one).max())


def alive(given, truths):
    """Whether results depend on what goes in as the right ones do, and are no coarser."""

    def kinds(results):
        return sum(len(np.unique(part.round(9))) for result in results for part in numbers(result))

    return len(set(map(signature, given))) == len(set(map(signature, truths))) and kinds(given) >= kinds(truths) / 2


# The search


def search(payload):
    """Look for the edit; see `diagnose`."""
    quiet = contextlib.redirect_stdout(io.StringIO())  # what the program prints was seen when it was checked
    with warnings.catch_warnings(), np.errstate(all="ignore"), quiet:
        warnings.simplefilter("ignore")
        return look(Search(payload))


class Search:
    """One search: the cases with twins of other numbers, what is right for them, and what the reader's program gives.
    """

    def __init__(self, payload):
        self.start, self.seconds = (time.thread_time(), time.monotonic()), payload["seconds"]
        rng = np.random.default_rng(0)
        truth_of, given_of, own, theirs = (payload[key]
            for key in ("reference", "program", "sources", "reference_sources"))
        scope = truth_of.__globals__ if isinstance(truth_of, types.FunctionType) else {}
        self.program = Program(given_of, own, scope) if own else None
        self.reference = Program(truth_of, theirs, given_of.__globals__ if own else {}) if theirs else None
        self.cases, self.truths, self.given = [], [], []
        cases = sorted(payload["cases"], key=size)
        for case in [*cases, *([] if payload["tied"] else [varied(case, rng) for case in cases])]:
            truth = run(truth_of, case)
            if finite(truth):
                self.cases.append(case)
                self.truths.append(truth)
                self.given.append(self.program.run(case) if self.program else run(given_of, case))
        wrong = [i for i in range(len(self.cases)) if not same(self.given[i], self.truths[i])]
        self.order = wrong + [i for i in range(len(self.cases)) if i not in wrong]
        self.first = self.order[0] if wrong else None
        # Of yes, no and counts many programs give the same by chance.
        self.coarse = all((part == part.round()).all() for truth in self.truths for part in numbers(truth))
        self.donors = self.reference.trees if self.reference else []
        self.tied = payload["tied"]
        self.parameters, self.doc, self.named = payload["parameters"], truth_of.__doc__, payload["named"]

    def passed(self):
        """The part of the time that is up: time of its own, or three times as much on the clock where others are at
        work too."""
        return max(time.thread_time() - self.start[0], (time.monotonic() - self.start[1]) / 3) / self.seconds

    def over(self, share=1.0):
        return self.passed() > share

    def verified(self, program, wanted, parts=None):
        """Whether the program as it stands gives what is wanted in every case, or in these parts of it."""
        function = program.function()
        for i in self.order:
            given = program.run(self.cases[i], function)
            now = right(given, wanted[i])
            if not (same(given, wanted[i]) if parts is None else all(now[p : p + 1] == (True,) for p in parts)):
                return False
        return True

    def modest(self, program, *changes):
        """Whether so much is left that it is still the same program: else everything is an edit of everything."""
        imitated = program is self.reference
        if any(map(edit_words.cancels, changes)) or imitated and not all(map(edit_words.telling, changes)):
            return False
        if self.tied and any(edit.kind in ("not reduced", "term missing") for edit in changes):
            return False  # numbers that hang together make these right by chance
        if self.coarse and (len(changes) > 1 or imitated or edit_words.vague(changes[0])):
            return False
        took, gave = map(sum, zip(*(edit.toll() for edit in changes)))
        if not imitated and len(changes) == 1 and not (took and gave):
            return True  # all that is there is right, or all that is right is there
        return took <= program.size / 2 and gave <= program.size if len(changes) == 1 else took + gave <= max(4,
            program.size * 0.6)

    def first_of(self, program, wanted):
        """The first case in which the program as it stands does not give what is wanted."""
        return next((i for i in self.order if not same(program.run(self.cases[i]), wanted[i])), self.first)

    def singles(self, program, wanted, donors, share=1.0, keep=None, most=9):
        """The edits of the lowest cost after which the program gives what is wanted; `keep` notes what every other
        one gives.

        `share` is the part of the time that may have passed at the end, `most` the largest cost.
        """
        first = self.first_of(program, wanted)
        case, target = self.cases[first], wanted[first]
        values, names = program.watch(case)
        for low, group in itertools.groupby(edits(program.trees, values, names, donors, program.scope), key=cost):
            if low > most:
                break
            found, group, place = [], list(group), {}
            for edit in group:
                place.setdefault(id(edit.old), len(place))
            group.sort(key=lambda edit: place[id(edit.old)])
            for edit, function in program.variants(group):
                given = program.run(case, function)
                if same(given, target) and self.modest(program, edit) and self.holds(program, wanted, edit):
                    found.append(edit)
                elif keep is not None:
                    keep(edit, given)
                if self.over(share):
                    return found
            if found:
                return found
        return []

    def holds(self, program, wanted, *changes):
        """Whether the program with these edits gives what is wanted in every case."""
        for edit in changes:
            edit.apply()
        try:
            return self.verified(program, wanted)
        finally:
            for edit in reversed(changes):
                edit.undo()

    def pairs(self, program, wanted, choices, share, most=3):
        """Two edits of expressions at once after which the program gives what is wanted, those of the lowest cost."""
        share = min(share, self.passed() + 0.2)
        first = self.first_of(program, wanted)
        case, target = self.cases[first], wanted[first]
        inline, scope, function = program.together([edit for edit in choices if edit.cost < most])
        ranked = sorted(enumerate(inline, start=1), key=lambda pair: pair[1].cost)
        found, best = [], 9
        for (j, two), i in ((ranked[b], a) for b in range(len(ranked)) for a in range(b)):
            one = ranked[i][1]
            if one.cost + two.cost > min(most, best) or one.old is two.old:
                continue
            scope["_m"], scope["_k"] = ranked[i][0], j
            if same(program.run(case, function), target) and self.modest(program, one, two) and self.holds(program,
                wanted, one, two):
                found.append((one, two))
                best = min(best, one.cost + two.cost)
            if self.over(share):
                break
        return [pair for pair in found if sum(edit.cost for edit in pair) == best]


    def beside_a_named_one(self, halves):
        """(an edit, what is wrong after it): where one of the named mistakes is left."""
        for says, answer in self.named:
            if self.over(0.9):
                return
            fixes = halves.get(signature(run(answer, self.cases[self.first])), ())
            fixes = [fix for fix in fixes if self.modest(self.program, fix) and self.trusted(fix)]
            results = [run(answer, case) for case in self.cases] if fixes else []
            for fix in sorted(fixes, key=cost) if fixes and alive(results, self.truths) else ():
                if self.holds(self.program, results, fix):
                    yield fix, says
                    return

    def trusted(self, edit):
        """Whether an edit does not turn one mistake into another one too easily."""
        if edit.kind == "expression":
            own = {a.arg for a in self.program.trees[0].args.args}
            return isinstance(edit.old, ast.Name) and edit.old.id in own and edit.cost < 4 < self.program.size / 2
        return edit.kind not in UNSURE or edit.kind == "factor too many" and isinstance(edit.detail, ast.Constant)


UNSURE = {*edit_words.VAGUE[1:], "factor too many", "factor missing", "term missing", "not reduced", "arguments",
          "call missing", "line too many", "reduced", "comparison", "function", "moved", "lines", "line missing",
          "index too many"}  # fmt: skip
SURE = {"operator", "exchanged", "count", "brackets", "complement", "order", "off by one", "swapped"}


def cost(edit):
    return edit.cost


def look(s):
    """In the reader's own lines, then in the reference, then an edit in each: together two mistakes."""
    if s.first is None:
        return None
    before, truth = right(s.given[s.first], s.truths[s.first]), s.truths[s.first]
    halves, met, hopeful, tried, faults = {}, [], [], [], []

    def half(edit, given):
        """Whether an edit is half of what is needed."""
        now = right(given, truth)
        gained = [i for i, yes in enumerate(now) if yes and before[i : i + 1] != (True,)
            and isinstance(given[i], np.ndarray)]
        tried.append(edit)
        if now and all(now):
            hopeful.append((2, edit, []))  # right in this case, not in all
        elif gained and all(now[i] for i, yes in enumerate(before) if yes):
            hopeful.append((0, edit, gained))
        elif scaled(given, truth) and not scaled(s.given[s.first], truth):
            hopeful.append((1, edit, []))
        elif shapes(given) == shapes(truth) != shapes(s.given[s.first]):
            hopeful.append((3, edit, []))
        if finite(given) and not same(given, s.given[s.first]):
            halves.setdefault(signature(given), []).append(edit)

    def fault(edit, given):
        faults.append(edit)
        met.extend((fix, edit) for fix in halves.get(signature(given), ()))

    def hoped(most, limit):
        """A half and what is left after it, up to a cost."""
        hopeful.sort(key=lambda one: (one[0], edit_words.vague(one[1]), one[1].cost, -len(one[2])))
        for _, edit, gained in hopeful[:24]:
            if s.over(limit):
                return None
            edit.apply()
            good = s.verified(s.program, s.truths, gained) if gained else True
            second = s.singles(s.program, s.truths, s.donors, 1.1, most=most) if good else []
            edit.undo()
            vague = edit_words.vague(edit)
            second = [more for more in second if s.modest(s.program, edit, more)
                and not (vague and edit_words.vague(more))]
            if second or most > 2 and gained and good and edit.cost < 3 and not vague:
                return edit_words.both(s, edit, second)
        return None

    def together():
        """Two edits of expressions; an edit, or two, beside a mistake that is named."""
        for one, two in s.pairs(s.program, s.truths, tried, 0.85):
            return edit_words.both(s, one, [two])
        for fix, says in s.beside_a_named_one(halves):
            return edit_words.both(s, fix, [], says)
        sure = [edit for edit in tried if edit.kind in SURE]
        for says, answer in s.named if not s.over(0.9) else ():
            results = [run(answer, case) for case in s.cases]
            if all(map(finite, results)) and alive(results, s.truths):
                for one, two in s.pairs(s.program, results, sure, 0.9, 2):
                    return edit_words.both(s, one, [two], says)
        return None

    def between():
        """An edit of the program that gives what an edit of the reference gives, and what is left."""
        met.sort(key=lambda pair: (sum(e.cost for e in pair), sum(map(edit_words.vague, pair))))
        for fix, reason in met[:6]:
            fix.apply()
            wanted = [s.program.run(case) for case in s.cases]
            good = all(map(finite, wanted)) and alive(wanted, s.truths) and s.holds(s.reference, wanted, reason)
            second = s.singles(s.program, s.truths, s.donors, 1.1) if good else []
            fix.undo()
            second = [edit for edit in second if s.modest(s.program, fix, edit)]
            if second:
                return edit_words.both(s, fix, second)
        return None

    def imitated(share):
        """Edits of the reference that give the reader's numbers."""
        found = s.singles(s.reference, s.given, s.program.trees if s.program else [], share, fault)
        return edit_words.explained(s, found) if found else None

    sound, stopped = all(map(finite, s.given)) and alive(s.given, s.truths), failed(s.given[s.first])
    if s.program:
        found = s.singles(s.program, s.truths, s.donors, 0.5, half)
        if found:
            return edit_words.located(s, found)
    steps = [lambda: imitated(0.65) if s.reference and (sound or not all(map(finite, s.given))) else None]
    if s.program:
        steps += [together, between, lambda: hoped(2, 1.0), lambda: hoped(9, 1.0)]
        if stopped:  # what repairs it says most
            steps = [lambda: hoped(2, 0.75), *steps]
    for step in steps:
        reply = step()
        if reply:
            return reply
    if s.reference and sound and not s.over():
        for pair in s.pairs(s.reference, s.given, faults, 1.1):
            return edit_words.explained(s, list(pair), both=True)
    return edit_words.unknown(s)
