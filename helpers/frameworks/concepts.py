"""What you read with a framework: the lines of a program, the names that it brings, and what their help shows."""

import ast
import inspect
import io
import sys
import tokenize
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent
OWN = {"tensorflow": {"tensorflow"}, "torch": {"torch"}, "jax": {"jax"}, "pytensor": {"pytensor"},
       "keras": {"keras"}}
NO_CODE = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


def text_of(module):
    """The text of helpers/frameworks/<module>.py."""
    return (FOLDER / f"{module}.py").read_text(encoding="utf-8")


def lines(module):
    """How many lines of code a program has: no empty ones, no comments, no docstrings."""
    text, found = text_of(module), set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in NO_CODE:
            found |= set(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            found -= set(range(node.lineno, node.end_lineno + 1))
    return len(found)


def known(name):
    """Whether arrays, lists or texts have it too: then it is nothing of the framework's own."""
    return any(hasattr(kind, name) for kind in (np.ndarray, list, str))


def aliases(module):
    """What the program calls the framework's modules, {"pt": "pytensor.tensor"}, and what it takes from them."""
    modules, taken = {name: name for name in OWN[module]}, {}
    for node in ast.walk(ast.parse(text_of(module))):
        if isinstance(node, ast.Import):
            modules |= {p.asname: p.name for p in node.names if p.asname and p.name.split(".")[0] in OWN[module]}
        if isinstance(node, ast.ImportFrom) and node.module.split(".")[0] in OWN[module]:
            taken |= {part.name: f"{node.module}.{part.name}" for part in node.names}
    return modules, taken


def concepts(module):
    """The framework's own names in helpers/frameworks/<module>.py, sorted.

    These are what is reached by dots from its modules (torch.nn.Linear), what is imported from them (cross_entropy),
    and the methods that no NumPy array, list or text has (backward).
    """
    modules, taken = aliases(module)
    found = set(taken)
    for node in ast.walk(ast.parse(text_of(module))):
        if isinstance(node, ast.Attribute):
            dotted = ast.unparse(node)
            root = dotted.split(".")[0]
            if root in modules and "(" not in dotted:
                found.add(dotted)
            elif root not in ("np", "importlib") and not known(node.attr):
                found.add(node.attr)
    return sorted(name for name in found if not any(other.startswith(name + ".") for other in found))


def examples(module):
    """{name: whether its help shows an example} of the concepts that can be looked up by name. Needs the framework."""
    modules, taken = aliases(module)
    full = {name: taken.get(name) or name.replace(name.split(".")[0], modules.get(name.split(".")[0], ""), 1)
            for name in concepts(module) if name in taken or name.split(".")[0] in modules}
    return {name: shows_an_example(thing(path)) for name, path in full.items() if callable(thing(path))}


def thing(path):
    """What a dotted name stands for, in what is imported."""
    root, *rest = path.split(".")
    found = sys.modules[root]
    for name in rest:
        found = getattr(found, name)
    return found


def shows_an_example(thing):
    """Whether the docstring has a prompt, a block of code, or a heading that says Example."""
    help_text = inspect.getdoc(thing) or ""
    return any(mark in help_text for mark in (">>>", "Example", "```", "::\n"))
