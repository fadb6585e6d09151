"""What a function takes, checked where a person calls it; what runs inside a checked call is not checked again.

Each name means one thing in the whole series, so a name is enough to know what to ask for: NOTATION below.
Data that you supply (X, Y, labels) must be finite. What a network computes (Z, Ŷ, θ) need not be:
a run that diverges to inf or NaN is a lesson of notebook 05, not a bad argument.
"""

import functools
import inspect
import re
import sys
import threading

import numpy as np

UNCHECKED = {}


class Call(threading.local):
    """Whether a checked call is under way in this thread."""

    checked = False


CALL = Call()


def takes(**contracts):
    """Decorate a function with a contract for each argument to be checked.

    A contract is a shape such as "(n, K)" for an array of floats, with words after it where more is
    wanted ("(n, d) finite", "(n,) labels"), or a function of (name, value, known) that raises. Contracts are checked in
    their order; `known` holds the arguments that have passed, by name, and the length that each letter stands for.
    Raises TypeError or ValueError, naming the argument.
    """
    contracts = {name: array(c) if isinstance(c, str) else c for name, c in contracts.items()}

    def decorate(function):
        parameters = inspect.signature(function).parameters
        places = {name: place for place, name in enumerate(parameters)}
        checks = [(name, places[name], check, parameters[name].default) for name, check in contracts.items()]
        for i, (name, _, check, _) in enumerate(checks):
            if missing := set(getattr(check, "after", ())) - {before for before, *_ in checks[:i]}:
                raise TypeError(f"{function.__name__}: the contract of {name} needs that of {', '.join(missing)} before it")

        def look(args, kwargs):
            known = {"1": 1}
            for name, place, check, default in checks:
                value = args[place] if place < len(args) else kwargs.get(name, default)
                if value is inspect.Parameter.empty:
                    return  # Python itself names what is missing
                if value is not default:
                    check(name, value, known)
                    known[name] = value

        @functools.wraps(function)
        def checked(*args, **kwargs):
            if CALL.checked:
                return function(*args, **kwargs)
            look(args, kwargs)
            CALL.checked = True
            try:
                return function(*args, **kwargs)
            finally:
                CALL.checked = False

        @functools.wraps(function)
        def generator(*args, **kwargs):
            look(args, kwargs)  # at the call, not at the first turn of the loop
            return inside(function(*args, **kwargs))

        found = generator if inspect.isgeneratorfunction(function) else checked
        UNCHECKED[found] = function
        return found

    return decorate


def inside(steps):
    """A generator whose own work counts as inside a checked call, and not the work of the loop over it."""
    end = object()
    while True:
        before, CALL.checked = CALL.checked, True
        try:
            value = next(steps, end)
        finally:
            CALL.checked = before
        if value is end:
            return
        yield value


def guard(module, **others):
    """Check every public function of a module by the names of its arguments: NOTATION, and `others` where given."""
    contracts, functions = {**NOTATION, **others}, vars(sys.modules[module])
    for name, function in list(functions.items()):
        if inspect.isfunction(function) and function.__module__ == module and name[0] != "_":
            arguments = inspect.signature(function).parameters
            functions[name] = takes(**{a: contract for a, contract in contracts.items() if contract and a in arguments})(function)


def unchecked(function):
    """The function without its checks, to be timed or read line by line."""
    # Not its __wrapped__: your own decorator around it, a timer for example, has that too and would be left out.
    return UNCHECKED.get(function, function)


def describe(value):
    """What came, in a few words: its type, and for an array its dtype and shape."""
    if isinstance(value, np.ndarray):
        return f"an array of {value.dtype} with shape {value.shape}"
    # Of a function or a module the name alone: where it lies in memory differs from run to run.
    text = getattr(value, "__name__", None) or " ".join(repr(value).split())
    return f"{text if len(text) < 40 else text[:37] + '...'} ({type(value).__name__})"


class array:
    """A check for an array: its axes by letter, then `finite` or `labels`. A letter twice is a square."""

    def __init__(self, contract):
        self.contract, (axes, _, words) = contract, contract.partition(")")
        self.axes, self.words = re.findall(r"\w+", axes), words.split()
        self.kind, self.wanted = ("iu", "whole numbers") if "labels" in self.words else ("f", "floats")

    def fits(self, value, known):
        """Whether it is an array of that kind and shape, which says how long each new letter is."""
        if not isinstance(value, np.ndarray) or value.dtype.kind not in self.kind or value.ndim != len(self.axes):
            return False
        for axis, length in zip(self.axes, value.shape):
            if known.setdefault(axis, length) != length or not length:
                return False
        return True

    def __call__(self, name, value, known):
        before = known.copy()
        if not self.fits(value, known):
            self.refuse(name, value, before)
        if "finite" in self.words and not np.isfinite(value).all():
            where = tuple(int(i) for i in np.argwhere(~np.isfinite(value))[0])
            raise ValueError(f"{name}: got {value[where]} at {list(where)}, wanted finite numbers")
        if "labels" in self.words and value.min() < 0:
            raise ValueError(f"{name}: got a label {value.min()}, wanted labels from 0 upwards")

    def refuse(self, name, value, known):
        """Raise the error for what does not fit."""
        if not isinstance(value, np.ndarray) or value.dtype.kind not in self.kind:
            raise TypeError(f"{name}: got {describe(value)}, "
                            f"wanted a NumPy array of {self.wanted} with shape {self.contract}")
        so_far = ", ".join(f"{a} = {known[a]}" for a in dict.fromkeys(self.axes) if a in known)
        if value.size == 0 and value.ndim == len(self.axes):
            raise ValueError(f"{name}: got shape {value.shape}, which holds nothing; "
                             f"wanted at least one of each of {self.contract}")
        raise ValueError(f"{name}: got shape {value.shape}, wanted {self.contract}" + (so_far and f" with {so_far}"))


