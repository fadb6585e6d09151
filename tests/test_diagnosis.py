"""The sentence about what is wrong: each fault gets its own, what is right gets none, and nothing is made up."""

import warnings

import numpy as np
import pytest

from helpers.checks.diagnosis import close, diagnose, factor, said

RNG = np.random.default_rng(5)
SHAPES = [(5, 3), (4, 2), (7, 6)]
TRUTHS = [RNG.normal(size=shape) for shape in SHAPES]
QUANTITIES = [{"n": n, "K": K} for n, K in SHAPES]


def verdict(change, truths=TRUTHS, quantities=None):
    return diagnose([(change(truth), truth) for truth in truths], quantities)


@pytest.mark.parametrize("change", [lambda t: t, lambda t: t * (1 + 1e-9), lambda t: t + 1e-12, lambda t: t.astype(np.float32),
                                    lambda t: t.tolist(), lambda t: t.astype(np.longdouble)])
def test_what_is_right_up_to_rounding_has_no_diagnosis(change):
    assert verdict(change) is None


FAULTS = {
    "another shape": (lambda t: t[:-1], "shape", "your result is a table of 4 × 3 and should be a table of 5 × 3"),
    "right numbers in a row": (lambda t: t.ravel(), "shape", "the numbers are right, but they are a row of 15 numbers and should be a table of 5 × 3"),
    "transposed": (lambda t: t.T, "transposed", "transposed: a table of 3 × 5 for a table of 5 × 3"),
    "one nan": (lambda t: np.where(t == t.max(), np.nan, t), "not finite", "1 of 15 entries are not numbers (the first at ["),
    "inf everywhere": (lambda t: t / 0, "not finite", "15 of 15 entries are not numbers (the first at [0, 0]: "),
    "integers": (lambda t: np.rint(t).astype(int), "whole numbers", "holds whole numbers (int64)"),
    "zeros": (lambda t: 0 * t, "zero", "every entry is 0"),
    "one number": (lambda t: np.full_like(t, 2.5), "all the same", "all entries are the same number, 2.5"),
    "sign": (lambda t: -t, "sign", "every entry has the right size and the wrong sign"),
    "twice": (lambda t: 2 * t, "factor", "every entry is exactly 2 times the true one"),
    "half": (lambda t: t / 2, "factor", "every entry is exactly half the true one"),
    "minus a third": (lambda t: -t / 3, "factor", "every entry is exactly −1/3 of the true one"),
    "times n": (lambda t: t * len(t), "large by n", "every entry is exactly 5 times too large, and n is 5"),
    "over n": (lambda t: t / len(t), "small by n", "every entry is exactly 5 times too small, and n is 5"),
    "times K": (lambda t: t * t.shape[1], "large by K", "every entry is exactly 3 times too large, and K is 3"),
    "plus one": (lambda t: t + 1, "offset", "every entry is off by the same amount, 1"),
    "other numbers, transposed": (lambda t: np.arange(t.size).reshape(t.T.shape), "shape", "is a table of 3 × 5 and should be a table of 5 × 3"),
    "a single zero": (lambda t: np.where(t == t[0, 0], 0, t), "unknown", "14 of 15 entries are right; at [0, 0] you have 0"),
    "a swapped row": (lambda t: np.vstack([t[1], t[0], t[2:]]), "unknown", "of 15 entries are right; at [0, 0] you have "),
    "one entry": (lambda t: np.where(t == t[0, 1], 9.0, t), "unknown", "14 of 15 entries are right; at [0, 1] you have 9, wanted"),
}


@pytest.mark.filterwarnings("ignore:divide by zero")
@pytest.mark.parametrize("change, name, words", FAULTS.values(), ids=FAULTS)
def test_each_fault_gets_its_sentence(change, name, words):
    found = verdict(change, quantities=QUANTITIES)
    assert found[0] == name and words in found[1]


def test_a_square_table_may_be_transposed_too():
    square = [RNG.normal(size=(3, 3)), RNG.normal(size=(4, 4))]
    assert verdict(lambda t: t.T, square) == ("transposed", "your result is the right one, transposed")


def test_one_number_is_spoken_of_as_one():
    cases = [np.array(2.0), np.array(3.0)]
    assert verdict(lambda t: -t, cases) == ("sign", "your number has the right size and the wrong sign")
    assert verdict(lambda t: 3 * t, cases)[1] == "your number is exactly 3 times the true one"
    quantities = [{"n": 4}, {"n": 5}]
    assert diagnose([(8.0, 2.0), (15.0, 3.0)], quantities)[1] == "your number is exactly 4 times too large, and n is 4"
    assert diagnose([(np.nan, 2.0)])[1].startswith("1 of 1 entries are not numbers (the first: nan)")
    assert verdict(lambda t: t + 0.1, [np.array([2.0]), np.array([3.0])])[1] == "at [0] you have 2.1, wanted 2"


