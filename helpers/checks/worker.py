"""Answers run here: in a process of their own, started clean and kept warm, with limits on time and memory, replaced after harm.

The kernel sends code (cloudpickle), the worker sends plain data (JSON): nothing that an answer makes is run in the kernel.
"""

import atexit
import base64
import contextlib
import copy
import ctypes
import faulthandler
import importlib
import inspect
import io
import json
import os
import pickle
import queue
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import types
import typing
import uuid
import warnings

import cloudpickle
import numpy as np
import psutil

SECONDS, MEMORY = 5.0, 2 << 30
LOADING = 60  # seconds for what an answer imports: Keras alone takes some
PRINTED, RESULT = 4_000, 64 << 20  # characters, bytes: more is cut, or described
FRAMEWORKS = "jax", "tensorflow", "torch", "keras"  # their loading is no work of the answer's
LENGTH = 8  # bytes that tell how long a message is
MARK = "WFW_WORKER"  # in the environment of a worker and of all that it starts
_lock, _worker = threading.RLock(), None


class Outcome(typing.NamedTuple):
    """What came of a case: "gave" (its result), "raised" (the error as text) or "stopped" (why)."""

    kind: str
    what: object = None
    changed: tuple = ()  # pairs: the position of an argument that was overwritten, and whether by rounding alone
    printed: str = ""  # by all cases together


class Stopped(RuntimeError):
    """A task that gave nothing: its end, as words that follow "your function", and what had been printed."""

    def __init__(self, why, printed=""):
        super().__init__(why)
        self.printed = printed


def run(function, cases, seconds=SECONDS):
    """What `function` gives for each case, a tuple of arguments → a list of outcomes, up to the first that is not "gave"."""
    try:
        outcomes, printed = talk(f"{__name__}:attempt", (function, cases), seconds)
        return [Outcome(kind, what, changed, printed) for kind, what, changed in outcomes]
    except Stopped as end:
        return [Outcome("stopped", str(end), printed=end.printed)]
    except (TypeError, ValueError) as error:  # what was sent back is no outcome
        return [Outcome("raised", f"{type(error).__name__}: {error}"[:200])]


def ask(task, payload, seconds=SECONDS):
    """What a function of helpers, "helpers.module:name", gives in the worker for the arguments in `payload`: plain data.

    Numbers, words, arrays, None, dicts and lists of them; lists come back as tuples. Raises Stopped where it gives nothing.
    """
    return talk(task, payload, seconds)[0]


def warm():
    """Have a worker ready, without waiting for it."""
    global _worker
    with _lock:
        if MARK not in os.environ and not (_worker and _worker.usable()):
            _worker = Worker()
        return _worker


def talk(task, payload, seconds):
    """One task → its result and what it printed. A worker that is not as it was is replaced."""
    if MARK in os.environ:  # already inside
        return decode(encode(serve(task, payload))), ""
    with _lock, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        message, worker, clean = packed(task, payload, seconds, folder), warm(), False
        try:
            worker.send(message)
            state = worker.hear(LOADING)
            state = worker.hear(seconds) if state == b"loaded" else state
            answer = json.loads(state)
            result, clean = decode(answer["result"]), answer["clean"] is True and not worker.family()
            if answer["raised"]:
                raise Stopped(f"stops with {str(answer['raised']):.300}")
            return result, worker.said()
        except Stopped as end:
            raise Stopped(str(end), end.printed or worker.said()) from None
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise Stopped("sent back something that nobody can read", worker.said()) from None
        finally:
            if not clean:
                worker.end()
                warm()


