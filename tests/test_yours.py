"""The reader's own network: what is right is kept, nothing is lost, what is missing is lent, and whose it is is said truly."""

import ast
import functools
import importlib
import inspect
import json
import linecache
import os
import subprocess
import sys
import types
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits

from helpers import activations, yours
from helpers.exercises import grade
from helpers.losses import cross_entropy
from helpers.parameters import he, layers
from helpers.topics import parts
from helpers.topics.patients import PATIENTS
from helpers.training import accuracy, minibatches

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """The reader's file, in an empty folder."""
    monkeypatch.setenv("WFW_MY_NETWORK", str(tmp_path / "my_network.py"))
    return tmp_path / "my_network.py"


@pytest.fixture
def cell():
    """Run a cell as a notebook does, and hand back its names."""
    names, count = {"__name__": "__main__"}, 0

    def run(code):
        nonlocal count
        count += 1
        linecache.cache[f"<cell {count}>"] = len(code), None, (code + "\n").splitlines(keepends=True), f"<cell {count}>"
        exec(compile(code, f"<cell {count}>", "exec"), names)
        return types.SimpleNamespace(**names)

    run("import numpy as np\nfrom helpers.activations import PRIME, identity, relu, sigmoid, softmax")
    return run


def mine(part):
    """The series' own part as a reader writes it, with `my_`: every answer that is right looks like it."""
    source = inspect.getsource(getattr(parts, part))
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name == part:
            node.name, node.body = f"my_{part}", node.body[1:]
        elif isinstance(node, ast.Name) and node.id in yours.PARTS:
            node.id = f"my_{node.id}"
    return ast.unparse(tree)


@pytest.fixture
def all_kept(cell):
    for part in yours.PARTS:
        cell(mine(part))
        assert yours.keep(part, getattr(cell(""), f"my_{part}")).startswith(f"Kept: `{part}`.")


def clouds(n=60):
    """Three clouds of points on the plane, and whose they are as one-hot rows."""
    rng = np.random.default_rng(0)
    labels = np.arange(n) % 3
    X = rng.normal(size=(n, 2)) * 0.3 + np.array([[0, 1], [1, -1], [-1, -1]])[labels]
    return X, np.eye(3)[labels], labels


def trained(net, f=activations.sigmoid, steps=60):
    """A network trained by eleven functions: layers before and after."""
    X, Y, _ = clouds()
    rng = np.random.default_rng(1)
    layers = [(rng.normal(size=(2, 5)), np.zeros(5), f), (rng.normal(size=(5, 3)), np.zeros(3), activations.identity)]
    return layers, net.train(layers, X, Y, net.cross_entropy_grad, 0.5, [slice(0, 30), slice(30, 60)] * steps)


def test_the_parts_are_those_of_the_series_in_the_notebooks_order():
    names = [name for name, value in vars(parts).items() if inspect.isfunction(value) and value.__module__ == parts.__name__]
    assert set(names) == set(yours.PARTS) and len(yours.PARTS) == 11
    notebooks = [yours.NOTEBOOK[part] for part in yours.PARTS]
    assert notebooks == sorted(notebooks)
    assert all((ROOT / "notebooks" / f"{notebook}.ipynb").exists() for notebook in notebooks)


def test_a_kept_answer_is_said_in_one_line_and_loses_its_prefix(cell, place):
    answer = cell("def my_layer(A_in, W, b, f):\n    # my_layer in words\n    'my_layer'\n    Z = A_in @ W + b\n    return Z, f(Z)").my_layer
    assert repr(yours.keep("layer", answer)) == "Kept: `layer`. 1 of 11 parts is yours."
    text = place.read_text()
    assert "def layer(A_in, W, b, f):\n    # my_layer in words\n    'my_layer'\n" in text
    assert yours.whose() == {part: "yours" if part == "layer" else "lent" for part in yours.PARTS}


def test_all_parts_kept_train_as_the_series_does_and_call_each_other(all_kept, place):
    assert list(yours.whose().values()) == ["yours"] * 11
    with yours.counted() as calls:
        _, ours = trained(yours.network())
    assert {who for _, who in calls} == {"yours"} and yours.share(calls) == 1
    assert {name for name, _ in calls} == {"layer", "forward", "sigmoid_prime", "layer_backward", "backward", "step", "train", "cross_entropy_grad"}
    assert calls["step", "yours"] == 2 * 2 * 120
    _, theirs = trained(parts)
    for (W, b, _), (V, c, _) in zip(ours, theirs):
        assert np.array_equal(W, V) and np.array_equal(b, c)
    order = [line.split()[2] for line in place.read_text().splitlines() if line.startswith("# --- ")]
    assert [name for name in order if name in yours.PARTS] == list(yours.PARTS)


