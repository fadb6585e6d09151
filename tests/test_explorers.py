"""Every explorer, found by itself: driven to its extremes and at random, it stays truthful, silent and small."""

import gc
import importlib
import itertools
import pkgutil
import re
import threading
import time
import tracemalloc
import warnings
import weakref
from functools import partial
from types import SimpleNamespace
from unittest.mock import Mock

import ipywidgets as widgets
import matplotlib.pyplot
import numpy as np
import pytest

import helpers.explorers
from helpers.data import tiny
from helpers.activations import identity, relu, softmax
from helpers.explorers import base, mnist_from_scratch as cockpit
from helpers.explorers.base import Number
from helpers.explorers.mnist_draw_a_digit import SIDE, framed
from helpers.losses import mse, mse_grad
from helpers.data.mnist import Data
from helpers.network import backward, forward
from helpers.parameters import glorot, layers, views

RNG = np.random.default_rng(0)
X, LABELS = RNG.random((200, 784), np.float32), RNG.integers(0, 10, 200)
DATA = Data(X, LABELS, X[:50], LABELS[:50], X[:50], LABELS[:50], "noise")
NETWORK = layers(glorot([784, 20, 10], np.random.default_rng(0), np.float32), [784, 20, 10], [relu, identity])
GAPS = {"nothing": np.full((50, 3), 1e-15), "order": np.geomspace(1e-3, 1, 150).reshape(50, 3), "float32": np.full((50, 3), 1e-8), "zero": np.zeros((50, 3))}
NEEDS = {"explore_training": (DATA,), "explore_drawing": (NETWORK, X, LABELS), "explore_ruler": (GAPS,), "explore_occlusion": (NETWORK, X, LABELS),
         "explore_leak": (NETWORK, X, LABELS)}
READERS = {"mnist_draw_a_digit": "explore_drawing", "interpretability": "explore_occlusion", "privacy": "explore_leak"}


def found():
    for module in pkgutil.iter_modules(helpers.explorers.__path__):
        for name, function in vars(importlib.import_module(f"helpers.explorers.{module.name}")).items():
            if name.startswith("explore_") and function.__module__.endswith(module.name):
                yield pytest.param(lambda function=function, name=name, **s: function(*NEEDS.get(name, ()), **s), id=name)


EXPLORERS = list(found())
every = pytest.mark.parametrize("explore", EXPLORERS)


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Pictures with few pixels and a cockpit with few weights: the same way through the code, ten times as fast."""
    monkeypatch.setattr(base, "DPI", 25)
    monkeypatch.setattr(cockpit, "SIZES", [784, 40, 12, 10])


def some_value(control, rng):
    """A value that the control may take: an end, or anything between."""
    if isinstance(control, Number):
        low, high = control.box.min, control.box.max
        spread = np.exp(rng.uniform(np.log(low), np.log(high))) if low > 0 else rng.uniform(low, high)
        return float(rng.choice([low, high, spread, spread]))
    return control.options[rng.integers(len(control.options))]


def scribble(pad, ink, late=0):
    """What a browser sends of a stroke, by a message that may come after the pad was wiped."""
    pad.set_state({"ink": memoryview(ink), "inked": pad.sheet - late})


def some_stroke(rng):
    """The ink of a drawing: a thick line from anywhere to anywhere; now and then a dot, nothing at all, or all black."""
    ink, kind = np.zeros((SIDE, SIDE), np.uint8), rng.integers(12)
    (x0, y0), (x1, y1) = rng.integers(0, SIDE, (2, 2)) if kind > 2 else np.zeros((2, 2), int)
    for t in np.linspace(0, 1, 40) if kind else []:
        y, x = round(y0 + t * (y1 - y0)), round(x0 + t * (x1 - x0))
        ink[max(0, y - 4) : y + 5, max(0, x - 4) : x + 5] = 255
    return bytes([255]) * SIDE**2 if kind == 1 else ink.tobytes()


def some_event(explorer, rng):
    """(words, action): anything that a hand can do to an explorer, or a program."""
    events = []
    for name, control in explorer.control.items():
        value = some_value(control, rng)
        events += 3 * [(f"{name} = {value!r}", lambda c=control, v=value: setattr(c, "value", v))]
        if isinstance(control, Number):
            place = rng.uniform(control.slider.min, control.slider.max)
            events.append((f"slide {name} to {place}", lambda s=control.slider, v=place: setattr(s, "value", v)))
            wild = float(rng.choice([-1e300, -1e9, 0.0, 1e9, 1e300]))
            events += [(f"type {name} = {v}", lambda b=control.box, v=v: setattr(b, "value", v)) for v in (wild, value)]
            events.append((f"{name} = {wild}, beyond its ends", lambda c=control, v=wild: setattr(c, "value", v)))
    several = {name: some_value(control, rng) for name, control in explorer.control.items() if rng.random() < 0.6}
    events.append((f"set {several}", lambda: explorer.set(**several)))
    if hasattr(explorer, "pad"):
        for late in 0, 0, 1:
            events.append((f"a stroke, {late} sheets late", lambda ink=some_stroke(rng), late=late: scribble(explorer.pad, ink, late)))
    if hasattr(explorer.picture, "at"):
        at = [*map(float, rng.choice([[0, 0], [1, 1], [0.5, 0.5], *rng.random((6, 2))])), explorer.picture.at[2] + 1]
        events += 3 * [(f"a click at {at}", lambda: setattr(explorer.picture, "at", at))]
    for button in explorer.children[0].children:
        if isinstance(button, widgets.Button):
            events.append((button.description, lambda b=button: press(b)))
    return events[rng.integers(len(events))]


def press(button):
    """Click, and raise what the callback raises: a Button's own click() only logs it."""
    for callback in button._click_handlers.callbacks:
        callback(button)


