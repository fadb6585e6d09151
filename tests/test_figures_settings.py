"""Pictures are ours whatever the reader has set: a style, Matplotlib's settings, NumPy's errors, a language."""

import ast
import contextlib
import hashlib
import locale
import subprocess
from pathlib import Path

import matplotlib
import matplotlib.style
import numpy as np
import pytest

import helpers.figures
from helpers.activations import PRIME, identity, relu, sigmoid
from helpers.data import tiny
from helpers.explorers.backpropagation import explore_chain_rule
from helpers.explorers.gradient_descent import explore_learning_rate
from helpers.explorers.progress import Progress
from helpers.explorers.start_here import explore_bowl
from helpers.explorers.the_mse_loss import explore_squares
from helpers.figures import calibration, checks, curves, digits, explanations, graph, leaks, roofline, ruler, surface
from helpers.figures.style import Picture
from helpers.network import forward
from helpers.training import confusion

FOLDER = Path(helpers.figures.__file__).parent
X, Y = tiny.line_X, tiny.line_Y
PATH = np.array([[2.0, 1.8], [1.0, 1.0], [0.5, 0.75]])


def graph_of_one():
    net = tiny.network()[1]
    Y_hat, cache = forward(net, tiny.X[:1])
    return graph.network_graph(net, cache, Y_hat, tiny.Y[:1], {"dW1": np.array([[1.5, -2.5], [3.5, -4.5]])})


def some(*shape):
    return np.random.default_rng(0).random(shape)


LABELS = np.arange(6) % 3
PICTURES = {
    "activations": lambda: curves.activation_curves([(f, PRIME[f]) for f in (sigmoid, relu, identity)]),
    "chart": lambda: curves.line_chart({"a": (range(1, 9), some(8)), "b": (range(1, 9), some(8) / 2)}, "x", "y",
                                       "Title", "xy"),
    "trails": lambda: curves.trails(X, Y, {"a": PATH}, (-0.6, 2.2), (-1.2, 2.2)),
    "contour": lambda: surface.contour(X, Y, {"a": PATH}),
    "squares": lambda: surface.squares(X, Y, 0.3, 0.9),
    "graph": graph_of_one,
    "ruler": lambda: ruler.ruler({"layer 1": np.geomspace(1e-16, 1e-13, 40)}, {"a line": 1e-12}, "A run", 3),
    "flip": lambda: ruler.flip(3e-8, -2e-8, np.r_[np.full(40, 1e-7), np.full(20, 1e-4)], 41),
    "chords": lambda: checks.chords(lambda w: w**3, 0.5, 0.75, 0.3),
    "digits": lambda: digits.digits(some(6, 16), LABELS, "toys"),
    "weights": lambda: digits.weight_pictures(some(16, 6) - 0.5, "toys"),
    "confusion": lambda: digits.confusion_matrix(confusion(LABELS, LABELS[::-1].copy(), 3), "toys"),
    "learning": lambda: digits.learning_curves({"ours": (list(some(20)), [0.5, 0.9])}, "toys"),
    "maps": lambda: explanations.explanation_maps(some(6, 16), {"slope": some(6, 16) - 0.5}, "toys"),
    "leak": lambda: leaks.leak_curves([1, 2, 4], {"ours": [1, 2, 2]}, "toys"),
    "losses": lambda: leaks.two_losses(some(30), some(30) + 1, "toys"),
    "ladder": lambda: roofline.ladder({"slow": 2.0, "fast": 0.1}),
    "roof": lambda: roofline.roofline({"a": (0.1, 1e9)}, {"peak": 5e10}, {"memory": 2e10}),
    "shares": lambda: roofline.shares({"a": 3, "b": 1}),
    "calibration": lambda: calibration.calibration_chart([(0.5, True), (0.9, False)]),
    "bowl": lambda: explore_bowl(learning_rate=1.2),
    "landscape": lambda: explore_learning_rate(learning_rate=0.3),
    "chain rule": lambda: explore_chain_rule(step=9),
    "squares explored": lambda: explore_squares(w=1.0),
    "progress": lambda: Progress(10, 1),
}
HOSTILE = {
    "large and serif": {"font.size": 31, "font.family": "serif", "axes.titlesize": 5, "legend.fontsize": 40,
                        "mathtext.fontset": "cm"},
    "thick and dotted": {"lines.linewidth": 9, "lines.linestyle": ":", "lines.marker": "x", "lines.markersize": 30,
                         "patch.linewidth": 8},
    "another cut": {"savefig.bbox": "tight", "savefig.dpi": 13, "figure.dpi": 33, "savefig.transparent": True,
                    "figure.autolayout": True},
    "grids and spines": {"axes.grid": True, "axes.spines.top": True, "xtick.top": True, "axes.axisbelow": False,
                         "xtick.minor.visible": True},
    "other colours": {"image.cmap": "jet", "text.color": "red", "axes.facecolor": "yellow", "axes.labelcolor": "red",
                      "legend.facecolor": "red"},
    "upside down": {"image.origin": "lower", "axes.xmargin": 0.4, "axes.titlelocation": "right",
                    "axes.formatter.use_mathtext": True},
    "TeX": {"text.usetex": True, "axes.unicode_minus": False, "axes.formatter.use_locale": True},
    "rough": {"path.sketch": (3, 100, 2), "text.antialiased": False, "lines.antialiased": False,
              "path.simplify": False, "text.hinting": "none"},
}
STYLES = ["dark_background", "ggplot", "fivethirtyeight", "bmh", "grayscale", "Solarize_Light2", "classic",
          "seaborn-v0_8-poster", "seaborn-v0_8-darkgrid", "fast", "tableau-colorblind10", "petroff10"]