class Worker:
    """A process that waits for tasks, and what it says: replies on one pipe, printed text on another."""

    def __init__(self):
        self.owner, self.token, self.replies = os.getpid(), uuid.uuid4().hex, queue.SimpleQueue()
        self.heard, self.tail, self.marks, self.quiet = bytearray(), b"", 0, threading.Event()
        path = os.pathsep.join(map(os.path.abspath, filter(None, sys.path)))
        environment = dict(os.environ, PYTHONPATH=path, TF_CPP_MIN_LOG_LEVEL="3", **{MARK: self.token})
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", f"from {__name__} import main; main()"], env=environment, cwd=tempfile.gettempdir(),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            start_new_session=True, creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0))
        self.itself, self.start = psutil.Process(self.process.pid), None
        self.threads = [threading.Thread(target=work, daemon=True) for work in (self.listen, self.overhear)]
        for thread in self.threads:
            thread.start()
        atexit.register(self.end)

    def usable(self):
        """Whether it can take a task: alive, and not the one of the process that this one was copied from."""
        return self.owner == os.getpid() and self.process.poll() is None

    def listen(self):
        """Take in replies, whole ones only."""
        stream = self.process.stdout
        with contextlib.suppress(OSError, ValueError):
            while len(size := stream.read(LENGTH)) == LENGTH and int.from_bytes(size) <= 4 * RESULT:
                self.replies.put(stream.read(int.from_bytes(size)))
        self.replies.put(None)

    def overhear(self):
        """Take in what is printed, keep its beginning, and notice the marks where a task begins and where it ends."""
        mark = self.token.encode()
        with contextlib.suppress(OSError, ValueError):
            while chunk := os.read(self.process.stderr.fileno(), 1 << 16):
                self.heard += chunk[: max(0, (1 << 16) - len(self.heard))]
                self.marks += (self.tail + chunk).count(mark)
                self.tail = (self.tail + chunk)[1 - len(mark) :]
                if self.marks > 1:
                    self.quiet.set()
        self.quiet.set()

    def send(self, message):
        """Hand over a task; in a thread, since a worker that does not read would hold up the kernel."""
        self.heard.clear()
        self.marks = 0
        self.quiet.clear()
        threading.Thread(target=self.write, args=(message,), daemon=True).start()

    def write(self, message):
        """All of it, or as much as a worker that ends takes."""
        with contextlib.suppress(OSError, ValueError):
            self.process.stdin.write(len(message).to_bytes(LENGTH) + message)
            self.process.stdin.flush()

    def hear(self, seconds):
        """Its next message, at most so many seconds and so much memory later; twice as long where others take the processor."""
        begun, worked = time.monotonic(), self.used()[0]
        while True:
            try:
                reply = self.replies.get(timeout=0.05)
            except queue.Empty:
                waited, (processor, memory) = time.monotonic() - begun, self.used()
                if waited > seconds and processor - worked > 0.9 * seconds or waited > 2 * seconds:
                    raise Stopped(f"was still running after {waited:.0f} seconds. Is there a loop that never ends?") from None
                if self.start and memory > self.start + MEMORY:
                    raise Stopped(f"uses more than {MEMORY >> 30} GB of memory. How large is what it makes?") from None
                continue
            if reply is None:
                raise Stopped("ended the process that it ran in, or used more memory than there is")
            if reply == b"loaded":
                self.start = self.used()[1]
            return reply

    def used(self):
        """Seconds of the processor, bytes of memory."""
        with contextlib.suppress(psutil.Error):
            return sum(self.itself.cpu_times()[:2]), self.itself.memory_info().rss
        return 0.0, 0

    def said(self):
        """What was printed since the task was sent."""
        if self.process.poll() is None and not self.quiet.is_set():
            self.quiet.wait(0.5)
        _, _, heard = bytes(self.heard).decode(errors="replace").replace("\r\n", "\n").partition(self.token)
        text = heard.partition(self.token)[0]
        return text if len(text) <= PRINTED else text[:PRINTED] + " …"

    def family(self):
        """The processes that it has started and that are still there."""
        found = []
        with contextlib.suppress(psutil.Error):
            found = [p for p in self.itself.children(recursive=True) if p.status() != psutil.STATUS_ZOMBIE]
        return found

    def strays(self):
        """Those that have lost the worker, known by the mark in their environment."""
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if process.pid != os.getpid() and process.environ().get(MARK) == self.token and process.status() != psutil.STATUS_ZOMBIE:
                    yield process

    def end(self):
        """End it and all that it has started, however often that divides."""
        atexit.unregister(self.end)
        if self.owner != os.getpid():
            return
        with contextlib.suppress(psutil.Error):
            self.itself.suspend()
        for find in self.family, lambda: [self.itself], lambda: list(self.strays()):
            for _ in range(20):
                found = find()
                for process in found:
                    with contextlib.suppress(psutil.Error):
                        process.kill()
                if not found or found == [self.itself]:
                    break
        self.process.wait()
        for thread in self.threads:
            thread.join(1)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            with contextlib.suppress(OSError):
                stream.close()


