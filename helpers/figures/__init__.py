"""The pictures of the series: each function takes arrays and gives a Picture that knows what it drew."""

import logging

# Where no home can be written to, Matplotlib works all the same; a reader need not be told in red.
logging.getLogger("matplotlib").setLevel(logging.ERROR)
