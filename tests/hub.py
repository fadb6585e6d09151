"""A class on one machine: a real JupyterHub, students who open, run, move and train, and what each costs: make test-hub

The hub, its proxy and the series are installed into build/hub. Students log in by the form, and speak with their
kernels as JupyterLab does, over the hub's proxy. All of them act at once, on the cores that this machine has, and what
reads their pictures runs there too.
"""

import argparse
import asyncio
import contextlib
import importlib.metadata
import json
import math
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

ROOT = Path(__file__).parent.parent
PLACE = ROOT / "build" / "hub"
NOTEBOOKS = ("05_gradient_descent.ipynb", "06_mnist_from_scratch.ipynb", "07_the_same_network_in_keras.ipynb")
PROXY = PLACE / "node_modules" / ".bin" / "configurable-http-proxy"
SLIDERS, PICTURE = ("FloatSliderModel", "FloatLogSliderModel"), "data:image/png"
LIMIT = 3 * 10**9  # bytes of its own that one process of a student may hold
BAR = 300  # milliseconds from an event to its picture, for 95 of 100

CONFIG = """
import resource, subprocess, sys
c.JupyterHub.bind_url, c.JupyterHub.hub_port = "http://127.0.0.1:{port}", {hub}
c.ConfigurableHTTPProxy.api_url, c.ConfigurableHTTPProxy.command = "http://127.0.0.1:{api}", ["{proxy}"]
c.JupyterHub.authenticator_class, c.DummyAuthenticator.password, c.Authenticator.allow_all = "dummy", "{password}", True
c.JupyterHub.spawner_class, c.SimpleLocalProcessSpawner.home_dir_template = "simple", "{folder}/{{username}}"
c.JupyterHub.concurrent_spawn_limit, c.Spawner.start_timeout, c.Spawner.http_timeout = 0, 300, 300
c.JupyterHub.log_level, c.Spawner.notebook_dir = "WARN", "~"
c.Spawner.args = ["--ServerApp.kernel_websocket_connection_class=helpers.explorers.at_once.AtOnce", "--allow-root",
                  "--ServerApp.log_level=ERROR"]
c.Spawner.environment = {{"OPENBLAS_NUM_THREADS": "1", **{environment}}}
limit = lambda: resource.setrlimit(resource.RLIMIT_DATA, ({limit}, {limit}))
c.LocalProcessSpawner.popen_kwargs = {{"preexec_fn": limit}}
c.Spawner.pre_spawn_hook = lambda spawner: subprocess.run(
    [sys.executable, "-m", "helpers.lab", "--no-open", "--folder", f"{folder}/{{spawner.user.name}}"], check=True,
    capture_output=True)
"""


def installed():
    """Make the environment of the hub, once; a sentence where what it needs is not on this machine."""
    if not shutil.which("npm"):
        raise SystemExit("The hub's proxy runs on Node.js, which is not on this machine: apt install nodejs npm.")
    wanted = (ROOT / "requirements.txt").read_text() + (ROOT / "pyproject.toml").read_text()
    mark = PLACE / "installed"
    if not mark.exists() or mark.read_text() != wanted:
        subprocess.run([sys.executable, "-m", "venv", str(PLACE)], check=True)
        python = [PLACE / "bin" / "python", "-m", "pip", "install", "--quiet"]
        subprocess.run([*python, "-e", str(ROOT), "jupyterhub>=5,<7"], check=True)
        subprocess.run(["npm", "install", "--silent", "--prefix", str(PLACE), "configurable-http-proxy@^5"], check=True)
        mark.write_text(wanted)


def free():
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