def test_every_subset_of_parts_runs_and_says_truly_whose_each_part_is(all_kept, place):
    blocks, rng = yours.split(place.read_text()), np.random.default_rng(0)
    _, theirs = trained(parts, steps=2)
    used = {"layer", "forward", "sigmoid_prime", "layer_backward", "backward", "step", "train", "cross_entropy_grad"}
    subsets = [set(), set(yours.PARTS), *({part} for part in yours.PARTS), *(set(yours.PARTS) - {part} for part in yours.PARTS)]
    while len(subsets) < 260:
        subsets.append({part for part in yours.PARTS if rng.random() < 0.5})
    for subset in subsets:
        text = yours.start()
        for part in yours.PARTS:
            text = yours.put(text, part, blocks[part]) if part in subset else text
        place.write_text(text)
        assert {part for part, who in yours.whose().items() if who == "yours"} == subset
        net = yours.network()
        with yours.counted() as calls:
            _, ours = trained(net, steps=2)
        assert set(calls) == {(part, "yours" if part in subset else "lent") for part in used}
        assert all(np.array_equal(W, V) for (W, _, _), (V, _, _) in zip(ours, theirs))
        assert net.mse(np.ones((2, 1)), np.zeros((2, 1))) == 0.5
        assert np.allclose(net.numerical_gradient(lambda t: (t**2).sum(), np.array([1.0, 2])), [2, 4])
    assert yours.report().startswith(f"{len(subset)} of 11 parts {'is' if len(subset) == 1 else 'are'} yours.")


def test_a_function_that_only_hands_its_work_on_is_found_out(cell):
    answer = cell("def my_backward(layers, cache, dA):\n    from helpers.topics.parts import backward as other\n    return other(layers, cache, dA)")
    yours.keep("backward", answer.my_backward)
    with yours.counted() as calls:
        trained(yours.network(), steps=1)
    assert calls["backward", "yours"] == calls["backward", "lent"] == 2


FIVE = "    Z = A_in @ W + b\n    return Z, f(Z)"


@pytest.mark.parametrize("part, code, inside", [
    ("layer", "def weighted(A, W, b):\n    return A @ W + b\n\ndef my_layer(A_in, W, b, f):\n    Z = weighted(A_in, W, b)\n    return Z, f(Z)", "def weighted"),
    ("layer", "my_layer = lambda A_in, W, b, f: (A_in @ W + b, f(A_in @ W + b))", "layer = lambda"),
    ("layer", f"def anything(A_in, W, b, f):\n{FIVE}\nmy_layer = anything", "def layer(A_in"),
    ("layer", "class Mine:\n    @staticmethod\n    def way(A_in, W, b, f):\n        Z = A_in @ W + b\n        return Z, f(Z)\nmy_layer = Mine.way", "def layer"),
    ("layer", "import math\nfrom functools import reduce\ndef my_layer(A_in, W, b, f):\n    Z = reduce(lambda a, c: a + c, [A_in @ W, b * math.cos(0)])\n"
              "    return Z, f(Z)", "from functools import reduce\nimport math"),
    ("layer", "from numpy import matmul as times\ndef my_layer(A_in, W, b, f):\n    Z = times(A_in, W) + b\n    return Z, f(Z)", "from numpy import matmul as times"),
    ("layer", "import numpy\ndef my_layer(A_in, W, b, f):\n    Z = numpy.add(A_in @ W, b)\n    return Z, f(Z)", "import numpy\n"),
    ("forward", "def my_layer(A_in, W, b, f):\n" + FIVE + "\ndef my_forward(layers, X):\n    A, cache = X, []\n    for layer in layers:\n        cache.append([A, 0])\n"
                "        cache[-1][1], A = my_layer(A, *layer)\n    return A, [tuple(c) for c in cache]", "layer(A, *layer_)"),
    ("sigmoid_prime", "def sigmoid(Z):\n    return 1 / (1 + np.exp(-Z))\ndef my_sigmoid_prime(Z):\n    return sigmoid(Z) * (1 - sigmoid(Z))", "sigmoid_of_sigmoid_prime(Z)"),
    ("sigmoid_prime", "from helpers.activations import sigmoid as s\ndef my_sigmoid_prime(Z):\n    return s(Z) * (1 - s(Z))", "return sigmoid(Z)"),
    ("step", "def my_step(theta, grad, learning_rate):\n    \"\"\"α my_step\n  odd\"\"\"\n\n    return (theta\n  - learning_rate * grad)  # θ − α ∇L", "# θ − α ∇L"),
    ("step", "import functools\ndef loud(f):\n    @functools.wraps(f)\n    def inner(*a):\n        return f(*a)\n    return inner\n@loud\n"
             "def my_step(theta, grad, learning_rate):\n    return theta - learning_rate * grad", "@loud\ndef step"),
    ("step", "def part(x, a):\n    return x * a if a < 9 else other(x, a)\ndef other(x, a):\n    return part(x, a / 2) * 2\n"
             "def my_step(theta, grad, learning_rate):\n    return theta - part(grad, learning_rate)", "def other"),
])
def test_answers_of_many_forms_are_kept_and_run_alone(cell, place, part, code, inside):
    answer = getattr(cell(code), f"my_{part}")
    assert yours.keep(part, answer).startswith("Kept"), yours.keep(part, answer)
    assert inside in place.read_text()
    assert yours.whose()[part] == "yours"
    _, ours = trained(yours.network(), steps=3)
    _, theirs = trained(parts, steps=3)
    assert all(np.allclose(W, V, rtol=1e-12, atol=1e-15) for (W, _, _), (V, _, _) in zip(ours, theirs))


