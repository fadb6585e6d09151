"""Where is the mistake? A wrong program is nearly always a right one with a small edit; this looks for the edit.

`diagnose(program, reference, cases)` changes one place at a time, in the reader's own lines first, until every case is right:
the mistake is located. Where no place of theirs will do, it changes the reference until it gives the reader's numbers: the
mistake is explained. The edit itself is never told. Ideas: mutation testing run backwards, and repair of student programs by
small syntactic edits (Singh, Gulwani and Solar-Lezama, 2013).
"""

import ast
import functools
import inspect
import itertools
import time
import types
import warnings

import numpy as np

from helpers.checks import edit_words
from helpers.checks.edit_rules import Edit, edits

SECONDS = 1.5
TICKS = 3000  # turns of all loops together: the cases are small, so more means that a loop does not end
SAME = 1e-7


def diagnose(program, reference, cases, quantities=None, seconds=SECONDS):
    """What is wrong with `program`, a function that should give what `reference` gives for every case, a tuple of arguments.

    → {"state": "located", "explained", "shapes" or "unknown", "text", "hint", "kind", "lines"}, or None where every case is right.
    `quantities(*case)` names the numbers that belong to a case, such as {"the number of examples": 5}.
    """
    return search(pack(program, reference, cases, quantities, seconds))


def explain(program, reference, cases, quantities=None, seconds=SECONDS):
    """The words of `diagnose`, or None where there is nothing to say."""
    found = diagnose(program, reference, cases, quantities, seconds)
    return found["text"] if found and found["text"] else None


def pack(program, reference, cases, quantities=None, seconds=SECONDS):
    """What `search` needs, as one thing that can be sent to another process: there the source is out of reach."""
    return {"program": program, "sources": sources(program), "reference": reference, "reference_sources": sources(reference),
            "parameters": list(inspect.signature(reference).parameters), "cases": cases, "quantities": [quantities(*case) if quantities else {} for case in cases], "seconds": seconds}


# Source


@functools.lru_cache(maxsize=8)
def parsed(text):
    return [node for node in ast.walk(ast.parse(text)) if isinstance(node, (ast.FunctionDef, ast.Lambda))]


def sources(function):
    """The text of a function and of those functions of its own file that it calls → {name: text}, itself first; {} where unknown."""
    found, waiting = {}, [(getattr(function, "__name__", ""), function)]
    while waiting:
        name, one = waiting.pop(0)
        text = source(one) if isinstance(one, types.FunctionType) else None
        if text is None or name in found:
            if not found:
                return {}
            continue
        found[name] = text
        waiting += [(other, value) for other, value in inspect.getclosurevars(one).globals.items()
                    if isinstance(value, types.FunctionType) and value.__module__ == one.__module__ and not hasattr(value, "__wrapped__")]
    return found


def source(function):
    """The text of one function, from its first column; a lambda's too, which Python keeps only with the lines around it."""
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
            if not all(body[0] <= (p[0], p[2]) and (p[1], p[3]) <= body[1] for p in places if (p[0], p[2]) != (p[1], p[3])):
                continue
        lines = text.splitlines()[node.lineno - 1 : node.end_lineno]
        lines[-1] = lines[-1].encode()[: node.end_col_offset].decode()
        lines[0] = lines[0].encode()[node.col_offset :].decode()
        return "\n".join([lines[0], *(line[min(node.col_offset, len(line) - len(line.lstrip())) :] for line in lines[1:])])
    return None


def tree(text):
    """A function definition from its text; a lambda becomes one, with the same places."""
    if not text.startswith("lambda"):
        node = ast.parse(text).body[0]
    else:
        lambda_ = ast.parse(f"(\n{text}\n)", mode="eval").body
        ast.increment_lineno(lambda_, -1)
        node = ast.FunctionDef("_", lambda_.args, [ast.copy_location(ast.Return(lambda_.body), lambda_.body)], [], type_params=[])
        ast.copy_location(node, lambda_)
    node.decorator_list, node.returns = [], None
    return node


class Endless(BaseException):
    """A loop that takes too many turns; no `except Exception` of the reader's catches it."""


