"""The trained network for a page on which digits are drawn: its weights in twelve bits each."""

import base64
import json

import numpy as np

LEVELS = 2**11 - 1  # on each side of 0


class Digit:
    """What the page needs of a drawing explorer: the layers, the digits to choose from, and what each is."""

    def __init__(self, explorer):
        self.layers = [(W, b, f.__name__) for W, b, f in explorer.network]
        many = len(explorer.control["example"].options)
        self.X, self.labels = explorer.X[:many], explorer.labels[:many]
        self.size = None

    def write(self, folder):
        """Write digit.js: rows of weights with a scale for each column, biases as they are, images in bytes."""
        folder.mkdir(parents=True)
        told = {"layers": [packed(W, b) | {"activation": f} for W, b, f in self.layers],
                "digits": [coded(np.round(255 * np.asarray(x, float)).astype(np.uint8)) for x in self.X],
                "labels": [int(label) for label in self.labels]}
        file = folder / "digit.js"
        words = json.dumps([folder.name, "digit", told])
        file.write_text(f"weightForWeight.row({words[1:-1]});\n", encoding="utf-8")
        self.size = file.stat().st_size

    def note(self):
        """What works on the page."""
        return "The page’s own network: the weights that the notebook trained, rounded to 12 bits each."


def packed(W, b):
    """W (m, k) and b (k,) as text: two weights in three bytes, a scale for each column in float32, and b in float32."""
    codes, scale = rounded(W)
    flat = np.pad(codes.ravel() + LEVELS, (0, codes.size % 2)).reshape(-1, 2)
    one, two = flat.T
    three = np.stack([one >> 4, (one & 15) << 4 | two >> 8, two & 255], axis=1).astype(np.uint8)
    return {"shape": list(W.shape), "codes": coded(three), "scale": coded(scale), "b": coded(np.asarray(b, "<f4"))}


def rounded(W):
    """W (m, k) → whole numbers (m, k) in ±LEVELS and a scale (k,), float32, with W ≈ codes · scale."""
    scale = np.maximum(np.abs(W).max(axis=0), 1e-30).astype("<f4") / np.float32(LEVELS)
    return np.clip(np.round(W / scale), -LEVELS, LEVELS).astype(int), scale.astype("<f4")


def stored(layers):
    """The layers [(W, b, f)] as the page computes with them, in float64."""
    found = []
    for W, b, f in layers:
        codes, scale = rounded(W)
        found.append((codes * scale.astype(float), np.asarray(b, "<f4").astype(float), f))
    return found


def coded(array):
    """An array's bytes in base64."""
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()