@pytest.mark.parametrize("part, code, words", [
    ("mse_grad", "n = 8\ndef my_mse_grad(Y_hat, Y):\n    return (Y_hat - Y) / n", "the notebook's `n`"),
    ("backward", "from helpers.topics.parts import backward\ndef my_backward(layers, cache, dA):\n    return backward(layers, cache, dA)", "own `backward`"),
    ("train", "from helpers.network import backward\ndef my_train(*a):\n    return backward(*a)", "`backward` of the series"),
    ("mse", "from helpers.losses import mse\ndef my_mse(Y_hat, Y):\n    return mse(Y_hat, Y)", "own `mse`"),
    ("mse", "my_mse = np.vectorize(lambda a: a)", "cannot be read"),
    ("mse", "my_mse, other = (lambda a, b: 1), (lambda a, b: 2)", "cannot be told"),
])
def test_an_answer_that_would_not_run_outside_the_notebook_is_refused_in_kind_words(cell, place, part, code, words):
    said = yours.keep(part, getattr(cell(code), f"my_{part}"))
    assert said.startswith(f"Right, but `{part}` is not kept: ") and words in said and "\n" not in said
    assert yours.whose()[part] == "lent"


def test_whatever_is_handed_in_is_answered_in_one_line(cell, place):
    class Thing:
        def __call__(self, *a):
            return 0

        def way(self, *a):
            return 0

    exec("def nowhere(a, b): return 0", made := {})
    for thing in (None, 5, "mse", [], Thing, Thing(), Thing().way, np.sum, np.vectorize(abs), len, print, made["nowhere"], functools.partial(max, 1),
                  (i for i in ()), object(), np.ndarray):
        said = yours.keep("mse", thing)
        assert said.startswith("Right, but `mse` is not kept: ") and "\n" not in said, said
    assert not place.exists()


def test_without_a_folder_of_ones_own_nothing_is_written(monkeypatch, tmp_path, cell):
    monkeypatch.delenv("WFW_MY_NETWORK")
    monkeypatch.chdir(tmp_path)
    answer = cell(mine("mse")).my_mse
    assert yours.file() is None and yours.keep("mse", answer).startswith("Not kept: this is not a folder of your own.")
    assert not list(tmp_path.iterdir())
    assert set(yours.whose().values()) == {"lent"} and yours.report().startswith("0 of 11 parts are yours.")
    (tmp_path / yours.MARKER).write_text("{}")
    assert yours.keep("mse", answer) == "Kept: `mse`. 1 of 11 parts is yours." and (tmp_path / "my_network.py").exists()
    monkeypatch.chdir(ROOT / "notebooks")
    assert yours.file() is None


