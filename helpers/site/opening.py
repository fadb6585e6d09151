"""The explorers of a notebook, opened as its own cells open them, without a kernel."""

import ast
import builtins
import contextlib
import io
import json
import linecache
import re
import warnings

import numpy as np

CALL = re.compile(r"^explore_\w+(?=\()", re.M)


def cells(path, kind="code"):
    """The cells of one kind."""
    return [c for c in json.loads(path.read_text(encoding="utf-8"))["cells"] if c["cell_type"] == kind]


def calls(path):
    """Every cell that opens an explorer → (its function's name, the sources of the cells before it, the cell)."""
    before = []
    for cell in cells(path):
        source = "".join(cell["source"])
        for name in CALL.findall(source):
            yield name, tuple(before), cell
        before.append(source)


def words_of(cell):
    """The words of the picture that is stored in a cell."""
    return "".join(cell["outputs"][-1]["data"]["text/plain"]) if cell["outputs"] else None


def opened(path, among=None):
    """Every explorer of a notebook → (the number of its cell among those that open one, name, explorer, cell)."""
    whole = None
    for i, (name, before, cell) in enumerate(calls(path)):
        if among is not None and i not in among:
            continue
        source = "".join(cell["source"])
        explorer = last([needed(before, source), source], {})
        if words_of(cell) not in (None, explorer.alt):
            # What it shows stands on more than the statements that name it: everything above is run, once a notebook.
            done, names = whole or (0, {})
            explorer = last([*before[done:], source], names)
            whole = len(before) + 1, names
        if words_of(cell) not in (None, explorer.alt):
            raise RuntimeError(f"{path.name}: {name} says “{explorer.alt}”, and “{words_of(cell)}” is stored. "
                               "Run make notebooks first.")
        yield i, name, explorer, cell


def last(sources, names):
    """The value of the last expression, after all sources have run in `names`; what they print goes nowhere."""
    names.setdefault("__name__", "__main__")
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings(), np.errstate():
        warnings.simplefilter("ignore")
        for i, source in enumerate(sources):
            file = f"<cell {len(names)}.{i}>"
            linecache.cache[file] = len(source), None, source.splitlines(True), file  # checks read a function's source
            tree = ast.parse(source)
            value = tree.body.pop() if i == len(sources) - 1 else None
            exec(compile(tree, file, "exec"), names)
        return eval(compile(ast.Expression(value.value), file, "eval"), names)


def needed(before, source):
    """The statements that `source` stands on: those that bind what it uses, and so on upwards; training is left out."""
    wanted, kept = bound_and_used(ast.parse(source))[1], []
    for statement in reversed(ast.parse("\n".join(before)).body):
        binds, uses = bound_and_used(statement)
        if isinstance(statement, (ast.Import, ast.ImportFrom)):  # of an import what is used, and no more
            statement.names = [alias for alias in statement.names if bound(alias) in wanted]
        if binds & wanted:
            kept.append(ast.unparse(statement))
            wanted |= uses
    return "\n".join(reversed(kept))


def bound_and_used(tree):
    """The names that a piece of code binds, fills or changes by assignment, and those that it uses."""
    if isinstance(tree, ast.FunctionDef):
        inside = ast.Module(tree.body, [])
        binds, uses = bound_and_used(inside)
        return {tree.name}, uses - binds - {a.arg for a in ast.walk(tree.args) if isinstance(a, ast.arg)}
    if isinstance(tree, (ast.Import, ast.ImportFrom)):
        return {bound(alias) for alias in tree.names}, set()
    if isinstance(tree, ast.For):  # a loop fills what is there already; the notebooks' loops train
        return set(), set()
    found = list(ast.walk(tree))
    binds = {n.id for n in found if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    binds |= {n.value.id for n in found if isinstance(n, ast.Subscript) and isinstance(n.ctx, ast.Store)
              and isinstance(n.value, ast.Name)}
    return binds, {n.id for n in found if isinstance(n, ast.Name)} - set(dir(builtins))


def bound(alias):
    """The name that an import gives."""
    return (alias.asname or alias.name).split(".")[0]
