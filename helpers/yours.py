"""The reader's own network: the parts that they have written, kept in `my_network.py`; what is missing is lent by the series."""

import ast
import builtins
import collections
import contextlib
import importlib
import inspect
import io
import linecache
import os
import re
import symtable
import sys
import tempfile
import textwrap
import time
import tokenize
import types
from pathlib import Path

import numpy as np

from helpers import activations
from helpers.topics import parts

FILE, MARKER = "my_network.py", ".weight-for-weight.json"

# Each part with the notebook that asks for it, in the notebooks' order.
NOTEBOOK = {
    "layer": "01_forward_propagation", "forward": "01_forward_propagation", "mse": "02_the_mse_loss", "mse_grad": "02_the_mse_loss",
    "sigmoid_prime": "03_backpropagation", "layer_backward": "03_backpropagation", "backward": "03_backpropagation",
    "numerical_gradient": "04_checking_gradients", "step": "05_gradient_descent", "train": "05_gradient_descent",
    "cross_entropy_grad": "06_mnist_from_scratch",
}
PARTS = tuple(NOTEBOOK)
GIVEN = ("identity", "identity_prime", "sigmoid", "relu", "relu_prime", "softmax")

HEAD = '''"""My network, written by me in Weight for Weight, part by part in the order of its notebooks. It needs NumPy alone.

The notebooks replace what stands under the line of a part when they check a new answer. The rest is left as it is.
"""

import numpy as np
'''
PRIMES = [
    "# Which slope belongs to which activation. The sigmoid joins them with your own `sigmoid_prime`.\n"
    "PRIME = {identity: identity_prime, relu: relu_prime}\n",
    "# Which slope belongs to which activation.\n"
    "PRIME = {identity: identity_prime, sigmoid: sigmoid_prime, relu: relu_prime}\n",
]
ORDER = ("", "activations", *PARTS[:5], "PRIME", *PARTS[5:])  # of the blocks; "" is the head
LINE = re.compile(r"^# --- (\w+) \(.*\) ---[ \t]*$", re.M)
PATIENCE, STALE = 10.0, 60.0  # seconds that a notebook waits for another one, and after which a lock is a leftover


class Words(str):
    """Text that a cell shows as it is, without quotation marks."""

    def __repr__(self):
        return str(self)


# Where the file is

def folder():
    """The reader's own folder: the current one, if it carries the mark of `make lab`; else None, and nothing is kept."""
    with contextlib.suppress(OSError):
        if Path(MARKER).is_file():
            return Path.cwd()
    return None


def file():
    """The reader's network: what WFW_MY_NETWORK names, else `my_network.py` in the reader's own folder, else None."""
    named, own = os.environ.get("WFW_MY_NETWORK"), folder()
    return Path(named).expanduser() if named else own / FILE if own else None


def start():
    """The text of a file with no part in it yet."""
    return joined({"": HEAD, "activations": given(), "PRIME": PRIMES[0]})


def given():
    """The activations and their slopes that the parts need, as the series writes them, without the checks of arguments."""
    sources = []
    for name in GIVEN:
        lines = inspect.getsource(getattr(activations, name))
        node = ast.parse(lines).body[0]
        sources.append("\n".join(lines.splitlines()[node.lineno - 1:]))
    return "\n\n\n".join(sources) + "\n"


# The file's text, in blocks

def split(text):
    """{name: what stands under its line}, the head under ""; of two blocks with one name the second is added to the first."""
    found, at, name = {}, 0, ""
    for line in [*LINE.finditer(text), None]:
        piece = text[at:line.start() if line else len(text)].strip("\n")
        found[name] = f"{found[name]}\n\n\n{piece}" if name in found else piece
        if line:
            at, name = line.end(), line[1]
    return found


