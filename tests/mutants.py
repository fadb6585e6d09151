"""Do the tests notice a wrong line? Every formula is spoiled in every small way, one at a time, in a copy, and tested.

`make mutants` (or `python tests/mutants.py network losses`) prints for each module how many of its mutants the tests kill.
A survivor must stand in tests/mutants_survivors.txt with the reason why it changes nothing that is promised; any other
makes the command fail. Both are named by function and expression, so another line beside them costs no edit. Besides the systematic mutants there are the mistakes that people make, in tests/mutants_by_hand.py.
The comparisons with JAX and Keras are left out: what is killed here is killed by the plain tests alone.
"""

import ast
import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
SURVIVORS = Path(__file__).parent / "mutants_survivors.txt"

# Each module, and the tests that answer for it. In a figure what only draws is left to the eye.
MODULES = {
    **{f"helpers/{name}.py": [f"tests/test_{name}.py", "tests/test_contracts.py"] for name in (
        "activations", "losses", "parameters", "network", "optimizers", "training", "gradcheck")},
    **{f"helpers/{name}.py": [f"tests/test_{Path(name).stem}.py"] for name in (
        "checks/contracts", "checks/diagnosis", "data/mnist", "topics/descent")},
    **{f"helpers/figures/{name}.py": [f"tests/test_figures_{name}.py"] for name in (
        "calibration", "checks", "curves", "digits", "graph", "ruler", "surface")},
    "helpers/exercises/base.py": ["tests/test_exercises.py", "tests/test_exercises_checking_gradients.py", "tests/test_exercises_the_bug_clinic.py",
                                      "tests/test_exercises_mnist_from_scratch.py"],
}

SWAPS = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult,
         ast.Pow: ast.Mult, ast.MatMult: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd}
ORDERS = {ast.Lt: [ast.LtE, ast.GtE], ast.LtE: [ast.Lt, ast.Gt], ast.Gt: [ast.GtE, ast.LtE], ast.GtE: [ast.Gt, ast.Lt],
          ast.Eq: [ast.NotEq], ast.NotEq: [ast.Eq], ast.Is: [ast.IsNot], ast.IsNot: [ast.Is], ast.In: [ast.NotIn], ast.NotIn: [ast.In]}
NAMES = {"sum": "mean", "mean": "sum", "max": "min", "min": "max", "argmax": "argmin", "argmin": "argmax", "any": "all", "all": "any",
         "zeros": "ones", "zeros_like": "ones_like", "ones_like": "zeros_like", "maximum": "minimum", "minimum": "maximum",
         "exp": "expm1", "log": "log1p", "sqrt": "abs", "square": "abs", "uniform": "normal", "permutation": "arange"}
TRANSPARENT = {"reversed", "abs", "sorted", "float", "copy"}  # calls that can be forgotten


def changed(node, **fields):
    """A copy of a node with other fields."""
    return type(node)(**{name: getattr(node, name) for name in node._fields} | fields)