class Student:
    """One person: a session at the hub, a server, and the kernels of the notebooks that are open."""

    def __init__(self, name, address, password):
        self.name, self.hub, self.password = name, f"{address}/hub", password
        self.server, self.session = f"{address}/user/{name}", uuid.uuid4().hex
        self.rng = random.Random(name)

    async def enter(self):
        """Log in by the form, ask for a token as the page of tokens does, and start the server."""
        import requests

        def form():
            with requests.Session() as browser:
                browser.get(f"{self.hub}/login")
                typed = {"username": self.name, "password": self.password, "_xsrf": browser.cookies["_xsrf"]}
                answer = browser.post(f"{self.hub}/login", data=typed, allow_redirects=False)
                assert answer.status_code == 302, answer.text
                browser.get(f"{self.hub}/token")
                page, key = {"Referer": f"{self.hub}/token"}, {"_xsrf": browser.cookies["_xsrf"]}
                answer = browser.post(f"{self.hub}/api/users/{self.name}/tokens", headers=page, params=key)
                assert answer.status_code == 201, answer.text
                return answer.json()["token"]

        self.key = {"Authorization": f"token {await asyncio.to_thread(form)}"}
        await self.ask("POST", f"{self.hub}/api/users/{self.name}/server")
        while not (await self.ask("GET", f"{self.hub}/api/users/{self.name}"))["server"]:
            await asyncio.sleep(0.5)

    async def ask(self, method, url, body=None):
        """One request → what it answers."""
        import requests

        answer = await asyncio.to_thread(requests.request, method, url, headers=self.key, json=body, timeout=300)
        assert answer.ok, f"{method} {url}: {answer.status_code} {answer.text[:300]}"
        return answer.json() if answer.content else None

    async def open(self, notebook):
        """Open a notebook: its text, a kernel, a line to it."""
        from jupyter_client.session import Session
        from tornado.httpclient import HTTPRequest
        from tornado.websocket import websocket_connect

        about = await self.ask("GET", f"{self.server}/api/contents/{notebook}")
        self.cells = ["".join(cell["source"]) for cell in about["content"]["cells"] if cell["cell_type"] == "code"]
        made = await self.ask("POST", f"{self.server}/api/sessions",
                              {"path": notebook, "name": notebook, "type": "notebook", "kernel": {"name": "python3"}})
        self.opened, self.kernel = made["id"], made["kernel"]["id"]
        self.models, self.waiting, self.told, self.talk = {}, {}, False, Session(session=self.session)
        url = f"{self.server}/api/kernels/{self.kernel}/channels?session_id={self.session}".replace("http", "ws", 1)
        self.line = await websocket_connect(HTTPRequest(url, headers=self.key), max_message_size=2**28,
                                            subprotocols=["v1.kernel.websocket.jupyter.org"])
        self.reader = asyncio.create_task(self.read())

    async def shut(self):
        """Close the notebook and end its kernel."""
        self.line.close()
        await self.reader
        await self.ask("DELETE", f"{self.server}/api/sessions/{self.opened}")

    def send(self, kind, content):
        """One message to the kernel → its id."""
        from jupyter_server.services.kernels.connection.base import serialize_msg_to_ws_v1

        message = self.talk.msg(kind, content=content)
        self.line.write_message(serialize_msg_to_ws_v1(message, "shell", self.talk.pack), binary=True)
        return message["header"]["msg_id"]

    async def read(self):
        """Take what the kernel says: the widgets' states, pictures, replies."""
        while (raw := await self.line.read_message()) is not None:
            count = int.from_bytes(raw[:8], "little")
            at = [int.from_bytes(raw[8 * i:8 * i + 8], "little") for i in range(1, count + 1)]
            parts = [raw[begin:end] for begin, end in zip(at, at[1:])]
            header, parent, content = json.loads(parts[1]), json.loads(parts[2]).get("msg_id"), json.loads(parts[4])
            kind = header["msg_type"]
            if kind == "comm_open":
                self.models[content["comm_id"]] = content["data"].get("state", {})
            elif kind == "comm_msg" and content["data"].get("method") == "update":
                state = content["data"]["state"]
                self.models.setdefault(content["comm_id"], {}).update(state)
                if "asked" in state:  # whether anybody looks
                    self.update(content["comm_id"], seen=state["asked"])
                if PICTURE in str(state.get("value", ""))[:2000]:
                    self.pictured(parent, state["value"])
            elif kind == "status" and content["execution_state"] == "restarting":
                self.told = True
            elif kind == "execute_reply" and parent in self.waiting:
                self.waiting.pop(parent)[0].set_result(content)

    def pictured(self, parent, value):
        """A picture has come: is anybody waiting for it?"""
        for key, (future, words) in [*self.waiting.items()]:
            if (words in value if words else key == parent and words is not None) and not future.done():
                future.set_result(time.perf_counter())

    async def wait(self, key, words, seconds):
        """Wait for what a message asked for; None where it does not come. words None: a reply, "": its picture."""
        future = asyncio.get_running_loop().create_future()
        self.waiting[key] = future, words
        try:
            return await asyncio.wait_for(future, seconds)
        except TimeoutError:
            return None
        finally:
            self.waiting.pop(key, None)

    async def run(self, code, seconds=900):
        """Run a cell → its reply."""
        asked = {"code": code, "silent": False, "store_history": True, "allow_stdin": False, "stop_on_error": False,
                 "user_expressions": {}}
        return await self.wait(self.send("execute_request", asked), None, seconds)

    async def run_all(self):
        """Run every cell, as a student does who skips the predictions."""
        return [(await self.run(cell) or {}).get("status") for cell in self.cells]

    def update(self, model, **state):
        """Change a widget as a browser does."""
        data = {"method": "update", "state": state, "buffer_paths": []}
        return self.send("comm_msg", {"comm_id": model, "data": data})

    def sliders(self):
        """The sliders of all explorers that are open."""
        return [key for key, state in self.models.items() if state.get("_model_name") in SLIDERS]

    async def move(self, words=""):
        """Move a slider by at least a twentieth of its way → ms to its picture, None where none came in 10 s."""
        key = self.rng.choice(self.sliders())
        state = self.models[key]
        low, high, step = (state.get(name) for name in ("min", "max", "step"))
        base = state.get("base", 10.0) if "Log" in state["_model_name"] else None
        while True:
            place = low + step * round(self.rng.uniform(0, high - low) / step)
            value = base**place if base else place
            now = state["value"]
            if abs(place - (math.log(now, base) if base else now)) > (high - low) / 20:
                break
        state["value"] = value
        begin = time.perf_counter()
        end = await self.wait(self.update(key, value=value), words.format(float(f"{value:.4g}")) if words else "", 10)
        return end and 1000 * (end - begin)


