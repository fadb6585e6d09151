"""Every explorer in Chromium, under JupyterLab and Notebook 7: moved by keyboard and mouse, watched frame by frame.

`make bench-browser` (BROWSER_BENCH=1) also holds the speed to its bars, opens each explorer alone, and takes more pictures.
"""

import importlib.util
import os
import re

import browser
import numpy as np
import pytest
from browser import FRONT_ENDS, Page, Shown, chromium, explorers, notebook, server

BENCH = bool(os.environ.get("BROWSER_BENCH"))
PRESSES, DRAG = (30, 3.0) if BENCH else (5, 0.8)
MEDIAN, MOST, UPDATES = 80, 150, 12  # ms, ms at 95 %, pictures a second; a slow machine misses them, so only the bench insists
SCREENSHOTS = browser.ROOT / "build" / "screenshots"
CASES = explorers()
SPECIAL = {"explore_training", "explore_drawing"}  # driven by their own tests below
EXTRA = "1 + 1"


@pytest.fixture(scope="module")
def chrome():
    """Chromium, or a word about why there is none."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="the explorers are not tried in a browser: pip install playwright")
    if chromium() is None:
        pytest.skip("the explorers are not tried in a browser: there is no Chromium here (Debian: apt-get install chromium)")
    with sync_api.sync_playwright() as playwright:
        browser_ = playwright.chromium.launch(executable_path=chromium(), args=browser.FLAGS)
        yield browser_
        browser_.close()


@pytest.fixture(scope="module")
def servers(tmp_path_factory):
    ...
