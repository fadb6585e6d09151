"""The exercise of notebook 00, to try out how exercises answer."""

from helpers.exercises.base import Exercise

TRUTHS = {
    "00: with α = 1.9 the ball arrives or flies off": "arrives",
    "00: the α from which on the ball flies off": 2,
}


def my_double(x):
    return 2 * x


double = Exercise(
    my_double,
    cases=[(3.0,), (-1.5,)],
    hints=["What is twice x?", "return 2 * x"],
    then="That is how every exercise answers. The others are harder.",
)