class Class:
    """The hub and its students, with the means to measure them."""

    def __init__(self, folder, number, password="numbers-in-words"):
        self.folder, (port, hub, api) = Path(folder), (free() for _ in range(3))
        environment = {name: os.environ[name] for name in ("MNIST_DIR", "KERAS_BACKEND") if name in os.environ}
        (self.folder / "config.py").write_text(CONFIG.format(
            port=port, hub=hub, api=api, proxy=PROXY, password=password, folder=folder, environment=environment,
            limit=LIMIT))
        self.address = f"http://127.0.0.1:{port}"
        self.students = [Student(f"student{i:02}", self.address, password) for i in range(number)]

    async def __aenter__(self):
        ours = ("PYTHONPATH", "WFW_PREDICTIONS", "WFW_MY_NETWORK")
        environment = {name: value for name, value in os.environ.items() if name not in ours}
        environment["PATH"] = f"{PLACE / 'bin'}{os.pathsep}{environment['PATH']}"
        self.log = (self.folder / "log").open("w")
        self.process = subprocess.Popen([PLACE / "bin" / "jupyterhub", "--config", "config.py"], cwd=self.folder,
                                        env=environment, stdout=self.log, stderr=self.log, start_new_session=True)
        import requests

        for _ in range(240):
            try:
                if requests.get(f"{self.address}/hub/health", timeout=5).ok:
                    return self
            except requests.ConnectionError:
                pass
            await asyncio.sleep(0.5)
        raise SystemExit(f"The hub does not start: {(self.folder / 'log').read_text()[-2000:]}")

    async def __aexit__(self, *_):
        """End the hub and all that it started, by their ids."""
        import psutil

        everybody = [psutil.Process(self.process.pid), *psutil.Process(self.process.pid).children(recursive=True)]
        self.process.send_signal(signal.SIGTERM)
        _, left = await asyncio.to_thread(psutil.wait_procs, everybody, 20)
        for one in left:
            one.kill()
        self.log.close()

    def processes(self):
        """{part: its processes}: the students' servers, their kernels with the workers of these, the hub, the proxy."""
        import psutil

        found = {"hub": [psutil.Process(self.process.pid)], "proxy": [], "servers": [], "kernels": []}
        for child in found["hub"][0].children():
            words = " ".join(child.cmdline())
            kind = "proxy" if "configurable-http-proxy" in words else "servers" if "singleuser" in words else "hub"
            found[kind].append(child)
            for kernel in child.children(recursive=True):
                found["kernels" if kind == "servers" else kind].append(kernel)
        return found

    def added(self, amount):
        """{part: the sum of an amount over its processes}, without those that have just ended."""
        import psutil

        found = {}
        for part, processes in self.processes().items():
            found[part] = 0.0
            for one in processes:
                with contextlib.suppress(psutil.Error):
                    found[part] += amount(one)
        return found

    def memory(self):
        """{part: 10⁶ bytes of all its processes}, what several share divided among them."""
        return self.added(lambda one: one.memory_full_info().pss / 1e6)

    def student_memory(self):
        """10⁶ bytes for a student: server and kernels."""
        held = self.memory()
        return (held["servers"] + held["kernels"]) / len(self.students)

    def cpu(self):
        """{part: seconds of processor that it has used}."""
        return self.added(lambda one: sum(one.cpu_times()[:2])) | {"students": time.process_time()}

    def memory_row(self, what, peak, seconds):
        """The line of a table: what a student holds now, and the hub."""
        held, number = self.memory(), len(self.students)
        row(what, held["servers"] / number, held["kernels"] / number, peak, seconds, held["hub"], held["proxy"])

    async def all(self, action, students=None):
        """Everybody does it at once → what came back."""
        return await asyncio.gather(*(action(student) for student in (self.students if students is None else students)))

    async def watched(self, work):
        """Wait for work → (what came back, the most that a student held meanwhile, in the mean)."""
        task, most = asyncio.ensure_future(work), 0
        while not task.done():
            most = max(most, await asyncio.to_thread(self.student_memory))
            await asyncio.wait([task], timeout=2)
        return task.result(), most

    async def moving(self, seconds, pause=0.0, words="", students=None):
        """Everybody moves sliders → (ms of each event, events without picture, {part: CPU ms each}, events a second)."""
        until = time.perf_counter() + seconds

        async def drag(student):
            waits = []
            await asyncio.sleep(student.rng.uniform(0, max(pause, 0.3)))
            while time.perf_counter() < until:
                waits.append(await student.move(words))
                if pause:
                    await asyncio.sleep(student.rng.expovariate(1 / pause))
            return waits

        before, begin = self.cpu(), time.perf_counter()
        waits = [wait for waits in await self.all(drag, students) for wait in waits]
        used, spent = self.cpu(), time.perf_counter() - begin
        came = [wait for wait in waits if wait is not None]
        each = {part: 1000 * max(0, used[part] - before[part]) / max(1, len(came)) for part in used}
        return came, len(waits) - len(came), each, len(came) / spent