def packed(task, payload, seconds, folder):
    """A task as a message. What is in no installed package travels by value: a file of the reader's own is as it is now."""
    def own(name, module):
        file = os.path.abspath(getattr(module, "__file__", None) or os.__file__)
        here = {"site-packages", "dist-packages"} & set(file.split(os.sep)) or file.startswith(os.path.dirname(os.__file__))
        return type(module) is types.ModuleType and not here and name.split(".")[0] not in ("__main__", "helpers")

    mine = [module for name, module in list(sys.modules.items()) if own(name, module)]
    try:
        for module in mine:
            cloudpickle.register_pickle_by_value(module)
        return pickle.dumps((task, seconds, folder, sys.path, dict(os.environ), cloudpickle.dumps(payload)))
    except KeyboardInterrupt:
        raise
    except BaseException:
        raise Stopped(f"uses {unsendable(payload[0])}, which cannot be taken to the place where answers are tried. "
                      "Can it be made inside your function?") from None
    finally:
        for module in mine:
            with contextlib.suppress(ValueError):
                cloudpickle.unregister_pickle_by_value(module)


def unsendable(function):
    """The name of what keeps a function from being sent."""
    with contextlib.suppress(Exception):
        names = inspect.getclosurevars(function)
        for name, value in (names.nonlocals | names.globals).items():
            try:
                cloudpickle.dumps(value)
            except Exception:
                return f"`{name}`, a {type(value).__name__}"
    return "something"


# In the worker


