"""Where is the mistake? A wrong program is nearly always a right one with a small edit; this looks for the edit.

`diagnose(program, reference, cases)` changes one place at a time, in the reader's own lines first, until every case is right:
the mistake is located. Where no place of theirs will do, it changes the reference until it gives the reader's numbers: the
mistake is explained. The edit itself is never told. Ideas: mutation testing run backwards, and repair of student programs by
small syntactic edits (Singh, Gulwani and Solar-Lezama, 2013).
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


def diagnose(program, reference, cases, quantities=None, seconds=SECONDS):
    """What is wrong with `program`, a function that should give what `reference` gives for every case, a tuple of arguments.

    → {"state": "located", "explained", "shapes" or "unknown", "text", "kind", "lines", "source"}, or None where every case is right; `source`
    is the program put right, or the reference made wrong, and only for tests.
    `quantities(*case)` names the numbers that belong to a case, such as {"the number of examples": 5}.
    """
    return search(pack(program, reference, cases, quantities, seconds))


def explain(program, reference, cases, quantities=None, seconds=SECONDS):
    """The words of `diagnose`, found by the worker, or None where there is nothing to say."""
    found = worker.ask(
        "helpers.checks.edits:search", (pack(program, reference, cases, quantities, seconds),), 3 * seconds + 2
    )
    return f"Not right yet. {found['text']}" if found and found["text"] else None


def pack(program, reference, cases, quantities=None, seconds=SECONDS):
    """What `search` needs, as one thing that can be sent to another process: there the source is out of reach."""
    program, reference = map(inspect.unwrap, (program, reference))
    return {
        "program": program,
        "sources": sources(program),
        "reference": reference,
        "reference_sources": sources(reference),
        "parameters": list(inspect.signature(reference).parameters),
        "cases": cases,
        "quantities": [quantities(*case) if quantities else {} for case in cases],
        "seconds": seconds,
    }


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
        waiting += [
            (other, value)
            for other, value in inspect.getclosurevars(one).globals.items()
            if isinstance(value, types.FunctionType)
            and value.__module__ == one.__module__
            and not hasattr(value, "__wrapped__")
        ]
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
    """Functions as trees, ready to run with a place changed. The first is the program, the others are those that it calls."""

    def __init__(self, function, texts, scope):
        self.texts, self.trees = list(texts.values()), [tree(text) for text in texts.values()]
        self.names = list(texts)
        self.size = count(self.trees[0])
        for node, name in zip(self.trees, self.names):
            node.name = name if name.isidentifier() else "_"
            for part in ast.walk(node):
                part.of = node
        inner = inspect.getclosurevars(function).nonlocals
        self.scope = {"np": np, **scope, **function.__globals__, **inner, "_tick": self.tick, "_see": self.note}
        self.seen, self.left, self.last = {}, 0, None
        own = {
            name for node in self.trees for part in ast.walk(node) if isinstance(part, ast.Name) for name in [part.id]
        }
        self.state = [
            n for n in own if isinstance(self.scope.get(n), (list, dict, np.ndarray))
        ]  # may change from call to call
        for node in self.trees:
            for loop in [part for part in ast.walk(node) if isinstance(part, (ast.For, ast.While, ast.FunctionDef))]:
                tick = ast.parse("_tick()").body[0]
                for part in ast.walk(tick):
                    part.of = None
                loop.body.insert(
                    1 if isinstance(loop, ast.FunctionDef) and ast.get_docstring(loop) is not None else 0,
                    located(tick, loop),
                )

    def tick(self):
        self.left -= 1
        if self.left < 0:
            raise Endless

    def note(self, number, value):
        self.seen.setdefault(number, value)
        self.last = number
        return value

    def fresh(self):
        """The names that the program may use, with a copy of what may change from call to call."""
        return self.scope | {name: copied(self.scope[name]) for name in self.state}

    def function(self, trees=None):
        """The program as it stands now."""
        scope = self.fresh()
        exec(compile(ast.Module(trees or self.trees, []), "<edited>", "exec"), scope)
        return scope[(trees or self.trees)[0].name]

    def variants(self, choices):
        """(edit, the program with it) for each; all edits of expressions live in one program, which is compiled once."""
        inline = [
            e
            for e in choices
            if isinstance(e.old, ast.expr)
            and not e.more
            and not any(isinstance(part, ast.Slice) for part in [e.old, *ast.iter_child_nodes(e.old)])
            or isinstance(e.old, ast.Subscript)
            and not e.more
        ]
        slots = {}
        for number, edit in enumerate(inline, start=1):
            slots.setdefault(id(edit.old), []).append((number, edit.new))
        compiled = set(map(id, inline))
        try:
            scope = self.fresh()
            exec(compile(ast.Module([switched(node, slots) for node in self.trees], []), "<edited>", "exec"), scope)
        except (SyntaxError, ValueError, TypeError, RecursionError):
            compiled = set()
        for edit in choices:
            if id(edit) not in compiled:
                edit.apply()
                try:
                    function = self.function()
                except (SyntaxError, ValueError, TypeError):
                    continue
                finally:
                    edit.undo()
                yield edit, function
        for number, edit in enumerate(inline if compiled else (), start=1):
            scope["_m"] = number
            yield edit, scope[self.trees[0].name]

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
            if isinstance(part, ast.Name) and names.get(part.id) is None and id(part) in values:
                names[part.id] = values[id(part)]
            elif isinstance(part, ast.Assign) and isinstance(part.targets[0], ast.Name) and id(part.value) in values:
                names.setdefault(part.targets[0].id, values[id(part.value)])
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                names.setdefault(part.id, None)
        parameters = [a.arg for a in self.trees[0].args.args]
        return values, {**names, **dict(zip(parameters, case))}, result


class Watching(ast.NodeTransformer):
    """Wrap every expression so that its value is noted."""

    def generic_visit(self, node):
        node = super().generic_visit(node)
        if (
            isinstance(node, ast.expr)
            and isinstance(getattr(node, "ctx", ast.Load()), ast.Load)
            and hasattr(node, "number")
            and not isinstance(node, (ast.Starred, ast.Slice, ast.JoinedStr, ast.FormattedValue))
        ):
            return ast.copy_location(
                ast.Call(ast.Name("_see", ast.Load()), [ast.Constant(node.number), node], []), node
            )
        return node


def switched(node, slots):
    """A tree in which the expression of each slot is any of its edits, by the number in _m; 0 is none."""
    if isinstance(node, list):
        return [switched(part, slots) for part in node]
    if not isinstance(node, ast.AST):
        return node
    new = type(node)(**{field: switched(value, slots) for field, value in ast.iter_fields(node)})
    ast.copy_location(new, node)
    choices = slots.get(id(node))
    if not choices:
        return new
    low, high = choices[0][0], choices[-1][0]
    inside = ast.Compare(ast.Constant(low), [ast.LtE(), ast.LtE()], [ast.Name("_m", ast.Load()), ast.Constant(high)])
    return located(ast.IfExp(inside, tournament(choices), new), node)


def tournament(choices):
    """One of the numbered expressions, found in log₂ steps."""
    if len(choices) == 1:
        return choices[0][1]
    half = len(choices) // 2
    test = ast.Compare(ast.Name("_m", ast.Load()), [ast.Lt()], [ast.Constant(choices[half][0])])
    return ast.IfExp(test, tournament(choices[:half]), tournament(choices[half:]))


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
    return (
        not isinstance(given, BaseException)
        and not isinstance(truth, BaseException)
        and len(given) == len(truth)
        and all(map(equal, given, truth))
    )


def signature(result):
    """A result in a few digits: equal results have equal ones."""
    if isinstance(result, BaseException):
        return None
    return tuple(
        (
            f"{part.shape}{float((part.ravel() * np.cos(np.arange(part.size))).sum()):.7e}"
            if isinstance(part, np.ndarray)
            else str(part)
        )
        for part in result
    )


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
        return (
            (rng.permutation(value.ravel()) * rng.uniform(0.8, 1.25, value.size))
            .reshape(value.shape)
            .astype(value.dtype)
        )
    if type(value) is float:
        return value * rng.uniform(0.8, 1.25)
    if type(value) in (list, tuple):
        return type(value)([varied(part, rng) for part in value])
    return value


def finite(result):
    return not isinstance(result, BaseException) and all(
        np.isfinite(part).all() for part in result if isinstance(part, np.ndarray)
    )


# The search


class Search:
    """One search: the cases with twins of other numbers, what is right for them, and what the reader's program gives."""

    def __init__(self, payload):
        self.start, self.seconds = (time.thread_time(), time.monotonic()), payload["seconds"]
        rng = np.random.default_rng(0)
        scope = payload["reference"].__globals__ if isinstance(payload["reference"], types.FunctionType) else {}
        own, theirs = payload["sources"], payload["reference_sources"]
        self.program = Program(payload["program"], own, scope) if own else None
        self.reference = (
            Program(payload["reference"], theirs, payload["program"].__globals__ if own else {}) if theirs else None
        )
        truth_of, given_of = payload["reference"], payload["program"]
        self.cases, self.truths, self.given, self.quantities = [], [], [], []
        for twin in (False, True):
            for case, quantities in sorted(
                zip(payload["cases"], payload["quantities"]), key=lambda pair: size(pair[0])
            ):
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
        numbers = [part for truth in self.truths for part in truth if isinstance(part, np.ndarray)]
        self.coarse = all(
            (part == part.round()).all() for part in numbers
        )  # of yes, no and counts many programs give the same by chance
        self.donors = self.reference.trees if self.reference else []
        self.parameters, self.doc = payload["parameters"], payload["reference"].__doc__

    def over(self, share=1.0):
        """Whether this part of the time is up: time of its own, or three times as much on the clock where others are at work too."""
        return max(time.thread_time() - self.start[0], (time.monotonic() - self.start[1]) / 3) > share * self.seconds

    def verified(self, program, wanted, parts=None):
        """Whether the program as it stands gives what is wanted in every case, or in these parts of it."""
        function = program.function()
        for i in self.order:
            given = program.run(case=self.cases[i], function=function)
            if (
                parts is None
                and not same(given, wanted[i])
                or parts is not None
                and not all(right(given, wanted[i])[p : p + 1] == (True,) for p in parts)
            ):
                return False
        return True

    def modest(self, program, *changes):
        """Whether so much is left that it is still the same program: else everything is an edit of everything."""
        if (
            any(map(edit_words.cancels, changes))
            or program is self.reference
            and not all(map(edit_words.telling, changes))
        ):
            return False
        if self.coarse and (len(changes) > 1 or program is self.reference or edit_words.vague(changes[0])):
            return False
        took, gave = map(sum, zip(*(edit.toll() for edit in changes)))
        size = program.size
        if program is self.program and len(changes) == 1 and not (took and gave):
            return True  # all that is there is right, or all that is right is there
        return took <= size / 2 and gave <= size if len(changes) == 1 else took + gave <= size * 0.6

    def singles(self, program, wanted, donors, share=1.0, keep=None):
        """The edits of the lowest cost after which the program gives what is wanted; `keep` notes what every other one gives.

        `share` is the part of the time that may have passed at the end.
        """
        first = next((i for i in self.order if not same(program.run(self.cases[i]), wanted[i])), self.first)
        case, target = self.cases[first], wanted[first]
        values, names, _ = program.watch(case)
        for _, group in itertools.groupby(edits(program.trees, values, names, donors, program.scope), key=cost):
            found, group, place = [], list(group), {}
            for edit in group:
                place.setdefault(id(edit.old), len(place))
            group.sort(key=lambda edit: place[id(edit.old)])
            for edit, function in program.variants(group):
                given = program.run(case, function)
                fits = same(given, target) and self.modest(program, edit)
                if fits:
                    edit.apply()
                    fits = self.verified(program, wanted)
                    edit.undo()
                if fits:
                    found.append(edit)
                elif keep is not None:
                    keep(edit, given)
                if self.over(share):
                    return found
            if found:
                return found
        return []