def per_cent(values, share):
    """The value that this share of all lies below."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def row(*entries):
    """A line of a table, as it is made."""
    words = (f"{entry:.0f}" if isinstance(entry, float) else str(entry) for entry in entries)
    print("| " + " | ".join(words) + " |", flush=True)


def table(*head):
    """The first two lines of a table."""
    row(*head)
    row("---", *["---:"] * (len(head) - 1))


def events(what, came, missed, each, pace):
    """The line of one phase of moving sliders, from what `moving` found."""
    row(what, len(came), missed, f"{pace:.1f}", per_cent(came, 0.5), per_cent(came, 0.95), max(came), each["kernels"],
        each["servers"], each["proxy"] + each["hub"], each["students"])


async def main(number, seconds, notebooks):
    """Let the class work, and print what it costs."""
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="hub") as folder:
        async with Class(folder, number) as room:
            begin = time.perf_counter()
            await room.all(Student.enter)
            spent = time.perf_counter() - begin
            hub = importlib.metadata.version("jupyterhub")
            print(f"JupyterHub {hub}: {number} students on {os.cpu_count()} cores, all at once; load before: "
                  f"{load:.1f}. Until everybody's server answered: {spent:.0f} s. "
                  "Memory in 10⁶ bytes; what several processes share is divided among them.\n")
            table("memory", "a student's server", "a student's kernels", "a student at the peak",
                  "seconds to run all cells", "hub", "proxy")
            await asyncio.sleep(5)
            room.memory_row("logged in, nothing open", room.student_memory(), "")
            phases, said = [], []
            for notebook in notebooks:
                await room.all(lambda student: student.open(notebook))
                begin = time.perf_counter()
                told, most = await room.watched(room.all(Student.run_all))
                spent, name = time.perf_counter() - begin, notebook[:2]
                assert all(None not in statuses for statuses in told), f"a cell of {notebook} did not come to an end"
                room.memory_row(f"{name} open, all its cells run", most, spent)
                if name == "06":
                    phases.append(("06, one event a second each, while all train", *await training(room, seconds)))
                else:
                    phases.append((f"{name}, one event a second each", *await room.moving(seconds, pause=1.0)))
                    phases.append((f"{name}, all drag without a pause", *await room.moving(seconds)))
                if name == "05":
                    said += [f"{phase[0]}: 95 of 100 within {per_cent(phase[1], 0.95):.0f} ms, the bar of {BAR} ms is "
                             f"{'met' if per_cent(phase[1], 0.95) <= BAR else 'NOT met'}" for phase in phases]
                    phase, *happened = await harm(room, seconds)
                    phases.append(phase)
                    said += happened
                await room.all(Student.shut)
            print()
            table("event to picture, ms", "events", "without a picture", "events a second", "50 %", "95 %", "worst",
                  "CPU, kernel", "CPU, server", "CPU, hub and proxy", "CPU, this program in the browsers' place")
            for phase in phases:
                events(*phase)
            print("", *(f"- {sentence}." for sentence in said), sep="\n")


async def training(room, seconds):
    """Everybody's cockpit trains, and α moves → as `moving`."""
    def press(student):
        (key,) = (key for key, state in student.models.items() if state.get("description") in ("Start", "Pause"))
        student.send("comm_msg", {"comm_id": key, "data": {"method": "custom", "content": {"event": "click"}}})

    for student in room.students:
        whole = student.models
        near = {key for key, state in whole.items() if state.get("_model_name") == "FloatLogSliderModel"}
        student.sliders = lambda near=near: [*near][:1]
        press(student)
    await asyncio.sleep(3)
    found = await room.moving(seconds, pause=1.0, words="α = {:.3g},")
    for student in room.students:
        press(student)
        del student.sliders
    return found