def test_an_edit_by_hand_elsewhere_stays_and_a_new_answer_replaces_its_part_alone(all_kept, place, cell):
    text = place.read_text()
    text = text.replace("\n\n# --- step", "\n\ndef leaky(Z):\n    return np.maximum(Z, Z / 100)  # mine\n\n\n# --- step")
    text = text.replace("return (Y_hat - Y) / len(Y)", "return (Y_hat - Y) / len(Y)  # a note of mine") + "\n\n# --- ideas (mine) ---\n\nanswer = 42\n"
    place.write_text(text)
    new = cell("def my_layer(A_in, W, b, f):\n    Z = b + A_in @ W\n    return Z, f(Z)").my_layer
    assert yours.keep("layer", new) == "Kept: `layer`. 11 of 11 parts are yours."
    after = place.read_text()
    assert after == text.replace(yours.split(text)["layer"], yours.split(after)["layer"]) and "Z = b + A_in @ W" in after
    assert place.with_suffix(".last.py").read_text() == text, "what was there before is not lost"
    yours.keep("layer", new)
    assert place.read_text() == after, "the same answer again changes nothing"


def test_a_part_whose_line_was_taken_away_is_still_the_readers_and_is_replaced(all_kept, place, cell):
    place.write_text("\n".join(line for line in place.read_text().splitlines() if not line.startswith("# --- ")))
    assert list(yours.whose().values()) == ["yours"] * 11
    new = cell("def my_layer(A_in, W, b, f):\n    Z = b + A_in @ W\n    return Z, f(Z)").my_layer
    assert yours.keep("layer", new) == "Kept: `layer`. 11 of 11 parts are yours."
    assert place.read_text().count("def layer(") == 1 and place.read_text().count("PRIME =") == 1
    trained(yours.network(), steps=1)


def test_a_file_that_python_cannot_read_is_copied_aside_and_said(all_kept, place, cell):
    broken = place.read_text().replace("def mse(Y_hat, Y):", "def mse(Y_hat, Y:")
    place.write_text(broken)
    assert yours.whose()["mse"] == "lent" and list(yours.whose().values()).count("yours") == 10
    line = broken[: broken.index("def mse(Y_hat")].count("\n") + 1
    assert f"mse: Python cannot read it, line {line}: SyntaxError" in yours.report()
    trained(yours.network(), steps=1)
    said = yours.keep("step", cell("def my_step(theta, grad, learning_rate):\n    return theta - grad * learning_rate").my_step)
    assert said.startswith("Kept: `step`. 10 of 11 parts are yours. ") and "my_network.before.py" in said and f"line {line}" in said
    assert place.with_suffix(".before.py").read_text() == broken
    ast.parse(place.read_text())
    for other in b"\xff\xfe(", b"\x00":
        place.write_bytes(other)
        assert "my_network.before" in yours.keep("mse", cell(mine("mse")).my_mse)
        assert other in [copy.read_bytes() for copy in place.parent.glob("my_network.before*.py")]


def test_a_missing_import_and_a_changed_given_function_are_named(all_kept, place):
    text = place.read_text()
    place.write_text(text.replace("import numpy as np\n", ""))
    assert "import numpy as np" in yours.report() and "at the top" in yours.report()
    place.write_text(text.replace("return np.greater(Z, 0)", "return np.greater(Z, 1)"))
    assert {*yours.diagnose()} - {*yours.PARTS} == {"relu_prime"}
    place.write_text(text.replace("relu: relu_prime", "relu: identity_prime"))
    assert {*yours.diagnose()} - {*yours.PARTS} == {"PRIME"} and "relu_prime" in yours.report()
    place.write_text(text + "\n\nraise RuntimeError('mine')\n")
    assert "RuntimeError: mine" in yours.report()
    place.write_text(text + "\n\nexit()\n")
    assert "cannot read" in yours.report()


def test_a_part_changed_into_something_wrong_is_named_and_no_other_that_calls_it(all_kept, place, monkeypatch):
    class Exercise:
        part = True

        def __init__(self, truth, case):
            self.truth, self.case = truth, case

        def reply(self, function):
            right = all(map(np.allclose, np.atleast_1d(function(*self.case())), np.atleast_1d(self.truth(*self.case()))))
            return types.SimpleNamespace(state="right" if right else "wrong", text="Not right yet: too large.")

    X, W, b = np.ones((3, 2)), np.ones((2, 2)), np.zeros(2)
    import helpers.exercises.forward_propagation as exercises
    monkeypatch.setattr(exercises, "layer", Exercise(parts.layer, lambda: (X, W, b, activations.sigmoid)), raising=False)
    only = Exercise(lambda layers, X: parts.forward(layers, X)[0], lambda: ([(W, b, activations.sigmoid)], X))
    monkeypatch.setattr(only, "reply", lambda f: Exercise.reply(only, lambda *a: f(*a)[0]), raising=False)
    monkeypatch.setattr(exercises, "forward", only, raising=False)
    place.write_text(place.read_text().replace("Z = A_in @ W + b", "Z = A_in @ W - b + 1"))
    assert yours.diagnose().get("layer") == "Not right yet: too large." and "forward" not in yours.diagnose()
    assert "layer: Not right yet: too large." in yours.report()


