"""Every framework ends with our weights; the files are read back by others; the record and the ranking are what they claim."""

import datetime
import importlib
import inspect
import json

import numpy as np
import pytest

from helpers import frameworks
from helpers.activations import relu, softmax
from helpers.explorers.choosing_a_framework import explore_criteria
from helpers.figures import frameworks as figures
from helpers.frameworks import MISTAKES, PACKAGES, PROGRAM, available, caffe, gaps, how_to_install, measure, onnx, recorded
from helpers.frameworks import numpy as ours
from helpers.frameworks import ranking as rank
from helpers.frameworks import record as recorder
from helpers.frameworks import run, wire
from helpers.frameworks.concepts import OWN, concepts, lines, shows_an_example
from helpers.network import forward
from helpers.parameters import he, layers
from helpers.training import one_hot

SIZES = [784, 256, 128, 10]


@pytest.fixture(scope="module")
def problem():
    rng = np.random.default_rng(0)
    X, Y = rng.random((300, 784)), one_hot(rng.integers(0, 10, 300), 10)
    return he(SIZES, rng), SIZES, X, Y, [rng.integers(0, 300, 64) for _ in range(200)], 0.1


@pytest.fixture(scope="module")
def trained(problem):
    return ours.train(*problem)


def needs(name):
    if not available(name):
        pytest.skip(f"{name} is not installed: {how_to_install(name)}")


@pytest.mark.parametrize("name", list(PROGRAM))
def test_it_ends_with_our_weights_after_200_steps(name, problem, trained):
    needs(name)
    row = run(name, *problem, mode="judged")
    assert row["theta"].dtype == np.float64 and np.abs(trained - problem[0]).max() > 1e-3
    assert gaps({name: row}, trained)[name] < 1e-12
    assert row["step_s"] > 0 and row["first_s"] > 0 and row["import_s"] >= 0 and row["memory_mb"] >= 0
    assert set(row["errors"]) == set(MISTAKES) and all(answer["points"] in (0, 1, 2) for answer in row["errors"].values())
    assert bool(row["examples"]) == (name != "NumPy")
    if name.startswith("Keras"):
        assert name.removeprefix("Keras on ").lower().removeprefix("py") in row["versions"]  # it ran on what its row says
        twice = row["softmax twice"]
        assert bool(twice["says"]) == (name == "Keras on TensorFlow")
        assert (twice["gap"] < 1e-12) == (name == "Keras on TensorFlow")


def test_keras_takes_its_gradient_from_what_it_runs_on():
    keras = importlib.util.find_spec("keras")
    if keras is None:
        pytest.skip("Keras is not installed")
    folder = frameworks.Path(keras.origin).parent / "src" / "backend"
    for engine, idea in {"tensorflow": "GradientTape", "torch": ".backward()", "jax": "value_and_grad"}.items():
        assert idea in (folder / engine / "trainer.py").read_text(encoding="utf-8")


def test_times_come_before_all_else_in_a_process_that_has_done_nothing(tmp_path, problem, monkeypatch):
    order = []
    monkeypatch.setattr(measure, "seconds_a_step", lambda *a: order.append("times") or (1.0, 2.0))
    monkeypatch.setattr(ours, "train", lambda *a: order.append("train") or problem[0])
    monkeypatch.setattr(measure, "answers", lambda *a: order.append("mistakes") or {})
    theta, sizes, X, Y, batches, learning_rate = problem
    np.savez(tmp_path / "problem.npz", theta=theta, sizes=sizes, X=X, Y=Y, batches=np.array(batches), learning_rate=learning_rate)
    measure.main("numpy", "numpy", "judged", tmp_path)
    assert order == ["times", "train", "mistakes"]
    order.clear()
    measure.main("numpy", "numpy", "plain", tmp_path)
    assert order == ["times"]


def test_the_first_step_of_pytorchs_adam_is_the_one_on_the_page():
    torch = pytest.importorskip("torch")
    theta = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.Adam([theta], lr=1.0)
    theta.grad = torch.full((1,), 1e-6, dtype=torch.float64)
    optimizer.step()
    assert -theta.item() == pytest.approx(1e-6 / (1e-6 + 1e-8))


def test_every_mode_changes_how_a_program_is_compiled():
    assert {program for program, _ in measure.MODES} <= set(OWN)
    jax = pytest.importorskip("jax")
    before = jax.config.jax_disable_jit
    try:
        measure.MODES["jax", "plain"](None)
        assert jax.config.jax_disable_jit
    finally:
        jax.config.update("jax_disable_jit", before)


