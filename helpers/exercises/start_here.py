"""The exercise of notebook 00, to try out how exercises answer."""

from helpers.exercises.base import Exercise


def my_double(x):
    return 2 * x


double = Exercise(
    my_double,
    cases=[(3.0,), (-1.5,)],
    hints=["What is twice x?", "return 2 * x"],
    then="That is how every exercise answers. The others are harder.",
)