def joined(blocks):
    """The text again: known blocks in their order, one that nobody knows after the one that it followed."""
    names = [name for name in ORDER if name in blocks]
    for before, name in zip([""] + list(blocks), blocks):
        if name not in ORDER:
            names.insert(names.index(before) + 1 if before in names else 1, name)
    whose_line = {"activations": "given", "PRIME": "given"} | {name: f"notebook {NOTEBOOK[name][:2]}" for name in PARTS}
    pieces = []
    for name in names:
        line = f"# --- {name} ({whose_line.get(name, 'mine')}) ---\n\n" if name else ""
        pieces.append((line + blocks[name].strip("\n")).strip("\n"))
    return "\n\n\n".join(piece for piece in pieces if piece) + "\n"


def defined(source):
    """{name: [(first line, last line)]} of what a source binds at its top; empty where it is no Python."""
    found = collections.defaultdict(list)
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError):
        return found
    for node in body:
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found[node.name].append((first, node.end_lineno))
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    found[target.id].append((first, node.end_lineno))
    return found


def put(text, name, block):
    """The file's text with a new block for a part, and without what else defined that part."""
    blocks = split(text)
    for other, piece in blocks.items():
        lines = piece.splitlines()
        for first, last in reversed(defined(piece)[name] if other != name else []):
            del lines[first - 1:last]
        blocks[other] = "\n".join(lines)
    blocks[name] = block
    untouched = blocks.get("PRIME", "").strip() in ["", *(prime.strip() for prime in PRIMES)]
    if untouched and not any(defined(piece)["PRIME"] for other, piece in blocks.items() if other != "PRIME"):
        blocks["PRIME"] = PRIMES["sigmoid_prime" in blocks]
    return joined(blocks)


# The source of an answer

def textual(function):
    """The source of a function of the reader's: a def, or a lambda as an assignment to `_`. Raises ValueError in kind words."""
    try:
        if inspect.ismethod(function):
            raise TypeError("it has a self")
        source = textwrap.dedent(inspect.getsource(function))
        source = re.sub(r"^[ \t]*### (BEGIN|END) SOLUTION[ \t]*\n", "", source, flags=re.M)
        tree = ast.parse(source)
    except (OSError, TypeError, SyntaxError, ValueError):
        raise ValueError("its source cannot be read. Write it as a function with `def` in a cell of its own.") from None
    if isinstance(tree.body[0], ast.FunctionDef) and function.__name__ != "<lambda>":
        return source.rstrip() + "\n"
    lambdas = [node for node in ast.walk(tree) if isinstance(node, ast.Lambda)]
    if len(lambdas) != 1:
        raise ValueError("its source cannot be told from its neighbours. Write it as a function with `def`.")
    return f"_ = {ast.get_source_segment(source, lambdas[0])}\n"


def names(source):
    """The names that a source takes from outside itself, and those that its functions bind inside."""
    outside, inside, todo = set(), set(), [symtable.symtable(source, "answer", "exec")]
    while todo:
        table = todo.pop()
        todo += table.get_children()
        for symbol in table.get_symbols():
            if table.get_type() == "module":
                if symbol.is_referenced() and not symbol.is_assigned():
                    outside.add(symbol.get_name())
            elif symbol.is_global():
                outside.add(symbol.get_name())
            elif not symbol.is_free():
                inside.add(symbol.get_name())
    return outside, inside


def renamed(source, new):
    """The source with other names: in code only, never in words, comments, attributes or the names of arguments handed over."""
    lines, deep, found = source.splitlines(keepends=True), 0, []
    tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    for before, token, after in zip([None, *tokens], tokens, [*tokens[1:], None]):
        deep += (token.string in "([{") - (token.string in ")]}") if token.type == tokenize.OP else 0
        handed_over = deep and after.string == "=" and before.string in "(,"
        if token.type == tokenize.NAME and token.string in new and not handed_over and (before is None or before.string != "."):
            found.append(token)
    for token in reversed(found):
        row, column = token.start
        line = lines[row - 1]
        lines[row - 1] = line[:column] + new[token.string] + line[column + len(token.string):]
    return "".join(lines)