class Program:
    """Functions as trees, ready to run with a place changed. The first is the program, the others are those that it calls."""

    def __init__(self, function, texts, scope):
        self.texts, self.trees = list(texts.values()), [tree(text) for text in texts.values()]
        self.names = list(texts)
        for node, name in zip(self.trees, self.names):
            node.name = name if name.isidentifier() else "_"
            for part in ast.walk(node):
                part.of = node
        inner = inspect.getclosurevars(function).nonlocals
        self.scope = {"np": np, **scope, **function.__globals__, **inner, "_tick": self.tick, "_see": self.note}
        self.seen, self.left, self.last = {}, 0, None
        own = {name for node in self.trees for part in ast.walk(node) if isinstance(part, ast.Name) for name in [part.id]}
        self.state = [n for n in own if isinstance(self.scope.get(n), (list, dict, np.ndarray))]  # may change from call to call
        for node in self.trees:
            for loop in [part for part in ast.walk(node) if isinstance(part, (ast.For, ast.While, ast.FunctionDef))]:
                tick = ast.parse("_tick()").body[0]
                for part in ast.walk(tick):
                    part.of = None
                loop.body.insert(1 if isinstance(loop, ast.FunctionDef) and ast.get_docstring(loop) is not None else 0, located(tick, loop))

    def tick(self):
        self.left -= 1
        if self.left < 0:
            raise Endless

    def note(self, number, value):
        self.seen.setdefault(number, value)
        self.last = number
        return value

    def function(self, trees=None):
        """The program as it stands now."""
        scope = dict(self.scope)
        for name in self.state:
            scope[name] = copied(scope[name])
        exec(compile(ast.Module(trees or self.trees, []), "<edited>", "exec"), scope)
        return scope[(trees or self.trees)[0].name]

    def run(self, case, function=None):
        """What it gives, as leaves; an Exception where it fails."""
        given = copied(case)
        self.left = TICKS
        try:
            result = (function or self.function())(*given)
            return leaves(given if result is None else result)
        except (Exception, Endless) as error:
            return error

    def watch(self, case):
        """Run once and remember what every expression was the first time → the values by node, and every local name's."""
        self.seen, names = {}, {}
        numbered = [part for node in self.trees for part in ast.walk(node)]
        for i, part in enumerate(numbered):
            part.number = i
        trees = [Watching().visit(clone(node)) for node in self.trees]
        for node in trees:
            ast.fix_missing_locations(node)
        result = self.run(case, self.function(trees))
        values = {id(part): self.seen[i] for i, part in enumerate(numbered) if i in self.seen}
        for part in numbered:
            if isinstance(part, ast.Name) and id(part) in values:
                names.setdefault(part.id, values[id(part)])
            elif isinstance(part, ast.Assign) and isinstance(part.targets[0], ast.Name) and id(part.value) in values:
                names.setdefault(part.targets[0].id, values[id(part.value)])
        parameters = [a.arg for a in self.trees[0].args.args]
        return values, {**names, **dict(zip(parameters, case))}, result


class Watching(ast.NodeTransformer):
    """Wrap every expression so that its value is noted."""

    def generic_visit(self, node):
        node = super().generic_visit(node)
        if isinstance(node, ast.expr) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load) and hasattr(node, "number") and not isinstance(
                node, (ast.Starred, ast.Slice, ast.JoinedStr, ast.FormattedValue)):
            return ast.copy_location(ast.Call(ast.Name("_see", ast.Load()), [ast.Constant(node.number), node], []), node)
        return node


def clone(node):
    """A copy of a tree; copy.deepcopy takes ten times as long."""
    if isinstance(node, list):
        return [clone(part) for part in node]
    if not isinstance(node, ast.AST):
        return node
    new = type(node)(**{field: clone(value) for field, value in ast.iter_fields(node)})
    ast.copy_location(new, node)
    if hasattr(node, "number"):
        new.number = node.number
    return new


def located(new, like):
    """Give every new node a place, without which Python compiles nothing."""
    for part in ast.walk(new):
        if isinstance(part, (ast.expr, ast.stmt)) and not hasattr(part, "lineno"):
            ast.copy_location(part, like)
    return new


# Results


