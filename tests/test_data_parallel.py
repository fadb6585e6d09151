"""Real processes that train together: the weights of one machine, a failure survived, and nothing left behind."""

import os
import signal
import socket
import subprocess
import sys
import time

import numpy as np
import psutil
import pytest

from helpers.activations import identity, relu
from helpers.checks.contracts import unchecked
from helpers.data import mnist
from helpers.frameworks import data_parallel, recorded
from helpers.optimizers import adam, gradient_descent
from helpers.parameters import glorot
from helpers.topics.machines import in_parts
from helpers.training import minibatches, one_hot

needs_jax = pytest.mark.skipif(not data_parallel.available(), reason="no Keras on JAX, or this is Windows")
SIZES = [20, 16, 8, 4]
RNG = np.random.default_rng(7)
X, Y = RNG.normal(size=(64, 20)), np.eye(4)[RNG.integers(0, 4, 64)]
START = glorot(SIZES, RNG)
BATCHES = [RNG.integers(0, 64, 8) for _ in range(12)]
TASK = dict(theta=START, sizes=SIZES, X=X, Y=Y, batches=BATCHES, optimizer=adam, learning_rate=0.01, every=3)
SECONDS = 60  # to wait for what takes one


def by_numpy(optimizer=adam, learning_rate=0.01, batches=BATCHES):
    *_, theta = in_parts(START.copy(), SIZES, [relu, relu, identity], X, Y, batches, 1,
                         optimizer=optimizer, learning_rate=learning_rate)
    return theta


@pytest.fixture
def children(monkeypatch):
    """The processes that are started during a test."""
    started, popen = [], subprocess.Popen

    def start(*arguments, **settings):
        started.append(popen(*arguments, **settings))
        return started[-1]

    monkeypatch.setattr(data_parallel.subprocess, "Popen", start)
    return started


@pytest.fixture
def port(monkeypatch):
    """The port that a test's workers meet at."""
    chosen = [data_parallel.free_port()]
    monkeypatch.setattr(data_parallel, "free_port", lambda: chosen[0])
    return chosen[0]


def nothing_left(children, port):
    assert children and all(one.returncode is not None for one in children)
    assert not any(psutil.pid_exists(one.pid) for one in children)
    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(("127.0.0.1", port))  # raises OSError where somebody still listens


@needs_jax
def test_two_processes_share_a_training_on_loopback_and_one_that_is_killed_is_continued(children, port, monkeypatch):
    heard, waits, pause = set(), [], time.sleep

    def listen(seconds):
        waits.append(seconds)
        for one in children if len(waits) % 25 == 0 else ():  # twice a second: to look is slow
            try:
                sockets = psutil.Process(one.pid).net_connections("inet")
                heard.update(one.laddr.ip for one in sockets if one.status == psutil.CONN_LISTEN)
            except psutil.Error:
                pass
        pause(seconds)

    monkeypatch.setattr(data_parallel.time, "sleep", listen)
    two = data_parallel.run(2, 1, **TASK)
    nothing_left(children, port)
    assert heard and heard <= {"127.0.0.1", "::ffff:127.0.0.1"}
    assert two.codes == [0, 0] and two.thetas.shape == (4, len(START))
    assert len(two.seconds) == 12 and len(two.wire) == 60
    assert np.array_equal(two.last[0], two.last[1]) and np.array_equal(two.thetas[-1], two.last[0])
    assert np.abs(two.last[0] - by_numpy()).max() <= 1e-11
    if os.path.exists("/proc/self/io"):
        assert START.nbytes <= np.median(two.sent) < START.nbytes + 16_384  # and some messages of the engine's own

    killed = data_parallel.run(2, 1, dies=(1, 8), **TASK)
    nothing_left(children, port)
    assert killed.codes[1] == -9 and killed.codes[0] != 0 and killed.said[1] == "killed by signal 9"
    assert killed.checkpoint["step"] == 6 and np.array_equal(killed.checkpoint["theta"], two.thetas[1])
    resumed = data_parallel.run(2, 1, checkpoint=killed.checkpoint, **TASK)
    assert np.array_equal(resumed.last, two.last) and len(resumed.seconds) == 6
    nothing_left(children, port)


@needs_jax
def test_one_process_with_two_devices_ends_where_numpy_ends(children, port):
    run = data_parallel.run(1, 2, **TASK | {"optimizer": gradient_descent, "learning_rate": 0.1})
    assert np.abs(run.last[0] - by_numpy(gradient_descent, 0.1)).max() <= 1e-12 and run.codes == [0]
    nothing_left(children, port)


@needs_jax
def test_of_unequal_parts_the_engine_takes_the_plain_mean_of_the_means(children, port):
    """What notebook 11 says of the engine; one that learns to weigh them will fail here."""
    odd = TASK | {"batches": [np.arange(11)], "optimizer": gradient_descent, "learning_rate": 0.1, "every": 1}
    run = data_parallel.run(3, 1, **odd)
    plain, right = (next(in_parts(START.copy(), SIZES, [relu, relu, identity], X, Y, odd["batches"], 3,
                                  learning_rate=0.1, **how))
                    for how in ({"reduce": lambda parts, counts: np.mean(parts, axis=0)}, {}))
    assert np.abs(run.last - plain).max() <= 1e-15 and np.abs(run.last - right).max() > 1e-5
    nothing_left(children, port)


