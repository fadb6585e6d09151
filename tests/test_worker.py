"""The place where answers run: clean, warm, limited, and what it says is data."""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from helpers.checks import worker
from helpers.checks.worker import Outcome, ask, decode, encode, run

ONE = [(np.ones(3),)]
n = 8  # as a notebook's global


def pid():
    return worker.warm().process.pid


def gone(process):
    return not Path(f"/proc/{process}").exists() or "Z" in Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]


def test_it_gives_the_results_of_all_cases_what_was_changed_and_what_was_printed():
    def answer(a, b):
        print("seen", n)
        os.system("echo loud")
        b += 1
        return a * n

    assert [(o.kind, o.what.tolist(), o.changed) for o in run(answer, [(np.ones(2), np.zeros(1)), (np.zeros(1), np.zeros(1))])] == [
        ("gave", [8, 8], ((1, False),)), ("gave", [0], ((1, False),))]
    assert run(answer, [(np.ones(2), np.zeros(1))])[0].printed == "seen 8\nloud\n"


def test_it_stays_the_same_for_answers_that_leave_nothing_behind():
    first = pid()
    for function in (abs, np.sin, lambda x: 1 / 0 * x, lambda x: print(x), lambda x: np.random.normal()):
        run(function, ONE)
        assert pid() == first


def patched(x):
    np.maximum = None


def threaded(x):
    threading.Thread(target=time.sleep, args=(60,)).start()


def deeper(x):
    sys.setrecursionlimit(5000)


def helpless(x):
    import helpers.activations

    helpers.activations.relu = abs


def builtin(x):
    import builtins

    builtins.len = abs


@pytest.mark.parametrize("answer", [patched, threaded, deeper, helpless, builtin], ids=lambda f: f.__name__)
def test_after_an_answer_that_changes_it_comes_another(answer):
    first = pid()
    run(answer, ONE)
    assert pid() != first and run(lambda x: float(np.maximum(x, 2).sum()), ONE)[0].what == 6


class Unsayable(Exception):
    def __str__(self):
        raise self


def unsayable(x):
    raise Unsayable


def ends(x):
    os._exit(0)


def aborts(x):
    os.abort()


def closes(x):
    os.closerange(0, 300)


@pytest.mark.parametrize("answer, kind, words", [
    (unsayable, "raised", "Unsayable"), (ends, "stopped", "ended the process"), (aborts, "stopped", "ended the process"), (closes, "stopped", "ended the process"),
    (lambda x: input(), "raised", "EOFError"), (lambda x: sys.exit(), "raised", "SystemExit"), (lambda x: [x] * 10**9, "raised", "MemoryError")])
def test_what_ends_badly_is_said_and_the_next_one_is_not_harmed(answer, kind, words):
    outcome = run(answer, ONE)[-1]
    assert outcome.kind == kind and words in outcome.what
    assert run(lambda x: 2 * x, ONE)[0].what.tolist() == [2, 2, 2]


def test_what_an_endless_answer_has_printed_is_told():
    def endless(x):
        print("before")
        while True:
            pass

    outcome, = run(endless, ONE, seconds=0.5)
    assert (outcome.kind, outcome.printed) == ("stopped", "before\n") and "still running" in outcome.what


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="only Linux tells in /proc who is alive")
@pytest.mark.parametrize("then", [lambda: None, lambda: os._exit(1)], ids=["returns", "ends"])
def test_a_process_of_its_own_session_does_not_outlive_the_check(tmp_path, then):
    place = tmp_path / "pid"

    def breeds(x):
        place.write_text(str(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True).pid))
        then()

    run(breeds, ONE)
    assert gone(place.read_text())


def test_a_large_result_is_described_and_a_long_print_is_cut():
    assert run(lambda x: np.ones(10**8), ONE)[0].what == "an array of shape (100000000,), 762 MB"
    printed = run(lambda x: print("a" * 10**6), ONE)[0].printed
    assert len(printed) < 2 * worker.PRINTED and printed.endswith(" …")


def test_what_cannot_be_sent_is_named():
    numbers = (i for i in range(3))
    outcome, = run(lambda x: next(numbers), ONE)
    assert outcome.kind == "stopped" and "uses `numbers`, a generator" in outcome.what


def test_code_of_a_subclass_stays_in_the_worker():
    class Sly(np.ndarray):
        def __reduce__(self):
            return os.system, ("echo harm",)

        def __eq__(self, other):
            return True

    what = run(lambda x: np.zeros(3).view(Sly), ONE)[0].what
    assert type(what) is np.ndarray and what.tolist() == [0, 0, 0]


@pytest.mark.parametrize("message", [b"no", b"[]", b"{}", b'{"result": {"kind": "O", "shape": [1], "data": ""}, "raised": "", "clean": true}',
                                     b'{"result": [["gave"]], "raised": "", "clean": true}', b'{"result": 3, "raised": "", "clean": true}',
                                     b'{"result": [["gave", {"data": "AA", "kind": "<f8", "shape": [9]}, []]], "raised": "", "clean": true}'])
def test_a_forged_message_is_refused(message, monkeypatch):
    monkeypatch.setattr(worker.Worker, "hear", lambda self, seconds: message)
    assert run(abs, ONE)[0].kind in ("stopped", "raised")


@pytest.mark.parametrize("value", [1, -2.5, True, None, "text", np.arange(6.0).reshape(2, 3), np.float32(0.1), 2 + 3j, np.zeros((0, 3)), np.longdouble(1) / 3,
                                   {"a": (1, "b"), "c": np.ones(2)}, (1, (2, None))])
def test_data_comes_back_as_it_was_sent(value):
    back = decode(json.loads(json.dumps(encode(value))))
    np.testing.assert_equal(back, value)
    assert getattr(back, "dtype", None) == getattr(value, "dtype", None) or isinstance(value, complex)


def test_a_task_of_the_helpers_can_be_given_to_it():
    assert ask("math:sqrt", (4.0,)) == 2
    with pytest.raises(worker.Stopped, match="stops with ValueError"):
        ask("math:sqrt", (-4.0,))
    with pytest.raises(worker.Stopped, match="still running"):
        ask("time:sleep", (60,), seconds=0.2)


def test_a_file_beside_the_notebook_is_taken_as_it_is_now(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    for text in "return 1", "return 2":
        (tmp_path / "my_own_file.py").write_text(f"def f(x):\n    {text}\n")
        os.utime(tmp_path / "my_own_file.py", (0, int(text[-1])))  # so that Python sees another file
        sys.modules.pop("my_own_file", None)
        import my_own_file

        assert run(lambda x: my_own_file.f(x), ONE)[0] == Outcome("gave", int(text[-1]))
    sys.modules.pop("my_own_file")


def test_an_answer_in_jax_is_right_also_where_the_kernel_has_loaded_it():
    jnp = pytest.importorskip("jax.numpy")
    jnp.ones(3).sum().block_until_ready()  # threads in this process
    outcome, = run(lambda x: jnp.sin(x), ONE)
    np.testing.assert_allclose(outcome.what, np.sin(ONE[0][0]), rtol=1e-6)