def copied(value):
    """A copy of arguments: arrays and what holds them."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, (list, tuple)):
        return type(value)([copied(part) for part in value]) if type(value) in (list, tuple) else value
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


def same(given, truth):
    """Whether two results are one."""
    return not isinstance(given, BaseException) and len(given) == len(truth) and all(map(equal, given, truth))


def signature(result):
    """A result in a few digits: equal results have equal ones."""
    if isinstance(result, BaseException):
        return None
    return tuple(f"{part.shape}{float((part.ravel() * np.cos(np.arange(part.size))).sum()):.7e}" if isinstance(part, np.ndarray) else str(part)
                 for part in result)


def right(given, truth):
    """For each leaf of the truth whether it is right."""
    if isinstance(given, BaseException) or len(given) != len(truth):
        return ()
    return tuple(map(equal, given, truth))


def varied(value, rng):
    """Another input of the same kind: entries mixed and stretched; rows of 0 and 1 change places; the rest stays."""
    if isinstance(value, np.ndarray) and value.size:
        if value.dtype.kind != "f" or np.isin(value, (0, 1)).all():
            return value[rng.permutation(len(value))] if value.ndim else value
        return (rng.permutation(value.ravel()) * rng.uniform(0.8, 1.25, value.size)).reshape(value.shape).astype(value.dtype)
    if type(value) is float:
        return value * rng.uniform(0.8, 1.25)
    if type(value) in (list, tuple):
        return type(value)([varied(part, rng) for part in value])
    return value


def finite(result):
    return not isinstance(result, BaseException) and all(np.isfinite(part).all() for part in result if isinstance(part, np.ndarray))


# The search


class Search:
    """One search: the cases with twins of other numbers, what is right for them, and what the reader's program gives."""

    def __init__(self, payload):
        self.deadline = time.perf_counter() + payload["seconds"]
        rng = np.random.default_rng(0)
        scope = payload["reference"].__globals__ if isinstance(payload["reference"], types.FunctionType) else {}
        own, theirs = payload["sources"], payload["reference_sources"]
        self.program = Program(payload["program"], own, scope) if own else None
        self.reference = Program(payload["reference"], theirs, payload["program"].__globals__ if own else {}) if theirs else None
        truth_of, given_of = payload["reference"], payload["program"]
        self.cases, self.truths, self.given, self.quantities = [], [], [], []
        for twin in (False, True):
            for case, quantities in sorted(zip(payload["cases"], payload["quantities"]), key=lambda pair: size(pair[0])):
                case = varied(case, rng) if twin else case
                truth = run(truth_of, case)
                if finite(truth):
                    self.cases.append(case)
                    self.truths.append(truth)
                    self.given.append(self.program.run(case) if self.program else run(given_of, case))
                    self.quantities.append(quantities)
        wrong = [i for i in range(len(self.cases)) if not same(self.given[i], self.truths[i])]
        self.order = wrong + [i for i in range(len(self.cases)) if i not in wrong]
        self.first = self.order[0] if wrong else None
        self.parameters, self.doc = payload["parameters"], payload["reference"].__doc__

    @property
    def over(self):
        return time.perf_counter() > self.deadline

    def verified(self, program, wanted, parts=None):
        """Whether the program as it stands gives what is wanted in every case, or in these parts of it."""
        function = program.function()
        for i in self.order:
            given = program.run(case=self.cases[i], function=function)
            if parts is None and not same(given, wanted[i]) or parts is not None and not all(right(given, wanted[i])[p:p + 1] == (True,) for p in parts):
                return False
        return True

    def singles(self, program, wanted, donors, tiers=(1, 2, 3), keep=None):
        """The edits of the lowest cost after which the program gives what is wanted; `keep` notes what every other one gives."""
        case, target = self.cases[self.first], wanted[self.first]
        values, names, result = program.watch(case)
        everything = sorted(edits(program.trees, values, names, donors, program.scope), key=lambda edit: edit.cost)
        for _, group in itertools.groupby(everything, key=lambda edit: edit.cost):
            found = []
            for edit in group:
                if self.over:
                    break
                edit.apply()
                try:
                    given = program.run(case, program.function())
                    if same(given, target) and self.verified(program, wanted):
                        found.append(edit)
                    elif keep is not None:
                        keep(edit, given)
                except (SyntaxError, TypeError, ValueError):
                    pass
                finally:
                    edit.undo()
            if found or self.over:
                return found
        return []


def size(value):
    if isinstance(value, np.ndarray):
        return value.size
    return sum(map(size, value)) if isinstance(value, (list, tuple)) else 1


def run(function, case):
    given = copied(case)
    try:
        result = function(*given)
        return leaves(given if result is None else result)
    except Exception as error:
        return error


def search(payload):
    """Look for the edit; see `diagnose`."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return look(Search(payload))


def look(s):
    """In the reader's own lines, then in the reference, then both."""
    if s.first is None:
        return None
    halves, kept = {}, []
    before = right(s.given[s.first], s.truths[s.first])
    if s.program and s.reference:
        s.donors = s.reference.trees

        def keep(edit, given):
            now = right(given, s.truths[s.first])
            gained = [i for i, yes in enumerate(now) if yes and not (before[i : i + 1] == (True,)) and isinstance(given[i], np.ndarray)]
            if gained and all(now[i] for i, yes in enumerate(before) if yes):
                kept.append((edit, gained))
            key = signature(given)
            if key and finite(given):
                halves.setdefault(key, edit)

        found = s.singles(s.program, s.truths, s.reference.trees, keep=keep)
        if found:
            return edit_words.located(s, found)
    if s.reference and all(map(finite, s.given)) and signature(s.given[s.first]) and alive(s):
        met = []
        found = s.singles(s.reference, s.given, s.program.trees if s.program else [],
                          keep=lambda edit, given: met.append((halves[signature(given)], edit)) if signature(given) in halves else None)
        if found:
            return edit_words.explained(s, found)
        for fix, fault in met:
            if s.over:
                break
            fix.apply()
            wanted = [s.program.run(case) for case in s.cases]
            if all(map(finite, wanted)):
                fault.apply()
                if s.verified(s.reference, wanted):
                    fault.undo()
                    second = s.singles(s.program, s.truths, s.reference.trees)
                    fix.undo()
                    return edit_words.both(s, fix, second, fault)
                fault.undo()
            fix.undo()
    for edit, gained in sorted(kept, key=lambda pair: (-len(pair[1]), pair[0].cost)):
        edit.apply()
        if s.verified(s.program, s.truths, gained):
            second = s.singles(s.program, s.truths, s.reference.trees)
            edit.undo()
            return edit_words.both(s, edit, second, None, gained)
        edit.undo()
    return edit_words.unknown(s)


def alive(s):
    """Whether what the reader's program gives depends on what goes in."""
    return len({signature(given) for given in s.given}) == len({signature(truth) for truth in s.truths})