def test_there_is_an_explorer_for_every_notebook_of_the_core():
    assert len(EXPLORERS) >= 9


@every
def test_it_opens_with_a_picture_that_has_words(explore):
    bundle = explore()._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    alt = re.search(r'<img alt="([^"]+)"', bundle["text/html"])[1]
    assert len(alt) > 30 and "data:image/png;base64," in bundle["text/html"] and len(bundle["text/plain"]) > 30


@pytest.fixture
def only_what_is_new():
    """What there was before is left out when objects are counted and collected; nothing is traced any more afterwards."""
    gc.collect()
    gc.freeze()
    yield
    tracemalloc.stop()
    gc.unfreeze()


@every
def test_a_thousand_events_leave_it_silent_truthful_and_small(explore, capfd, only_what_is_new):
    rng, explorer, history, seen, sizes = np.random.default_rng(1), explore(), [], set(), {}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for i in range(1, 1001):
            words, action = some_event(explorer, rng)
            history.append(words)
            try:
                action()
                check(explorer)
            except BaseException as error:
                error.add_note(f"after {history[-5:]}")
                raise
            seen.add(hash(explorer.picture.value))
            if i == 900:
                tracemalloc.start()
            if i == 300 or i >= 920 and i % 10 == 0:
                if getattr(explorer, "training", False):
                    explorer.pause()
                gc.collect()
                sizes[i] = {"figures": len(matplotlib.pyplot.get_fignums()), "artists": len(explorer.figure.findobj()),
                            "objects": len(gc.get_objects()), "bytes": tracemalloc.get_traced_memory()[0]}
    if getattr(explorer, "training", False):
        explorer.pause()
    assert capfd.readouterr() == ("", "")
    options = sum(len(c.options) for c in explorer.control.values() if not isinstance(c, Number))
    assert len(seen) > min(100, options)
    assert sizes[300]["figures"] == sizes[1000]["figures"] and sizes[300]["artists"] == sizes[1000]["artists"]
    assert sizes[1000]["objects"] - sizes[300]["objects"] < 500, "less than one for each event"
    # What is kept for a while comes and goes, so the largest of four sizes is compared with the largest of four later.
    early, late = (max(sizes[i]["bytes"] for i in range(at, at + 40, 10)) for at in (920, 970))
    assert late - early < 100_000, "less than 2 kB for each event; a picture has 4 kB or more"


