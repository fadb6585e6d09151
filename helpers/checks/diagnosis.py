"""What is wrong with an array of numbers, said in a sentence: hypotheses tested against the truth."""

import numpy as np

RTOL = 1e-6


def shape_words(shape):
    """A shape in words: a single number, a row of 3 numbers, a table of 5 × 3."""
    if not shape:
        return "a single number"
    if 0 in shape:
        return "empty"
    return f"a row of {shape[0]} number{'s' * (shape[0] != 1)}" if len(shape) == 1 else f"a table of {' × '.join(map(str, shape))}"


def close(given, truth, rtol=RTOL):
    """Equal up to rounding; float32 answers are granted the rounding of float32."""
    given = np.asarray(given)
    single = given.dtype in (np.float32, np.float16)
    scale = np.abs(truth).max(initial=0)
    if given.shape != np.shape(truth):
        return False
    # What a known mistake gives is compared too, and may be nan: a truth never is.
    return np.allclose(given, truth, rtol=1e-4 if single else rtol, atol=scale * (1e-5 if single else 1e-9), equal_nan=True)


def factor(given, truth):
    """The number r with given = r · truth in every entry, to a part in a million, or None."""
    given, truth = np.asarray(given), np.asarray(truth)
    if given.shape != truth.shape or given.dtype.kind not in "biuf" or not truth.any():
        return None
    given, truth = given.astype(float), truth.astype(float)
    r = float((given * truth).sum() / (truth * truth).sum())
    return r if r and np.allclose(given, r * truth, rtol=1e-6, atol=1e-9 * np.abs(given).max()) else None


def diagnose(pairs, quantities=None):
    """Why `given` is not `truth`, over several pairs (given, truth) → (name, evidence), or None where all are equal.

    quantities: for each pair the numbers that a factor may come from, such as {"n, the number of examples": 32}.
    """
    pairs = [(np.asarray(given), np.asarray(truth)) for given, truth in pairs]
    quantities = quantities or [{}] * len(pairs)
    if all(close(*pair) for pair in pairs):
        return None
    for hypothesis in (wrong_shape, not_finite, nothing_there, whole_numbers, constant_factor, from_quantity, transposed, constant_offset):
        found = hypothesis(pairs, quantities)
        if found:
            return found
    return unknown(pairs)


def wrong_shape(pairs, quantities):
    """Another shape than wanted; said apart where the numbers are right, or come in a transposed table."""
    given, truth = next(((g, t) for g, t in pairs if g.shape != t.shape), (None, None))
    if given is None:
        return None
    if all(g.shape == t.T.shape and close(g, t.T) for g, t in pairs):
        return "transposed", f"your result is the right one, transposed: {shape_words(given.shape)} for {shape_words(truth.shape)}"
    if all(g.size == t.size and close(g.ravel(), t.ravel()) for g, t in pairs):
        return "shape", f"the numbers are right, but they are {shape_words(given.shape)} and should be {shape_words(truth.shape)}"
    return "shape", f"your result is {shape_words(given.shape)} and should be {shape_words(truth.shape)}"


def not_finite(pairs, quantities):
    """nan or inf; the truth is always a number."""
    for given, _ in pairs:
        bad = ~np.isfinite(given)
        if bad.any():
            where = np.argwhere(bad)[0].tolist()
            return "not finite", f"{int(bad.sum())} of {bad.size} entries are not numbers (the first{f' at {where}' if where else ''}: {given[bad][0]}); something overflows or is divided by zero"


def whole_numbers(pairs, quantities):
    """Cut down to integers on the way, or rounded."""
    if all(g.dtype.kind in "iu" and t.dtype.kind == "f" and g.any() for g, t in pairs) and any(
            all(np.array_equal(g, cut(t)) for g, t in pairs) for cut in (np.trunc, np.floor, np.rint)):
        return "whole numbers", f"your result holds whole numbers ({pairs[0][0].dtype}), so everything behind the point is lost"


