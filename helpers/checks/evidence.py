"""What a reply says in a beginner's words: whether a result is right, what is there, what was wanted, for which input."""

import numbers

import numpy as np

from helpers.checks import diagnosis


def equal(given, truth):
    """Whether a result is the true one, up to rounding."""
    if isinstance(truth, tuple):
        given = unstacked(given, truth)
        return len(given) == len(truth) and all(map(equal, given, truth))
    rows = given if isinstance(given, tuple) else ()
    if rows and all(isinstance(row, np.ndarray) and row.shape == np.shape(rows[0]) for row in rows):
        given = np.array(rows)  # rows handed over one by one are a table
    if isinstance(truth, str) or isinstance(given, (str, tuple)) or given is None:
        return isinstance(given, str) and isinstance(truth, str) and given.strip().lower() == truth.strip().lower()
    return diagnosis.close(given, truth)


def unstacked(given, truth):
    """Several results, also where they come as the rows of one array."""
    shapes = [None if isinstance(part, tuple) else np.shape(part) for part in truth]
    if isinstance(given, np.ndarray) and given.ndim and [part.shape for part in given] == shapes:
        return tuple(given)
    return given if isinstance(given, tuple) else ()


def rounded(given, truth, digits):
    """Whether a number is the true one up to rounding to so many significant digits; with none nothing is rounded."""
    if not digits or not isinstance(given, numbers.Real) or not truth:
        return False
    return bool(abs(given - truth) <= 0.5001 * 10.0 ** (np.floor(np.log10(abs(truth))) + 1 - digits))


def single(results):
    """Whether no number in a result, or in several, is finer than float32."""
    if isinstance(results, (tuple, list)):
        return all(map(single, results))
    numbers = np.asarray(results)
    return numbers.dtype.kind in "biuf" and bool((numbers == numbers.astype(np.float32)).all())


def as_single(results):
    """A result, or several, in float32."""
    return type(results)(map(as_single, results)) if isinstance(results, (tuple, list)) else np.float32(results)


def structure(pairs):
    """What keeps results from being compared with the true ones, or None: another kind of thing, or complex numbers."""
    for given, truth in pairs:
        if equal(given, truth):
            continue
        if given is None or isinstance(given, (str, tuple)) or isinstance(truth, (str, tuple)):
            return "kind", f"there should be {thing(truth)}, and there is {there(given)}"
        if np.iscomplexobj(given):
            first = f", such as {np.ravel(given)[0]:.4g}" if np.size(given) else ""
            return "complex", f"your result holds complex numbers{first}"
        if (np.ndim(given) == 0) != (np.ndim(truth) == 0):
            right = np.size(given) == np.size(truth) and diagnosis.close(np.ravel(given), np.ravel(truth))
            said = f"there should be {thing(truth)}, and there is {thing(given)}"
            return "shape", said + (", with the right number in it" if right else "")
    return None


def thing(value):
    """What a result is, in words that do not give it away."""
    if isinstance(value, str):
        return "a word"
    if isinstance(value, tuple):
        return f"a tuple of {len(value)}"
    return f"an array of shape {np.shape(value)}" if np.ndim(value) else "a single number"


def there(given):
    """What is there in its place; words stand for themselves."""
    return "nothing" if given is None else given[:60] if isinstance(given, str) else thing(given)


def count(n):
    """So many numbers."""
    return "a single number" if n == 1 else f"{n} numbers"


def alone(which, given, truth, digits=0):
    """The evidence for a single number, which must not give the number away: no factor, no difference."""
    if not np.isfinite(given) or np.iscomplexobj(given):
        return f"{which} is {given}"
    if any(rounded(given, truth, d) and given == float(f"{given:.{d}g}") for d in range(2, digits)):
        return f"{which} is rounded too far: give {digits} digits"
    if given and truth and (given < 0) != (truth < 0):
        return f"{which} has the wrong sign"
    return f"{which} is too {'large' if given > truth else 'small'}"


def both(given, truth):
    """A result and the true one, with digits enough to tell them apart; of large ones the first entry that differs."""
    if given is None or isinstance(given, (str, tuple)) or isinstance(truth, str) or np.shape(given) != np.shape(truth):
        return f"there should be {thing(truth)}, and there is {there(given)}"
    given, truth, where = np.asarray(given), np.asarray(truth), ""
    if given.size > 6:
        wrong = ~np.isclose(given, truth, rtol=1e-6, atol=1e-9 * np.abs(truth).max())
        wrong = wrong if wrong.any() else np.abs(given - truth) == np.abs(given - truth).max()
        at, right = tuple(np.argwhere(wrong)[0].tolist()), wrong.size - wrong.sum()
        where = f"{right or 'none'} of {wrong.size} entries {'is' if right < 2 else 'are'} right; at {list(at)} "
        given, truth = given[at], truth[at]
    digits = next((d for d in range(4, 18) if shown(given, d) != shown(truth, d)), 18)
    return f"{where}you have {shown(given, digits)}, wanted {shown(truth, digits)}"


def described(value):
    """An argument in a few words: itself where it is small."""
    if isinstance(value, np.ndarray) and value.size > 9:
        return f"of shape {value.shape}"
    if callable(value):
        return "= a function"
    if isinstance(value, (list, tuple)) and amount(value) > 9:
        return f"= a {type(value).__name__} of {len(value)}"
    known = isinstance(value, (int, float, str, list, tuple, np.ndarray, np.number))
    return f"= {shown(value)}" if known else f"= a {type(value).__name__}"


def shown(value, digits=4):
    """Numbers with so many digits, in brackets where there are several."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(shown(part, digits) for part in value)}]"[:200]
    if isinstance(value, (float, np.floating)):
        return f"{value:.{digits}g}"
    if callable(value):
        return getattr(value, "__name__", "a function")  # where it lies differs from run to run
    return f"{value}"[:60]


def amount(value):
    """How many numbers an argument holds."""
    return sum(map(amount, value)) if isinstance(value, (list, tuple)) else np.size(value)


def beginning(text, lines=12, length=600):
    """The first lines of what was printed."""
    first = "\n".join(text.rstrip().splitlines()[:lines])[:length]
    return first if first == text.rstrip() else first + "\n…"
