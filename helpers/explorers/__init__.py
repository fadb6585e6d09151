"""The interactive pictures, one module a notebook; each opens with one line such as `explore_learning_rate()`."""

import helpers.figures  # noqa: F401  before any Matplotlib