def quiet():
    """What the reader's program prints was seen when it was checked."""
    return contextlib.redirect_stdout(io.StringIO())


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
    with warnings.catch_warnings(), np.errstate(all="ignore"), quiet():
        warnings.simplefilter("ignore")
        return look(Search(payload))


def look(s):
    """In the reader's own lines, then in the reference, then an edit in each: together two mistakes."""
    if s.first is None:
        return None
    before, truth = right(s.given[s.first], s.truths[s.first]), s.truths[s.first]
    halves, met, better, stretched, shaped = {}, [], [], [], []

    def half(edit, given):
        now = right(given, truth)
        gained = [
            i for i, yes in enumerate(now) if yes and before[i : i + 1] != (True,) and isinstance(given[i], np.ndarray)
        ]
        if now and all(now):
            shaped.insert(0, (edit, []))  # right in this case, not in all
        elif gained and all(now[i] for i, yes in enumerate(before) if yes):
            better.append((edit, gained))
        elif scaled(given, truth) and not scaled(s.given[s.first], truth):
            stretched.append((edit, []))
        elif shapes(given) == shapes(truth) != shapes(s.given[s.first]):
            shaped.append((edit, []))
        if finite(given):
            halves.setdefault(signature(given), []).append(edit)

    if s.program:
        found = s.singles(s.program, s.truths, s.donors, 0.5, half)
        if found:
            return edit_words.located(s, found)
    if s.reference and not (all(map(finite, s.given)) and not alive(s.given, s.truths)):
        found = s.singles(
            s.reference,
            s.given,
            s.program.trees if s.program else [],
            0.7,
            lambda edit, given: met.extend((fix, edit) for fix in halves.get(signature(given), ())),
        )
        if found:
            return edit_words.explained(s, found)
    for fix, fault in sorted(met, key=lambda pair: (sum(e.cost for e in pair), sum(map(edit_words.vague, pair))))[:6]:
        fix.apply()
        wanted = [s.program.run(case) for case in s.cases]
        fault.apply()
        good = all(map(finite, wanted)) and alive(wanted, s.truths) and s.verified(s.reference, wanted)
        fault.undo()
        second = s.singles(s.program, s.truths, s.donors, 1.2) if good else []
        fix.undo()
        second = [edit for edit in second if s.modest(s.program, fix, edit)]
        if second:
            return edit_words.both(s, fix, second)
    better.sort(key=lambda pair: (edit_words.vague(pair[0]), pair[0].cost, -len(pair[1])))
    for edit, gained in [*better, *sorted(stretched, key=cost)[:6], *sorted(shaped, key=cost)[:12]]:
        if s.over():
            break
        edit.apply()
        good = s.verified(s.program, s.truths, gained) if gained else True
        second = s.singles(s.program, s.truths, s.donors, 1.2) if good else []
        edit.undo()
        second = [more for more in second if s.modest(s.program, edit, more)]
        if second or gained and good and edit.cost < 3 and not edit_words.vague(edit):
            return edit_words.both(s, edit, second)
    return edit_words.unknown(s)


