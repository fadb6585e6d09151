"""The planted bugs can be planted: every one still finds the line that it spoils, and gives a program that runs."""

import ast

import pytest

from mutants import MODULES, ROOT, home, module, mutants, planted, reasons
from mutants_by_hand import MISTAKES


def test_there_are_many_and_none_twice():
    assert len(MISTAKES) >= 40
    assert len({(name, old, new) for name, old, new, _ in MISTAKES}) == len(MISTAKES)


@pytest.mark.parametrize("place, old, new, what", MISTAKES, ids=[what for *_, what in MISTAKES])
def test_each_mistake_has_one_place_to_be_made(place, old, new, what):
    name, function = home(place)
    source = (ROOT / name).read_text(encoding="utf-8")
    assert ast.dump(ast.parse(planted(source, function, old, new))) != ast.dump(ast.parse(source)), "it changes nothing"


def test_another_line_beside_a_mistake_costs_no_edit():
    source = "def f(x):\n    return x + 1  # as before\n\ndef g(x):\n    return x + 1\n"
    assert "return x - 1" in planted(source, "f", "x + 1", "x - 1") and planted(source, "f", "x + 1", "x - 1").count("x + 1") == 1
    assert planted(source.replace("# as", "# quite as"), "f", "x + 1", "x - 1") == planted(source, "f", "x + 1", "x - 1")


def test_every_module_has_its_tests_and_every_survivor_its_mutant():
    for name, tests in MODULES.items():
        assert (ROOT / name).exists() and all((ROOT / test).exists() for test in tests), name
    known, made = reasons(), set()
    for name in {home(place)[0] for place, *_ in known}:
        source = (ROOT / name).read_text(encoding="utf-8")
        for function, statement, old, new, _ in mutants(source, "/figures/" in name):
            place = f"{module(name)}.{function}".strip(".")
            made |= {(place, old, new), (place, statement, "*")}
    assert set(known) - made == set()
    assert all(len(why) > 10 for why in known.values())


def test_mutants_of_a_small_source_are_the_expected_ones():
    news = {(old, new) for _, _, old, new, _ in mutants("def f(x):\n    '''words'''\n    return x.sum() + 1 if x > 0 else -x\n")}
    assert {("x.sum() + 1", "(x.sum() - 1)"), ("x > 0", "(x >= 0)"), ("x > 0", "(x <= 0)"), ("-x", "x"), ("1", "2"),
            ("x.sum", "x.mean")} <= news and len(news) == 11
