"""What a function takes, stated above it and checked before it runs.

Data that you supply (X, Y, labels) must be finite. What a network computes (Z, Ŷ, θ) need not be:
a run that diverges to inf or NaN is a lesson of notebook 05, not a bad argument.
"""

import functools
import inspect
import re

import numpy as np

UNCHECKED = {}


def takes(**contracts):
    """Decorate a function with a contract for each argument to be checked.

    A contract is a shape such as "(n, K)" for an array of floats, with words after it where more is
    wanted ("(n, d) finite", "(n, K) finite shares", "(n,) labels"), or a function of (name, value) that raises.
    A letter stands for one length throughout a call, and twice in one shape for a square. Arguments are checked in the order of their contracts.
    Raises TypeError or ValueError, naming the argument.
    """
    contracts = {name: array(c) if isinstance(c, str) else c for name, c in contracts.items()}

    def decorate(function):
        places = {name: place for place, name in enumerate(inspect.signature(function).parameters)}
        checks = [(name, places[name], check) for name, check in contracts.items()]

        @functools.wraps(function)
        def checked(*args, **kwargs):
            lengths = {}
            for name, place, check in checks:
                if place < len(args):
                    check(name, args[place], lengths)
                elif name in kwargs:
                    check(name, kwargs[name], lengths)
            return function(*args, **kwargs)

        UNCHECKED[checked] = function
        return checked

    return decorate


def trusted(function):
    """The function without its checks, for a loop over what has been checked before it."""
    # Not its __wrapped__: your own decorator around it, a timer for example, has that too and would be left out.
    return UNCHECKED.get(function, function)


def describe(value):
    """What came, in a few words: its type, and for an array its dtype and shape."""
    if isinstance(value, np.ndarray):
        return f"an array of {value.dtype} with shape {value.shape}"
    # Of a function or a module the name alone: where it lies in memory differs from run to run.
    text = getattr(value, "__name__", None) or " ".join(repr(value).split())
    return f"{text if len(text) < 40 else text[:37] + '...'} ({type(value).__name__})"


def array(contract):
    """A check for an array: its axes by letter, then `finite`, `shares` (rows that sum to 1) or `labels`."""
    axes = re.findall(r"\w+", contract[: contract.index(")")])
    words = contract[contract.index(")") + 1 :].split()
    kind, wanted = ("iu", "whole numbers") if "labels" in words else ("f", "floats")

    def check(name, value, lengths):
        if not isinstance(value, np.ndarray) or value.dtype.kind not in kind:
            raise TypeError(f"{name}: got {describe(value)}, wanted a NumPy array of {wanted} with shape {contract}")
        before = lengths.copy()
        if value.ndim != len(axes) or tuple([lengths.setdefault(a, n) for a, n in zip(axes, value.shape)]) != value.shape:
            known = ", ".join(f"{a} = {before[a]}" for a in axes if a in before)
            raise ValueError(f"{name}: got shape {value.shape}, wanted {contract}" + (f" with {known}" if known else ""))
        if value.size == 0:
            raise ValueError(f"{name}: got shape {value.shape}, which holds nothing; wanted at least one of each of {contract}")
        if "finite" in words and not np.isfinite(value).all():
            where = tuple(int(i) for i in np.argwhere(~np.isfinite(value))[0])
            raise ValueError(f"{name}: got {value[where]} at {list(where)}, wanted finite numbers")
        if "shares" in words and not np.allclose(value.sum(axis=-1), 1, atol=1e-5):
            i = int(np.argmax(np.abs(value.sum(axis=-1) - 1)))
            raise ValueError(f"{name}: got a row that sums to {value[i].sum():g} at [{i}], wanted rows that sum to 1, as from one_hot")
        if "labels" in words and value.min() < 0:
            raise ValueError(f"{name}: got a label {value.min()}, wanted labels from 0 upwards")

    return check