def cost(edit):
    return edit[0].cost if isinstance(edit, tuple) else edit.cost


def scaled(given, truth):
    """Whether a result is right but for one factor, in three entries at least."""
    if isinstance(given, BaseException) or shapes(given) != shapes(truth):
        return False
    one, two = (
        np.concatenate([part.ravel() for part in result if isinstance(part, np.ndarray)] or [np.zeros(0)])
        for result in (given, truth)
    )
    length = two @ two if one.size > 2 else 0
    if not length:
        return False
    r = one @ two / length
    return bool(abs(r) > 1e-9 and abs(r - 1) > 1e-6 and np.abs(one - r * two).max() < SAME * np.abs(one).max())


def shapes(result):
    """The shapes of a result, without its numbers."""
    return (
        None
        if isinstance(result, BaseException)
        else [np.shape(part) if isinstance(part, np.ndarray) else part for part in result]
    )


def alive(given, truths):
    """Whether results depend on what goes in as the right ones do, and are no coarser."""

    def kinds(result):
        return sum(len(np.unique(part.round(9))) for part in result if isinstance(part, np.ndarray))

    return (
        len(set(map(signature, given))) == len(set(map(signature, truths)))
        and sum(map(kinds, given)) >= sum(map(kinds, truths)) / 2
    )