def spoiled(node):
    """Every way to get this node a little wrong: other nodes in its place."""
    if isinstance(node, ast.BinOp) and type(node.op) in SWAPS:
        yield changed(node, op=SWAPS[type(node.op)]())
        yield node.left
        if not isinstance(node.op, ast.Sub):
            yield node.right
    elif isinstance(node, ast.AugAssign) and type(node.op) in SWAPS:
        yield changed(node, op=SWAPS[type(node.op)]())
        yield ast.Pass()
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        for other in ORDERS[type(node.ops[0])]:
            yield changed(node, ops=[other()])
    elif isinstance(node, ast.Compare):
        for i, op in enumerate(node.ops):
            for other in ORDERS[type(op)]:
                yield changed(node, ops=[*node.ops[:i], other(), *node.ops[i + 1:]])
    elif isinstance(node, ast.BoolOp):
        yield changed(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.Not, ast.USub, ast.Invert)):
        yield node.operand
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        small = isinstance(node.value, float) and 0 < node.value < 1e-3  # a tolerance: twice as wide is no mistake
        yield ast.Constant(1000 * node.value if small else 2 * node.value if isinstance(node.value, float) and node.value else node.value + 1)
    elif isinstance(node, ast.Attribute) and node.attr == "T":
        yield node.value
    elif isinstance(node, ast.Attribute) and node.attr in NAMES:
        yield changed(node, attr=NAMES[node.attr])
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in TRANSPARENT and node.args:
        yield node.args[0]
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in TRANSPARENT:
        yield node.args[0] if node.args else node.func.value
    elif isinstance(node, ast.Name) and node.id in ("max", "min", "any", "all"):
        yield ast.Name(NAMES[node.id])
    elif isinstance(node, (ast.Raise, ast.Break)) or isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        yield ast.Pass()
    elif isinstance(node, ast.IfExp):
        yield node.body
        yield node.orelse
    elif isinstance(node, (ast.If, ast.While)):
        yield ("test", ast.UnaryOp(ast.Not(), node.test))
    elif isinstance(node, ast.Slice):
        for part in ("lower", "upper"):
            if getattr(node, part):
                yield changed(node, **{part: None})


def names(node):
    """The names that a piece of code uses."""
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def only_drawn(function):
    """In a function that returns a Picture, the statements that end in what it says it drew; the rest is for the eye.

    Nothing of one that only puts something on axes; None where all of it counts.
    """
    pictures = [node for node in ast.walk(function) if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Picture"]
    if not pictures:
        return set() if "ax" in names(function) or "self.ax" in ast.unparse(function) else None
    wanted = set().union(*(names(keyword.value) for call in pictures for keyword in call.keywords))
    kept, before = set(), -1
    while len(kept) > before:
        before = len(kept)
        for node in ast.walk(function):
            targets = getattr(node, "targets", [getattr(node, "target", None)]) if isinstance(node, (ast.Assign, ast.AugAssign, ast.For)) else []
            filled = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Attribute) \
                and node.value.func.attr in ("append", "update") and names(node.value.func.value) & wanted
            if "canvas(" not in ast.unparse(node)[:80] and (filled or any(t is not None and names(t) & wanted for t in targets)):
                kept.add(node)
                wanted |= names(node.iter if isinstance(node, ast.For) else node)
    return kept | {keyword.value for call in pictures for keyword in call.keywords}


