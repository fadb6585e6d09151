"""The source of a helper, shown in a notebook: the code that runs, not a second copy of it."""

import inspect

from IPython.display import Markdown


def source(*functions):
    """The Python source of each function, as one highlighted block."""
    return Markdown("```python\n" + "\n\n".join(inspect.getsource(f).rstrip() for f in functions) + "\n```")