def pixels(shown):
    """What is seen of a picture or an explorer, and its words."""
    if isinstance(shown, Picture):
        return hashlib.sha256(shown.png(40)).hexdigest(), shown.alt
    if isinstance(shown, Progress):
        shown.losses = [1.0, 0.5]
        shown.show()
        return hashlib.sha256(shown.value.encode()).hexdigest(), shown.alt
    return hashlib.sha256(shown.picture.value.encode()).hexdigest(), shown.alt, shown.formula.value


@pytest.fixture(scope="module")
def ours():
    """Every picture with nothing set."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        return {name: pixels(make()) for name, make in PICTURES.items()}


@contextlib.contextmanager
def setting(name):
    """A style by its name, or some of what is HOSTILE."""
    with matplotlib.rc_context():
        matplotlib.rcParams.update(HOSTILE.get(name, {}))
        if name not in HOSTILE:
            matplotlib.style.use(name)
        yield


def different(ours, names=PICTURES):
    return [name for name in names if pixels(PICTURES[name]()) != ours[name]]


@pytest.mark.parametrize("names", [["dark_background"], list(HOSTILE)[:4], list(HOSTILE)[4:]], ids=" and ".join)
def test_every_picture_is_ours_whatever_is_set(names, ours):
    with contextlib.ExitStack() as several:
        for name in names:
            several.enter_context(setting(name))
        assert not different(ours)


@pytest.mark.parametrize("name", [*HOSTILE, *(style for style in STYLES[1:] if style in matplotlib.style.available)])
def test_no_style_shows_through(name, ours):
    with setting(name):
        assert not different(ours, ["contour", "graph", "learning", "bowl"])


def test_a_style_that_is_chosen_later_changes_no_picture_that_is_there(ours):
    made = {name: PICTURES[name]() for name in ("contour", "graph", "ruler", "learning", "leak", "progress")}
    open_before = explore_learning_rate(learning_rate=0.1)
    with setting("dark_background"), setting("rough"):
        assert not [name for name, picture in made.items() if pixels(picture) != ours[name]]
        open_before.set(learning_rate=0.3)
        assert pixels(open_before) == ours["landscape"]


def test_the_readers_own_settings_stay(ours):
    with setting("dark_background"):
        before = dict(matplotlib.rcParams)
        different(ours, ["contour", "bowl", "progress"])
        assert dict(matplotlib.rcParams) == before


def test_numpys_errors_and_digits_change_nothing(ours):
    before = np.geterr()
    with np.errstate(all="raise"), np.printoptions(precision=1, legacy="1.13", floatmode="fixed", suppress=True):
        assert not different(ours)
    assert np.geterr() == before


def test_a_language_that_writes_0_comma_5_changes_nothing(ours):
    before = locale.setlocale(locale.LC_ALL)
    for language in ("de_DE.UTF-8", "fr_FR.UTF-8", "tr_TR.UTF-8"):
        try:
            locale.setlocale(locale.LC_ALL, language)
        except locale.Error:
            continue
        try:
            with setting("TeX"):
                assert not different(ours, ["chart", "learning", "roof", "bowl"])
        finally:
            locale.setlocale(locale.LC_ALL, before)


def test_every_function_that_gives_a_picture_makes_it_in_our_settings():
    for path in FOLDER.glob("*.py"):
        for function in ast.parse(path.read_text(encoding="utf-8")).body:
            gives = [ast.unparse(node) for node in ast.walk(function) if isinstance(node, ast.Return)]
            if isinstance(function, ast.FunctionDef) and any("Picture(" in words for words in gives):
                assert "ours()" in map(ast.unparse, function.decorator_list), f"{path.name}: {function.name}"


def test_warnings_that_are_errors_stop_no_picture(second_python):
    code = ("import sys; sys.path.insert(0, 'tests'); import test_figures_settings as t; "
            "[t.pixels(make()) for make in t.PICTURES.values()]")
    done = subprocess.run([second_python, "-X", "dev", "-W", "error", "-c", code], cwd=FOLDER.parents[1],
                          capture_output=True, text=True)
    assert done.returncode == 0 and not done.stderr, done.stderr


@pytest.mark.parametrize("level", ["0", "1", "2"])
def test_python_without_asserts_is_told_once_and_loudly(second_python, level):
    modules = "helpers.figures.curves, helpers.explorers.base, helpers.topics.patients"
    code = f"import sys, {modules}; print(sys.flags.optimize)"
    done = subprocess.run([second_python, "-c", code], capture_output=True, text=True,
                          env={"PYTHONOPTIMIZE": level, "PYTHONPATH": str(FOLDER.parents[1])})
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == level and done.stderr.count("skips every assert") == (level != "0")
