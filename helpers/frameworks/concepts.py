"""What of a framework you have to know to read its program: its own names, counted in the text of the program."""

import ast
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent
OWN = {"tensorflow": {"keras"}, "torch": {"torch"}, "jax": {"jax"}, "pytensor": {"pytensor"}}


def known(name):
    """Whether arrays, lists or texts have it too: then it is nothing of the framework's own."""
    return any(hasattr(kind, name) for kind in (np.ndarray, list, str))


def concepts(module):
    """The framework's own names in helpers/frameworks/<module>.py, sorted.

    These are what is reached by dots from its modules (torch.nn.Linear), what is imported from them (cross_entropy),
    and the methods that no NumPy array, list or text has (backward).
    """
    tree = ast.parse((FOLDER / f"{module}.py").read_text(encoding="utf-8"))
    modules, found = set(OWN[module]), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules |= {part.asname for part in node.names if part.asname and part.name.split(".")[0] in OWN[module]}
        if isinstance(node, ast.ImportFrom) and node.module.split(".")[0] in OWN[module]:
            found |= {part.name for part in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            dotted = ast.unparse(node)
            root = dotted.split(".")[0]
            if root in modules and "(" not in dotted:
                found.add(dotted)
            elif root != "np" and not known(node.attr):
                found.add(node.attr)
    return sorted(name for name in found if not any(other.startswith(name + ".") for other in found))
