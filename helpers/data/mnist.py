"""The data set: find MNIST, or download it, verify every byte, and load it; without it, small digits in its place."""

import os
import re
import sys
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np

from helpers.checks.contracts import describe

# Bytes and SHA-256 of each file decompressed: how it was compressed differs from mirror to mirror.
FILES = {
    "train-images-idx3-ubyte": (47040016, "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
    "train-labels-idx1-ubyte": (60008, "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
    "t10k-images-idx3-ubyte": (7840016, "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
    "t10k-labels-idx1-ubyte": (10008, "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
}
ARRAYS = dict(zip(("x_train", "y_train", "x_test", "y_test"), FILES))  # the names inside Keras's mnist.npz
MIRRORS = ["https://storage.googleapis.com/cvdf-datasets/mnist/", "https://ossci-datasets.s3.amazonaws.com/mnist/"]
# A mirror's chances, and the seconds: between them, that one address may be silent, that a file may take in all.
TRIES, PAUSE, STALL, DEADLINE = 2, 1.0, 10.0, 300.0
NOTICE = (
    "MNIST was not found and could not be downloaded, so this is scikit-learn's set of 1,797 small handwritten digits, "
    f"enlarged. For MNIST, put {', '.join(name + '.gz' for name in FILES)} into the project's folder data/, or name "
    "their folder in MNIST_DIR."
)
noticed = False


class Data(NamedTuple):
    """Images X (n, 784) or (n, 28, 28), float32 from 0 (paper) to 1 (ink), labels (n,), int64, of what `name` says."""

    X_train: np.ndarray
    labels_train: np.ndarray
    X_validation: np.ndarray
    labels_validation: np.ndarray
    X_test: np.ndarray
    labels_test: np.ndarray
    name: str


class Damaged(ValueError):
    """A file that is not what it should be."""


def load(folder=None, *, validation=0, flat=True, download=True):
    """MNIST, with the last `validation` of the 60,000 training images set apart; see `find` for where it is looked for.

    Without it: scikit-learn's digits, split in the same proportions, and a warning, once, that says how to get MNIST.
    Raises FileNotFoundError or ValueError for an explicit `folder` that lacks a file or holds a damaged one.
    """
    for argument, value in ("flat", flat), ("download", download):
        if not isinstance(value, (bool, np.bool_)):
            raise TypeError(f"{argument}: got {describe(value)}, wanted True or False")
    if isinstance(validation, bool) or not isinstance(validation, (int, np.integer)):
        raise TypeError(f"validation: got {describe(validation)}, wanted a whole number of images")
    if not 0 <= validation < 60000:
        raise ValueError(f"validation: got {validation}, wanted 0 to 59,999 of the 60,000 training images")
    raw, _ = find(folder, download)
    if raw is None:
        X, labels, X_test, labels_test, name = *small_digits(), "scikit-learn digits, enlarged"
        validation = min(round(validation * len(X) / 60000), len(X) - 1)  # at least one image is left to train on
    else:
        (X, labels, X_test, labels_test), name = raw, "MNIST"
    shape = (-1, 784) if flat else (-1, 28, 28)
    X, X_test = (np.divide(images, np.float32(255), dtype=np.float32).reshape(shape) for images in (X, X_test))
    labels, labels_test = labels.astype(np.int64), labels_test.astype(np.int64)
    n = len(X) - validation
    return Data(X[:n], labels[:n], X[n:], labels[n:], X_test, labels_test, name)


def find(folder=None, download=True):
    """The four arrays of bytes and where they came from; (None, why) where there is no MNIST to be had.

    Looks into `folder`, or else into MNIST_DIR, the project's data/, the user's cache, Keras's cache; then the mirrors.
    """
    global noticed
    if folder is not None:
        if not isinstance(folder, (str, os.PathLike)):
            raise TypeError(f"folder: got {describe(folder)}, wanted the path of a folder, or None")
        return read_folder(Path(folder).expanduser()), str(folder)
    for place in places():
        try:
            return read_folder(place), str(place)
        except FileNotFoundError as error:
            if place in named():
                warnings.warn(f"MNIST_DIR: {error}. Looking elsewhere.", stacklevel=3)
        except (Damaged, OSError) as error:  # OSError: it is there and cannot be read
            warnings.warn(f"{error}. It is left as it is, and MNIST is looked for elsewhere.", stacklevel=3)
    if download:
        try:
            return fetch(cache()), "a mirror"
        except OSError as error:
            why = str(error)
    else:
        why = "downloading was not allowed"
    if not noticed:
        noticed = True
        warnings.warn(NOTICE, stacklevel=3)
    return None, why


def named():
    """The folder that MNIST_DIR names, in a list that is empty where it names none."""
    return [at_home(os.environ["MNIST_DIR"])] if os.environ.get("MNIST_DIR") else []


def places():
    """Where MNIST may lie, in order."""
    keras = at_home(os.environ.get("KERAS_HOME") or "~/.keras") / "datasets"
    return [*named(), Path(__file__).parents[2] / "data", cache(), keras]


def cache():
    """The user's folder for things that can be downloaded again."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA", "~/AppData/Local")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or ("~/Library/Caches" if sys.platform == "darwin" else "~/.cache")
    return at_home(base) / "weight-for-weight"


def at_home(path):
    """A path that may begin with ~; where the user has no home, as in some containers, below the temporary files."""
    import tempfile

    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path.replace("~", tempfile.gettempdir(), 1))


def read_folder(folder):
    """The four arrays, known by their content whatever their files are called: IDX, gzipped or not, or an .npz.

    Raises FileNotFoundError, which says what is there instead, or Damaged for a file with a usual name and other content.
    """
    found, problems = {}, []
    for path in candidates(folder):
        if path.suffix.lower() == ".npz":
            try:
                return read_npz(path)
            except Damaged as error:
                problems += [error] if path.name == "mnist.npz" else []
            continue
        found |= recognized(path)
        if len(found) == len(FILES):
            return [parse(found[name]) for name in FILES]
    for name in FILES:
        if name not in found and (path := usual(folder, name)):
            verified(name, path.read_bytes(), path)  # says what is wrong with it
    if problems:
        raise problems[0]
    raise FileNotFoundError(lacking(folder, [name for name in FILES if name not in found]))


def usual(folder, name):
    """The file with its usual name, packed or not, or None."""
    return next((path for path in (folder / f"{name}.gz", folder / name) if path.is_file()), None)


def candidates(folder):
    """What may hold MNIST in a folder, in the folders that PyTorch makes in it, or in one for each file as Kaggle has it.

    The usual names come first, and of the others nothing is opened that cannot be it: of a folder of downloads they may
    be thousands.
    """
    sizes = {length for length, _ in FILES.values()}
    for place in (folder, folder / "raw", folder / "MNIST" / "raw", *(folder / name for name in FILES)):
        if not place.is_dir():
            continue
        first = [path for name in FILES if (path := usual(place, name))]
        yield from first
        for path in sorted(set(place.iterdir()) - set(first)):
            kind = path.suffix.lower()
            packed = kind == ".gz" and path.is_file() and path.stat().st_size <= 2 * max(sizes)
            if packed or path.is_file() and (kind == ".npz" or path.stat().st_size in sizes):
                yield path


def recognized(path):
    """{which of the four files this is, by its bytes: the bytes decompressed}, empty where it is none."""
    import hashlib

    try:
        content = unpacked(path.read_bytes(), max(length for length, _ in FILES.values()) + 1)
    except Damaged:
        return {}
    digest = hashlib.sha256(content).hexdigest()
    return {name: content for name, (_, wanted) in FILES.items() if wanted == digest}


def lacking(folder, missing):
    """Why there is no MNIST in a folder, in a sentence."""
    text, wanted = str(folder), "wanted the path of the folder that holds MNIST's four files"
    if re.match(r"https?:", text):
        return f"{text} is an address on the web, {wanted}"
    if folder.is_file():
        return f"{folder} is a file, {wanted}: {folder.parent}"
    if not folder.is_dir():
        quoted = text[:1] in "\"'" or text[-1:] in "\"'"
        return f"{folder} does not exist" + (": its quotation marks count as part of the name" if quoted else "")
    lacks = f"{folder} lacks {', '.join(name + '.gz' for name in missing)}, and holds no mnist.npz"
    others = sorted(path.name for path in folder.iterdir() if path.suffix in (".csv", ".parquet", ".arff", ".mat", ".pkl", ".zip"))
    return lacks + (f"; {others[0]} may hold MNIST in a form that is not read here" if others else "")


def unpacked(content, most):
    """The bytes of a file, at most so many of them, decompressed where they are gzipped. Raises Damaged."""
    import gzip
    import io
    import zlib

    if content[:2] != b"\x1f\x8b":
        return content
    try:
        with gzip.open(io.BytesIO(content)) as stream:
            return stream.read(most)  # never more, however far a crafted file would expand
    except (OSError, EOFError, zlib.error) as error:
        raise Damaged(f"is damaged ({error})") from None


def verified(name, content, where):
    """The decompressed bytes of an IDX file; raises Damaged unless they are MNIST's."""
    import hashlib

    length, digest = FILES[name]
    try:
        content = unpacked(content, length + 1)
    except Damaged as error:
        raise Damaged(f"{where} {error}") from None
    if len(content) != length:
        how_many = "more" if len(content) > length else f"{len(content):,}"
        raise Damaged(f"{where} is not {name}: wanted {length:,} bytes when decompressed, got {how_many}")
    if hashlib.sha256(content).hexdigest() != digest:
        raise Damaged(f"{where} is not {name}, or was damaged: its SHA-256 differs. "
                      "Fashion-MNIST and KMNIST are handed around under the same names")
    return content


def parse(content):
    """An IDX file as an array of bytes: images (n, 28, 28) or labels (n,)."""
    rank = content[3]  # the fourth byte; then each length in four bytes, the highest first
    shape = np.frombuffer(content, ">u4", count=rank, offset=4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * rank).reshape(shape)


def read_npz(path):
    """The four arrays from Keras's mnist.npz, verified as the IDX files that they were made from; never unpickled."""
    import io
    import zipfile

    arrays = []
    for inside, name in ARRAYS.items():
        try:
            with zipfile.ZipFile(path) as archive, archive.open(f"{inside}.npy") as member:
                content = member.read(8 * FILES[name][0] + 1024)  # never more, however far a crafted file would expand
            array = np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
        except Exception as error:  # zlib.error, TokenError, RuntimeError, MemoryError …: damage shows in many ways
            raise Damaged(f"{path} is damaged or cannot be read ({inside}: {error or type(error).__name__})") from None
        if array.dtype.kind not in "iu" or array.size and not (array.min() >= 0 and array.max() <= 255):
            raise Damaged(f"{path}: {inside} holds {array.dtype}, wanted whole numbers from 0 to 255")
        array = array.astype(np.uint8)
        header = b"".join(int(n).to_bytes(4, "big") for n in (0x800 + array.ndim, *array.shape))
        verified(name, header + array.tobytes(), f"{path}: {inside}")
        arrays.append(array)
    return arrays


def fetch(folder):
    """Download what `folder` lacks from the first mirror that has it whole → the four arrays. Raises OSError."""
    arrays = []
    for name in FILES:
        kept = folder / f"{name}.gz"
        try:
            content = verified(name, kept.read_bytes(), kept)
        except (OSError, Damaged):
            compressed, content = download_one(name)
            keep(kept, compressed)
        arrays.append(parse(content))
    return arrays


def download_one(name):
    """The compressed and the verified bytes of one file, from the first mirror that gives them."""
    import time

    problems, mirrors = [], list(MIRRORS)
    for attempt in range(TRIES):
        for mirror in list(mirrors):
            try:
                compressed = get(mirror + name + ".gz")
                return compressed, verified(name, compressed, mirror + name + ".gz")
            except (OSError, Damaged) as error:
                problems.append(f"{mirror}: {error or type(error).__name__}")
                if isinstance(error, TimeoutError):
                    mirrors.remove(mirror)  # a class without a network waits for it once
        if mirrors and attempt + 1 < TRIES:
            time.sleep(PAUSE * 2**attempt)
    raise OSError(f"{name}.gz could not be downloaded: " + "; ".join(dict.fromkeys(problems)))


def get(url):
    """The body of an answer, in pieces, with a progress bar where it takes longer than two seconds. Raises OSError."""
    import queue
    import threading
    import time

    from tqdm.auto import tqdm

    deadline, most = time.monotonic() + DEADLINE, 2 * max(length for length, _ in FILES.values())
    pieces, given_up, body, wanted = queue.Queue(), threading.Event(), bytearray(), 0
    # In a thread, because a timeout of a socket bounds neither the name's look-up, nor all of its addresses, nor the
    # headers. A thread that is given up ends with the next piece, or with the program.
    try:
        threading.Thread(target=receive, args=(url, pieces, given_up), daemon=True).start()
        with tqdm(unit="B", unit_scale=True, desc=url.rsplit("/", 1)[1], delay=2, leave=False) as bar:
            while piece := pieces.get(timeout=max(0, min(2 * STALL, deadline - time.monotonic()))):
                if isinstance(piece, Exception):
                    raise piece
                if isinstance(piece, int):
                    wanted = bar.total = piece
                    continue
                body += piece
                bar.update(len(piece))
                if len(body) > most:
                    raise OSError("too long an answer")
    except queue.Empty:
        raise TimeoutError("no answer, or too slow") from None
    except RuntimeError as error:  # no threads here, so no sockets either: Python in a browser
        raise OSError(str(error)) from None
    finally:
        given_up.set()
    if len(body) < wanted:
        raise OSError(f"the answer broke off after {len(body):,} of {wanted:,} bytes")
    return bytes(body)


def receive(url, pieces, given_up):
    """Put what a server says into a queue: its length if it is known, the pieces, then b"" or an OSError."""
    import http.client
    import urllib.error
    import urllib.request

    try:
        request = urllib.request.Request(url, headers={"User-Agent": "weight-for-weight"})
        with urllib.request.urlopen(request, timeout=STALL) as answer:
            if length := int(answer.headers.get("Content-Length") or 0):
                pieces.put(length)
            while (piece := answer.read1(1 << 16)) and not given_up.is_set():
                pieces.put(piece)
        pieces.put(b"")
    except urllib.error.HTTPError as error:
        error.close()  # it holds the connection
        pieces.put(OSError(f"{error.code} {error.reason}"))
    except OSError as error:
        why = getattr(error, "reason", error)
        kind = TimeoutError if isinstance(why, TimeoutError) else OSError
        pieces.put(kind(str(why) or type(why).__name__))
    except (http.client.HTTPException, ValueError) as error:
        pieces.put(OSError(f"the answer broke off or was no HTTP ({type(error).__name__})"))


def keep(path, content):
    """Write a file whole or not at all; where the cache cannot be written, go on without."""
    import tempfile

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=path.parent, prefix=path.name)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
            os.replace(draft, path)
        except BaseException:
            os.unlink(draft)
            raise
    except OSError:
        pass


def small_digits():
    """scikit-learn's digits, 8 × 8, enlarged to 20 × 20 amid 28 × 28, MNIST's own frame; 1 in 7 is for the test."""
    try:
        from sklearn.datasets import load_digits
    except ImportError:
        raise FileNotFoundError(NOTICE + " scikit-learn is not installed either: pip install scikit-learn") from None

    images, labels = load_digits(return_X_y=True)
    # Linear interpolation: each of 20 rows lies between two of the 8, and the columns likewise.
    at = np.clip((np.arange(20) + 0.5) * 8 / 20 - 0.5, 0, 7)
    mix = np.maximum(0, 1 - np.abs(at[:, None] - np.arange(8)))
    large = np.zeros((len(images), 28, 28), np.uint8)
    large[:, 4:24, 4:24] = np.rint(mix @ (images.reshape(-1, 8, 8) * (255 / 16)) @ mix.T)
    order = np.random.default_rng(0).permutation(len(large))  # writers come one after the other in the file
    large, labels, n = large[order], labels[order], len(large) * 6 // 7
    return large[:n], labels[:n], large[n:], labels[n:]


def main():
    """The command: which data set there is, in a line."""
    global noticed
    noticed = True  # the line itself says it; that a file is damaged is still warned of
    found, where = find()
    print(f"MNIST from {where}" if found else f"No MNIST ({where}). " + NOTICE.split(". ")[0] + ".")


if __name__ == "__main__":
    main()
