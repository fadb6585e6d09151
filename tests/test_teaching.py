"""The teacher's guide says what the exercises say."""

import re

import pytest

from helpers.exercises import teaching

README = (teaching.NOTEBOOKS.parent / "README.md").read_text(encoding="utf-8")
ROUTES = re.findall(r"^- \*\*(\d+) minutes, .*?\*\* (.*)$", README, re.M)


def test_the_guide_is_up_to_date_and_names_every_known_mistake():
    page = teaching.guide()
    assert (teaching.NOTEBOOKS / "TEACHING.md").read_text(encoding="utf-8") == page, "run make notebooks"
    assert page.count("\n| ") > 60 and "**`layer`.** A layer for what enters" in page


def test_every_exercise_has_its_task_in_the_guide():
    for line in teaching.guide().splitlines():
        assert not line.startswith("**`") or len(line.split(".** ", 1)[1]) > 20, line


@pytest.mark.parametrize("minutes, route", ROUTES, ids=[minutes for minutes, _ in ROUTES])
def test_a_route_fills_its_minutes_and_names_sections_that_are_there(minutes, route):
    assert sum(map(int, re.findall(r"\((\d+)\)", route))) == int(minutes)
    for number, words in re.findall(r"(?:^|, |\. )(\d\d)\b(?! minutes)(.*?)(?=\(\d+\))", route):
        (path,) = teaching.NOTEBOOKS.glob(f"{number}_*.ipynb")
        headings = re.findall(r'"## (.*?)(?:\\n)?"', path.read_text(encoding="utf-8"))
        assert set(re.findall(r"\*(.*?)\*", words)) <= set(headings), words


def test_there_are_three_routes():
    assert [minutes for minutes, _ in ROUTES] == ["45", "90", "180"]


def test_the_guide_asks_in_the_words_of_the_task_and_not_in_those_of_a_line_of_code_before_it():
    page = teaching.guide()
    for task in ("**`neuron`.** One neuron with ReLU", "**`by_hand`.** Three predictions", "**`by_hand`.** One slope by hand"):
        assert task in page, task
    assert not re.search(r"^\*\*`\w+`\.\*\* [\w, ]+ = ", page, re.M), "a line of code"
