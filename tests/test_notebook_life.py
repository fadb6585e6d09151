"""What readers do to notebooks: run a cell twice, out of order, interrupt it, restart, open it twice.

Whatever happens, a cell shows what is stored in the notebook, or an error; never something else without an error.
"""

import json
import re
import time
from pathlib import Path

import numpy as np
import pytest
from jupyter_client.manager import start_new_kernel

FOLDER = Path(__file__).parent.parent / "notebooks"
QUICK = ["01_forward_propagation", "02_the_mse_loss", "03_backpropagation", "05_gradient_descent"]

# A picture is drawn and said in words as ever; only its pixels are left out, which nobody compares here.
WITHOUT_PIXELS = """
from helpers.figures.style import Picture
Picture._repr_mimebundle_ = lambda self, include=None, exclude=None: {"text/plain": self.alt}
"""
WITHOUT_MNIST = "import helpers.data.mnist\nhelpers.data.mnist.find = lambda folder=None, download=True: (None, 'a test')\nhelpers.data.mnist.noticed = True\n"


class Kernel:
    """A kernel as behind an open notebook; `run` gives the text that a cell shows, or the name of its error."""

    def __init__(self, setup):
        self.manager, self.client = start_new_kernel(kernel_name="python3", cwd=str(FOLDER))
        assert self.run(setup) == ("", None)

    def run(self, code, interrupt_after=None):
        shown, error, sent = [], None, self.client.execute(code)
        while True:
            message = self.client.get_iopub_msg(timeout=60)
            kind, content = message["msg_type"], message["content"]
            if message["parent_header"].get("msg_id") != sent:
                continue
            if kind == "status" and content["execution_state"] == "idle":
                return "".join(shown), error
            if kind == "stream":
                shown.append(content["text"])
                # Between two lines Python has no line number, IPython's traceback wants one, and a plain one is printed.
                if "KeyboardInterrupt\n" in content["text"]:
                    error = "KeyboardInterrupt"
            elif kind in ("execute_result", "display_data"):
                if interrupt_after:  # it is running
                    time.sleep(interrupt_after)
                    self.manager.interrupt_kernel()
                shown.append(content["data"].get("text/plain", "") + "\n")
            elif kind == "error":
                error = content["ename"]

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@pytest.fixture
def kernel(monkeypatch, tmp_path):
    monkeypatch.setenv("WFW_PREDICTIONS", str(tmp_path / "predictions.jsonl"))
    opened = []

    def start(setup):
        opened.append(Kernel(setup))
        return opened[-1]

    yield start
    for one in opened:
        one.close()


def cells(name):
    """The code cells of a notebook that show the same each time: [(index, source, what is stored)]."""
    found = []
    for i, cell in enumerate(json.loads((FOLDER / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]):
        source = "".join(cell["source"])
        if cell["cell_type"] == "code" and not re.search(r"^explore_|\.hint\(", source, re.M):
            stored = []
            for output in cell["outputs"]:
                stored.append("".join(output.get("text", "")) or "".join(output.get("data", {}).get("text/plain", "")) + "\n")
            found.append((i, source, "".join(stored)))
    return found


def spoken(text):
    """What is shown, without addresses in memory."""
    return re.sub(r"0x[0-9a-f]+|<IPython[^>]*>", "", text).strip()


@pytest.mark.parametrize("name", QUICK)
def test_a_cell_run_twice_or_out_of_order_shows_the_same_or_an_error(kernel, name):
    one, wrong, errors = kernel(WITHOUT_PIXELS), [], 0
    (_, imports, _), *rest = cells(name)
    plans = [[cell for cell in rest for _ in range(2)]]  # each cell twice
    for seed in range(2):
        plans.append([rest[i] for i in np.random.default_rng(seed).permutation(len(rest))])
    plans.append(rest[::-1])
    for plan in plans:
        one.run("%reset -f")
        assert one.run(imports) == ("", None)
        for place, (i, source, stored) in enumerate(plan):
            shown, error = one.run(source)
            errors += bool(error)
            if not error and spoken(shown) != spoken(stored):
                wrong.append(f"cell {i}, {place}th in plan {plans.index(plan)}: {shown.strip()[:150]!r} for {stored.strip()[:150]!r}")
    print(name, errors, "errors")
    assert not wrong, "\n".join(wrong)
    assert errors


def run_all(kernel, some):
    """Run cells in order; each must show what is stored."""
    for i, source, stored in some:
        shown, error = kernel.run(source)
        assert error is None and spoken(shown) == spoken(stored), f"cell {i}: {error} {shown}"


def test_restart_and_run_all_shows_the_same(kernel):
    one, notebook = kernel(WITHOUT_PIXELS), cells("02_the_mse_loss")
    run_all(one, notebook[: len(notebook) // 2])
    one.manager.restart_kernel(now=True)
    one.client.wait_for_ready(timeout=60)
    assert one.run("Y_hat")[1] == "NameError", "nothing is left of before"
    one.run(WITHOUT_PIXELS)
    run_all(one, notebook)


def test_two_copies_at_once_do_not_disturb_each_other(kernel):
    left, right, notebook = kernel(WITHOUT_PIXELS), kernel(WITHOUT_PIXELS), cells("03_backpropagation")
    for cell in notebook:
        run_all(left, [cell])
        run_all(right, [cell])
    for one, question in ((left, "left"), (right, "right")):
        assert one.run(f"guess('{question}', 1.0, sure=80)")[1] is None
    for one, question in ((left, "right"), (right, "left")):
        assert "You said 1" in one.run(f"reveal('{question}', 1.0)")[0], "a guess of one copy is known in the other"


def find(notebook, words):
    """The place of the one cell with these words."""
    (place,) = [place for place, (_, source, _) in enumerate(notebook) if words in source]
    return place


def test_a_training_that_was_interrupted_is_never_taken_for_a_whole_one_and_one_run_twice_is_the_same(kernel):
    one, notebook = kernel(WITHOUT_PIXELS + WITHOUT_MNIST), cells("06_mnist_from_scratch")
    recipe, loop, last = (find(notebook, words) for words in ("def lessons(", "watch(lessons(", "print(f\"more than {bar:.1%} of"))
    for words in ("import numpy as np", "data = load(", "Y = one_hot(", "sizes, activations =", "mine = yours.network()"):
        assert one.run(notebook[find(notebook, words)][1])[1] is None
    for i in (recipe, recipe + 1):
        assert one.run(notebook[i][1])[1] is None
    one.run("epochs = 10**6")
    assert one.run(notebook[loop][1], interrupt_after=1.0)[1] == "KeyboardInterrupt"
    assert int(one.run("print(len(losses))")[0]) > 0, "it was in the middle"
    assert one.run(notebook[loop + 1][1])[1] == "AssertionError"
    one.run("epochs = 20")
    seen = []
    for _ in range(2):
        for i in range(loop, last + 1):
            assert one.run(notebook[i][1])[1] is None, notebook[i][1]
        seen.append(one.run("print(len(losses), losses[-1], scores)"))
    assert seen[0] == seen[1]
