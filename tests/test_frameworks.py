"""Every framework ends with our weights; the files are read back by others; the record and the ranking are what they claim."""

import datetime
import importlib
import json

import numpy as np
import pytest

from helpers import frameworks
from helpers.activations import relu, softmax
from helpers.explorers.choosing_a_framework import explore_criteria
from helpers.figures import frameworks as figures
from helpers.frameworks import IMPORTED, MISTAKES, PACKAGE, available, caffe, gaps, how_to_install, measure, onnx, recorded, run, wire
from helpers.frameworks import numpy as ours
from helpers.frameworks import ranking as rank
from helpers.frameworks import record as recorder
from helpers.frameworks.concepts import concepts
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


@pytest.mark.parametrize("name", list(PACKAGE))
def test_it_ends_with_our_weights_after_200_steps(name, problem, trained):
    needs(name)
    row = run(name, *problem)
    assert row["theta"].dtype == np.float64 and np.abs(trained - problem[0]).max() > 1e-3
    assert gaps({name: row}, trained)[name] < 1e-12
    assert row["step_s"] > 0 and row["first_s"] > 0 and row["import_s"] >= 0 and row["memory_mb"] >= 0 and row["lines"] >= 10
    assert set(row["errors"]) == set(MISTAKES) and all(answer["points"] in (0, 1, 2) for answer in row["errors"].values())


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
    assert set(record["measured"]) == set(PACKAGE) and set(record["files"]) == {"OpenCV", "ONNX Runtime"}
    for name, row in record["measured"].items():
        assert datetime.date.fromisoformat(row["date"]).year >= 2024 and all(row["versions"].values())
        assert 0 <= row["gap"] < 1e-12 and set(row["errors"]) == set(MISTAKES) and 0 <= row["examples"] <= 1
        assert all(np.isfinite(row[key]) and row[key] > 0 for key in (*rank.COSTS, "lines")), name
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
    ("a-1-cp312-cp312-win_amd64.whl", "3.12", "macOS", False), ("a-1-cp313-cp313t-manylinux_2_28_x86_64.whl", "3.13", "Linux", False),
    ("a-1-py3-none-any.whl", "3.14", "macOS", True), ("a-1-cp37-abi3-manylinux2014_x86_64.whl", "3.11", "Linux", True),
    ("a-1-cp312-abi3-macosx_12_0_arm64.whl", "3.11", "macOS", False)])
def test_a_wheels_name_says_where_it_fits(file, python, system, yes):
    assert recorder.fits(file, python, system) is yes


