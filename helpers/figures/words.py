"""Numbers as they are written in pictures: few digits, a true minus sign, a unit that suits their size."""

import math

UNITS = [(345_600, "days"), (5_940, "h"), (120, "min"), (1, "s"), (1e-3, "ms"), (1e-6, "µs"), (0, "ns")]
LONG = {"days": 86_400, "h": 3_600, "min": 60}  # a time is given in these only from somewhat more than one of them on
PREFIXES = [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")]
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def minus(text):
    """A number's text with the sign that is meant: −, not the hyphen."""
    return text.replace("-", "−")


def number(value, digits=3):
    """A number with fixed digits."""
    return minus(f"{value:.{digits}f}")


def rounded(value, digits=2):
    """The same, with no minus before a zero."""
    return number(round(float(value), digits) + 0.0, digits)


def fitted(value, digits=3):
    """The same where room is short: fewer digits for what is large, more for what would look like 0."""
    value = round(float(value), 5) + 0.0
    if abs(value) >= 10:
        digits = 2 if abs(value) < 100 else 1
    return number(value, 5 if 0 < abs(value) < 0.01 else digits)


def given(value):
    """A number that was chosen, not computed: one digit where that says it all, else two."""
    return number(value, 1 if round(value, 1) == round(value, 2) else 2)


def bracket(words):
    """A number inside a product or a sum: a negative one in brackets."""
    return f"({words})" if words[0] == "−" else words


def percent(share, digits=0):
    """A share: 0.968 → "97 %", and with digits=1 "96.8 %", where only what is complete is called 100.0 %."""
    if digits and 1 - 0.5 * 10 ** -(digits + 2) <= share < 1:
        return f"> {100 - 10**-digits:.{digits}f} %"
    return f"{share:.{digits}%}".replace("%", " %")


def two_digits(value):
    """33, 2.4, 0.24, 240: two digits that count, and never an exponent."""
    value = float(f"{value:.2g}")  # rounded first, because 0.999 becomes 1.0 and not 1.00
    places = max(0, 1 - math.floor(math.log10(value))) if value > 0 else 0
    return f"{value:,.{places}f}"


def size(value):
    """A number of which only the size matters, in one digit: 4e−17, or 0."""
    return minus(f"{value:.0e}") if value else "0"


def power(value):
    """The same as a product, 3 · 10⁻⁷."""
    digit, exponent = f"{value:.0e}".split("e")
    return f"{'' if digit == '1' else f'{digit} · '}10{str(int(exponent)).translate(SUPERSCRIPTS)}"


def duration(seconds):
    """A time, with two digits that count: 33 ms; 0.24 ms is 240 µs, and 300 s are 5.0 min."""
    least, unit = next(row for row in UNITS if seconds >= 0.995 * row[0])
    return f"{two_digits(seconds / LONG.get(unit, least or 1e-9))} {unit}"


def prefixed(value):
    """A rate with the prefix of its size, ready for its unit: "52 G", "950 M", "12 "."""
    for least, prefix in PREFIXES:
        if value >= 0.995 * least:
            return f"{two_digits(value / least)} {prefix}"
    return f"{two_digits(value)} "
