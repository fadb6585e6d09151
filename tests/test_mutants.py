"""The planted bugs can be planted: every one still finds the line that it spoils, and gives a program that runs."""

import ast
from pathlib import Path

import pytest

from mutants import MODULES, ROOT, mutants, reasons
from mutants_by_hand import MISTAKES


def test_there_are_many_and_none_twice():
    assert len(MISTAKES) >= 40
    assert len({(name, old, new) for name, old, new, _ in MISTAKES}) == len(MISTAKES)


@pytest.mark.parametrize("name, old, new, what", MISTAKES, ids=[what for *_, what in MISTAKES])
def test_each_mistake_has_one_place_to_be_made(name, old, new, what):
    source = (ROOT / name).read_text(encoding="utf-8")
    assert source.count(old) == 1, old
    assert ast.dump(ast.parse(source.replace(old, new))) != ast.dump(ast.parse(source)), "it changes nothing"


def test_every_module_has_its_tests_and_every_survivor_its_mutant():
    for name, tests in MODULES.items():
        assert (ROOT / name).exists() and all((ROOT / test).exists() for test in tests), name
    known = reasons()
    for name in {name for name, *_ in known}:
        source = (ROOT / name).read_text(encoding="utf-8")
        made = {(name, source.splitlines()[line - 1].strip(), old, new) for line, old, new, _ in mutants(source, "/figures/" in name)}
        made |= {(where, line, "*", "*") for where, line, *_ in made}
        assert {key for key in known if key[0] == name} <= made
    assert all(len(why) > 10 for why in known.values())


def test_mutants_of_a_small_source_are_the_expected_ones():
    news = {(old, new) for _, old, new, _ in mutants("def f(x):\n    '''words'''\n    return x.sum() + 1 if x > 0 else -x\n")}
    assert {("x.sum() + 1", "(x.sum() - 1)"), ("x > 0", "(x >= 0)"), ("x > 0", "(x <= 0)"), ("-x", "x"), ("1", "2"),
            ("x.sum", "x.mean")} <= news and len(news) == 11