def check(explorer):
    """It shows a picture, not an error, in words without NaN, its controls within their ends."""
    assert "<img alt=" in explorer.picture.value and "<pre" not in explorer.picture.value and len(explorer.alt) > 30
    for words in (explorer.alt, explorer.formula.value):
        assert not re.search(r"\bnan\b|\binf\b", words.replace("not a number", ""), re.IGNORECASE), words
    for control in explorer.control.values():
        if isinstance(control, Number):
            assert control.box.min <= control.value <= control.box.max and control.box.value == control.value


@every
def test_every_control_moves_something(explore):
    explorer, rng = explore(), np.random.default_rng(2)
    for name, control in explorer.control.items():
        words, picture = {explorer.alt}, {explorer.picture.value}
        for _ in range(20):
            if min(len(words), len(picture)) < 2:
                control.value = some_value(control, rng)
                words.add(explorer.alt)
                picture.add(explorer.picture.value)
        assert len(words) > 1, name
        assert len(picture) > 1, name


@every
def test_reset_brings_the_first_picture_back(explore):
    explorer, rng = explore(), np.random.default_rng(3)
    first = explorer.values, explorer.alt
    for name, control in explorer.control.items():
        explorer.set(**{name: some_value(control, rng)})
    next(w for w in explorer.children[0].children if getattr(w, "description", "") == "Reset").click()
    assert (explorer.values, explorer.alt) == first


@every
def test_an_unknown_setting_is_named(explore):
    with pytest.raises(ValueError, match="nonsense"):
        explore(nonsense=1)