def test_a_program_that_stops_says_why(problem):
    theta, *rest = problem
    with pytest.raises(RuntimeError, match="NumPy stopped: ValueError: sizes: got"):
        run("NumPy", theta[:-1], *rest)


def test_training_leaves_the_start_alone(problem):
    before = problem[0].copy()
    ours.train(*problem)
    assert (before == problem[0]).all()


@pytest.fixture(scope="module")
def expected(problem, trained):
    return forward(layers(trained, SIZES, [relu, relu, softmax]), problem[2])[0]


def test_opencv_reads_and_runs_the_caffe_files(problem, trained, expected):
    needs("OpenCV")
    cv2 = importlib.import_module("cv2")
    if not cv2.__version__.startswith("4."):
        pytest.skip("OpenCV 5 reads no Caffe files")
    Y_hat = caffe.run(caffe.prototxt(SIZES), caffe.caffemodel(trained, SIZES), problem[2])
    assert Y_hat.shape == expected.shape and np.abs(Y_hat - expected).max() < 1e-5


def test_onnx_runtime_runs_the_onnx_file(problem, trained, expected):
    needs("ONNX Runtime")
    Y_hat = onnx.run(onnx.model(trained, SIZES), problem[2])
    assert Y_hat.shape == expected.shape and np.abs(Y_hat - expected).max() < 1e-5


def test_pytorchs_own_exporter_writes_the_same_function(trained, problem, expected):
    needs("PyTorch")
    needs("ONNX Runtime")
    file = onnx.exported(trained, SIZES)
    assert np.abs(onnx.run(file, problem[2]) - expected).max() < 1e-5 and b"Gemm" in file
    assert file != onnx.model(trained, SIZES)


def test_onnx_itself_finds_no_fault_with_the_file_and_the_same_numbers_in_it(trained):
    package = pytest.importorskip("onnx")
    model = package.load_from_string(onnx.model(trained, SIZES))
    package.checker.check_model(model, full_check=True)
    arrays = [package.numpy_helper.to_array(array).ravel() for array in model.graph.initializer]
    assert (np.concatenate(arrays) == trained.astype(np.float32)).all()
    assert [node.op_type for node in model.graph.node] == ["MatMul", "Add", "Relu"] * 2 + ["MatMul", "Add", "Softmax"]


@pytest.mark.parametrize(("n", "expected"), [(0, b"\x00"), (127, b"\x7f"), (128, b"\x80\x01"), (300, b"\xac\x02"), (2**32, b"\x80\x80\x80\x80\x10")])
def test_varints_are_those_of_the_standard(n, expected):
    assert wire.varint(n) == expected


def test_a_message_holds_its_fields_in_order():
    assert wire.message((1, 150), (2, "testing")) == b"\x08\x96\x01\x12\x07testing"  # the examples of Protocol Buffers' own description
    assert wire.message((5, np.array([1.0, 2.0]))) == b"\x2a\x08" + np.array([1, 2], "<f4").tobytes()
    assert wire.message((100, b"")) == b"\xa2\x06\x00"


def test_the_record_has_all_rows_with_dates_and_versions():
    record = recorded()
    assert list(record["measured"]) == list(PROGRAM) and {"OpenCV", "ONNX Runtime"} < set(record["files"])
    for name, row in record["measured"].items():
        assert datetime.date.fromisoformat(row["date"]).year >= 2024 and all(row["versions"].values())
        assert row["cpu"] and row["cores"] >= 1 and row["load"] is not None
        assert 0 <= row["gap"] < 1e-12 and set(row["errors"]) == set(MISTAKES)
        assert all(len(row[key]) == recorder.ROUNDS["measured"] for key in recorder.SEVERAL)
        assert all(np.isfinite(row[key]).all() and np.min(row[key]) > 0 for key in (*recorder.SEVERAL, "disk_mb")), name
    for name, found in record["compiled"].items():
        assert found["cpu"] and len(found["usual"]["step_s"]) >= 1
    assert {PROGRAM[name] for name in record["compiled"]} == {program for program, _ in measure.MODES}
    for name, row in record["accelerators"].items():
        assert row["source"].startswith("https://") and datetime.date.fromisoformat(row["read"]) and name in rank.CANDIDATES
    for name, row in record["windows"].items():
        assert f"Windows {recorder.CLASS}" in rank.wheels(name, record) and row["disk_mb"] > 50 and row["python"] == recorder.CLASS
    for row in record["files"].values():
        assert row["gap"] < 1e-5 and row["version"]
    for name, row in record["released"].items():
        assert row["source"] == f"https://pypi.org/pypi/{name}/json" and row["version"]
        assert datetime.date.fromisoformat(row["date"]) <= datetime.date.fromisoformat(row["read"])
    assert not set("/\\").intersection("".join(str(row["system"]) for row in record["measured"].values()))