async def harm(room, seconds):
    """One kernel is killed and one takes all memory, while the others move → their phase, and what happened to both."""
    killed, greedy, *others = room.students
    task = asyncio.create_task(room.moving(seconds, pause=1.0, students=others))
    await asyncio.sleep(seconds / 4)
    next(one for one in room.processes()["kernels"] if killed.kernel in " ".join(one.cmdline())).kill()
    hog = await greedy.run("hog = []\nwhile True:\n    hog.append(b'x' * 10**8)", 120) or {}
    after = await greedy.run("del hog", 120) or {}
    begin = time.perf_counter()
    while not killed.told and time.perf_counter() - begin < 60:
        await asyncio.sleep(0.2)
    again = await killed.run(killed.cells[0], 120) or {}
    came, missed, each, pace = await task
    return (("05, one event a second each, meanwhile one kernel is killed and one takes all memory", came, missed,
             dict.fromkeys(each, "–") | {"proxy": "", "hub": "–"}, pace),
            "A kernel that is killed: " + ("its notebook is told that it restarts, and cells run again"
                                           if killed.told and again.get("status") == "ok" else "NOT restarted"),
            f"A kernel that takes all memory, {LIMIT / 1e9:.0f}·10⁹ bytes allowed to a process: " + (
                f"{hog['ename']} in its own cell, and the next cell runs"
                if hog.get("status") == "error" and after.get("status") == "ok" else "NOT stopped"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--students", type=int, default=12)
    parser.add_argument("--seconds", type=int, default=20, help="that each phase of moving sliders lasts")
    parser.add_argument("--notebooks", nargs="*", default=NOTEBOOKS)
    options = parser.parse_args()
    installed()
    if Path(sys.prefix).resolve() != PLACE.resolve():
        os.execv(PLACE / "bin" / "python", [str(PLACE / "bin" / "python"), __file__, *sys.argv[1:]])
    asyncio.run(main(options.students, options.seconds, options.notebooks))