@every
def test_an_error_is_shown_and_raised(explore, monkeypatch):
    explorer = explore()
    monkeypatch.setattr(explorer, "draw", lambda **values: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        explorer.redraw()
    assert "ZeroDivisionError" in explorer.picture.value


@pytest.mark.parametrize("log", [False, True])
def test_a_number_has_one_value_in_box_and_slider(log):
    number = Number("α", 0.1, 0.001, 10, log=log)
    number.slider.value = 0.2499999
    assert number.value == number.box.value == 0.25
    number.box.value = 3.14159
    assert number.value == number.slider.value == 3.14159
    number.slider.value = 3.1410 if log else 3.14  # the browser's rounding to the slider's steps
    assert number.value == number.box.value == 3.14159, "what is typed stays as it is typed"
    for value, end in ((1e9, 10), (1e300, 10), (-5, 0.001), (float("inf"), 10)):
        number.value = value
        assert number.value == number.box.value == end
        assert np.isclose(number.slider.value, end)
    with pytest.raises(ValueError, match="α: got nan, wanted 0.001 to 10"):
        number.value = float("nan")
    number.value = 0.5
    assert number.slider.value == number.box.value == 0.5


def typed(number, text):
    """What a browser sends when somebody has typed into the box, and what it is sent back: the text that the box then shows."""
    number.box.comm, shown = Mock(), [text]
    number.box.comm.send.side_effect = lambda data, **_: shown.append(data["state"]["value"]) if data.get("method") == "update" and "value" in data["state"] else None
    number.box.set_state({"value": text})
    return shown[-1]


@pytest.mark.parametrize("text, value", [("0,5", 0.5), ("5/8", 0.625), ("50 %", 0.5), ("10^-2", 0.01), ("1,9", 1.9), ("−3", 0.001), ("99", 10), ("½", 0.5), ("1e-2", 0.01)])
def test_a_number_is_typed_as_people_write_it(text, value):
    number = Number("α", 0.1, 0.001, 10)
    assert typed(number, text) == number.value == number.box.value == value and number.asked.value == ""
    assert typed(number, text) == value, "a second time, too, the box shows the number"


@pytest.mark.parametrize("text, asks", [("1,234", "1234 or as 1.234"), ("fast", "not a number"), ("", "no number yet"), ("<b>", "&lt;b&gt;")])
def test_what_cannot_be_read_is_asked_for_beside_the_box_and_changes_nothing(text, asks):
    number = Number("α", 0.1, 0.001, 10)
    typed(number, text)
    assert number.value == number.box.value == number.slider.value == 0.1
    assert asks in number.asked.value and 'role="alert"' in number.asked.value and number.asked.layout.display != "none"
    typed(number, "0.1")
    assert number.asked.value == "" and number.asked.layout.display == "none"
    typed(number, text)
    number.slider.value = 3
    assert number.value == 3 and number.asked.value == ""


def test_set_draws_once():
    explorer, calls = EXPLORERS[0].values[0](), []
    explorer.redraw = lambda *_: calls.append(1)
    explorer.set(**explorer.values)
    assert len(calls) == 1


# What each one shows


def explorer(name, **settings):
    return next(p.values[0] for p in EXPLORERS if p.id == name)(**settings)


def test_the_bowl_multiplies_by_one_minus_alpha():
    shown = explorer("explore_bowl")
    for alpha in (0.05, 1.0, 1.9, 2.0, 2.2):
        shown.set(learning_rate=alpha)
        assert np.allclose(shown.drawn["position"], (1 - alpha) ** np.arange(13))
        assert ("flying off" in shown.alt) == (alpha > 2) and ("to and fro for ever" in shown.alt) == (alpha == 2)


def test_the_knobs_compute_what_the_network_computes():
    shown = explorer("explore_network", knob="v₂", value=2.0, x1=-1.0, x2=0.5, activation="ReLU")
    theta = tiny.network()[0]
    theta[7] = 2.0
    expected = forward(layers(theta, tiny.sizes, [relu, identity]), np.array([[-1.0, 0.5]]))[0]
    assert np.isclose(shown.drawn["y_hat"], expected[0, 0]) and np.array_equal(shown.drawn["theta"], theta)
    shown.set(knob="b₂")
    assert shown.values["value"] == 0.3 and shown.drawn["theta"][7] == 2.0, "each knob stays where it was turned"


def test_the_squares_add_up_to_the_loss_and_a_constant_multiplies_every_slope_alike():
    ours, shown = explorer("explore_squares", w=1.2, b=-0.4), explorer("explore_squares", w=1.2, b=-0.4)
    for constant in shown.control["constant"].options:
        shown.set(constant=constant)
        assert np.allclose(shown.drawn["grad"], shown.drawn["loss"] / ours.drawn["loss"] * ours.drawn["grad"])
        Y_hat = 1.2 * tiny.line_X - 0.4
        assert np.isclose(ours.drawn["loss"], mse(Y_hat, tiny.line_Y)) and np.isclose(ours.drawn["areas"].sum() / 12, ours.drawn["loss"])
        sides = [square.get_width() for square in shown.squares]
        assert np.allclose(np.square(sides), shown.drawn["areas"])


def test_walking_back_shows_the_gradient_of_backward_and_nothing_before_its_turn():
    shown = explorer("explore_chain_rule", x1=0.4, x2=-1.1, y=-0.5, w=1.5)
    for step in range(12):
        shown.set(step=step)
        theta, net = tiny.network()
        theta[0] = 1.5
        Y_hat, cache = forward(net, np.array([[0.4, -1.1]]))
        grads = views(np.zeros(9), tiny.sizes)
        backward(net, cache, mse_grad(Y_hat, np.array([[-0.5]])), grads)
        for i, pair in enumerate(grads, start=1):
            for name, value in zip((f"dW{i}", f"db{i}"), pair):
                assert np.allclose(shown.drawn["grads"][name], value)
                assert (name in shown.drawn["values"]) == (name in shown.drawn["shown"])
        assert ("L" in shown.drawn["values"]) == (step >= 5)


def test_the_learning_rate_walks_the_path_of_the_update_rule():
    shown = explorer("explore_learning_rate", learning_rate=0.2, w=1.0, b=-1.0)
    w, b = 1.0, -1.0
    for point in shown.drawn["path"][:20]:
        assert np.allclose(point, (w, b))
        error = w * tiny.line_X + b - tiny.line_Y
        w, b = w - 0.2 * (error * tiny.line_X).mean(), b - 0.2 * error.mean()
    assert "diverging" in explorer("explore_learning_rate", learning_rate=0.5).alt
    assert "arrived" in explorer("explore_learning_rate", learning_rate=0.4).alt


def test_the_stethoscope_finds_only_the_sick_sick():
    healthy = explorer("explore_patients", patient="nobody: the right program")
    assert healthy.drawn["sick"] == []
    for patient in healthy.control["patient"].options[1:]:
        healthy.set(patient=patient)
        assert healthy.drawn["sick"], patient
    shown = explorer("explore_patients", patient="biases averaged", array="db1")
    assert shown.drawn["sick"] == ["db1", "db2", "db3"] and np.allclose(shown.drawn["ratio"], 1 / 16, rtol=1e-4)
    assert "16 times too small" in shown.alt and not shown.drawn["coarse"]
    shown.set(patient="one sum for all biases", array="db3")
    assert "every entry is 0, because each row of softmax's dZ sums to 0" in shown.alt and not shown.drawn["ratio"].any()
    assert {text.get_text() for text in shown.numbers} == {"0.00", ""}
    shown.set(patient="softmax as a sigmoid", array="dW1", epsilon=3e-6)
    assert "at [0, 0] it has 0.0029" in shown.alt and ", measured 0.0049" in shown.alt and "ε = 3 · 10⁻⁶" in shown.formula.value
    assert "ε = 10⁻⁶" in explorer("explore_patients").formula.value


def test_where_the_measurement_is_wrong_the_patient_is_not_called_sick():
    shown = explorer("explore_patients")
    for epsilon in (1e-13, 0.1):
        for patient in ("nobody: the right program", "biases averaged"):
            shown.set(epsilon=epsilon, patient=patient)
            assert shown.drawn["coarse"] and "even the right program is off" in shown.alt and "Sick" not in shown.alt
    shown.set(epsilon=1e-6)
    assert "Sick arrays: db1, db2, db3." in shown.alt and "even the right program" not in shown.alt


def test_the_ruler_shows_the_gaps_it_is_given():
    shown = explorer("explore_ruler", broken="order", step=7)
    assert np.array_equal(shown.drawn["at"], GAPS["order"][6]) and shown.drawn["verdict"] == "two different networks"
    assert re.findall(r"(\S+) in layer", shown.alt) == [f"{gap:.0e}".replace("-", "−") for gap in GAPS["order"][6]]
    assert explorer("explore_ruler", broken="float32").drawn["verdict"].startswith("equal to seven digits")
    assert "0 in layer 1, 0 in layer 2" in explorer("explore_ruler", broken="zero").alt


@pytest.mark.parametrize("at", [[1.0, 1.0, 1.0], [9.0, 1e-5, 9.0], [1e-18, 0.0, 1e-17], [1e-3, 1e-3, 1e-3]])
def test_the_rulers_names_keep_apart_and_inside(at):
    from helpers.explorers.the_same_network_in_keras import APART, HIGH, LOW, explore_ruler

    names = explore_ruler({"nothing": np.tile(at, (5, 1))}).names
    heights = np.sort(np.log10([name.get_position()[1] for name in names]))
    assert np.log10(LOW) <= heights[0] and heights[-1] <= np.log10(HIGH) - 0.5 and np.diff(heights).min() > APART - 1e-9


def test_the_drawing_is_framed_as_mnist_framed_its_digits():
    ink = np.zeros((SIDE, SIDE))
    ink[5:25, 60:66] = 1
    image = framed(ink)
    rows = np.flatnonzero(image.any(axis=1))
    assert rows[-1] - rows[0] == 19 and image.shape == (28, 28) and 0 <= image.min() and image.max() <= 1
    mass = image.sum()
    centre = [(image.sum(axis=1 - axis) * np.arange(28)).sum() / mass for axis in (0, 1)]
    assert np.abs(np.array(centre) - 13.5).max() <= 0.51
    assert np.allclose(framed(np.roll(ink, (30, -20), (0, 1))), image), "wherever it is drawn"
    assert not framed(np.zeros((SIDE, SIDE))).any()

    shown = explorer("explore_drawing")
    before = shown.picture.value
    scribble(shown.pad, (255 * ink).astype(np.uint8).tobytes())
    assert "your drawing" in shown.alt and shown.picture.value != before and np.isclose(shown.drawn["chances"].sum(), 1)
    next(w for w in shown.children[0].children if getattr(w, "description", "") == "Clear").click()
    assert "your drawing" not in shown.alt
    scribble(shown.pad, (255 * ink).astype(np.uint8).tobytes(), late=1)
    assert "your drawing" not in shown.alt, "ink that was on its way when the pad was wiped"
    scribble(shown.pad, (255 * ink).astype(np.uint8).tobytes())
    assert "your drawing" in shown.alt


def test_the_cockpit_trains_in_the_background_and_keeps_its_run_when_alpha_changes():
    shown = explorer("explore_training")
    assert not shown.training and len(shown.run.losses) == 100
    shown.start()
    thread = shown.thread
    shown.start()
    assert shown.thread is thread, "a second start starts nothing"
    assert sum(range(1000)) == 499500, "the caller goes on"
    wait(lambda: len(shown.run.losses) > 150)
    shown.set(learning_rate=0.0005)
    at = len(shown.run.losses)
    wait(lambda: len(shown.run.losses) > at + 20 and "0.0005" in shown.alt)
    shown.pause()
    steps = len(shown.run.losses)
    assert steps > 150 and not shown.training and f"{steps:,} steps" in shown.alt
    shown.step()
    assert len(shown.run.losses) == steps + 1 and shown.start_button.description == "Start"


def test_an_error_in_the_training_is_shown(monkeypatch):
    raised = []
    monkeypatch.setattr(threading, "excepthook", lambda found: raised.append(found.exc_type))
    shown = explorer("explore_training")
    monkeypatch.setattr(shown.run, "step", lambda **values: 1 / 0)
    shown.start()
    shown.thread.join(60)
    assert not shown.training and raised == [ZeroDivisionError] and shown.start_button.description == "Start"
    assert "ZeroDivisionError" in shown.picture.value
    shown.redraw()
    assert "<img" in shown.picture.value
    with pytest.raises(ZeroDivisionError):
        shown.step()
    assert "ZeroDivisionError" in shown.picture.value


def test_a_control_that_moves_during_the_training_is_soon_seen(monkeypatch):
    monkeypatch.setattr(cockpit, "SECONDS", 1000)
    shown = explorer("explore_training")
    shown.start()
    shown.set(learning_rate=0.0003)
    wait(lambda: "0.0003" in shown.alt)
    shown.pause()


def test_starting_one_cockpit_pauses_the_other():
    one, two = explorer("explore_training"), explorer("explore_training")
    one.start()
    two.start()
    assert two.training and not one.training
    two.pause()
    assert not any(thread.name == "cockpit" and thread.is_alive() for thread in threading.enumerate() if thread is two.thread)


def test_a_rate_that_ruins_everything_is_a_sentence():
    shown = explorer("explore_training", learning_rate=10, optimizer="gradient descent")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(30):
            shown.step()
    shown.run.theta[:] = np.nan
    shown.step()
    assert "not a number" in shown.alt and "Reset" in shown.alt
    shown.set(**shown.defaults)
    assert "not a number" not in shown.alt


def wait(until, seconds=60):
    deadline = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < deadline, "nothing happened"
        time.sleep(0.02)


def test_a_value_that_is_no_choice_is_named_with_what_is():
    for name, wrong, words in (("explore_learning_rate", {"optimizer": "adam"}, "optimizer: got 'adam', wanted one of 'gradient descent', "),
                               ("explore_bowl", {"learning_rate": "fast"}, "learning_rate: got 'fast', wanted a number")):
        with pytest.raises(ValueError, match=re.escape(words)):
            explorer(name, **wrong)


def test_the_cockpit_forgets_what_another_rule_remembers_and_deals_anew_for_another_batch():
    shown = explorer("explore_training")
    run = shown.run
    first = {}
    for optimizer in ("momentum", "gradient descent", "Adam"):
        shown.set(optimizer=optimizer, learning_rate=1e-3, batch=8)
        before = run.theta.copy()
        shown.step()
        first[optimizer] = run.theta - before
        assert (first[optimizer] * run.grad).sum() < 0, f"{optimizer} begins uphill"
    assert np.allclose(np.abs(first["Adam"][np.abs(run.grad) > 1e-3]), 1e-3, rtol=0.01), "its first step is α for each number"
    sizes = []
    for batch in (8, 32, 32, 8):
        shown.set(batch=batch)
        left = len(run.queue)
        shown.step()
        sizes.append((run.batch, len(run.queue) == left - 1))
    assert sizes == [(8, True), (32, False), (32, True), (8, False)]


def test_without_digits_to_judge_by_the_cockpit_says_what_is_missing():
    with pytest.raises(ValueError, match="data: got no validation images"):
        cockpit.explore_training(Data(X, LABELS, X[:0], LABELS[:0], X, LABELS, "digits"))


def test_a_network_that_ends_in_softmax_is_refused_where_softmax_comes_again():
    twice = [*NETWORK[:-1], (*NETWORK[-1][:2], softmax)]
    for module, name in READERS.items():
        explore = getattr(importlib.import_module(f"helpers.explorers.{module}"), name)
        with pytest.raises(ValueError, match="got softmax in the last layer, wanted identity there"):
            explore(twice, X, LABELS)


def test_few_digits_are_few_to_choose_from():
    for module in ("mnist_draw_a_digit", "interpretability"):
        explore = getattr(importlib.import_module(f"helpers.explorers.{module}"), READERS[module])
        listed = next(control for control in explore(NETWORK, X[:3], LABELS[:3]).control.values() if hasattr(control, "options"))
        assert listed.options == (0, 1, 2)


def test_the_random_network_can_be_opened_by_its_name():
    explore = importlib.import_module("helpers.explorers.interpretability").explore_occlusion
    assert explore(NETWORK, X, LABELS, network="random weights").values["network"] == "random weights"


# A cell that is run again


@pytest.fixture
def run_cell(monkeypatch):
    """run(cell, explore): as a notebook's cell with that id does; run(None, explore) as a plain script does."""
    runs = itertools.count()

    def run(place, explore):
        message = {"metadata": {"cellId": place}, "content": {"code": "explore()"}, "header": {"msg_id": str(next(runs))}}
        shell = SimpleNamespace(get_parent=lambda: message) if place else None
        monkeypatch.setattr(base, "get_ipython", lambda: shell)
        return explore()

    monkeypatch.setattr(base, "OPENED", {})
    return run


def alive():
    gc.collect()
    return len(widgets.widget._instances)


@every
def test_a_cell_that_is_run_again_lets_go_of_what_it_opened_before(explore, run_cell):
    first = run_cell("a", explore)
    figure, widgets_of_one = weakref.ref(first.figure), alive()
    second = run_cell("a", explore)
    third = run_cell("a", explore)
    assert alive() == widgets_of_one, "as many as after the first run"
    assert figure() is None and second.children == () and third.children
    third.redraw()
    assert "<img" in third.picture.value


def test_what_another_cell_or_the_same_run_opened_stays(run_cell):
    explore = partial(explorer, "explore_bowl")
    one, other, script = run_cell("a", explore), run_cell("b", explore), run_cell(None, explore)
    pair = run_cell("c", lambda: (explore(), explore()))
    for shown in (one, other, script, *pair):
        shown.set(learning_rate=0.7)
        assert "0.7" in shown.alt
    again = run_cell("c", explore)
    assert pair[0].children == pair[1].children == () and again.children and one.children


def test_the_cockpits_cell_run_again_stops_the_old_training(run_cell):
    old = run_cell("a", partial(explorer, "explore_training"))
    old.start()
    thread = old.thread
    wait(lambda: len(old.run.losses) > 110)
    new = run_cell("a", partial(explorer, "explore_training"))
    assert not thread.is_alive() and not new.training and cockpit.Cockpit.running is None
    new.start()
    new.pause()


def test_a_training_that_nobody_sees_stops_and_one_that_is_seen_goes_on(monkeypatch):
    monkeypatch.setattr(cockpit, "ASK", 0.05)
    monkeypatch.setattr(cockpit, "UNSEEN", 0.3)
    shown = explorer("explore_training")
    shown.start()
    shown.thread.join(60)
    assert not shown.training and shown.start_button.description == "Start"
    assert "nobody" in shown.formula.value
    shown.access.observe(lambda change: shown.access.set_trait("seen", change.new), "asked")  # as a browser does
    shown.start()
    asked = shown.access.asked
    wait(lambda: shown.access.asked > asked + 20)
    assert shown.training
    shown.pause()