def test_the_clock_counts_from_the_first_steps_on_to_the_end(monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(measure.time, "perf_counter", lambda: clock[0])

    def train(theta, sizes, X, Y, batches, alpha):
        clock[0] += 100  # building
        for i, _ in enumerate(batches):
            clock[0] += 50 if i == 0 else 2

    array = np.zeros((2, 2))
    assert measure.seconds_a_step(train, array, [2, 2], array, array, range(60), 0.1) == (2, 150)


def test_what_is_provoked_is_judged_by_what_it_says():
    def train(theta, sizes, X, Y, batches, alpha):
        if X.ndim == 3:
            raise ValueError("got \033[1m28\033[0m, wanted 784")
        if Y.shape == (63, 10):
            raise TypeError("no")

    X, Y = np.zeros((64, 784)), one_hot(np.arange(64) % 10, 10)
    found = measure.answers(train, None, SIZES, X, Y, 0.1)
    assert [answer["points"] for answer in found.values()] == [2, 0, 1]
    assert found["images not flattened"] == {"kind": "ValueError", "says": "got 28, wanted 784", "points": 2}


def test_a_score_is_best_by_value_and_ages_by_half_a_year():
    table = rank.scores()
    assert all(0 <= value <= 1 for row in table.values() for value in row.values()) and set(table) == set(rank.CANDIDATES)
    record = recorded()
    for key in rank.COSTS:
        record["measured"]["JAX"][key] = 2 * min(row[key] for name, row in record["measured"].items() if name in rank.CANDIDATES and name != "JAX")
    record["released"]["jax"] |= {"read": "2026-06-01", "date": "2024-06-01", "wheels": ["Linux 3.12"] * 3}
    changed = rank.scores(record)["JAX"]
    assert changed["performance"] == pytest.approx(0.5) and changed["maintenance"] == pytest.approx(0.25) and changed["compatibility"] == 0.25


def test_the_ranking_is_the_weighted_mean():
    table = {"a": {"ease": 0.2, "performance": 0.9}, "b": {"ease": 0.6, "performance": 0.1}}
    assert rank.ranking({"ease": 3, "performance": 1}, table) == [("b", pytest.approx(0.475)), ("a", pytest.approx(0.375))]
    with pytest.raises(ValueError, match="weights: got speed"):
        rank.ranking({"speed": 1}, table)
    for weights in ({"ease": 0}, {"ease": -1, "performance": 3}):
        with pytest.raises(ValueError, match="wanted none below 0"):
            rank.ranking(weights, table)


def test_within_a_hair_of_the_best_is_a_tie():
    table = {"a": {"ease": 0.61}, "b": {"ease": 0.62}, "c": {"ease": 0.59}}
    assert rank.leaders("ease", table) == ["b", "a"]


def test_the_recorded_lines_are_those_of_the_programs():
    for name, module in PACKAGE.items():
        text = (figures.FOLDER / f"{module}.py").read_text(encoding="utf-8")
        assert recorded()["measured"][name]["lines"] == sum(bool(line.strip()) for line in text.splitlines()), name


def test_concepts_are_the_names_that_only_the_framework_has():
    assert concepts("jax") == ["jax.config.update", "jax.grad", "jax.jit", "jax.nn.log_softmax", "jax.nn.relu", "jax.tree.map"]
    assert {"torch.nn.Linear", "cross_entropy", "backward", "zero_grad"} <= set(concepts("torch"))
    assert not {"ravel", "T", "append", "torch.nn", "np.concatenate", "concatenate"} & set(concepts("torch"))
    assert {"pt.grad", "pytensor.function"} <= set(concepts("pytensor")) and "keras.layers.Dense" in concepts("tensorflow")


def test_the_lines_side_by_side_stand_in_their_programs(monkeypatch):
    text = figures.side_by_side().data
    assert len(text.splitlines()) == 2 + 5 and "`jax.grad(loss)`" in text
    monkeypatch.setattr(figures, "LINES", [("jax", "JAX", "X @ W + b", "jax.hessian(…)", "p - alpha * g")])
    with pytest.raises(ValueError, match="jax: got no jax.hessian"):
        figures.side_by_side()


def test_an_epoch_is_938_steps():
    row = {"NumPy": recorded()["measured"]["NumPy"] | {"step_s": 0.01}}
    assert " 9.4 s " in figures.times({}, row, how_to_install).data and figures.STEPS == 938


def test_the_first_step_of_all_is_recorded_in_both_modes():
    row = recorded()["compiling"]
    assert set(row["seconds"]) == set(recorder.MODES) and all(s > 0 for s in row["seconds"].values())
    assert datetime.date.fromisoformat(row["date"]).year >= 2024 and row["version"]


def test_what_is_missing_shows_its_recorded_row_and_the_line_that_installs_it():
    old = recorded()["measured"]
    text = figures.times({}, old, lambda name: f"install {name}").data
    assert text.count("recorded 20") == 5 and "`install PyTorch`" in text
    text = figures.times({"JAX": old["JAX"]}, old, how_to_install).data
    assert text.count("here, now") == 1 and "download.pytorch.org/whl/cpu" in text


def test_a_program_is_shown_without_importing_it():
    text = figures.program("jax", "loss", "step").data
    assert "def loss" in text and "@jax.jit\ndef step" in text and "def train" not in text
    with pytest.raises(ValueError, match="names: got nothing_here"):
        figures.program("jax", "nothing_here")


def test_every_complaint_is_in_the_table():
    text = figures.complaints(recorded()["measured"]).data
    assert len(text.splitlines()) == 2 + 15 and "says nothing" in text and all(mistake in text for mistake in MISTAKES)


def test_the_profile_tells_its_scores():
    table = {"a": {"ease": 0.25, "performance": 1.0}, "b": {"ease": 0.5, "performance": 0.0}}
    picture = figures.profile(table)
    assert "ease: a 0.25, b 0.50; performance: a 1.00, b 0.00" in picture.alt and picture.drawn["scores"] == table
    assert {text.get_text() for text in picture.figure.axes[0].texts} == {"0.25", "0.50", "1.00", "0.00"}
    with pytest.raises(ValueError, match="scores"):
        figures.profile({"a": {"ease": 2.0}})


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
    without = {name for name, package in rank.CANDIDATES.items() if "Windows 3.14" not in recorded()["released"][package]["wheels"]}
    assert set(shown.drawn["out"]) == without and without and not without & set(shown.drawn["order"])
    assert all(f"{name} out, no wheel for Windows 3.14" in shown.alt for name in without)


def test_without_any_weight_there_is_nothing_to_choose():
    shown = explore_criteria(**dict.fromkeys(rank.CRITERIA, 0))
    assert shown.drawn["order"] == [] and "nothing" in shown.formula.value


def test_every_name_has_a_package_and_a_line_that_installs_it():
    for name in IMPORTED:
        assert name == "NumPy" or how_to_install(name).startswith("python -m pip install ")
    assert frameworks.megabytes("numpy") > 1
