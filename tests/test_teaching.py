"""The teacher's guide says what the exercises say."""

from helpers.exercises import teaching


def test_the_guide_is_up_to_date_and_names_every_known_mistake():
    page = teaching.guide()
    assert (teaching.NOTEBOOKS / "TEACHING.md").read_text(encoding="utf-8") == page, "run make notebooks"
    assert page.count("\n| ") > 60 and "**`layer`.** A whole ReLU layer" in page


def test_every_exercise_has_its_task_in_the_guide():
    for line in teaching.guide().splitlines():
        assert not line.startswith("**`") or len(line.split(".** ", 1)[1]) > 20, line