def answer(part, function, taken=()):
    """The block of an answer: its source under the part's name, and above it the reader's own functions that it calls.

    `taken` are names that other blocks use. Raises ValueError, in kind words, for what would not run outside the notebook.
    """
    imports, helpers = {}, {}
    main = piece(part, function, part, {*taken, *PARTS, *GIVEN, "PRIME", "np"}, imports, helpers)
    top = "\n".join(sorted(imports.values()))
    return "\n\n\n".join(filter(None, [top, *helpers.values(), main]))


def piece(name, function, part, taken, imports, helpers):
    """The source of one function under a name; what it needs is added to `imports` and `helpers`."""
    source, function = textual(function), inspect.unwrap(function)  # what a decorator wraps has the names
    node = ast.parse(source).body[0]
    new = {node.name if isinstance(node, ast.FunctionDef) else "_": name}
    outside, inside = names(source)
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or ()))
    for used in sorted(outside - new.keys()):
        if used in cells:
            value = cells[used].cell_contents
        elif used in function.__globals__:
            value = function.__globals__[used]
        else:
            if used.startswith("my_") and used[3:] in PARTS:
                new[used] = used[3:]
            continue  # built in, or never reached
        module = getattr(value, "__module__", None) or ""
        if value is function:
            new[used] = name
        elif used.startswith("my_") and used[3:] in PARTS:
            new[used] = used[3:]
        elif used == "PRIME" or used == "np" and value is np:
            pass
        elif module == "helpers.activations" and value.__name__ in GIVEN:
            new[used] = value.__name__
        elif used in PARTS and (value is getattr(parts, used) or used in ("mse", "mse_grad", "sigmoid_prime") and module.startswith("helpers.")):
            if used == part:
                raise ValueError(f"it calls the series' own `{used}`. Write it out, and it is yours.")
        elif isinstance(value, types.FunctionType) and module.split(".")[0] not in (*sys.stdlib_module_names - {"__main__"}, "numpy", "helpers"):
            free = used if used not in taken else f"{used}_of_{part}"
            new[used] = free
            if free not in helpers:
                helpers[free] = ""  # two that call each other
                own = piece(free, value, part, taken, imports, helpers)
                del helpers[free]  # what it calls stands above it
                helpers[free] = own
        else:
            imports[used] = imported(used, value, module)
    new = {old: fresh for old, fresh in new.items() if old != fresh}
    for fresh in set(new.values()) & inside:
        new[fresh] = next(f"{fresh}{'_' * i}" for i in range(1, 9) if f"{fresh}{'_' * i}" not in inside | outside)
    text = renamed(source, new).rstrip()
    if names(text + "\n")[0] != {new.get(used, used) for used in outside}:
        raise ValueError(f"a name inside it is also the name of a part of the network. Give the inner {' and '.join(sorted(inside & set(PARTS)))} "
                         "another name.")
    return text


def imported(used, value, module):
    """The line that brings a name into the file from a library. Raises ValueError for what is the notebook's or the series'."""
    if isinstance(value, types.ModuleType) and value.__name__.split(".")[0] not in ("helpers", "__main__"):
        return f"import {value.__name__}" + (f" as {used}" if used != value.__name__ else "")
    own = getattr(value, "__name__", "")
    if own and getattr(np, own, None) is value:
        module = "numpy"
    if module.split(".")[0] == "helpers" or isinstance(value, types.ModuleType):
        raise ValueError(f"it calls `{used}` of the series, which your file does not have. Write that out, or call your own `my_…`.")
    if getattr(sys.modules.get(module[1:]), own, None) is value:
        module = module[1:]  # functools says _functools
    if own and module not in ("", "__main__", "builtins") and callable(value):
        return f"from {module} import {own}" + (f" as {used}" if used != own else "")
    raise ValueError(f"it uses the notebook's `{used}`, which your file does not have. Work it out inside the function, from its arguments.")


# Keeping

