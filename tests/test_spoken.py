"""Numbers as people write them are read as they are meant, or refused at once with a reason."""

import math

import numpy as np
import pytest

from helpers.checks.spoken import looks_like_a_number, read_number

UNDERSTOOD = {
    "0.62": 0.62, "0,62": 0.62, ".62": 0.62, ",62": 0.62, " 0.62 ": 0.62, "62 %": 0.62, "62%": 0.62, "62 percent": 0.62, "62,5 %": 0.625, "5 ‰": 0.005,
    "5/8": 0.625, "5 / 8": 0.625, "-5/8": -0.625, "1 1/2": 1.5, "½": 0.5, "2½": 2.5, "¾": 0.75, "1⁄2": 0.5, "2.5/5": 0.5,
    "10^-5": 1e-5, "10**-5": 1e-5, "10^(-5)": 1e-5, "10⁻⁵": 1e-5, "10⁵": 1e5, "1e-5": 1e-5, "1E5": 1e5, "1e+5": 1e5, "1,5e-3": 0.0015, "2·10⁻³": 0.002,
    "2*10^-3": 0.002, "2 x 10^-3": 0.002, "2 × 10⁻³": 0.002, "-2·10^4": -20000, "2^10": 1024, "-3^2": -9,
    "−3": -3, "–3": -3, "- 3": -3, "minus 3": -3, "+3": 3, "(3)": 3, "−0,5": -0.5, "minus one": -1,
    "1.000.000": 1e6, "1,000,000": 1e6, "235 146": 235146, "235\u00a0146": 235146, "235\u202f146": 235146, "235_146": 235146, "235'146": 235146, "235’146": 235146,
    "1.234,5": 1234.5, "1,234.5": 1234.5, "1 234,5": 1234.5, "12,34,567": 1234567, "0,622": 0.622, "0.622": 0.622, "1.234": 1.234, "1,5": 1.5, "12,3456": 12.3456,
    "one": 1, "Zero": 0, "twelve": 12, "twenty-one": 21, "two hundred": 200, "two hundred and five": 205, "a half": 0.5, "two thirds": 2 / 3,
    "one and a half": 1.5, "20 thousand": 20000, "1.5 million": 1.5e6, "5k": 5000, "a dozen": 12, "three quarters": 0.75,
    "about 5": 5, "~5": 5, "≈ 0.6": 0.6, "5.": 5, "007": 7, "１２": 12, "٣": 3, "'5'": 5, "0": 0, "-0": 0, "two hundred thousand": 200000,
    "α = 0.4": 0.4, "x=2": 2, "10^{-5}": 1e-5, "2 and a half": 2.5, "two hundred and 5": 205,
}
REFUSED = {
    "235,146": "235146 or as 235.146", "-1,234": "-1234 or as -1.234", "": "no number yet", "   ": "no number yet", "5 €": "currency", "$5": "currency",
    "5-7": "more than one", "5 to 7": "more than one", "1, 2": "more than one", "1; 2": "more than one", "nan": "cannot be compared", "inf": "cannot be compared",
    "∞": "cannot be compared", "5 MB": "unit", "0.3s": "unit", "1.2.3": "more than one way", "1,2,3": "more than one way", "12 34": "one number or two",
    "5/0": "no finite value", "1e999": "too large", "10^999999": "", "explodes": "not a number", "x": "not a number", "1+1": "not a number", "0x10": "not a number",
    "three four": "not a number", "1 and 2": "more than one", "one and two": "not a number", "-": "not a number", "%": "not a number", "^": "not a number", "e5": "not a number", "5//8": "not a number", "1.5/": "not a number",
}


@pytest.mark.parametrize("text, meant", UNDERSTOOD.items(), ids=UNDERSTOOD)
def test_what_is_meant_is_understood(text, meant):
    assert math.isclose(read_number(text), meant, rel_tol=1e-15)
    assert type(read_number(text)) is float and math.copysign(1, read_number(text)) == (-1 if meant < 0 else 1)


@pytest.mark.parametrize("text, why", REFUSED.items(), ids=lambda text: repr(text)[:12])
def test_what_means_no_number_or_two_is_refused_with_a_reason(text, why):
    with pytest.raises(ValueError) as refused:
        read_number(text)
    assert why in str(refused.value) and "\n" not in str(refused.value) and str(refused.value).endswith(".")


def test_every_number_that_python_prints_is_read_as_it_is():
    rng = np.random.default_rng(0)
    for value in [*rng.normal(size=200) * 10.0 ** rng.integers(-12, 12, 200), *rng.integers(-10**9, 10**9, 100)]:
        for text in (repr(value.item()), str(value), f"{value:.3g}", f"{value:.2e}", f"{value:.6f}"):
            assert read_number(text) == pytest.approx(float(text), rel=1e-15)
        assert read_number(value.item()) == value


def test_whatever_is_typed_is_read_or_refused_in_words():
    rng, letters = np.random.default_rng(1), list("0123456789.,-+−/^*·e%½ _'⁻³ kx()one\n\t∞a")
    for _ in range(20000):
        text = "".join(rng.choice(letters, rng.integers(0, 9)))
        try:
            assert math.isfinite(read_number(text))
        except ValueError as refused:
            assert str(refused).endswith("."), text


def test_who_meant_a_number_is_told_from_who_meant_a_word():
    assert all(map(looks_like_a_number, ["235,146", "-1,2,3", "5 MB", ".5.", " 5", "½"]))
    assert not any(map(looks_like_a_number, ["explodes", "neuron 2", "", "-", "JAX"]))