def test_two_notebooks_that_keep_at_once_lose_nothing(place, second_python):
    (place.parent / "answers.py").write_text("import numpy as np\nfrom helpers.activations import PRIME, sigmoid, softmax\n"
                                             + "\n\n".join(map(mine, yours.PARTS)))
    code = ("import sys\nimport answers\nfrom helpers import yours\n"
            "for _ in range(12):\n    for p in yours.PARTS[int(sys.argv[1])::2]:\n"
            "        assert yours.keep(p, getattr(answers, f'my_{p}')).startswith('Kept')")
    writers = [subprocess.Popen([second_python, "-c", code, which], cwd=place.parent, env=os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{place.parent}"})
               for which in "01"]
    assert [writer.wait(120) for writer in writers] == [0, 0]
    assert list(yours.whose().values()) == ["yours"] * 11
    assert {path.name for path in place.parent.iterdir()} <= {"my_network.py", "my_network.last.py", "answers.py", "__pycache__"}


def test_what_the_series_wrote_is_not_the_readers(all_kept, place):
    before = place.read_bytes()
    assert yours.keep("mse", parts.mse).startswith("Not kept: this is the series' own `mse`.")
    assert yours.keep("mse", yours.network(only=()).mse).startswith("Not kept: this is the series' own `mse`.")
    assert yours.keep("mse", yours.network().mse) == "`mse` stands in my_network.py already." and place.read_bytes() == before


def test_a_lock_left_behind_is_taken_away(place, cell):
    lock = place.with_name("my_network.py.lock")
    lock.touch()
    os.utime(lock, (0, 0))
    assert yours.keep("mse", cell(mine("mse")).my_mse).startswith("Kept")


@pytest.mark.parametrize("fails", ["mkstemp", "fsync", "replace", "open"])
def test_a_full_disk_loses_nothing_and_is_said_in_one_line(all_kept, place, monkeypatch, fails, cell):
    before, module = place.read_bytes(), {"mkstemp": "tempfile"}.get(fails, "os")

    def full(*arguments, **named):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(f"{module}.{fails}", full)
    said = yours.keep("step", cell("def my_step(theta, grad, learning_rate):\n    return theta - grad * learning_rate").my_step)
    monkeypatch.undo()
    assert said.startswith("Not kept: ") and "No space left" in said and "\n" not in said
    assert place.read_bytes() == before and {path.name for path in place.parent.iterdir()} == {"my_network.py"}


def test_a_folder_that_cannot_be_written_is_said(monkeypatch, cell):
    monkeypatch.setenv("WFW_MY_NETWORK", "/proc/nowhere/my_network.py")
    assert yours.keep("mse", cell(mine("mse")).my_mse).startswith("Not kept: /proc/nowhere/my_network.py cannot be written")
    assert set(yours.whose().values()) == {"lent"}


def test_what_is_no_part_is_named():
    with pytest.raises(ValueError, match="name: got 'my_mse'"):
        yours.keep("my_mse", parts.mse)


AT_HOME = """
import sys; sys.path.insert(0, ".")
import numpy as np
import my_network as net
assert not [name for name in sys.modules if name.split(".")[0] in ("helpers", "sklearn", "scipy", "matplotlib")]
data = np.load("digits.npz")
X, labels = data["X"], data["labels"]
rng = np.random.default_rng(0)
layers = [(rng.normal(size=(m, k)) * np.sqrt(2 / m), np.zeros(k), f) for m, k, f in [(64, 32, net.relu), (32, 10, net.identity)]]
batches = [rng.integers(0, 1500, 32) for _ in range(1500)]
layers = net.train(layers, X, np.eye(10)[labels], net.cross_entropy_grad, 0.2, batches)
print((net.forward(layers, X[1500:])[0].argmax(axis=1) == labels[1500:]).mean())
"""


def test_the_file_at_home_trains_and_reads_digits_with_numpy_alone(all_kept, place, tmp_path, second_python):
    digits, home = load_digits(), tmp_path / "home"
    home.mkdir()
    (home / "my_network.py").write_bytes(place.read_bytes())
    np.savez(home / "digits.npz", X=digits.data / 16, labels=digits.target)
    done = subprocess.run([second_python, "-I", "-c", AT_HOME], cwd=home, capture_output=True, text=True, env={})
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) > 0.9


