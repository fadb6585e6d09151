"""The pictures of the series: each function takes arrays and gives a Picture that knows what it drew."""

import logging
import warnings

# Where no home can be written to, Matplotlib works all the same; a reader need not be told in red.
logging.getLogger("matplotlib").setLevel(logging.ERROR)

if not __debug__:
    warnings.warn("Python was started with -O or PYTHONOPTIMIZE and skips every assert, so nothing on these pages is "
                  "checked. Unset PYTHONOPTIMIZE, start without -O, and run the notebook again.", stacklevel=2)
