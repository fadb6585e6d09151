"""Live progress passes on every step unchanged, says the truth in words and picture, and costs little."""

import base64
import io
import re
import time
import warnings

import ipywidgets as widgets
import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from matplotlib.figure import Figure
from PIL import Image

from helpers.explorers import progress
from helpers.explorers.progress import STILL, Progress, watch


def steps(n, epochs=2, loss=lambda step: 1 / step):
    return ((1 + (step - 1) * epochs // n, step, loss(step)) for step in range(1, n + 1))


@pytest.fixture
def shown(monkeypatch):
    """What is displayed, in order."""
    things = []
    monkeypatch.setattr(progress, "display", things.append)
    return things


def pixels(widget):
    png = re.search(r'src="data:image/png;base64,([^"]*)"', widget.value)[1]
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB")).astype(int)


def words(widget):
    return re.search(r'alt="([^"]*)"', widget.value)[1]


def test_every_step_comes_through_and_one_widget_is_shown(shown):
    assert list(watch(steps(50), steps=50, epochs=2)) == list(steps(50))
    assert len(shown) == 1 and type(shown[0]) is Progress and isinstance(shown[0], widgets.HTML)


def test_the_words_say_how_far_it_is(shown):
    accuracies, seen = [], []
    for epoch, step, _ in watch(steps(10), steps=10, epochs=2, accuracies=accuracies, seconds=1e-9):
        seen.append(words(shown[0]))
        if step == 5:
            accuracies.append(0.968)
    assert seen[0] == "epoch 0 of 2, step 0 of 10" and seen[1].startswith("epoch 1 of 2, step 1 of 10, loss 1")
    assert words(shown[0]) == shown[0].alt
    assert shown[0].alt == "complete: epoch 2 of 2, step 10 of 10, loss 0.1, validation accuracy 96.8 %"
    assert shown[0].accuracies == [(5, 0.968)]


def test_numbers_are_written_with_separators_and_the_loss_is_a_mean():
    widget = Progress(9375, 5)
    widget.epoch, widget.losses = 2, [0.5] * 3354 + [0.1, 0.14] * 23
    widget.note([0.968])
    widget.show()
    assert words(widget) == "epoch 2 of 5, step 3,400 of 9,375, loss 0.12, validation accuracy 96.8 %"


def test_the_picture_shows_what_was_measured():
    widget = Progress(1000, 2)
    widget.epoch, widget.losses = 1, list(np.linspace(2, 1, 333))
    widget.note([0.5])
    widget.show()
    assert widget.block == 5 and widget.bar.get_width() == 333
    at, loss = widget.curve.get_data()
    assert at.tolist() == list(range(5, 331, 5))
    assert loss == pytest.approx(np.array(widget.losses[:330]).reshape(-1, 5).mean(axis=1))
    assert widget.dots.get_xydata().tolist() == [[333, 50]]
    low, high = widget.left.get_ylim()
    assert low <= loss.min() and high >= loss.max() and widget.right.get_ylim()[0] < 50
    bar = pixels(widget)[38, :, :]
    share = (np.abs(bar - (0, 114, 178)).sum(axis=1) < 30).mean() / 0.98
    assert share == pytest.approx(0.333, abs=0.01)


def test_the_picture_changes_and_one_figure_serves_all(monkeypatch):
    widget = Progress(100, 1)
    widget.show()
    made = []
    monkeypatch.setattr(Figure, "__init__", lambda *args, **kwargs: made.append(1))
    pictures = []
    for _ in range(10):
        widget.losses += [1.0] * 10
        widget.show()
        pictures.append(pixels(widget))
    assert not made and all((a != b).any() for a, b in zip(pictures, pictures[1:]))
    assert len({picture.shape for picture in pictures}) == 1


def test_it_draws_a_few_times_a_second_only(shown, monkeypatch):
    drawn = []
    monkeypatch.setattr(Progress, "show", lambda *args, **kwargs: drawn.append(time.perf_counter()))

    def slow():
        for step in range(1, 101):
            time.sleep(0.005)
            yield 1, step, 1.0

    list(watch(slow(), steps=100, epochs=1, seconds=0.1))
    assert 4 <= len(drawn) <= 3 + (drawn[-1] - drawn[0]) / 0.1
    assert min(np.diff(drawn[:-1])) > 0.09  # the last picture comes when it is over, however soon


def test_a_slow_picture_takes_a_tenth_of_the_time(shown, monkeypatch):
    drawn = []
    monkeypatch.setattr(Progress, "show", lambda *args, **kwargs: (time.sleep(0.03), drawn.append(1)))
    until = time.perf_counter() + 0.65
    training = iter(lambda: (1, 1, 1.0) if time.perf_counter() < until else None, None)
    list(watch(training, steps=1, epochs=1, seconds=1e-9))
    assert len(drawn) <= 5


def test_leaving_the_loop_leaves_the_truth(shown):
    for _, step, _ in watch(steps(100), steps=100, epochs=2):
        if step == 40:
            break
    assert words(shown[0]).startswith("stopped: epoch 1 of 2, step 40 of 100")
    assert shown[0].bar.get_width() == 40


@pytest.mark.parametrize("where", ["in the training", "in the loop"])
def test_interrupting_leaves_the_truth(shown, where):
    def training():
        yield from steps(30)
        if where == "in the training":
            raise KeyboardInterrupt
        yield 2, 31, 1 / 31

    with pytest.raises(KeyboardInterrupt):
        for _, step, _ in watch(training(), steps=100, epochs=2):
            if step == 31:
                raise KeyboardInterrupt
    done = 30 if where == "in the training" else 31
    assert words(shown[0]).startswith(f"stopped: epoch 2 of 2, step {done} of 100")


def test_a_training_that_explodes_is_shown_as_it_is(shown):
    values = [1.0, 1e30, np.inf, np.nan]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        list(watch(steps(4, 1, lambda step: values[step - 1]), steps=4, epochs=1, seconds=1e-9))
    assert "loss nan" in words(shown[0])


def test_the_first_picture_may_come_before_the_first_step(shown):
    list(watch(iter([]), steps=8, epochs=2))
    assert words(shown[0]) == "stopped: epoch 0 of 2, step 0 of 8"


def test_what_is_stored_is_the_same_each_time_and_carries_no_id():
    first, second = Progress(10, 1), Progress(20, 2)
    second.losses = [1.0]
    second.show()
    bundles = [dict(widget._repr_mimebundle_()) for widget in (first, second)]
    views = [bundle.pop("application/vnd.jupyter.widget-view+json") for bundle in bundles]
    assert views[0]["model_id"] == first.model_id
    assert bundles[0] == bundles[1] == {"text/plain": STILL, "text/html": f"<p>{STILL}</p>"}
    assert repr(first) == STILL


def test_it_works_in_a_plain_script(capsys):
    assert len(list(watch(steps(5), steps=5, epochs=1))) == 5
    if not InteractiveShell.initialized():
        assert capsys.readouterr().out == STILL + "\n"


def test_a_picture_is_quick():
    widget = Progress(8595, 5)
    widget.epoch, widget.losses = 3, list(np.exp(-np.arange(5000) / 1000))
    widget.note([0.95, 0.96])
    widget.show()
    times = []
    for _ in range(30):
        widget.losses.append(0.1)
        begin = time.process_time()
        widget.show()
        times.append(time.process_time() - begin)
    assert np.median(times) < 0.05


def test_watching_an_epoch_costs_little(shown, monkeypatch):
    show, spent = Progress.show, []

    def timed(*args, **kwargs):
        begin = time.process_time()
        show(*args, **kwargs)
        spent.append(time.process_time() - begin)

    def busy():
        for step in range(1, 1201):
            until = time.process_time() + 0.001
            while time.process_time() < until:
                pass
            yield 1, step, 1 / step

    monkeypatch.setattr(Progress, "show", timed)
    begin = time.process_time()
    list(watch(busy(), steps=1200, epochs=1))
    # A tenth of the time, besides the first picture, the last, and one that was due: on any machine.
    assert sum(spent) < 0.12 * (time.process_time() - begin) + 3 * max(spent)


@pytest.mark.parametrize(("wrong", "error"), [(0, ValueError), (2.5, TypeError), ("many", TypeError)])
def test_bad_numbers_are_named_at_once(wrong, error):
    with pytest.raises(error, match="steps"):
        watch(steps(5), steps=wrong, epochs=1)
    with pytest.raises(error, match="epochs"):
        watch(steps(5), steps=5, epochs=wrong)