def nothing_there(pairs, quantities):
    """Zero everywhere, or one and the same number."""
    if all(g.size > 1 and not g.any() for g, _ in pairs):
        return "zero", "every entry is 0"
    if all(g.size > 1 and (g == g.flat[0]).all() for g, _ in pairs):
        return "all the same", f"all entries are the same number, {pairs[0][0].flat[0]:.4g}"


def constant_factor(pairs, quantities):
    """The same multiple everywhere."""
    factors = [factor(g, t) for g, t in pairs]
    if None in factors or not np.allclose(factors, factors[0], atol=0):
        return None
    # A quantity that is the same in every one of several cases explains nothing; the only one there is may.
    if from_quantity(pairs, quantities) and (len(pairs) == 1 or len(set(map(str, quantities))) > 1):
        return None
    r, one = factors[0], pairs[0][1].size == 1
    if np.isclose(r, 1, rtol=1e-3):
        return None  # nearly right is not a factor
    if np.isclose(r, -1):
        return "sign", "your number has the right size and the wrong sign" if one else "every entry has the right size and the wrong sign"
    return "factor", f"{'your number' if one else 'every entry'} is exactly {said(r)} the true one"


def from_quantity(pairs, quantities):
    """A multiple that differs from case to case as a number of the case does: a forgotten or superfluous 1/n."""
    factors = [factor(g, t) for g, t in pairs]
    if None in factors:
        return None
    for name in quantities[0]:
        values = [q[name] for q in quantities]
        for power, words in ((1, "large"), (-1, "small")):
            if np.allclose(factors, [float(v) ** power for v in values], rtol=1e-6, atol=0) and not np.allclose(factors, 1):
                one = pairs[0][1].size == 1
                return f"{words} by {name}", f"{'your number' if one else 'every entry'} is exactly {values[0]:g} times too {words}, and {name} is {values[0]:g}"


def transposed(pairs, quantities):
    """The right table with rows and columns exchanged, where it is square."""
    if all(g.ndim == 2 and close(g, t.T) for g, t in pairs):
        return "transposed", "your result is the right one, transposed"


def constant_offset(pairs, quantities):
    """Off by the same amount everywhere."""
    if any(g.dtype.kind not in "biuf" for g, _ in pairs):
        return None
    gaps = [g.astype(float) - t for g, t in pairs]
    if all(gap.size > 1 and np.allclose(gap, gap.flat[0], rtol=1e-6, atol=0) for gap in gaps):
        return "offset", f"every entry is off by the same amount, {gaps[0].flat[0]:.4g}"


def unknown(pairs):
    """Nothing that is known: where it starts to differ."""
    given, truth = next((g, t) for g, t in pairs if not close(g, t))
    wrong = ~np.isclose(given, truth, rtol=RTOL, atol=1e-9 * np.abs(truth).max(initial=0))
    where = np.argwhere(wrong)[0].tolist()
    good = wrong.size - int(wrong.sum())
    right = f"{good or 'none'} of {wrong.size} entries {'is' if good < 2 else 'are'} right; " if wrong.size > 1 else ""
    at = f"at {where} " if where else ""
    one, two = given[wrong].flat[0], truth[wrong].flat[0]
    digits = next((d for d in (6, 9, 12) if f"{one:.{d}g}" != f"{two:.{d}g}"), 17)
    return "unknown", f"{right}{at}you have {one:.{digits}g}, wanted {two:.{digits}g}"


def said(r):
    """A factor in words: 2 times, half, 1/3 of."""
    if np.isclose(r, 0.5, rtol=1e-6, atol=0):
        return "half"
    if 1e-3 < abs(r) < 1 and np.isclose(1 / r, round(1 / r), rtol=1e-6, atol=0):
        return f"1/{round(1 / r)} of" if r > 0 else f"−1/{round(-1 / r)} of"
    return f"{r:.4g} times".replace("-", "−")