def shares(name, value):
    """Raise ValueError for rows that do not sum to 1."""
    sums = value.sum(axis=-1)
    if not np.allclose(sums, 1, atol=1e-5):
        i = int(np.argmax(np.abs(sums - 1)))
        raise ValueError(f"{name}: got a row that sums to {sums[i]:g} at [{i}], "
                         "wanted rows that sum to 1, as from one_hot")


def targets(name, value, known):
    """A check for Y: finite, and beside a Z, which softmax turns into shares, shares as well."""
    table(name, value, known)
    if "Z" in known:
        shares(name, value)


def numbers(name, value, known=None):
    """A check for what a function works on element by element: a number, or an array of numbers.

    Not the pixels of a file (uint8): in them −3 is 253, and no error says so.
    """
    if not isinstance(value, (np.ndarray, np.number, float, int)) or np.asarray(value).dtype.char not in "efdgilq":
        raise TypeError(f"{name}: got {describe(value)}, wanted a number or a NumPy array of floats")
    if isinstance(value, np.ndarray) and value.size == 0:
        raise ValueError(f"{name}: got {describe(value)}, which holds nothing; wanted at least one number")


def within(low, high, wanted, low_too=False):
    """A check for a real number above `low` (or from it on) and below `high`."""

    def check(name, value, known=None):
        if isinstance(value, bool) or not isinstance(value, (int, float, np.integer, np.floating)):
            raise TypeError(f"{name}: got {describe(value)}, wanted {wanted}")
        if not (low < value < high or low_too and value == low):
            raise ValueError(f"{name}: got {value}, wanted {wanted}")

    return check


positive = within(0, float("inf"), "a finite number above 0")
amount = within(0, float("inf"), "a finite number from 0", low_too=True)
fraction = within(0, 1, "a number in [0, 1)", low_too=True)