def keep(name, function):
    """Keep the source of a right answer as the part `name` → one line that says so, or why it could not be kept."""
    if name not in PARTS:
        raise ValueError(f"name: got {name!r}, wanted one of {', '.join(PARTS)}")
    place, code = file(), getattr(function, "__code__", None)
    if place and code and code.co_filename == str(place):
        return Words(f"`{name}` stands in {place.name} already.")
    if code and code.co_filename == parts.__file__:
        return Words(f"Not kept: this is the series' own `{name}`. Write it, and it is yours.")
    if place is None:
        return Words("Not kept: this is not a folder of your own. `make lab` makes one.")
    try:
        with alone(place):
            text, said = read(place)
            blocks = split(text)
            elsewhere = {top for other, piece in blocks.items() if other != name for top in defined(piece)}
            block = answer(name, function, elsewhere)
            new = put(text, name, block)
            if new != text or not place.exists():
                if blocks.get(name) and not said:
                    write(place.with_suffix(".last.py"), place.read_bytes())
                write(place, new.encode())
        have = list(whose().values()).count("yours")
    except ValueError as error:
        return Words(f"Right, but `{name}` is not kept: {error}")
    except OSError as error:
        return Words(f"Not kept: {place} cannot be written ({error.strerror or error}). Your answer stands in the notebook; run this cell "
                     "again when there is room.")
    return Words(f"Kept: `{name}`. {have} of {len(PARTS)} parts {'is' if have == 1 else 'are'} yours.{said}")


def read(place):
    """The file's text and what to say about it. One that Python cannot read is first copied aside, and its sound blocks remain."""
    try:
        raw = place.read_bytes()
    except FileNotFoundError:
        return start(), ""
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n")
        ast.parse(text)
        return text, ""
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
    copies = [place.with_suffix(f".before{i}.py") for i in ("", *range(2, 100))]
    copy = next(c for c in copies if not c.exists() or c.read_bytes() == raw)
    write(copy, raw)
    blocks = split(raw.decode("utf-8-sig", errors="replace").replace("\r\n", "\n"))
    sound = {name: piece for name, piece in blocks.items() if readable(piece)}
    fresh = split(start())
    sound = {name: sound.get(name, fresh.get(name, "")) for name in ["", "activations", *blocks, "PRIME"] if name in sound or name in fresh}
    where = f" in line {line}" if line else ""
    return joined(sound), f" Python could not read your {place.name}{where}: it is saved as {copy.name}, and what was sound in it was taken over."


def readable(piece):
    """Whether Python can read a piece of source."""
    try:
        ast.parse(piece)
        return True
    except (SyntaxError, ValueError):
        return False


@contextlib.contextmanager
def alone(place):
    """Hold the file for oneself: another notebook waits. A lock that somebody left behind is taken away."""
    lock = place.with_name(place.name + ".lock")
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL))
            break
        except (FileExistsError, PermissionError):  # Windows says the latter while the other one takes its lock away
            if not lock.exists() and not os.access(place.parent, os.W_OK):
                raise
            with contextlib.suppress(OSError):
                if time.time() - lock.stat().st_mtime > STALE:
                    lock.unlink()
                    continue
            if time.monotonic() > deadline and not lock.exists():
                raise
            if time.monotonic() > deadline:
                raise OSError(f"another notebook holds it; if none does, delete {lock.name}") from None
            time.sleep(0.01)
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)


def write(place, raw):
    """Write a whole file or nothing."""
    handle, temporary = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(raw)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, place.stat().st_mode & 0o777 if place.exists() else 0o644)
        for patience in range(20):
            try:
                os.replace(temporary, place)
                break
            except PermissionError:  # Windows, while somebody reads it
                if patience == 19:
                    raise
                time.sleep(0.05)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


# Putting the parts together