def test_a_constant_factor_is_not_put_down_to_a_quantity_that_varies():
    assert verdict(lambda t: 5 * t, quantities=QUANTITIES)[0] == "factor"


def test_in_one_case_alone_a_quantity_may_be_named():
    found = diagnose([(5 * TRUTHS[0], TRUTHS[0])], [{"n": 5, "K": 3}])
    assert found == ("large by n", "every entry is exactly 5 times too large, and n is 5")
    assert diagnose([(2 * TRUTHS[0], TRUTHS[0])], [{"n": 5, "K": 3}])[0] == "factor"


def test_where_the_quantity_never_varies_the_factor_alone_is_said():
    same = [TRUTHS[0], TRUTHS[0] + 1]
    assert verdict(lambda t: t * 5, same, [{"n": 5}] * 2)[0] == "factor"


def test_one_case_alone_is_not_enough_for_all():
    pairs = [(TRUTHS[0] * 2, TRUTHS[0]), (TRUTHS[1], TRUTHS[1])]
    assert diagnose(pairs)[0] == "unknown" and "none of 15" in diagnose(pairs)[1]
    assert diagnose([(0 * TRUTHS[0], TRUTHS[0]), (TRUTHS[1], TRUTHS[1])])[0] == "unknown"
    assert diagnose([(TRUTHS[1], TRUTHS[1]), (TRUTHS[0].T, TRUTHS[0])])[0] == "shape"


def test_what_holds_for_one_case_must_hold_for_every_case():
    a, b = TRUTHS[:2]
    assert diagnose([(a.ravel(), a), (np.ones(8), b)]) == ("shape", "your result is a row of 15 numbers and should be a table of 5 × 3")
    whole = np.arange(1.0, 7.0).reshape(2, 3)
    assert diagnose([(whole.astype(int), whole), (b + b[0], b)])[0] != "whole numbers"
    square = [RNG.normal(size=(3, 3)), RNG.normal(size=(4, 4))]
    assert diagnose([(square[0].T, square[0]), (square[1][::-1], square[1])])[0] == "unknown"


def test_two_entries_are_enough_for_every_and_all():
    two = [np.array([1.0, 3.0]), np.array([2.0, 5.0])]
    assert verdict(lambda t: 0 * t, two)[0] == "zero" and verdict(lambda t: np.full_like(t, 4.5), two)[0] == "all the same"
    assert verdict(lambda t: t + 0.25, two)[0] == "offset"
    assert diagnose([([1.0, 5.0], [1.0, 7.0])])[1] == "1 of 2 entries is right; at [1] you have 5, wanted 7"
    assert diagnose([(0.0, 2.0)])[1] == "you have 0, wanted 2", "one 0 alone is not every entry"


def test_a_factor_of_2_may_come_from_an_n_of_2_and_a_K_that_varies_beside_it():
    assert diagnose([(2 * TRUTHS[0], TRUTHS[0])], [{"n": 2}])[0] == "large by n"
    assert verdict(lambda t: 5 * t, TRUTHS[:2], [{"n": 5, "K": 3}, {"n": 5, "K": 2}])[0] == "large by n"


def test_entries_are_compared_on_the_scale_of_the_largest():
    words = diagnose([([-1e6, 1e-4, 5.0], [-1e6, 0.0, 7.0])])[1]
    assert words == "2 of 3 entries are right; at [2] you have 5, wanted 7"
    assert diagnose([([1e-6, 5e-10, 4e-6], [1e-6, 0.0, 3e-6])])[1].startswith("1 of 3 entries is right; at [1] ")


def test_every_entry_means_every_entry():
    t = np.array([0.0, 1.0, -2.0])
    for almost in np.array([0.0, 1.0 + 1e-4, -2.0]), np.array([1e-7, 1.0, -2.0]):
        assert diagnose([(2 * almost, t)])[0] == "unknown", "almost twice as large is not twice"
    assert diagnose([(t + np.array([1, 1 + 1e-4, 1]), t)])[0] == "unknown"
    assert diagnose([([1e-7, 1.0, 5.0], t)])[1].startswith("1 of 3 entries is right; at [0] ")


def test_nan_is_never_right():
    assert diagnose([(TRUTHS[0], TRUTHS[0]), (np.array([1.0, np.nan]), np.array([1.0, 2.0]))])[0] == "not finite"


@pytest.mark.parametrize("given, truth, right", [
    (1.0, 1.0, True), (1.0 + 1e-7, 1.0, True), (1.0 + 1e-5, 1.0, False), (0.0, 1e-3, False), ([1.0, 0.0], [1.0, 1e-12], True),
    ([1.0, 1e-8], [1.0, 0.0], False), (np.float32(1.00005), 1.0, True), (np.float32(1.001), 1.0, False), ([1.0], 1.0, False),
    (np.array([1, 1e-6], np.float32), np.array([1.0, 0.0]), True), (np.array([1, 1e-3], np.float32), np.array([1.0, 0.0]), False),
    ([], [], True), ([-1.0, 1e-12], [-1.0, 0.0], True), ([1e-6, 5e-10], [1e-6, 0.0], False), ([1e6, 1e-4], [1e6, 0.0], True),
])
def test_close_grants_the_rounding_of_its_own_type_and_no_more(given, truth, right):
    assert bool(close(np.asarray(given), np.asarray(truth))) is right