def numbers(name, value, lengths=None):
    """A check for what a function works on element by element: a number, or an array of numbers.

    Not the pixels of a file (uint8): in them −3 is 253, and no error says so.
    """
    if not isinstance(value, (np.ndarray, np.number, float, int)) or np.asarray(value).dtype.char not in "efdgilq":
        raise TypeError(f"{name}: got {describe(value)}, wanted a number or a NumPy array of floats")
    if isinstance(value, np.ndarray) and value.size == 0:
        raise ValueError(f"{name}: got {describe(value)}, which holds nothing; wanted at least one number")


def rows(name, value, lengths=None):
    """A check for what a function works on row by row: an array of numbers."""
    numbers(name, value)
    if np.ndim(value) == 0:
        raise ValueError(f"{name}: got {describe(value)}, wanted a NumPy array of floats with at least one axis")


def matching(*contracts):
    """A check for an array that may have one of several numbers of axes."""
    checks = {contract.count(",") + 1: array(contract) for contract in contracts}

    def check(name, value, lengths):
        checks.get(np.ndim(value), checks[min(checks)])(name, value, lengths)

    return check


def real(name, value, wanted):
    """Raise TypeError for what is no real number."""
    if isinstance(value, bool) or not isinstance(value, (int, float, np.integer, np.floating)):
        raise TypeError(f"{name}: got {describe(value)}, wanted {wanted}")


def positive(name, value, lengths=None):
    """A check for a rate or a step: a finite number above zero."""
    real(name, value, "a number above 0")
    if not 0 < value < float("inf"):
        raise ValueError(f"{name}: got {value}, wanted a finite number above 0")


def amount(name, value, lengths=None):
    """A check for how much of something: a finite number from 0."""
    real(name, value, "a number from 0")
    if not 0 <= value < float("inf"):
        raise ValueError(f"{name}: got {value}, wanted a finite number from 0")


def fraction(name, value, lengths=None):
    """A check for a share that is kept: a number from 0 up to, but not including, 1."""
    real(name, value, "a number in [0, 1)")
    if not 0 <= value < 1:
        raise ValueError(f"{name}: got {value}, wanted a number in [0, 1)")


