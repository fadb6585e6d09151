"""The data set: found wherever it may lie, never a wrong byte, never half a file, and never a lesson that stops."""

import gzip
import hashlib
import http.server
import io
import os
import pathlib
import pickle
import queue
import runpy
import socket
import subprocess
import sys
import tempfile
import threading
import time
import tracemalloc
import urllib.request
import warnings
import zipfile

import numpy as np
import pytest
import tqdm.auto

from helpers.data import mnist

SHAPES = {"train-images-idx3-ubyte": (12, 28, 28), "train-labels-idx1-ubyte": (12,),
          "t10k-images-idx3-ubyte": (5, 28, 28), "t10k-labels-idx1-ubyte": (5,)}


def idx(array):
    """An array of bytes as an IDX file."""
    return b"".join(int(n).to_bytes(4, "big") for n in (0x800 + array.ndim, *array.shape)) + array.tobytes()


pytestmark = pytest.mark.filterwarnings("ignore:MNIST was not found")


@pytest.fixture
def small(monkeypatch, tmp_path):
    """A small data set in MNIST's place, and a machine on which nothing is found: {name: array}."""
    rng = np.random.default_rng(0)
    arrays = {name: rng.integers(0, 256 if shape[1:] else 10, shape, dtype=np.uint8) for name, shape in SHAPES.items()}
    files = {name: (len(idx(a)), hashlib.sha256(idx(a)).hexdigest()) for name, a in arrays.items()}
    monkeypatch.setattr(mnist, "FILES", files)
    monkeypatch.setattr(mnist, "MIRRORS", [])
    monkeypatch.setattr(mnist, "PAUSE", 0.01)
    monkeypatch.setattr(mnist, "noticed", False)
    for name in ("MNIST_DIR", "KERAS_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.delenv("MNIST_DIR")
    monkeypatch.setattr(mnist, "__file__", str(tmp_path / "project" / "helpers" / "data" / "mnist.py"))
    monkeypatch.setattr(sys, "platform", "linux")
    return arrays


def test_the_sizes_are_those_of_60000_and_10000_images_behind_a_header():
    sizes = {name: size for name, (size, _) in mnist.FILES.items()}
    assert sizes == {f"{part}-{kind}-ubyte": n * each + header for part, n in (("train", 60_000), ("t10k", 10_000))
                     for kind, each, header in (("images-idx3", 28 * 28, 16), ("labels-idx1", 1, 8))}


def put(folder, arrays, packed=True):
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in arrays.items():
        (folder / (name + ".gz" * packed)).write_bytes(gzip.compress(idx(array), mtime=0) if packed else idx(array))
    return folder


def put_npz(folder, arrays, save=np.savez_compressed):  # compressed, as Keras's own is
    folder.mkdir(parents=True, exist_ok=True)
    train, test = "train-{}-ubyte", "t10k-{}-ubyte"
    save(folder / "mnist.npz", x_train=arrays[train.format("images-idx3")], y_train=arrays[train.format("labels-idx1")],
         x_test=arrays[test.format("images-idx3")], y_test=arrays[test.format("labels-idx1")])
    return folder


def check(data, arrays):
    X = arrays["train-images-idx3-ubyte"].reshape(12, 784)
    assert data.name == "MNIST" and np.allclose(data.X_train, X / 255, atol=1e-7)
    assert (data.labels_train == arrays["train-labels-idx1-ubyte"]).all()
    assert (data.labels_test == arrays["t10k-labels-idx1-ubyte"]).all() and data.X_test.shape == (5, 784)


class Mirror(http.server.BaseHTTPRequestHandler):
    """A mirror on loopback whose answers a test decides: {path end: function of the handler}."""

    def do_GET(self):
        self.server.asked.append(self.path)
        self.server.answer(self)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def mirror():
    servers = []

    def start(answer):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Mirror)
        server.answer, server.asked, server.daemon_threads = answer, [], True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        servers.append(server)
        return server, f"http://127.0.0.1:{server.server_port}/"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def good(arrays):
    def answer(handler):
        body = gzip.compress(idx(arrays[handler.path.strip("/")[:-3]]), mtime=0)
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)
    return answer


# Where it is looked for


@pytest.mark.parametrize("packed", [True, False], ids=["gz", "raw"])
def test_a_folder_of_idx_files(small, tmp_path, packed):
    check(mnist.load(put(tmp_path / "here", small, packed)), small)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_a_folder_with_keras_npz(small, tmp_path, save):
    check(mnist.load(put_npz(tmp_path / "here", small, save)), small)