def count(name, value, known=None):
    """A check for a number of things: a whole number from 1."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"{name}: got {describe(value)}, wanted a whole number from 1")
    if value < 1:
        raise ValueError(f"{name}: got {value}, wanted a whole number from 1")


def counts(name, value, known):
    """A check for the sizes of a network: at least two whole numbers from 1, and P numbers in θ where θ came first."""
    if not isinstance(value, (list, tuple)):
        raise TypeError(f"{name}: got {describe(value)}, wanted a list of layer sizes such as [784, 256, 128, 10]")
    if len(value) < 2:
        raise ValueError(f"{name}: got {list(value)}, wanted at least two sizes: the inputs and the outputs")
    for i, size in enumerate(value):
        count(f"{name}[{i}]", size)
    P = sum((m + 1) * k for m, k in zip(value, value[1:]))
    if known.get("P", P) != P:
        raise ValueError(f"{name}: got {list(value)}, a network of {P} numbers, "
                         f"wanted one of P = {known['P']}, the length of theta")
    known.update(P=P, d=value[0], K=value[-1])


def generator(name, value, known=None):
    """A check for the source of randomness: a generator that you create, with a seed that you can see."""
    if not isinstance(value, np.random.Generator):
        raise TypeError(f"{name}: got {describe(value)}, wanted a generator such as np.random.default_rng(0)")


def float_type(name, value, known=None):
    """A check for the type of a number that can be learned."""
    if value not in (float, np.float32, np.float64, "float32", "float64"):
        raise TypeError(f"{name}: got {describe(value)}, wanted np.float32 or np.float64")


def function(name, value, known=None):
    """A check for a function of your own."""
    if not callable(value):
        raise TypeError(f"{name}: got {describe(value)}, wanted a function")


def amounts(name, value, known=None):
    """A check for numbers above 0 by name."""
    if not isinstance(value, dict):
        raise TypeError(f"{name}: got {describe(value)}, wanted a dictionary such as {{'the number of examples': 32}}")
    for key in value:
        positive(f"{name}[{key!r}]", value[key])


def remembered(name, value, known):
    """A check for what an update rule remembers: t, and m and v as long as θ."""
    if not isinstance(value, dict) or not {"t", "m", "v"} <= value.keys():
        raise TypeError(f"{name}: got {describe(value)}, wanted a dictionary from remember(theta)")
    flat(f"{name}['m']", value["m"], known)
    flat(f"{name}['v']", value["v"], known)


def one_of(*choices):
    """A check for one of several functions."""

    def check(name, value, known=None):
        if id(value) not in map(id, choices):
            names = ", ".join(choice.__name__ for choice in choices)
            raise ValueError(f"{name}: got {describe(value)}, wanted one of the functions {names}")

    return check


def not_twice(where, last, applied, by):
    """Raise ValueError where the last layer has the activation that comes again after it."""
    if last is applied:
        raise ValueError(f"{where}: got {last.__name__} in the last layer, wanted identity there, "
                         f"because {by} applies {last.__name__} itself")


def loss_of(choices, applies):
    """A check for a loss; applies[loss] is the activation that it brings, which is for shares and not to come twice."""
    choose = one_of(*choices)

    def check(name, value, known):
        choose(name, value)
        if value in applies:
            not_twice("activations", known["activations"][-1], applies[value], f"{value.__name__} takes Z and")
            shares("Y", known.get("Y", np.ones((1, 1))))

    check.after = ("activations",)
    return check


def each_of(*choices):
    """A check for a list with one of several functions for each layer."""
    choose = one_of(*choices)

    def check(name, value, known):
        if not isinstance(value, (list, tuple)):
            raise TypeError(f"{name}: got {describe(value)}, wanted a list of functions, one a layer")
        for i, f in enumerate(value):
            choose(f"{name}[{i}]", f)
        if len(value) != (depth := len(known["sizes"]) - 1):
            raise ValueError(f"{name}: got {len(value)}, wanted {depth}, one a layer")

    check.after = ("sizes",)
    return check


def network(activations, without=None):
    """A check for a list of (W (m, k), b (k,), f): each layer takes what the one before it gives, each f is known.

    The last f is not `without`, where that is applied to what comes out.
    """
    choose = one_of(*activations)

    def check(name, layers, known):
        if not isinstance(layers, (list, tuple)) or not layers:
            raise TypeError(f"{name}: got {describe(layers)}, wanted a list of (W, b, activation), one a layer")
        for i, layer in enumerate(layers):
            if not isinstance(layer, tuple) or len(layer) != 3:
                raise TypeError(f"{name}[{i}]: got {describe(layer)}, wanted a tuple (W, b, activation)")
            W, b, f = layer
            lengths = {"m": known["K"]} if i else {}
            for check_part, part, value in (matrix, "W", W), (vector, "b", b):
                if not check_part.fits(value, lengths):
                    check_part.refuse(f"{part} of {name}[{i}]", value, {"m": known["K"]} if i else {})
            choose(f"activation of {name}[{i}]", f)
            known.update({} if i else {"d": lengths["m"]}, K=lengths["k"])
        if without:
            not_twice(f"activation of {name}[{i}]", f, without, "what comes after it")

    return check


def pairs(**contracts):
    """A check for a list of two arrays, one pair for each layer of a network."""
    checks = {name: array(contract) for name, contract in contracts.items()}

    def check(name, value, known):
        layers = known["layers"]
        if not isinstance(value, (list, tuple)):
            raise TypeError(f"{name}: got {describe(value)}, wanted a list of ({', '.join(checks)}), one a layer")
        if len(value) != len(layers):
            raise ValueError(f"{name}: got {len(value)} layers, wanted {len(layers)} as in layers")
        for i, (pair, (W, _, _)) in enumerate(zip(value, layers)):
            if not isinstance(pair, tuple) or len(pair) != 2:
                raise TypeError(f"{name}[{i}]: got {describe(pair)}, wanted a tuple ({', '.join(checks)})")
            known["m"], known["k"] = W.shape
            for (part, check_part), one in zip(checks.items(), pair):
                if not check_part.fits(one, known):
                    check_part.refuse(f"{part} of {name}[{i}]", one, known)

    check.after = ("layers",)
    return check


matrix, vector, flat, table = array("(m, k)"), array("(k,)"), array("(P,)"), array("(n, K) finite")

# Every name and what it stands for, in the order in which arguments are checked.
NOTATION = {
    "K": count, "n": count, "theta": "(P,)", "grad": "(P,)", "reference": "(P,)", "direction": "(P,) finite",
    "sizes": counts, "layers": None, "activations": None, "X": "(n, d) finite", "Y_hat": "(n, K)", "Z": "(n, K)",
    "Y": targets, "cache": pairs(A_in="(n, m)", Z="(n, k)"), "dA": "(n, K)", "grads": pairs(dW="(m, k)", db="(k,)"),
    "predicted": "(n,) labels", "labels": "(n,) labels", "loss": None, "optimizer": None, "learning_rate": positive,
    "memory": remembered, "beta": fraction, "beta1": fraction, "beta2": fraction, "epsilon": positive,
    "epochs": count, "batch_size": count, "rng": generator, "dtype": float_type, "f": function, "backward": function,
    "quantities": amounts,
}