def count(name, value, lengths=None):
    """A check for a number of things: a whole number from 1."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"{name}: got {describe(value)}, wanted a whole number from 1")
    if value < 1:
        raise ValueError(f"{name}: got {value}, wanted a whole number from 1")


def counts(name, value, lengths):
    """A check for the sizes of a network: at least two whole numbers from 1, and P numbers in θ where θ came first."""
    if not isinstance(value, (list, tuple)):
        raise TypeError(f"{name}: got {describe(value)}, wanted a list of layer sizes such as [784, 256, 128, 10]")
    if len(value) < 2:
        raise ValueError(f"{name}: got {list(value)}, wanted at least two sizes: the inputs and the outputs")
    for i, size in enumerate(value):
        count(f"{name}[{i}]", size)
    P = sum((m + 1) * k for m, k in zip(value, value[1:]))
    if lengths.get("P", P) != P:
        raise ValueError(f"{name}: got {list(value)}, a network of {P} numbers, wanted one of P = {lengths['P']}, the length of theta")
    lengths.update(P=P, d=value[0], K=value[-1], depth=len(value) - 1)


def generator(name, value, lengths=None):
    """A check for the source of randomness: a generator that you create, with a seed that you can see."""
    if not isinstance(value, np.random.Generator):
        raise TypeError(f"{name}: got {describe(value)}, wanted a generator such as np.random.default_rng(0)")


def float_type(name, value, lengths=None):
    """A check for the type of a number that can be learned."""
    if value not in (float, np.float32, np.float64, "float32", "float64"):
        raise TypeError(f"{name}: got {describe(value)}, wanted np.float32 or np.float64")


def function(name, value, lengths=None):
    """A check for a function of your own."""
    if not callable(value):
        raise TypeError(f"{name}: got {describe(value)}, wanted a function")


def amounts(name, value, lengths=None):
    """A check for numbers above 0 by name, or None."""
    if not isinstance(value, (dict, type(None))):
        raise TypeError(f"{name}: got {describe(value)}, wanted a dictionary such as {{'the number of examples': 32}}")
    for key in value or {}:
        positive(f"{name}[{key!r}]", value[key])


def remembered(name, value, lengths):
    """A check for what an update rule remembers: t, and m and v as long as θ."""
    if not isinstance(value, dict) or not {"t", "m", "v"} <= value.keys():
        raise TypeError(f"{name}: got {describe(value)}, wanted a dictionary from remember(theta)")
    flat(f"{name}['m']", value["m"], lengths)
    flat(f"{name}['v']", value["v"], lengths)


def one_of(*choices, own={}):
    """A check for one of several functions; own[loss] is the activation that it brings, and the last layer must not have."""

    def check(name, value, lengths=None):
        if not any(value is choice for choice in choices):
            names = ", ".join(choice.__name__ for choice in choices)
            raise ValueError(f"{name}: got {describe(value)}, wanted one of the functions {names}")
        if value in own and lengths.get("last") is own[value]:
            raise ValueError(f"activations: got {own[value].__name__} in the last layer, wanted identity there, "
                             f"because {value.__name__} takes Z and applies {own[value].__name__} itself")

    return check


def each_of(*choices):
    """A check for a list with one of several functions for each layer."""
    choose = one_of(*choices)

    def check(name, value, lengths):
        if not isinstance(value, (list, tuple)):
            raise TypeError(f"{name}: got {describe(value)}, wanted a list of functions, one a layer")
        for i, f in enumerate(value):
            choose(f"{name}[{i}]", f)
            lengths["last"] = f
        if len(value) != lengths.get("depth", len(value)):
            raise ValueError(f"{name}: got {len(value)}, wanted {lengths['depth']}, one a layer")

    return check


def network(known, without=None):
    """A check for a list of (W (m, k), b (k,), f): each layer takes what the one before it gives, each f is `known`.

    The last f is not `without`, where that is applied to what comes out.
    """
    choose = one_of(*known)

    def check(name, layers, lengths):
        if not isinstance(layers, (list, tuple)) or not layers:
            raise TypeError(f"{name}: got {describe(layers)}, wanted a list of (W, b, activation), one a layer")
        for i, layer in enumerate(layers):
            if not isinstance(layer, tuple) or len(layer) != 3:
                raise TypeError(f"{name}[{i}]: got {describe(layer)}, wanted a tuple (W, b, activation)")
            W, b, f = layer
            shapes = {"m": lengths["K"]} if i else {}
            matrix(f"W of {name}[{i}]", W, shapes)
            vector(f"b of {name}[{i}]", b, shapes)
            choose(f"activation of {name}[{i}]", f)
            lengths.update({"d": shapes["m"], "layers": []} if i == 0 else {}, K=shapes["k"])
            lengths["layers"].append(shapes)
        if without and f is without:
            raise ValueError(f"activation of {name}[{i}]: got {f.__name__} in the last layer, wanted identity there, "
                             f"because {f.__name__} is applied to what comes out")

    return check


def pairs(**contracts):
    """A check for a list of two arrays, one pair for each layer of a network that was checked before."""
    checks = {name: array(contract) for name, contract in contracts.items()}

    def check(name, value, lengths):
        if "layers" not in lengths:  # the network is missing: the call itself will say so
            return
        layers = lengths["layers"]
        if not isinstance(value, (list, tuple)):
            raise TypeError(f"{name}: got {describe(value)}, wanted a list of ({', '.join(checks)}), one a layer")
        if len(value) != len(layers):
            raise ValueError(f"{name}: got {len(value)} layers, wanted {len(layers)} as in layers")
        for i, (pair, shapes) in enumerate(zip(value, layers)):
            if not isinstance(pair, tuple) or len(pair) != 2:
                raise TypeError(f"{name}[{i}]: got {describe(pair)}, wanted a tuple ({', '.join(checks)})")
            lengths.update(shapes)
            for (letter, check_one), one in zip(checks.items(), pair):
                check_one(f"{letter} of {name}[{i}]", one, lengths)

    return check


matrix, vector, flat = array("(m, k)"), array("(k,)"), array("(P,)")