@needs_jax
def test_an_error_in_a_worker_is_told_and_leaves_nothing_behind(children, port):
    with pytest.raises(RuntimeError, match="The workers stopped: IndexError"):
        data_parallel.run(2, 1, **TASK | {"batches": [np.arange(100)]})
    nothing_left(children, port)


def test_a_deadline_ends_them(children, port):
    if not data_parallel.available():
        pytest.skip("no processes here")
    with pytest.raises(TimeoutError, match="ended after 0.2 seconds"):
        data_parallel.run(2, 1, **TASK, deadline=0.2)
    nothing_left(children, port)


@needs_jax
def test_an_interrupt_ends_them(children, port, monkeypatch):
    waited, pause = [], time.sleep

    def interrupted(seconds):
        waited.append(seconds)
        pause(seconds)
        if len(waited) > 20:
            raise KeyboardInterrupt

    monkeypatch.setattr(data_parallel.time, "sleep", interrupted)
    with pytest.raises(KeyboardInterrupt):
        data_parallel.run(2, 1, **TASK)
    nothing_left(children, port)


@needs_jax
def test_they_end_when_the_one_that_started_them_is_killed():
    code = ("import numpy as np; from helpers.frameworks import data_parallel; n, sizes = np.arange(8), [4, 4, 4, 2]; "
            "data_parallel.run(2, 1, np.ones(50), sizes, np.ones((8, 4)), np.eye(2)[n % 2], [n] * 100_000, "
            "learning_rate=0.1, every=1_000_000)")
    parent = subprocess.Popen([sys.executable, "-c", code])
    try:
        until = time.monotonic() + SECONDS
        while len(workers := psutil.Process(parent.pid).children()) < 2 and time.monotonic() < until:
            time.sleep(0.05)
        assert len(workers) == 2
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        _, alive = psutil.wait_procs(workers, timeout=SECONDS)
        assert not alive
    finally:
        parent.kill()
        parent.wait()


def test_numpy_stands_in_where_keras_on_jax_is_not_there_and_says_so(monkeypatch):
    monkeypatch.setattr(data_parallel, "available", lambda: False)
    run = data_parallel.run(2, 1, **TASK)
    assert "stands in" in run.where and run.codes == [0, 0] and run.thetas.shape == (4, len(START))
    assert np.isnan(run.sent).all() and data_parallel.run(1, 2, **TASK).codes == [0]
    assert np.abs(run.last - by_numpy()).max() <= 1e-12 and np.abs(run.thetas[-1] - by_numpy()).max() <= 1e-12
    killed = data_parallel.run(2, 1, dies=(1, 8), **TASK)
    assert killed.codes == [1, -9] and killed.checkpoint["step"] == 6
    assert np.array_equal(data_parallel.run(2, 1, checkpoint=killed.checkpoint, **TASK).last, run.last)
    weights = {name: killed.checkpoint[name] for name in ("theta", "step")}
    forgetful = data_parallel.run(2, 1, checkpoint=weights, **TASK)
    assert np.abs(forgetful.last - run.last).max() > 1e-6
    assert np.array_equal(TASK["theta"], START)


def test_a_wrong_argument_is_named_before_any_process_starts(children):
    for change, named in [({"workers": 0}, "workers: got 0"), ({"every": 0}, "every: got 0"),
                          ({"learning_rate": -1.0}, "learning_rate: got -1.0"), ({"optimizer": max}, "optimizer: got max")]:
        with pytest.raises(ValueError, match=named):
            data_parallel.run(**{"workers": 2, "devices": 1, **TASK, **change})
    assert not children


def test_the_worker_on_the_page_is_a_dozen_lines():
    import inspect

    lines = inspect.getsource(unchecked(data_parallel.work)).split('"""')[2].strip().splitlines()
    assert len(lines) <= 12


def test_the_record_predicts_what_it_measured_within_a_factor_and_names_its_machine():
    record = recorded()["machines"]["two processes"]
    alone, together = ({int(n): t for n, t in record[name].items()} for name in ("alone_s", "together_s"))
    c = (alone[1024] - alone[1]) / 1023
    a, b = alone[1] - c, together[2] - c
    for n in 32, 512, 4096:
        assert 1 / 1.5 < (a + c * n) / alone[n] < 1.5 and 1 / 1.5 < (b + c * n / 2) / together[n] < 1.5
    assert record["cpu"] and record["date"] and record["load"] is not None
    assert record["gaps"]["gradient_descent"] <= 1e-12 and record["gaps"]["adam"] <= 1e-11


@needs_jax
@pytest.mark.skipif("MNIST_DIR" not in os.environ, reason="a whole epoch, where MNIST_DIR names the data")
@pytest.mark.parametrize(("rule", "learning_rate", "bar"), [(gradient_descent, 0.1, 1e-12), (adam, 0.001, 1e-11)])
def test_a_whole_epoch_of_mnist_ends_at_the_weights_of_one_machine(rule, learning_rate, bar):
    data, rng = mnist.load(), np.random.default_rng(3)
    sizes, batches = [784, 256, 128, 10], minibatches(len(data.X_train), 128, rng)
    task = dict(theta=glorot(sizes, rng), sizes=sizes, X=data.X_train, Y=one_hot(data.labels_train, 10, np.float32),
                batches=batches, optimizer=rule, learning_rate=learning_rate, every=20)
    one, two = (data_parallel.run(workers, 1, **task) for workers in (1, 2))
    assert sum(map(len, batches)) == 60_000 and np.abs(two.last - one.last).max() <= bar
    assert np.abs(two.thetas - one.thetas).max() <= bar and np.abs(one.last - task["theta"]).max() > 0.01