def load():
    """The file as a module, and {name of a block: why it could not be read}. Where one block fails the others still count."""
    module, place, wrong = types.ModuleType("my_network"), file(), {}
    module.__file__ = str(place)
    try:
        text = place.read_bytes().decode("utf-8-sig").replace("\r\n", "\n") if place else ""
    except FileNotFoundError:
        return module, wrong
    except (OSError, ValueError) as error:
        return module, {"": str(error)}
    linecache.checkcache(str(place))
    try:
        run(text, module, place)
    except Exception as error:
        module.__dict__.clear()
        module.__dict__.update({"__name__": "my_network", "__file__": str(place)})
        whole = said(error, place)
        for name, begin, end in pieces(text):
            try:
                run("\n" * text.count("\n", 0, begin) + text[begin:end], module, place)
            except Exception as error:
                wrong[name] = said(error, place)
        wrong = wrong or {"": whole}
    return module, wrong


def pieces(text):
    """(name, begin, end) of each block, as it stands in the file."""
    lines = list(LINE.finditer(text))
    begins = [("", 0), *((line[1], line.start()) for line in lines)]
    return [(name, begin, end) for (name, begin), end in zip(begins, [*(line.start() for line in lines), len(text)])]


def run(text, module, place):
    """Run a source as part of a module, with the lines as they are in the file."""
    try:
        exec(compile(text, str(place), "exec", dont_inherit=True), module.__dict__)
    except SystemExit as error:
        raise RuntimeError("it ends Python (exit)") from error


def said(error, place):
    """An error and its line in the reader's file, in words."""
    line = getattr(error, "lineno", None) if isinstance(error, SyntaxError) else None
    step = error.__traceback__
    while step and not isinstance(error, SyntaxError):
        line = step.tb_lineno if step.tb_frame.f_code.co_filename == str(place) else line
        step = step.tb_next
    text = error.msg if isinstance(error, SyntaxError) else str(error)
    return (f"line {line}: " if line else "") + f"{type(error).__name__}: {text}"


def written(value):
    """Whether a part is the reader's: something to call that is not the series' own."""
    inner = getattr(value, "__wrapped__", value)
    return callable(value) and not (getattr(inner, "__module__", "") or "").startswith("helpers.")


def whose():
    """{part: "yours" or "lent"}, in the notebooks' order."""
    module, _ = load()
    return {name: "yours" if written(getattr(module, name, None)) else "lent" for name in PARTS}


def network(only=None):
    """All eleven parts as one module: the reader's own, and where one is missing the series' own, calling the reader's parts.

    `only` names the parts that are taken from the reader, the rest is lent (without it, all that there are).
    """
    module, _ = load()
    space = module.__dict__
    own = {name for name in PARTS if written(space.get(name)) and (only is None or name in only)}
    for name in GIVEN:
        if only is not None or not callable(space.get(name)):
            space[name] = getattr(activations, name)
    for name in PARTS:
        if name not in own:
            lent = getattr(parts, name)
            space[name] = types.FunctionType(lent.__code__, space, name, lent.__defaults__)
            space[name].__doc__, space[name].__module__ = lent.__doc__, lent.__module__
    slopes = {"identity": "identity_prime", "sigmoid": "sigmoid_prime", "relu": "relu_prime"}
    mine = space.get("PRIME") if only is None and isinstance(space.get("PRIME"), dict) else {}
    prime = {space[f]: space[slope] for f, slope in slopes.items()} | mine
    if only is not None or "sigmoid_prime" not in own:
        prime[space["sigmoid"]] = space["sigmoid_prime"]
    # The notebooks' activations are the helpers': the reader's slopes are found by either.
    space["PRIME"] = prime | {getattr(activations, f): prime[space[f]] for f in slopes}
    space.setdefault("np", np)  # what is lent needs it, even where the reader's file has lost its import
    space["__builtins__"] = builtins
    return module