@pytest.mark.parametrize("given, truth, wanted", [
    ([2.0, 4.0], [1.0, 2.0], 2.0), ([-1.0, 0.0], [2.0, 0.0], -0.5), ([2.0, 4.1], [1.0, 2.0], None), ([0.0, 0.0], [1.0, 2.0], None),
    ([1.0, 2.0], [0.0, 0.0], None), ([1.0], [1.0, 2.0], None), ([1, 2], [2, 4], 0.5), ([1.0, 1e-3], [1.0, 0.0], None),
    ([2.0, 4.0], [[1.0, 2.0]], None), ([1e6, 1e-4], [1.0, 0.0], 1e6), ([-1e6, 1e-4], [1.0, 0.0], -1e6),
])
def test_a_factor_holds_in_every_entry_or_there_is_none(given, truth, wanted):
    found = factor(given, truth)
    assert (found is None) == (wanted is None) and (wanted is None or np.isclose(found, wanted) and type(found) is float)


@pytest.mark.parametrize("r, words", [(0.5, "half"), (2, "2 times"), (1 / 3, "1/3 of"), (-1 / 4, "−1/4 of"), (-2, "−2 times"),
                                      (0.3, "0.3 times"), (-0.5, "−1/2 of"), (2.5, "2.5 times"),
                                      (1.0, "1 times"), (-1.0, "−1 times")])
def test_a_factor_in_words(r, words):
    assert said(r) == words


def test_whole_numbers_are_blamed_only_where_the_rest_is_right():
    t = TRUTHS[0] * 10
    for cut in (np.trunc, np.floor, np.rint):
        assert diagnose([(cut(t).astype(int), t)])[0] == "whole numbers"
    for wrong in (np.ceil(t).astype(int), np.trunc(t).astype(int) + 1, np.arange(15).reshape(5, 3), np.zeros((5, 3), int)):
        assert diagnose([(wrong, t)])[0] != "whole numbers"
    assert diagnose([(0, 0.4)])[1] == "you have 0, wanted 0.4" and diagnose([(2, 2.5)])[0] == "whole numbers"
    mixed = [(np.trunc(t).astype(int), t), (np.rint(t + 0.4).astype(int), t + 0.4)]
    assert diagnose(mixed)[0] != "whole numbers", "one way of cutting for all cases"
    assert diagnose([(np.trunc(t).astype(int), t), (np.trunc(t), t)])[0] != "whole numbers", "the second holds none"


def test_nearly_right_is_no_factor_and_next_to_nothing_no_fraction():
    t = TRUTHS[0]
    for near in (1 + 2e-6, 1 - 5e-6, 1.0009, 0.9991):
        name, words = diagnose([(near * t, t)])
        assert name == "unknown" and words.startswith("none of 15 entries is right; at [0, 0] you have ")
    assert diagnose([(1.002 * t, t)]) == ("factor", "every entry is exactly 1.002 times the true one")
    assert said(1 / 999) == "1/999 of" and said(0.001) == "0.001 times" and said(1 / 318309.886) == "3.142e−06 times"


def test_noise_in_a_tiny_gradient_is_no_offset():
    tiny = 1e-13 * RNG.normal(size=(4, 3))
    assert diagnose([(tiny * RNG.normal(size=(4, 3)), tiny)])[0] == "unknown"
    assert diagnose([(tiny + 1e-13, tiny)])[0] == "offset"


@pytest.mark.parametrize("given", [np.array([[True, False]] * 5), np.zeros((5, 3), bool), np.full((5, 3), 1 + 1j), np.zeros((0, 3)), np.array([]), 1j, True, np.int8(3)])
def test_whatever_kind_of_numbers_comes_gets_a_sentence(given):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        name, words = diagnose([(given, TRUTHS[0])])
    assert name and "()" not in words and "(3,)" not in words


def test_a_factor_must_be_the_same_in_every_case_and_tiny_factors_are_no_exception():
    tiny = [(np.array([1e-9, 2e-9]), np.array([1.0, 2.0])), (np.array([3e-9, 4.5e-9]), np.array([2.0, 3.0]))]
    assert diagnose(tiny)[0] != "factor", "1e-9 and 1.5e-9 are not one factor"
    assert diagnose([(1.25e-9, 1.0), (2.5e-9, 1.0)], [{"n": 2}, {"n": 3}])[0] == "unknown"


def test_numbers_that_differ_late_are_told_with_the_digits_in_which_they_differ():
    assert diagnose([(-0.2586851234, -0.2586857)])[1] == "you have -0.258685, wanted -0.258686"
    assert diagnose([(0.12345604, 0.12345636)])[1] == "you have 0.12345604, wanted 0.12345636"