# The bugs of notebook 08, as hands put them into a file: (what stood there, what stands there now, the part that has it).
BY_HAND = {
    "1/n forgotten": ("return (Y_hat - Y) / len(Y)", "return Y_hat - Y", "mse_grad"),
    "1/n taken twice": ("A_in.T @ dZ, dZ.sum", "A_in.T @ dZ / len(dZ), dZ.sum", "layer_backward"),
    "factor 2 lost": ("return (Y_hat - Y) / len(Y)", "return (Y_hat - Y) / (2 * len(Y))", "mse_grad"),
    "K times too large": ("return (Y_hat - Y) / len(Y)", "return (Y_hat - Y) * Y.shape[1] / len(Y)", "mse_grad"),
    "softmax slope left out": ("return (softmax(Z) - Y)", "return (Z - Y)", "cross_entropy_grad"),
    "softmax as a sigmoid": ("return (softmax(Z) - Y)", "return (softmax(Z) - Y) * softmax(Z) * (1 - softmax(Z))", "cross_entropy_grad"),
    "ReLU gate always open": ("np.greater(Z, 0)", "np.greater_equal(relu(Z), 0)", "relu_prime"),
    "slope of A for slope of Z": ("= layer_backward(dA, A_in, Z, W", "= layer_backward(dA, A_in, f(Z), W", "backward"),
    "hidden slopes left out": ("dZ = dA * f_prime(Z)", "dZ = dA", "layer_backward"),
    "dW transposed": ("A_in.T @ dZ, dZ.sum", "dZ.T @ A_in if A_in.shape == dZ.shape else A_in.T @ dZ, dZ.sum", "layer_backward"),
    "biases never updated": ("dZ.sum(axis=0), dZ", "np.zeros(dZ.shape[1]), dZ", "layer_backward"),
    "biases averaged": ("dZ.sum(axis=0), dZ", "dZ.mean(axis=0), dZ", "layer_backward"),
    "one sum for all biases": ("dZ.sum(axis=0), dZ", "np.full(dZ.shape[1], dZ.sum()), dZ", "layer_backward"),
    "weights updated too early": ("dZ @ W.T", "dZ @ (W - 0.5 * A_in.T @ dZ).T", "layer_backward"),
    "first layer frozen": ("    return grads\n", "    grads[0] = tuple(0 * g for g in grads[0])\n    return grads\n", "backward"),
    "first layer climbs": ("    return grads\n", "    grads[0] = tuple(-g for g in grads[0])\n    return grads\n", "backward"),
    "gradient not cleared": ("def backward(layers, cache, dA):\n    grads = []", "def backward(layers, cache, dA, grads=[]):", "backward"),
}


def test_each_part_has_its_exercise_and_all_right_parts_are_right(all_kept):
    for part, notebook in yours.NOTEBOOK.items():
        assert getattr(importlib.import_module(f"helpers.exercises.{notebook[3:]}"), part).part, part
    assert yours.diagnose() == {}


@pytest.mark.parametrize("patient", PATIENTS)
def test_each_patient_put_into_the_file_by_hand_is_named_with_its_part_alone(all_kept, place, patient):
    before, after, part = BY_HAND[patient]
    text = place.read_text()
    assert text.count(before) >= 1
    place.write_text(text.replace(before, after, 1))
    found = yours.diagnose()
    assert list(found) == [part], found
    assert len(found[part]) > 20
    assert f"{part}: " in yours.report()


# On MNIST: notebook 06's training, and 07's ruler.