def test_the_record_names_no_path_of_the_machine_that_made_it():
    words = json.dumps(recorded())
    assert not any(place in words for place in ("/tmp/", "/home/", "/root/", "/Users/", "\\u001b"))


@pytest.mark.parametrize(("file", "python", "system", "yes"), [
    ("a-1-cp312-cp312-win_amd64.whl", "3.12", "Windows", True), ("a-1-cp312-cp312-win_amd64.whl", "3.11", "Windows", False),
    ("a-1-cp312-cp312-win_amd64.whl", "3.12", "macOS on Apple", False), ("a-1-cp313-cp313t-manylinux_2_28_x86_64.whl", "3.13", "Linux", False),
    ("a-1-py3-none-any.whl", "3.14", "macOS on Intel", True), ("a-1-py2.py3-none-any.whl", "3.14", "Windows", True),
    ("a-1-cp37-abi3-manylinux2014_x86_64.whl", "3.11", "Linux", True), ("a-1-cp312-cp312-manylinux_2_28_aarch64.whl", "3.12", "Linux", False),
    ("a-1-cp312-abi3-macosx_12_0_arm64.whl", "3.11", "macOS on Apple", False),
    ("a-1-cp312-cp312-macosx_12_0_arm64.whl", "3.12", "macOS on Apple", True), ("a-1-cp312-cp312-macosx_12_0_arm64.whl", "3.12", "macOS on Intel", False),
    ("a-1-cp312-cp312-macosx_10_14_x86_64.whl", "3.12", "macOS on Intel", True), ("a-1-cp312-cp312-macosx_10_9_universal2.whl", "3.12", "macOS on Intel", True)])
def test_a_wheels_name_says_where_it_fits(file, python, system, yes):
    assert recorder.fits(file, python, system) is yes