def test_a_folder_of_the_home_may_be_written_with_a_tilde(small, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    put(tmp_path / "here", small)
    check(mnist.load("~/here"), small)
    monkeypatch.setenv("MNIST_DIR", "~/here")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check(mnist.load(download=False), small)


def test_a_user_without_a_home_keeps_the_data_among_the_temporary_files(monkeypatch):
    def homeless(path):
        if str(path).startswith("~"):
            raise RuntimeError("Could not determine home directory.")
        return path

    for name in ("XDG_CACHE_HOME", "KERAS_HOME", "MNIST_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(pathlib.Path, "expanduser", homeless)
    assert mnist.cache() == pathlib.Path(tempfile.gettempdir(), ".cache", "weight-for-weight")
    assert mnist.places()[-1] == pathlib.Path(tempfile.gettempdir(), ".keras", "datasets")


@pytest.mark.parametrize("platform, variable, below_home", [
    ("linux", "XDG_CACHE_HOME", ".cache"), ("darwin", "XDG_CACHE_HOME", "Library/Caches"),
    ("win32", "LOCALAPPDATA", "AppData/Local")])
def test_the_cache_is_where_the_system_keeps_such_things(monkeypatch, tmp_path, platform, variable, below_home):
    monkeypatch.setattr(sys, "platform", platform)
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.delenv(variable, raising=False)
    assert mnist.cache() == tmp_path / below_home / "weight-for-weight"
    monkeypatch.setenv(variable, str(tmp_path / "mine"))
    assert mnist.cache() == tmp_path / "mine" / "weight-for-weight"


def test_another_compression_of_the_same_bytes_is_the_same_data(small, tmp_path):
    folder = put(tmp_path / "here", small)
    path = folder / "train-images-idx3-ubyte.gz"
    path.write_bytes(gzip.compress(idx(small["train-images-idx3-ubyte"]), compresslevel=1, mtime=5))
    check(mnist.load(folder), small)


def test_the_order_of_search(small, tmp_path, monkeypatch, mirror):
    places = [tmp_path / "named", tmp_path / "project" / "data", tmp_path / "XDG_CACHE_HOME" / "weight-for-weight",
              tmp_path / "KERAS_HOME" / "datasets"]
    monkeypatch.setenv("MNIST_DIR", str(places[0]))
    server, url = mirror(good(small))
    monkeypatch.setattr(mnist, "MIRRORS", [url])
    for place in places[:3]:
        put(place, small)
    put_npz(places[3], small)
    for i, place in enumerate(places):
        assert mnist.find()[1] == str(place) and not server.asked
        for path in place.iterdir():
            path.unlink()
        if i == 0:
            monkeypatch.delenv("MNIST_DIR")
    assert mnist.find()[1] == "a mirror" and len(server.asked) == 4
    assert mnist.find()[1] == str(places[2]) and len(server.asked) == 4, "kept for the next time"


def test_importing_and_loading_from_a_folder_ask_no_network(small, tmp_path, monkeypatch):
    monkeypatch.setattr(mnist, "fetch", lambda folder: pytest.fail("asked the network"))
    check(mnist.load(put(tmp_path / "here", small)), small)


# Damage

DAMAGE = {
    "empty": lambda good: b"",
    "cut in half": lambda good: good[: len(good) // 2],
    "cut by one byte": lambda good: good[:-1],
    "without its trailer": lambda good: good[:-8],
    "one bit flipped": lambda good: good[:20] + bytes([good[20] ^ 1]) + good[21:],
    "a web page": lambda good: b"<!DOCTYPE html><html><body>404</body></html>",
    "a packed web page": lambda good: gzip.compress(b"<html></html>"),
    "a bomb": lambda good: gzip.compress(bytes(1 << 26)),
    "a pickle": lambda good: pickle.dumps([1, 2, 3]),
    "only a header": lambda good: good[:10],
}


def test_what_is_wrong_with_a_file_is_said(small):
    name = "t10k-labels-idx1-ubyte"
    whole = idx(small[name])
    packed = gzip.compress(whole)
    for content, words in (packed[:-1], "is damaged ("), (whole[:-1], "wanted 13 bytes when decompressed, got 12"), \
            (whole + b"1", "got more"), (gzip.compress(whole + b"1"), "got more"), (whole[:-1] + b"x", "its SHA-256 differs"):
        with pytest.raises(mnist.Damaged) as caught:
            mnist.verified(name, content, "here")
        assert words in str(caught.value) and "here" in str(caught.value)
    assert mnist.verified(name, packed, "here") == mnist.verified(name, whole, "here") == whole


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_file_is_named_and_never_loaded(small, tmp_path, name, damage):
    path = put(tmp_path / "here", small) / f"{name}.gz"
    path.write_bytes(damage(path.read_bytes()))
    before = path.read_bytes()
    with pytest.raises(ValueError, match=name):
        mnist.load(tmp_path / "here")
    assert path.read_bytes() == before


def test_a_gzip_that_expands_without_end_is_not_expanded(small, tmp_path):
    path = put(tmp_path / "here", small) / "train-images-idx3-ubyte.gz"
    path.write_bytes(gzip.compress(bytes(1 << 25)))
    tracemalloc.start()
    with pytest.raises(mnist.Damaged, match="got more"):
        mnist.load(path.parent)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 22


@pytest.mark.parametrize("length", range(0, 200, 23))
def test_a_file_cut_anywhere_is_damaged(small, tmp_path, length):
    path = put(tmp_path / "here", small) / "train-labels-idx1-ubyte.gz"
    path.write_bytes(path.read_bytes()[:length] if length < len(path.read_bytes()) else path.read_bytes()[:-2])
    with pytest.raises(ValueError, match="train-labels"):
        mnist.load(tmp_path / "here")


@pytest.mark.parametrize("a, b", [(0, 1), (0, 2), (1, 3), (2, 3)])
def test_swapped_files_are_told_apart_by_their_content(small, tmp_path, a, b):
    folder, names = put(tmp_path / "here", small), list(SHAPES)
    one, two = (folder / f"{names[i]}.gz" for i in (a, b))
    content = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(content)
    check(mnist.load(folder), small)


RENAMED = {
    "as unpacked on Windows": lambda name: name.replace("-idx", ".idx"),
    "upper case": str.upper,
    "a second download": lambda name: f"{name} (1)",
    "hidden": lambda name: f".{name}",
    "numbers": lambda name: str(list(SHAPES).index(name)),
}


@pytest.mark.parametrize("packed", [True, False], ids=["gz", "raw"])
@pytest.mark.parametrize("rename", RENAMED.values(), ids=RENAMED)
def test_the_names_of_the_files_do_not_matter(small, tmp_path, rename, packed):
    folder = put(tmp_path / "here", small, packed)
    for name in SHAPES:
        path = folder / (name + ".gz" * packed)
        path.rename(folder / (rename(name) + ".gz" * packed))
    (folder / "notes.txt").write_text("of something else")
    (folder / "something.gz").write_bytes(b"no gzip")
    check(mnist.load(folder), small)


@pytest.mark.parametrize("packed, ending", [(True, ""), (True, ".GZ"), (False, ".idx")])
def test_the_ending_does_not_matter(small, tmp_path, packed, ending):
    folder = put(tmp_path / "here", small, packed)
    for path in folder.iterdir():
        path.rename(folder / (path.name.removesuffix(".gz") + ending))
    check(mnist.load(folder), small)


def test_a_folder_for_each_file_is_looked_into(small, tmp_path):
    for name, array in small.items():
        put(tmp_path / "here" / name, {name: array}, packed=False)
    check(mnist.load(tmp_path / "here"), small)


@pytest.mark.parametrize("below", ["MNIST/raw", "raw"])
def test_the_folders_that_pytorch_makes_are_found(small, tmp_path, below):
    put(tmp_path / "here" / below, small, packed=False)
    check(mnist.load(tmp_path / "here"), small)


@pytest.mark.parametrize("dtype", [np.int64, np.int32, np.uint16, ">i4"])
@pytest.mark.parametrize("name", ["mnist.npz", "MNIST digits.npz"])
def test_an_npz_of_whole_numbers_is_mnist_whatever_their_type(small, tmp_path, dtype, name):
    folder = put_npz(tmp_path / "here", {key: array.astype(dtype) for key, array in small.items()})
    (folder / "mnist.npz").rename(folder / name)
    check(mnist.load(folder), small)


def test_a_good_copy_beside_a_damaged_file_is_taken(small, tmp_path):
    folder = put(tmp_path / "here", small)
    damaged = folder / "t10k-labels-idx1-ubyte.gz"
    damaged.rename(folder / "t10k-labels-idx1-ubyte (1).gz")
    damaged.write_bytes(b"half")
    check(mnist.load(folder), small)


def test_what_is_not_mnist_is_named_for_what_it_is(small, tmp_path):
    fashion = {name: array[::-1].copy() for name, array in small.items()}
    put(tmp_path / "fashion", fashion)
    (tmp_path / "table").mkdir()
    (tmp_path / "table" / "mnist_train.csv").write_text("5,0,0")
    a_file = put(tmp_path / "here", small) / "train-labels-idx1-ubyte.gz"
    for place, words in [
        (tmp_path / "fashion", "Fashion-MNIST and KMNIST"), (tmp_path / "table", "mnist_train.csv may hold MNIST in a form"),
        (tmp_path / "nowhere", "nowhere does not exist"), (f'"{tmp_path / "here"}"', "quotation marks count"),
        ("https://example.org/mnist", "is an address on the web"), (a_file, f"is a file, wanted .*: {a_file.parent}"),
    ]:
        with pytest.raises((FileNotFoundError, mnist.Damaged), match=words):
            mnist.load(place)


def test_a_missing_file_is_named(small, tmp_path):
    folder = put(tmp_path / "here", small)
    (folder / "t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(FileNotFoundError, match="t10k-labels-idx1-ubyte.gz"):
        mnist.load(folder)
    with pytest.raises(FileNotFoundError, match="nowhere"):
        mnist.load(tmp_path / "nowhere")


class Evil:
    def __reduce__(self):
        return os.mkdir, ("unpickled",)


SPOILED = ["pickle", "wrong dtype", "signed", "wrong pixel", "missing", "cut", "no zip", "evil"]


@pytest.mark.parametrize("spoil", SPOILED)
def test_a_spoiled_npz_is_refused_and_never_unpickled(small, tmp_path, monkeypatch, spoil):
    monkeypatch.chdir(tmp_path)
    arrays = {inside: small[name] for inside, name in mnist.ARRAYS.items()}
    if spoil in ("pickle", "evil"):
        arrays["x_train"] = np.array([Evil() if spoil == "evil" else {}], dtype=object)
    if spoil == "wrong dtype":
        arrays["x_train"] = arrays["x_train"].astype(np.float32)
    if spoil == "signed":  # the same bytes, but 255 would be −1
        arrays["x_train"] = arrays["x_train"].view(np.int8)
    if spoil == "wrong pixel":
        arrays["x_train"] = arrays["x_train"] ^ 1
    if spoil == "missing":
        del arrays["y_test"]
    (tmp_path / "here").mkdir()
    path = tmp_path / "here" / "mnist.npz"
    np.savez(path, **arrays)
    if spoil == "cut":
        path.write_bytes(path.read_bytes()[:-40])
    if spoil == "no zip":
        path.write_bytes(b"<html>")
    with pytest.raises(ValueError, match="mnist.npz"):
        mnist.load(tmp_path / "here")
    assert not (tmp_path / "unpickled").exists()


def test_a_damaged_cache_is_said_and_healed(small, tmp_path, monkeypatch, mirror):
    server, url = mirror(good(small))
    monkeypatch.setattr(mnist, "MIRRORS", [url])
    spoiled = put(mnist.cache(), small) / "train-images-idx3-ubyte.gz"
    spoiled.write_bytes(b"half a fi")
    with pytest.warns(UserWarning, match="train-images"):
        check(mnist.load(), small)
    assert server.asked == ["/train-images-idx3-ubyte.gz"], "only what is damaged is fetched again"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check(mnist.load(), small)


def test_an_npz_with_any_bit_flipped_is_refused_or_right(small, tmp_path):
    path = put_npz(tmp_path / "here", small) / "mnist.npz"
    whole, outcomes = path.read_bytes(), set()
    for i in range(0, len(whole), 23):
        path.write_bytes(whole[:i] + bytes([whole[i] ^ 1]) + whole[i + 1:])
        try:
            check(mnist.load(path.parent), small)
            outcomes.add("right")
        except mnist.Damaged as error:
            assert "mnist.npz" in str(error)
            outcomes.add("refused")
    assert outcomes == {"right", "refused"}


def npy(shape):
    """A file that claims an array of bytes of this shape, and holds two."""
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": "|u1", "fortran_order": False, "shape": shape})
    return stream.getvalue() + b"xx"


@pytest.mark.parametrize("content", [b"no array", npy((10**15,)), npy((10**6, 10**6)), b"", pickle.dumps([1])],
                         ids=["no array", "too much to hold", "a square", "empty", "a pickle"])
def test_an_npz_of_anything_else_is_refused(small, tmp_path, content):
    (tmp_path / "here").mkdir()
    with zipfile.ZipFile(tmp_path / "here" / "mnist.npz", "w") as archive:
        for inside in mnist.ARRAYS:
            archive.writestr(f"{inside}.npy", content)
    with pytest.raises(mnist.Damaged, match="mnist.npz"):
        mnist.load(tmp_path / "here")


def test_an_npz_that_expands_without_end_is_not_expanded(small, tmp_path):
    (tmp_path / "here").mkdir()
    np.savez_compressed(tmp_path / "here" / "mnist.npz", **dict.fromkeys(mnist.ARRAYS, np.zeros(1 << 25, np.uint8)))
    tracemalloc.start()
    with pytest.raises(mnist.Damaged, match="mnist.npz"):
        mnist.load(tmp_path / "here")
    # Memory that is claimed and not touched costs nothing but counts here; the rest is what was expanded.
    peak = tracemalloc.get_traced_memory()[1] - (1 << 25)
    tracemalloc.stop()
    assert peak < 1 << 22


def test_an_array_that_is_named_an_npz_is_refused(small, tmp_path):
    (tmp_path / "here").mkdir()
    with open(tmp_path / "here" / "mnist.npz", "wb") as stream:
        np.save(stream, small["train-images-idx3-ubyte"])
    with pytest.raises(mnist.Damaged, match="mnist.npz"):
        mnist.load(tmp_path / "here")


@pytest.mark.parametrize("method", ["read_bytes", "is_file"])
@pytest.mark.parametrize("where", ["MNIST_DIR", "cache", "keras"])
def test_a_place_that_cannot_be_read_is_said_and_passed_over(small, tmp_path, monkeypatch, where, method):
    places = {"MNIST_DIR": tmp_path / "locked", "cache": mnist.cache(), "keras": tmp_path / "KERAS_HOME" / "datasets"}
    put(places[where], small)
    if where == "MNIST_DIR":
        monkeypatch.setenv("MNIST_DIR", str(places[where]))
    real = getattr(pathlib.Path, method)

    def locked(path):
        if path.parent == places[where]:
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(pathlib.Path, method, locked)
    with pytest.warns(UserWarning, match="Permission denied"):
        assert mnist.load(download=False).name != "MNIST"


def test_a_damaged_named_folder_is_said_and_the_next_place_is_taken(small, tmp_path, monkeypatch):
    (put(tmp_path / "named", small) / "t10k-images-idx3-ubyte.gz").write_bytes(b"half")
    put(tmp_path / "project" / "data", small)
    monkeypatch.setenv("MNIST_DIR", str(tmp_path / "named"))
    with pytest.warns(UserWarning, match="named.*t10k-images.*elsewhere") as said:
        check(mnist.load(), small)
    assert said[0].filename == __file__


# Mirrors


def say(status, body=b"no"):
    def answer(handler):
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)
    return answer


def cut_after(n, arrays):
    def answer(handler):
        body = gzip.compress(idx(arrays[handler.path.strip("/")[:-3]]), mtime=0)
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body[:n])
        handler.connection.close()
    return answer


def hang(handler):
    time.sleep(3)


def trickle(handler):
    handler.send_response(200)
    handler.end_headers()
    for _ in range(60):
        handler.wfile.write(b"x")
        handler.wfile.flush()
        time.sleep(0.05)


def trickle_headers(handler):
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for i in range(60):
        handler.wfile.write(b"X-%d: y\r\n" % i)
        handler.wfile.flush()
        time.sleep(0.05)


def nonsense(handler):
    handler.wfile.write(b"\x00\x01 no HTTP at all\r\n\r\n")


BAD = {"403": say(403), "404": say(404), "500": say(500), "a web page": say(200, b"<html>please log in</html>"),
       "empty": say(200, b""), "a bomb": say(200, gzip.compress(bytes(1 << 25))), "hangs": hang, "trickles": trickle,
       "trickles headers": trickle_headers, "nonsense": nonsense,
       **{f"cut after {n}": n for n in (0, 1, 10, 60, 150)}}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_a_bad_mirror_is_passed_over(small, monkeypatch, mirror, bad):
    monkeypatch.setattr(mnist, "STALL", 0.15)
    monkeypatch.setattr(mnist, "DEADLINE", 0.3)
    _, bad_url = mirror(cut_after(bad, small) if isinstance(bad, int) else bad)
    server, url = mirror(good(small))
    monkeypatch.setattr(mnist, "MIRRORS", [bad_url, url])
    check(mnist.load(), small)
    assert sorted(p.name for p in mnist.cache().iterdir()) == sorted(f"{name}.gz" for name in SHAPES)


@pytest.mark.parametrize("bad", [BAD[name] for name in ("403", "404", "500", "a web page", "nonsense")])
def test_without_a_good_mirror_the_lesson_goes_on(small, monkeypatch, mirror, bad):
    _, url = mirror(bad)
    monkeypatch.setattr(mnist, "MIRRORS", [url])
    with pytest.warns(UserWarning, match="MNIST_DIR") as said:
        data = mnist.load()
    assert len(said) == 1 and said[0].filename == __file__ and data.name != "MNIST" and not mnist.cache().exists()


def test_an_answer_without_end_is_cut_short(small, monkeypatch, mirror):
    sent, over = [], threading.Event()

    def endless(handler):
        handler.send_response(200)
        handler.end_headers()
        try:
            while not over.is_set():
                handler.wfile.write(bytes(1000))
                sent.append(1000)
                time.sleep(0.001)
        except OSError:
            over.set()

    _, url = mirror(endless)
    monkeypatch.setattr(mnist, "MIRRORS", [url])
    monkeypatch.setattr(mnist, "TRIES", 1)
    monkeypatch.setattr(mnist, "DEADLINE", 3)
    why = mnist.find()[1]
    let_go = over.wait(30)
    over.set()
    assert "too long" in why and let_go and sum(sent) < 1 << 22


def test_an_empty_answer_of_no_stated_length_did_not_break_off(mirror):
    def silent(handler):
        handler.send_response(200)
        handler.end_headers()

    assert mnist.get(mirror(silent)[1]) == b""


def test_an_answer_that_breaks_off_is_called_that(small, monkeypatch, mirror):
    _, url = mirror(cut_after(60, small))
    monkeypatch.setattr(mnist, "MIRRORS", [url])
    assert "broke off after 60 of" in mnist.find()[1]


@pytest.mark.parametrize("bad", [say(404), hang, nonsense, None], ids=["404", "hang", "nonsense", "refused"])
def test_a_failure_leaves_its_thread_as_words_alone(monkeypatch, mirror, bad):
    # With its traceback it would keep the frames alive that hold the connection.
    monkeypatch.setattr(mnist, "STALL", 0.1)
    pieces = queue.Queue()
    mnist.receive(mirror(bad)[1] if bad else "http://127.0.0.1:1/", pieces, threading.Event())
    error = pieces.get_nowait()
    assert type(error) is (TimeoutError if bad is hang else OSError) and str(error)
    assert bad or "refused" in str(error)
    assert error.__traceback__ is None and not hasattr(error, "fp")


@pytest.mark.parametrize("bad", [hang, trickle, trickle_headers])
def test_a_silent_mirror_is_waited_for_once(small, monkeypatch, mirror, bad):
    monkeypatch.setattr(mnist, "STALL", 0.2)
    monkeypatch.setattr(mnist, "DEADLINE", 0.5)
    server, url = mirror(bad)
    monkeypatch.setattr(mnist, "MIRRORS", [url])
    start = time.monotonic()
    assert mnist.find()[0] is None
    assert time.monotonic() - start < 1.5 and len(server.asked) == 1


def test_a_name_that_is_never_looked_up_is_given_up(small, monkeypatch):
    monkeypatch.setattr(mnist, "STALL", 0.1)
    monkeypatch.setattr(mnist, "MIRRORS", ["http://mirror.invalid/"])
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: time.sleep(2) or [])
    start = time.monotonic()
    assert mnist.find()[0] is None and time.monotonic() - start < 1


def test_a_silent_mirror_does_not_keep_a_program_from_ending(mirror, second_python):
    over = threading.Event()
    _, url = mirror(lambda handler: over.wait(300))
    program = f"from helpers.data import mnist; mnist.STALL, mnist.DEADLINE = 300, 0.1; mnist.get({url + 'file'!r})"
    done = subprocess.run([second_python, "-c", program], capture_output=True, text=True, timeout=120)
    over.set()
    assert "TimeoutError: no answer, or too slow" in done.stderr


def test_the_bar_counts_every_byte(small, monkeypatch, mirror):
    bars = []

    class Bar(tqdm.auto.tqdm):
        def __init__(self, **options):
            super().__init__(**options)
            bars.append(self)

    monkeypatch.setattr(tqdm.auto, "tqdm", Bar)
    monkeypatch.setattr(mnist, "MIRRORS", [mirror(good(small))[1]])
    mnist.load()
    assert [bar.desc for bar in bars] == [f"{name}.gz" for name in SHAPES]
    assert all(bar.n == bar.total > 0 for bar in bars)


def test_without_threads_the_lesson_goes_on(small, monkeypatch, mirror):
    def refuse(thread):
        raise RuntimeError("can't start new thread")

    _, url = mirror(good(small))
    monkeypatch.setattr(mnist, "MIRRORS", [url])
    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert mnist.load().name != "MNIST" and "can't start new thread" in mnist.find()[1]


def test_a_second_try_may_succeed(small, monkeypatch, mirror):
    def moody(handler):
        (good(small) if len(server.asked) > 1 else say(503))(handler)

    server, url = mirror(moody)
    monkeypatch.setattr(mnist, "MIRRORS", [url])
    check(mnist.load(), small)


def test_an_interrupt_while_writing_leaves_no_half_file(small, monkeypatch, mirror):
    _, url = mirror(good(small))
    monkeypatch.setattr(mnist, "MIRRORS", [url])

    def interrupted(*arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", interrupted)
        with pytest.raises(KeyboardInterrupt):
            mnist.load()
    assert list(mnist.cache().iterdir()) == []
    check(mnist.load(), small)


@pytest.mark.parametrize("fault", ["full", "read only"])
def test_a_cache_that_cannot_be_written_is_done_without(small, monkeypatch, mirror, fault):
    _, url = mirror(good(small))
    monkeypatch.setattr(mnist, "MIRRORS", [url])

    def fail(*arguments, **keywords):
        raise OSError(28 if fault == "full" else 30, "no")

    import tempfile
    monkeypatch.setattr(tempfile, "mkstemp", fail)
    check(mnist.load(), small)
    assert not list(mnist.cache().glob("*"))


def test_two_loads_at_once_share_the_cache_unharmed(small, monkeypatch, mirror):
    _, url = mirror(good(small))
    monkeypatch.setattr(mnist, "MIRRORS", [url])
    found, threads = [], []
    for _ in range(6):
        threads.append(threading.Thread(target=lambda: found.append(mnist.load())))
        threads[-1].start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    for data in found:
        check(data, small)
    assert sorted(p.name for p in mnist.cache().iterdir()) == sorted(f"{name}.gz" for name in SHAPES)


# The small digits


def test_the_small_digits_stand_in_and_say_so_once(small):
    with pytest.warns(UserWarning, match="1,797 small handwritten digits") as said:
        data = mnist.load(download=False)
    assert said[0].filename == __file__, "the warning points at the line that loads"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        again = mnist.load(download=False, flat=False, validation=10_000)
    assert data.name == "scikit-learn digits, enlarged"
    assert data.X_train.shape == (1540, 784) and data.X_test.shape == (257, 784)
    assert again.X_train.shape == (1283, 28, 28) and again.X_validation.shape == (257, 28, 28)
    assert data.X_train.dtype == np.float32 and data.X_train.min() == 0 and data.X_train.max() == 1
    assert set(data.labels_train) == set(data.labels_test) == set(range(10))
    assert len(data.labels_train) == 1540 and len(data.labels_test) == len(again.labels_validation) == 257


def test_a_fresh_process_says_so_too(tmp_path, second_python):
    code = "from helpers.data import mnist; mnist.places = lambda: []; mnist.load(download=False)"
    done = subprocess.run([second_python, "-c", code], capture_output=True, text=True, cwd=pathlib.Path(__file__).parent.parent)
    assert "MNIST was not found" in done.stderr


def test_without_scikit_learn_both_ways_out_are_named(small, monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(FileNotFoundError, match="MNIST_DIR.*pip install scikit-learn"):
        mnist.small_digits()


def test_enlarging_keeps_the_picture(small):
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(images))
    large = mnist.load(download=False, flat=False).X_train
    assert not large[:, :4].any() and not large[:, :, :4].any()
    assert not large[:, 24:].any() and not large[:, :, 24:].any()
    blocks = large[:, 4:24, 4:24].reshape(-1, 4, 5, 4, 5).mean(axis=(2, 4))
    assert np.array_equal(mnist.load(download=False).labels_train, labels[order[: len(large)]])
    truth = images[order[: len(large)]].reshape(-1, 4, 2, 4, 2).mean(axis=(2, 4)) / 16
    assert np.abs(blocks - truth).max() < 0.15


# The form of what comes out


def test_the_split_is_disjoint_and_complete(small, tmp_path):
    folder = put(tmp_path / "here", small)
    whole, split = mnist.load(folder), mnist.load(folder, validation=5, flat=False)
    assert split.X_train.shape == (7, 28, 28) and split.X_validation.shape == (5, 28, 28)
    assert np.array_equal(np.concatenate([split.X_train, split.X_validation]).reshape(12, 784), whole.X_train)
    assert np.array_equal(np.concatenate([split.labels_train, split.labels_validation]), whole.labels_train)
    assert len(whole.X_validation) == 0
    assert {a.dtype for a in split[:6]} == {np.dtype(np.float32), np.dtype(np.int64)}


@pytest.mark.parametrize("arguments, named", [
    ({"folder": 5}, "folder"), ({"folder": b"x"}, "folder"), ({"folder": ["x"]}, "folder"),
    ({"flat": "no"}, "flat"), ({"flat": 1}, "flat"), ({"download": "no"}, "download")])
def test_a_bad_argument_is_named(small, arguments, named):
    with pytest.raises(TypeError, match=f"^{named}: got .*wanted"):
        mnist.load(**arguments)


def test_something_is_left_to_train_on(small):
    data = mnist.load(download=False, validation=59_999)
    assert len(data.X_train) == 1 and len(data.X_validation) == 1539


@pytest.mark.parametrize("validation, error", [(-1, ValueError), (60000, ValueError), (0.1, TypeError),
                                               (True, TypeError), ("5", TypeError)])
def test_a_bad_validation_is_named(validation, error):
    with pytest.raises(error, match="validation: got"):
        mnist.load(validation=validation)


@pytest.mark.parametrize("end", ["", "/", "/."])
def test_a_named_folder_that_does_not_exist_is_said(small, tmp_path, monkeypatch, end):
    put(tmp_path / "project" / "data", small)
    monkeypatch.setenv("MNIST_DIR", str(tmp_path / "gone") + end)
    with pytest.warns(UserWarning, match="MNIST_DIR: .*gone does not exist") as said:
        check(mnist.load(download=False), small)
    assert said[0].filename == __file__


def test_the_command_says_one_line_when_it_is_called(monkeypatch, capsys):
    def unplugged(*_, **__):
        raise OSError("no network")

    monkeypatch.setattr(urllib.request, "urlopen", unplugged)
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    monkeypatch.delitem(sys.modules, "helpers.data.mnist")
    runpy.run_module("helpers.data.mnist", run_name="__main__")
    out, err = capsys.readouterr()
    assert out.startswith(("MNIST from ", "No MNIST (")) and out.count("\n") == 1 and not err


def test_the_command_says_in_a_line_what_it_found(small, tmp_path, monkeypatch, capsys):
    found = put(tmp_path / "project" / "data", small)
    mnist.main()
    for path in found.iterdir():
        path.unlink()
    mnist.main()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"MNIST from {found}" and lines[1].startswith("No MNIST (") and len(lines) == 2
    assert lines[1].endswith("MNIST was not found and could not be downloaded, so this is scikit-learn's set of 1,797 small "
                             "handwritten digits, enlarged.")
    (put(found, small) / "train-labels-idx1-ubyte.gz").write_bytes(b"half")
    with pytest.warns(UserWarning, match="train-labels") as said:
        mnist.main()
    assert len(said) == 1, "the damaged file; that there is no MNIST stands in the line"


def test_the_real_thing():
    raw, _ = mnist.find(download=False)
    if raw is None:
        pytest.skip("MNIST is not on this machine")
    data = mnist.load(download=False, validation=5000)
    assert [len(a) for a in data[:6]] == [55000, 55000, 5000, 5000, 10000, 10000]
    counts = np.bincount(np.concatenate([data.labels_train, data.labels_validation]))
    assert counts.tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert data.labels_test[:5].tolist() == [7, 2, 1, 0, 4] and data.X_train[0].sum() == pytest.approx(107.99, abs=0.1)