EPOCH = '''
import sys, warnings
import numpy as np
from helpers import yours
from helpers.activations import identity, relu
from helpers.data import mnist
from helpers.frameworks import keras_bridge as bridge
from helpers.losses import cross_entropy
from helpers.optimizers import gradient_descent
from helpers.parameters import glorot, layers
from helpers.training import minibatches, one_hot

warnings.simplefilter("ignore")
data = mnist.load(download=False)
X, Y, sizes, activations = data.X_train, one_hot(data.labels_train, 10, np.float32), [784, 256, 128, 10], [relu, relu, identity]
start, rng, batches = glorot(sizes, np.random.default_rng(3)), np.random.default_rng(3), []
while len(batches) < 1875:
    batches += minibatches(len(X), 32, rng)
model = bridge.build(start, sizes, activations, loss=cross_entropy, optimizer=gradient_descent, learning_rate=0.1)
mine, network = yours.network(), layers(start, sizes, activations)
with bridge.one_thread():
    for at in range(0, 1875, 25):
        network = mine.train(network, X, Y, mine.cross_entropy_grad, 0.1, batches[at : at + 25])
        for batch in batches[at : at + 25]:
            model.train_on_batch(X[batch], Y[batch])
ours = np.concatenate([array.ravel() for W, b, _ in network for array in (W, b)])
with yours.counted() as calls:
    mine.train(layers(start, sizes, activations), X, Y, mine.cross_entropy_grad, 0.1, batches[:50])
print(*bridge.gap(ours, bridge.read(model), sizes), yours.share(calls, of=("layer", "layer_backward", "step")), yours.share(calls))
'''


def test_after_a_whole_epoch_the_readers_weights_are_keras_own_and_it_was_their_code_that_ran(all_kept, place):
    pytest.importorskip("keras")
    done = subprocess.run([sys.executable, "-c", EPOCH], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr[-2000:]
    *gaps, share, of_all = map(float, done.stdout.split())
    print(gaps, share, of_all)
    assert len(gaps) == 3 and max(gaps) <= 1e-9
    assert share >= 0.95 and of_all >= 0.95


def test_a_class_gets_a_row_for_each_readers_network(all_kept, place, tmp_path):
    pytest.importorskip("keras")
    (tmp_path / "sum").mkdir()
    (tmp_path / "sum" / "my_network.py").write_text(place.read_text().replace(" / len(Y)", ""))
    whole, spoiled = grade.networks(tmp_path)
    assert whole["network"] == "my_network.py" and spoiled["network"] == str(Path("sum", "my_network.py"))
    assert whole["parts"] == spoiled["parts"] == "11 of 11"
    assert not whole["wrong"] and spoiled["wrong"] == "mse_grad, cross_entropy_grad"
    assert whole["accuracy"] > 0.8 and spoiled["accuracy"] < 0.5
    assert float(whole["gap"]) <= 1e-12 and not float(spoiled["gap"]) <= 1e-3
    assert not whole["problem"] and not spoiled["problem"]


@pytest.mark.parametrize("text, problem", [("while True: pass", "still running after 9 seconds"),
                                           ("import os; os._exit(3)", "the kernel ended")])
def test_a_network_that_does_not_end_or_ends_the_process_has_a_row_that_says_so(tmp_path, text, problem):
    (tmp_path / "my_network.py").write_text(text)
    assert grade.networks(tmp_path, seconds=9) == [{"network": "my_network.py", "problem": problem}]


def test_notebook_06s_training_runs_on_the_readers_parts(all_kept):
    """Its two functions, as they stand there, for a hundred steps of digits that are always at hand."""
    notebook = json.loads((ROOT / "notebooks" / "06_mnist_from_scratch.ipynb").read_text(encoding="utf-8"))
    (lessons,) = ["".join(cell["source"]) for cell in notebook["cells"] if "def lessons(" in "".join(cell["source"])]
    images, labels = load_digits(return_X_y=True)
    X, rng = images / 16, np.random.default_rng(0)
    data = types.SimpleNamespace(X_train=X[300:], X_validation=X[:300], labels_validation=labels[:300])
    names = {"np": np, "mine": yours.network(), "data": data, "Y": np.eye(10)[labels[300:]], "epochs": 3, "losses": [], "scores": [],
             "minibatches": minibatches, "cross_entropy": cross_entropy, "accuracy": accuracy,
             "network": layers(he([64, 32, 10], rng), [64, 32, 10], [activations.relu, activations.identity])}
    exec(lessons, names)
    with yours.counted() as calls:
        seen = list(names["lessons"](0.1, rng))
    assert len(seen) == len(names["losses"]) == 3 * 47 and [epoch for epoch, _, _ in seen][-1] == 3
    assert names["scores"][-1] > 0.85 and yours.share(calls) == 1