def nodes(tree, drawing):
    """The nodes worth spoiling: no messages, no contracts of a decorator, and in a figure only what it says it drew."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, (ast.JoinedStr, ast.Raise, ast.Import, ast.ImportFrom, ast.arguments)):
            if isinstance(child, ast.Raise):
                yield child
            if isinstance(child, ast.arguments):
                yield from (d for d in child.defaults if isinstance(d, ast.Constant))
            continue
        if drawing and (isinstance(child, ast.Expr) or isinstance(child, ast.Assign) and isinstance(child.targets[0], ast.Name)
                        and child.targets[0].id.isupper()):
            continue
        if drawing and isinstance(child, ast.FunctionDef) and (kept := only_drawn(child)) is not None:
            for statement in kept:
                if not isinstance(statement, ast.For):
                    yield statement
                    yield from nodes(statement, False)
            continue
        yield child
        yield from nodes(child, drawing)


def places(tree):
    """Each node of a tree → (the function that it is in, the innermost statement around it), as text."""
    found = {}

    def walk(node, function, statement):
        for child in ast.iter_child_nodes(node):
            inner, near = function, statement
            if isinstance(child, (ast.FunctionDef, ast.ClassDef)):
                inner = f"{function}.{child.name}".strip(".")
            elif isinstance(child, ast.stmt):
                near = ast.unparse(child).splitlines()[0]
            found[child] = inner, near
            walk(child, inner, near)

    walk(tree, "", "")
    return found


def mutants(source, drawing=False):
    """Every mutant of a source → (function, statement, old, new, the whole new source)."""
    data = source.encode()
    starts = [0]
    for line in data.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    found, tree = {}, ast.parse(source)
    where = places(tree)
    for node in nodes(tree, drawing):
        for other in spoiled(node):
            place = node
            if isinstance(other, tuple):
                place, other = getattr(node, other[0]), other[1]
            a = starts[place.lineno - 1] + place.col_offset
            b = starts[place.end_lineno - 1] + place.end_col_offset
            new = ast.unparse(ast.fix_missing_locations(other))
            if isinstance(other, (ast.BinOp, ast.Compare, ast.BoolOp, ast.IfExp, ast.UnaryOp, ast.NamedExpr)):
                new = f"({new})"
            whole = (data[:a] + new.encode() + data[b:]).decode()
            found.setdefault(whole, (*where[node], one_line(ast.unparse(place)), one_line(new), whole))
    return list(found.values())


def one_line(text):
    return " ".join(text.split())


def run(tests, limit):
    """What the tests say in a process of their own: "killed", "survived", or after `limit` seconds "killed" for its time."""
    pid = os.fork()
    if pid == 0:
        os.setsid()
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
        import pytest
        code = 1
        try:
            code = pytest.main(["-x", "-q", "--no-header", "-p", "no:cacheprovider", "-k",
                                "not jax and not keras and not real_thing", *tests])
        finally:
            os._exit(int(code))
    end = time.monotonic() + limit
    while time.monotonic() < end:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            code = os.waitstatus_to_exitcode(status)
            return "survived" if code == 0 else "killed"
        time.sleep(0.01)
    os.killpg(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return "killed"


def reasons():
    """{(module.function, old, new): why this mutant changes nothing}; for "*" any of the statement `old`."""
    found = {}
    for line in SURVIVORS.read_text(encoding="utf-8").splitlines() if SURVIVORS.exists() else []:
        if line.strip() and not line.startswith("#"):
            place, old, new, why = (part.strip() for part in line.split(" ¦ "))
            found[place, old, new] = why
    return found


def module(name):
    """helpers/topics/descent.py → topics.descent"""
    return ".".join(Path(name).with_suffix("").parts[1:])


def try_all(name, tests, spoiled_sources, known):
    """Run every mutant of one module; print and return (killed, explained, unexplained)."""
    path = Path(name)
    whole, start = path.read_text(encoding="utf-8"), time.monotonic()
    if run(tests, 300) == "killed":
        sys.exit(f"{name}: its tests fail before anything is spoiled")
    limit, killed, explained, left = 3 * (time.monotonic() - start) + 10, 0, 0, []
    try:
        for function, statement, old, new, text in spoiled_sources(whole):
            path.write_text(text, encoding="utf-8")
            place = f"{module(name)}.{function}".strip(".")
            if run(tests, limit) == "killed":
                killed += 1
            elif {(place, old, new), (place, statement, "*")} & known.keys():
                explained += 1
            else:
                left.append(f"{place} ¦ {old} ¦ {new} ¦ ")
                print(f"  survived: {left[-1]} in: {statement}", flush=True)
    finally:
        path.write_text(whole, encoding="utf-8")
    print(f"{name}: {killed} of {killed + explained + len(left)} killed, {explained} change nothing, {len(left)} unexplained "
          f"({time.monotonic() - start:.0f} s)", flush=True)
    return killed, explained, left


def home(place, root=ROOT):
    """The file and the function of a place such as "topics.descent.descend"."""
    parts = place.split(".")
    for n in range(len(parts), 0, -1):
        path = Path("helpers", *parts[:n]).with_suffix(".py")
        if (root / path).is_file():
            return str(path), ".".join(parts[n:])
    raise ValueError(f"place: got {place}, wanted a module of helpers and a function in it")


def planted(source, function, old, new):
    """The source with a piece of one function replaced, wherever in it; it must be there exactly once."""
    tree, wanted, put = ast.parse(source), ast.parse(old).body, ast.parse(new).body
    scope = tree
    for name in filter(None, function.split(".")):
        scope = next(node for node in ast.walk(scope) if getattr(node, "name", None) == name)
    same, count = [ast.unparse(node) for node in wanted], 0
    expression = len(wanted) == 1 and isinstance(wanted[0], ast.Expr) and isinstance(put[0], ast.Expr)
    for node in list(ast.walk(scope)):
        for field, value in ast.iter_fields(node):
            if isinstance(value, list) and value and isinstance(value[0], ast.stmt) and not expression:
                for i in range(len(value) - len(same) + 1):
                    if [ast.unparse(part) for part in value[i : i + len(same)]] == same:
                        value[i : i + len(same)], count = put, count + 1
                        break
            elif expression:
                for i, part in enumerate(value if isinstance(value, list) else [value]):
                    if isinstance(part, ast.expr) and ast.unparse(part) == same[0]:
                        count += 1
                        if isinstance(value, list):
                            value[i] = put[0].value
                        else:
                            setattr(node, field, put[0].value)
    if count != 1:
        raise ValueError(f"{function}: {old!r} is there {count} times, wanted once")
    return ast.unparse(ast.fix_missing_locations(tree))


def by_hand(root):
    """The mistakes that people make, by file → [(function, "", old, what and new, the whole new source)]."""
    sys.path.insert(0, str(ROOT / "tests"))
    from mutants_by_hand import MISTAKES

    found = {}
    for place, old, new, what in MISTAKES:
        name, function = home(place, root)
        text = planted((root / name).read_text(encoding="utf-8"), function, old, new)
        found.setdefault(name, []).append((function, "", f"{what}: {one_line(old)}", one_line(new), text))
    return found


def main(only):
    """Spoil a copy of the project, module by module; exit with 1 where a survivor has no reason. `hand`: only by hand."""
    systematic, only = "hand" not in only, [word for word in only if word != "hand"]
    sys.dont_write_bytecode = True
    os.environ |= {"PYTHONDONTWRITEBYTECODE": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "OPENBLAS_NUM_THREADS": "1"}
    with tempfile.TemporaryDirectory() as copy:
        for part in ("helpers", "tests", "notebooks"):
            shutil.copytree(ROOT / part, Path(copy, part), ignore=shutil.ignore_patterns("__pycache__"))
        for part in ("pyproject.toml", "README.md", "Makefile"):
            shutil.copy(ROOT / part, copy)
        os.chdir(copy)
        sys.path[:] = [copy, *(p for p in sys.path if Path(p or ".").resolve() != ROOT)]
        os.environ["PYTHONPATH"] = copy
        # What every run needs and none spoils is imported once; a forked process has it for nothing.
        import matplotlib.figure, numpy, pytest, scipy.optimize, scipy.stats, sklearn.datasets  # noqa: E401, F401

        known, hand, totals = reasons(), by_hand(Path(copy)), [0, 0, 0]
        for name in {**MODULES, **dict.fromkeys(hand)}:
            if only and not any(word in name for word in only) or not systematic and name not in hand:
                continue
            tests = MODULES.get(name) or [f"tests/test_{Path(name).stem}.py"]
            drawing = "/figures/" in name
            results = try_all(name, tests, 
                              lambda whole: hand.get(name, []) + (mutants(whole, drawing) if systematic and name in MODULES else []), known)
            totals = [totals[0] + results[0], totals[1] + results[1], totals[2] + len(results[2])]
    print(f"{totals[0]} of {sum(totals)} mutants killed ({totals[0] / sum(totals):.1%}); "
          f"{totals[1]} change nothing, for reasons given; {totals[2]} unexplained")
    return bool(totals[2])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