def report():
    """Whose each part is, and what in the file cannot be read or is no longer right, in words."""
    owners = whose()
    have = list(owners.values()).count("yours")
    lines = [f"{have} of {len(PARTS)} parts {'is' if have == 1 else 'are'} yours."]
    for owner in ("yours", "lent"):
        some = [name for name in PARTS if owners[name] == owner]
        lines += [f"{owner}: {', '.join(some)}"] if some and have else []
    if file() is None:
        lines.append("Nothing is kept here: this is not a folder of your own. `make lab` makes one.")
    return Words("\n".join(lines + [f"{name or FILE}: {words}" for name, words in diagnose().items()]))


def diagnose():
    """{part: what is wrong with it}, for each that is in the file and not right; {} where all is well.

    Each part is checked alone, with the others lent, so that a wrong `layer` is not laid at the door of `forward`.
    """
    module, wrong = load()
    wrong = {name: f"Python cannot read it, {words}. It is lent until you mend it." for name, words in wrong.items()}
    if file() is None or not file().exists():
        return {}
    if not hasattr(module, "np") and any(written(getattr(module, name, None)) for name in PARTS):
        wrong.setdefault("", "the line `import numpy as np` is missing at the top. Put it back.")
    for name in GIVEN:
        mine, truth = getattr(module, name, None), getattr(activations, name)
        words = different(mine, truth) if mine is not None else None
        if words:
            wrong[name] = words
    mine = getattr(module, "PRIME", None)
    if isinstance(mine, dict):
        for f in ("identity", "sigmoid", "relu"):
            function, slope = getattr(module, f, None), getattr(module, f"{f}_prime", None)
            if function in mine and slope is not None and mine[function] is not slope:
                wrong["PRIME"] = f"the slope of {f} should be {f}_prime, and it is {getattr(mine[function], '__name__', 'something else')}."
    for name in PARTS:
        if written(getattr(module, name, None)) and name not in wrong:
            words = judged(name, getattr(network(only={name}), name))
            if words:
                wrong[name] = words
    return wrong


def different(mine, truth):
    """What sets a given function apart from the series' own, in words; None where nothing does."""
    Z = np.array([[-2.0, -0.5, 0.0], [0.3, 1.0, 4.0]])
    try:
        result = np.asarray(mine(Z), float)
    except Exception as error:
        return f"it stops with {type(error).__name__}: {error}. It was given by the series and has been changed."
    if result.shape == Z.shape and np.allclose(result, truth(Z), rtol=1e-9, atol=1e-12):
        return None
    return "it was given by the series and has been changed: it no longer gives what it should."


def judged(name, function):
    """What the part's own exercise says about a function; None where it is right."""
    exercise = getattr(importlib.import_module(f"helpers.exercises.{NOTEBOOK[name][3:]}"), name, None)
    if not getattr(exercise, "part", False):
        return None  # its notebook does not ask for it
    reply = exercise.reply(function)
    if reply.state == "right":
        return None
    return "it has not been written yet." if reply.state == "open" else reply.text


# Who did the work

@contextlib.contextmanager
def counted():
    """Count, by name and owner ("yours", "lent" or "helpers"), each call of a part while the block runs: {(part, owner): calls}.

    Python itself reports each call with the file that its code stands in, so that a function that only hands its work on is found out.
    """
    place, series = str(file()), str(Path(__file__).parent) + os.sep
    calls, owners = collections.Counter(), {}
    same = {"gradient_descent": "step", "chain": "layer_backward"}

    def owner(code):
        name, where = same.get(code.co_name, code.co_name), code.co_filename
        who = "yours" if where == place else "lent" if where == parts.__file__ else "helpers" if where.startswith(series) else None
        return (name, who) if name in PARTS and who else None

    def seen(frame, event, _):
        if event == "call":
            code = frame.f_code
            if code not in owners:
                owners[code] = owner(code)
            if owners[code]:
                calls[owners[code]] += 1

    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        yield calls
    finally:
        sys.setprofile(before)


def share(calls, of=PARTS):
    """The part of the counted calls, 0 to 1, that ran the reader's own code."""
    mine = sum(n for (name, who), n in calls.items() if name in of and who == "yours")
    return mine / max(1, sum(n for (name, _), n in calls.items() if name in of))
