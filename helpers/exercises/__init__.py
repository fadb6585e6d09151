"""The tasks, one module for each notebook: check, hint, solution."""