def main():
    """A worker's whole life: read a task, do it, answer."""
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = open(os.devnull, "r+")
    os.dup2(nowhere.fileno(), 0)
    os.dup2(2, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(Exception):  # Linux: what an answer starts stays below the worker, where it is found
        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
    importlib.import_module("helpers.topics.parts")  # what most answers use, before the first one comes
    token, home, before = os.environ[MARK], os.getcwd(), world()

    def reply(message):
        replies.write(len(message).to_bytes(LENGTH) + message)
        replies.flush()

    while size := requests.read(LENGTH):
        task, seconds, folder, sys.path[:], environment, payload = pickle.loads(requests.read(int.from_bytes(size)))
        os.environ.update(environment | {MARK: token, "TF_CPP_MIN_LOG_LEVEL": "3"})
        os.chdir(folder)
        faulthandler.dump_traceback_later(LOADING + seconds + 5, exit=True, file=nowhere)  # should nobody be left to end it
        sys.stdout = sys.stderr = Teller()
        raised, clean = "", False
        try:
            for name in FRAMEWORKS:
                if re.search(rf"\b{name}\b".encode(), payload):
                    with contextlib.suppress(ImportError):
                        importlib.import_module(name)
            payload = pickle.loads(payload)
            limit_memory()
            os.write(2, token.encode())
            reply(b"loaded")
            result = encode(serve(task, payload))
        except BaseException as error:
            raised, result = told(error), None
        with contextlib.suppress(BaseException):
            now = world()
            clean, before = all(now.get(k) is v or isinstance(v, int) and now.get(k) == v for k, v in before.items()), now
        os.chdir(home)
        os.write(2, token.encode())
        reply(json.dumps({"result": result, "raised": raised, "clean": clean}).encode())
        payload = result = None
        faulthandler.cancel_dump_traceback_later()
    os._exit(0)


class Teller(io.TextIOBase):
    """A stream into the pipe for printed text, that says nothing more once it has said enough."""

    left = 4 * PRINTED

    def writable(self):
        return True

    def write(self, text):
        if self.left > 0:
            os.write(2, text[: self.left].encode(errors="replace"))
            self.left -= len(text)
        return len(text)

    def fileno(self):
        return 1


def world():
    """What an answer could change for the next one: the names in builtins, NumPy and helpers, threads, the depth of calls."""
    kinds = {"builtins", "numpy", "helpers", "math", "random", "copy", "json", "time"}
    found = {(name, key): value for name, module in list(sys.modules.items()) if name.split(".")[0] in kinds for key, value in list(vars(module).items())}
    return found | {"threads": threading.active_count(), "depth": sys.getrecursionlimit()}


def limit_memory():
    """Where the system can: an array that is too large is a MemoryError. Elsewhere the kernel watches alone."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        # Frameworks reserve far more than they use.
        room = MEMORY * (16 if {"jax", "tensorflow", "torch"} & sys.modules.keys() else 1)
        used = psutil.Process().memory_info().vms
        resource.setrlimit(resource.RLIMIT_AS, (used + room, resource.getrlimit(resource.RLIMIT_AS)[1]))


def serve(task, payload):
    """Call a function that is named "module:name"."""
    module, name = task.split(":")
    return getattr(importlib.import_module(module), name)(*payload)


def attempt(function, cases):
    """Try the cases one after the other → (kind, what, changed) for each, up to the first that raises."""
    outcomes = []
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for case in cases:
            given = copy.deepcopy(case)
            try:
                result = plain(function(*given))
            except BaseException as error:
                outcomes.append(("raised", told(error), ()))
                break
            changed = [(i, nearly(a, b)) for i, (a, b) in enumerate(zip(given, case)) if not same(a, b)]
            outcomes.append(("gave", result, changed))
    return outcomes


def told(error):
    """An error as text, whatever its own text does."""
    text = ""
    with contextlib.suppress(BaseException):
        text = str(error)[:200]
    return type(error).__name__ + (f": {text}" if text else "")


def plain(result):
    """The result as something that can be sent and reckoned with: numbers, arrays and lists of them, words; else its description."""
    if result is None or result is ...:
        return None
    if isinstance(result, (bool, float, complex, str)) and not isinstance(result, np.generic):
        return result
    arrays = [hasattr(type(part), "__array__") and not isinstance(part, np.generic) for part in (result if isinstance(result, (tuple, list)) else [result])]
    if isinstance(result, np.generic) or arrays == [True] and not isinstance(result, (tuple, list)):  # JAX's and PyTorch's arrays too
        result = np.asarray(result)
        return result[()] if result.dtype.kind in "biufc" else f"an array of {result.dtype}"
    if isinstance(result, (tuple, list)) and all(array or part is None for array, part in zip(arrays, result)):
        return tuple(map(plain, result))
    try:
        if isinstance(result, int) and abs(result) < 1 << 63:
            return result
        array = np.asarray(result)
        if array.dtype.kind not in "biufcO":
            raise TypeError("words, dates or bytes")
        return array if array.dtype.kind == "c" else np.asarray(array, float)  # also what can be made a number, such as a fraction
    except (TypeError, ValueError, OverflowError):
        if isinstance(result, (tuple, list)):
            return tuple(plain(part) for part in result)
        return f"a {type(result).__name__}"


def same(a, b):
    """Whether an argument is what it was."""
    if isinstance(a, np.ndarray):
        return a.shape == b.shape and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    return type(a) is type(b) and (a == b or a is b)


def nearly(a, b):
    """Whether an array came back up to rounding."""
    return isinstance(a, np.ndarray) and a.shape == b.shape and bool(np.allclose(a, b, rtol=1e-9, atol=1e-12))


# Plain data, both ways


def encode(value):
    """Numbers, words, arrays, lists and dicts of them, for JSON."""
    if isinstance(value, (np.ndarray, np.generic, complex)):
        array = np.asarray(value)
        if array.nbytes > RESULT:
            return f"an array of shape {array.shape}, {array.nbytes >> 20} MB"
        return {"data": base64.b64encode(array.tobytes()).decode(), "kind": array.dtype.str, "shape": array.shape}
    if isinstance(value, dict):
        return {"names": list(value), "values": [encode(part) for part in value.values()]}
    if isinstance(value, (list, tuple)):
        return [encode(part) for part in value]
    return str(value)[:RESULT] if isinstance(value, str) else value


def decode(value):
    """What was sent: lists as tuples, an array without axes as a number."""
    if isinstance(value, list):
        return tuple(map(decode, value))
    if not isinstance(value, dict):
        return value
    if "names" in value:
        return {str(name): decode(part) for name, part in zip(value["names"], value["values"])}
    kind = np.dtype(value["kind"])
    if kind.kind not in "biufc":
        raise ValueError(f"an array of {kind}")
    return np.frombuffer(base64.b64decode(value["data"]), kind).reshape(value["shape"]).copy()[()]