def test_the_clock_counts_from_the_first_steps_on_to_the_end(monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(measure.time, "perf_counter", lambda: clock[0])

    def train(theta, sizes, X, Y, batches, learning_rate):
        clock[0] += 100  # building
        for i, _ in enumerate(batches):
            clock[0] += 50 if i == 0 else 2

    array = np.zeros((2, 2))
    assert measure.seconds_a_step(train, array, [2, 2], array, array, range(60), 0.1) == (2, 150)


def test_what_is_provoked_is_judged_by_what_it_says():
    def train(theta, sizes, X, Y, batches, learning_rate):
        if X.ndim == 3:
            raise ValueError('File "/home/me/a.py", got \033[1m28\033[0m, wanted 784')
        if Y.shape == (63, 10):
            raise TypeError("no")

    X, Y = np.zeros((64, 784)), one_hot(np.arange(64) % 10, 10)
    found = measure.answers(train, None, SIZES, X, Y, 0.1)
    assert [answer["points"] for answer in found.values()] == [2, 0, 1]
    assert found["images not flattened"] == {"kind": "ValueError", "says": 'File "a.py", got 28, wanted 784', "points": 2}


def test_a_score_is_best_by_value_and_ages_by_half_a_year():
    table = rank.scores()
    assert all(0 <= value <= 1 for row in table.values() for value in row.values()) and set(table) == set(rank.CANDIDATES)
    record = recorded()
    for name in rank.CANDIDATES:  # all alike, in every round; JAX costs twice as much
        cost = 2.0 if name == "JAX" else 1.0
        record["measured"][name] |= dict.fromkeys(recorder.SEVERAL, [cost] * 5) | {"disk_mb": cost}
    record["released"]["jax"] |= {"read": "2026-06-01", "date": "2024-06-01", "wheels": ["Linux 3.12", "Linux 3.13"]}
    changed = rank.scores(record)
    assert changed["JAX"]["performance"] == pytest.approx(0.5) and changed["PyTorch"]["performance"] == pytest.approx(1)
    assert changed["JAX"]["maintenance"] == pytest.approx(0.25) and changed["JAX"]["compatibility"] == 2 / 16
    assert changed["Keras on JAX"]["maintenance"] == pytest.approx(0.25) and changed["Keras on JAX"]["compatibility"] == 2 / 16


def test_a_round_is_scored_by_itself_and_the_median_counts():
    record = recorded()
    for name in rank.CANDIDATES:
        slow = np.array([1, 1, 10, 1, 1.0])  # a round in which everything takes ten times as long changes no score
        record["measured"][name] |= {key: list(slow) for key in recorder.SEVERAL} | {"disk_mb": 1.0}
    assert all(found == pytest.approx([1.0] * 5) for found in rank.performance(record).values())
    record["measured"]["JAX"]["step_s"] = [1, 16, 10, 16, 16.0]  # 16 times as long in three of five rounds
    assert rank.performance(record)["JAX"] == pytest.approx([1, 0.5, 1, 0.5, 0.5])
    assert rank.scores(record)["JAX"]["performance"] == pytest.approx(0.5)
    assert rank.spread(record)["performance"]["JAX"] == pytest.approx((0.5, 1))
    assert "JAX" in rank.leaders("performance", rank.scores(record), rank.spread(record))


def test_the_start_is_import_and_first_step_together():
    assert rank.start({"import_s": [1.0, 2.0], "first_s": [0.5, 0.25]}) == [1.5, 2.25]


def test_a_median_hears_no_outlier():
    assert frameworks.middle([1.0, 2.0, 90.0]) == 2 and frameworks.middle(3.0) == 3


def test_the_ranking_is_the_weighted_mean():
    table = {"a": {"ease": 0.2, "performance": 0.9}, "b": {"ease": 0.6, "performance": 0.1}}
    assert rank.ranking({"ease": 3, "performance": 1}, table) == [("b", pytest.approx(0.475)), ("a", pytest.approx(0.375))]
    with pytest.raises(ValueError, match="weights: got speed"):
        rank.ranking({"speed": 1}, table)
    for weights in ({"ease": 0}, {"ease": -1, "performance": 3}):
        with pytest.raises(ValueError, match="wanted none below 0"):
            rank.ranking(weights, table)


def test_where_ranges_meet_is_a_tie_and_an_exact_score_ties_with_its_equal_alone():
    table = {"a": {"ease": 0.61}, "b": {"ease": 0.62}, "c": {"ease": 0.5}, "d": {"ease": 0.62}}
    assert rank.leaders("ease", table) == ["b", "d"]
    ranges = {"ease": {"a": (0.55, 0.63), "b": (0.6, 0.7), "c": (0.4, 0.59)}}
    assert rank.leaders("ease", table, ranges) == ["b", "d", "a"]
    assert rank.leaders("performance") == rank.leaders("performance", rank.scores(), rank.spread())


def test_lines_are_lines_of_code(monkeypatch):
    text = '"""A file."""\n\n# why\nx = 1  # and\n\n\ndef f(a,\n      b):\n    """What.\n\n    More.\n    """\n    return a\n'
    monkeypatch.setattr("helpers.frameworks.concepts.text_of", lambda module: text)
    assert lines("any") == 4
    monkeypatch.undo()
    assert all(12 <= lines(module) <= 25 for module in OWN)


@pytest.mark.parametrize(("help_text", "yes"), [
    ("Adds.\n\n>>> add(1, 2)\n3", True), ("Adds.\n\nExamples\n--------\nx", True), ("Adds.\n\n```\nadd(1)\n```", True),
    ("Adds two numbers.", False), ("", False)])
def test_an_example_in_a_help_is_seen(help_text, yes):
    def thing():
        pass

    thing.__doc__ = help_text
    assert shows_an_example(thing) is yes and bool(inspect.getdoc(thing)) == bool(help_text)


def test_concepts_are_the_names_that_only_the_framework_has():
    assert concepts("jax") == ["jax.config.update", "jax.grad", "jax.jit", "jax.nn.log_softmax", "jax.nn.relu", "jax.tree.map"]
    assert {"torch.nn.Linear", "cross_entropy", "backward", "zero_grad"} <= set(concepts("torch"))
    assert not {"ravel", "T", "append", "torch.nn", "np.concatenate", "concatenate"} & set(concepts("torch"))
    assert {"pt.grad", "pytensor.function"} <= set(concepts("pytensor")) and "keras.layers.Dense" in concepts("keras")
    assert "import_module" not in concepts("keras") and "tf.GradientTape" in concepts("tensorflow")


def test_the_lines_side_by_side_stand_in_their_programs(monkeypatch):
    text = figures.side_by_side().data
    assert len(text.splitlines()) == 2 + 6 and "`jax.grad(loss)`" in text
    monkeypatch.setattr(figures, "LINES", [("jax", "JAX", "X @ W + b", "jax.hessian(…)", "p - learning_rate * g")])
    with pytest.raises(ValueError, match="jax: got no jax.hessian"):
        figures.side_by_side()


def test_an_epoch_is_938_steps():
    row = {"NumPy": recorded()["measured"]["NumPy"] | {"step_s": 0.01}}
    assert " 9.4 s " in figures.times(row).data and figures.STEPS == 938


def test_a_time_of_several_runs_is_shown_with_its_range():
    row = {"JAX": recorded()["measured"]["JAX"] | {"step_s": [0.004, 0.002, 0.001]}}
    assert "| 2 ms (1 to 4) |" in figures.times(row).data
    shown = figures.modes({"JAX": {"cpu": "x", "plain": {"first_s": [3.0], "step_s": [0.5, 0.1, 0.2]}}}).data
    assert shown.splitlines()[2] == "| JAX | plain | 3 s | 200 ms (100 to 500) |" and len(shown.splitlines()) == 3


def test_a_program_is_shown_without_importing_it():
    text = figures.program("jax", "loss", "step").data
    assert "def loss" in text and "@jax.jit\ndef step" in text and "def train" not in text
    with pytest.raises(ValueError, match="names: got nothing_here"):
        figures.program("jax", "nothing_here")


def test_every_complaint_is_in_the_table():
    text = figures.complaints(recorded()["measured"]).data
    assert len(text.splitlines()) == 2 + 24 and "says nothing" in text and all(mistake in text for mistake in MISTAKES)


def test_the_profile_tells_its_scores():
    table = {"a": {"ease": 0.25, "performance": 1.0}, "b": {"ease": 0.5, "performance": 0.0}}
    picture = figures.profile(table)
    assert "ease: a 0.25, b 0.50; performance: a 1.00, b 0.00" in picture.alt and picture.drawn["scores"] == table
    assert {text.get_text() for text in picture.figure.axes[0].texts} == {"0.25", "0.50", "1.00", "0.00"}
    with pytest.raises(ValueError, match="scores"):
        figures.profile({"a": {"ease": 2.0}})


def test_the_profile_is_bold_where_ranges_meet():
    table = {"a": {"performance": 0.5}, "b": {"performance": 0.6}, "c": {"performance": 0.3}}
    picture = figures.profile(table, "", {"performance": {"a": (0.4, 0.6), "b": (0.55, 0.7), "c": (0.2, 0.4)}})
    bold = {text.get_text() for text in picture.figure.axes[0].texts if text.get_weight() == "bold"}
    assert bold == {"0.50", "0.60"} and "a 0.40 to 0.60" in picture.alt


def test_the_explorer_draws_the_ranking_and_its_formula():
    shown = explore_criteria(performance=0, ease=2, maintenance=0, documentation=1, compatibility=0)
    expected = rank.ranking({"ease": 2, "documentation": 1})
    assert shown.drawn["order"] == [name for name, _ in expected] and f"1. {expected[0][0]} {expected[0][1]:.3f}" in shown.alt
    name, total = expected[0]
    assert f"(2 · {shown.table[name]['ease']:.2f} + 1 · {shown.table[name]['documentation']:.2f}) / 3" in shown.formula.value
    for name, total in expected:
        assert sum(bar.get_width() for bar in shown.bars[name].values()) == pytest.approx(total)
    heights = [shown.names[name].get_position()[1] for name, _ in expected]
    assert heights == sorted(heights)


def test_the_explorer_rules_out_what_has_no_wheel():
    shown = explore_criteria(ease=10, runs_on="Windows 3.14")
    released = recorded()["released"]
    without = {name for name, packages in rank.CANDIDATES.items()
               if any("Windows 3.14" not in released[package]["wheels"] for package in packages)}
    assert set(shown.drawn["out"]) == without and without and not without & set(shown.drawn["order"])
    assert all(f"{name} out, no wheel for Windows 3.14" in shown.alt for name in without)


def test_without_any_weight_there_is_nothing_to_choose():
    shown = explore_criteria(**dict.fromkeys(rank.CRITERIA, 0))
    assert shown.drawn["order"] == [] and "nothing" in shown.formula.value


def test_every_name_has_a_package_and_a_line_that_installs_it():
    for name in PACKAGES:
        assert name == "NumPy" or how_to_install(name).startswith("python -m pip install ")
    assert frameworks.megabytes("numpy") > 1
