"""The second explorer of notebook 06: draw a digit with mouse, finger or pen, and watch the network read it."""

import anywidget
import ipywidgets as widgets
import numpy as np
import traitlets

from helpers.activations import PRIME, softmax
from helpers.checks.contracts import network, takes
from helpers.explorers.base import Explorer, choice
from helpers.figures.digits import draw_chances, move_chances
from helpers.figures.style import canvas
from helpers.figures.words import percent
from helpers.network import forward

SIDE = 112  # pixels of the drawing, four for each of MNIST's
# As large as the titles beside it, and on one line with them.
CAPTION = '<div style="font-size: 18px; line-height: 24px">draw here</div>'


class Pad(anywidget.AnyWidget):
    """A square to draw on. The stroke appears in the browser at once; `ink` (SIDE² bytes, 0 to 255) follows it.

    `sheet` counts the sheets of paper, and `inked` is the one that the ink is on: ink that was still on its way when the
    pad was wiped belongs to no drawing.
    """

    sheet, inked = traitlets.Int(0).tag(sync=True), traitlets.Int(0).tag(sync=True)
    # From a browser bytes arrive as a memoryview, which Bytes does not take.
    ink = traitlets.Bytes(bytes(SIDE * SIDE)).tag(sync=True, from_json=lambda ink, _: bytes(ink))

    _esm = """
    function render({ model, el }) {
      const side = Math.round(Math.sqrt(model.get("ink").byteLength)), scale = 2;
      const pad = document.createElement("canvas");
      pad.width = pad.height = side * scale;
      pad.style.cssText = "border: 1px solid #757575; border-radius: 6px; background: #fff; touch-action: none; " +
        "cursor: crosshair; width: 200px";  // with the picture below it, it fits on a projector
      pad.setAttribute("role", "img");
      pad.setAttribute("aria-label", "Draw a digit here. Without a pointer, choose one from the list beside it.");
      const pen = pad.getContext("2d", { willReadFrequently: true });
      pen.lineCap = pen.lineJoin = "round";
      pen.lineWidth = side * scale / 11;
      pen.strokeStyle = "#000";
      let drawing = false, last = null, waiting = false;
      const small = document.createElement("canvas");
      small.width = small.height = side;
      const smallPen = small.getContext("2d", { willReadFrequently: true });
      const clear = () => pen.clearRect(0, 0, pad.width, pad.height);
      const place = e => {
        const box = pad.getBoundingClientRect();
        return [(e.clientX - box.left) * pad.width / box.width, (e.clientY - box.top) * pad.height / box.height];
      };
      const send = () => {
        waiting = false;
        smallPen.clearRect(0, 0, side, side);
        smallPen.drawImage(pad, 0, 0, side, side);
        const rgba = smallPen.getImageData(0, 0, side, side).data, ink = new Uint8Array(side * side);
        for (let i = 0; i < ink.length; i++) ink[i] = rgba[4 * i + 3];
        model.set({ ink: new DataView(ink.buffer), inked: model.get("sheet") });
        model.save_changes();
      };
      const soon = () => { if (!waiting) { waiting = true; setTimeout(send, 60); } };
      const down = e => { drawing = true; last = place(e); pad.setPointerCapture(e.pointerId); move(e); e.preventDefault(); };
      const move = e => {
        if (!drawing) return;
        const [x, y] = place(e);
        pen.beginPath(); pen.moveTo(...last); pen.lineTo(x + 0.01, y); pen.stroke();
        last = [x, y];
        soon();
      };
      const up = () => { drawing = false; };
      pad.addEventListener("pointerdown", down);
      pad.addEventListener("pointermove", move);
      pad.addEventListener("pointerup", up);
      pad.addEventListener("pointercancel", up);
      model.on("change:sheet", clear);
      el.appendChild(pad);
      return () => model.off("change:sheet", clear);
    }
    export default { render };
    """

    def wipe(self):
        """An empty sheet."""
        self.sheet += 1

    def drawing(self):
        """What is drawn, (SIDE, SIDE) in [0, 1]; 0 is paper."""
        ink = np.frombuffer(self.ink, np.uint8).reshape(SIDE, SIDE) / 255
        return ink if self.inked == self.sheet else 0 * ink


@takes(ink="(s, s) finite")
def framed(ink):
    """A drawing as MNIST frames its digits: the ink fits a box of 20 × 20, its centre of mass in the middle of 28 × 28.

    ink (s, s) in [0, 1], 0 is paper → (28, 28) in [0, 1].  Source: LeCun, Cortes and Burges, the MNIST page.
    """
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not rows.size:
        return np.zeros((28, 28))
    box = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    height, width = (max(1, round(20 * size / max(box.shape))) for size in box.shape)
    small = averaging(box.shape[0], height) @ box @ averaging(box.shape[1], width).T
    mass = small.sum()
    y, x = (np.arange(height) @ small.sum(axis=1) / mass, np.arange(width) @ small.sum(axis=0) / mass)
    top, left = (int(np.clip(round(13.5 - centre), 0, 28 - size)) for centre, size in ((y, height), (x, width)))
    image = np.zeros((28, 28))
    image[top : top + height, left : left + width] = small
    return np.clip(image, 0, 1)


def averaging(many, few):
    """The matrix (few, many) that averages `many` pixels in `few` equal stretches, whole and partial ones alike."""
    edges = np.linspace(0, many, few + 1)
    low, high = np.arange(many), np.arange(1, many + 1)
    overlap = np.minimum(high, edges[1:, None]) - np.maximum(low, edges[:-1, None])
    overlap = np.maximum(overlap, 0)
    return overlap / overlap.sum(axis=1, keepdims=True)


class DrawADigit(Explorer):
    """A pad, what the network is shown, what each layer makes of it, and the probabilities."""

    def __init__(self, network, X, labels, **settings):
        self.network, self.X, self.labels = network, X, labels
        self.pad = Pad()
        super().__init__(**settings)
        self.pad.observe(self.redraw, ["ink", "inked", "sheet"])
        self.control["example"].observe(lambda _: self.pad.wipe(), "value")
        clear = widgets.Button(description="Clear", layout={"width": "6em"})
        clear.on_click(lambda _: self.pad.wipe())
        row = self.children[0]
        row.children = (*row.children, clear)
        sheet = widgets.VBox([widgets.HTML(CAPTION), self.pad])
        self.children = (row, self.formula, widgets.HBox([sheet, self.picture], layout={"flex_flow": "row wrap"}))

    def controls(self):
        return {"example": choice("show it a digit of the test set:", list(range(min(20, len(self.X)))))}

    def set(self, **settings):
        """Set controls by name; with the defaults, as Reset does, the pad is wiped too."""
        if settings and settings == getattr(self, "defaults", None):
            self.pad.wipe()
        super().set(**settings)

    def build(self):
        depth = len(self.network)
        figure, axes = canvas(8.4, 3.2, columns=depth + 1, width_ratios=[2.2, *[W.shape[1] / 160 for W, _, _ in self.network[:-1]], 2.6])
        self.shown = axes[0].imshow(np.zeros((28, 28)), cmap="Greys", vmin=0, vmax=1)
        axes[0].set_title("what it sees")
        axes[0].set(xticks=[], yticks=[])
        axes[0].spines[:].set_visible(True)
        for ax in axes[:-1]:
            ax.set_anchor("N")  # the titles stand on one line
        self.hidden = []
        for ax, (W, _, _) in zip(axes[1:-1], self.network):
            columns = max(4, W.shape[1] // 16)
            ax.set_title(f"{W.shape[1]} units")
            ax.axis("off")
            self.hidden.append((ax.imshow(np.zeros((-(-W.shape[1] // columns), columns)), cmap="Blues", vmin=0, vmax=3), columns))
        self.bars, self.percent = draw_chances(axes[-1], "how likely is each digit?")
        self.moving = [self.shown, *(image for image, _ in self.hidden), *self.bars, *self.percent]
        return figure

    def draw(self, example):
        ink = self.pad.drawing()
        drawn = ink.any()
        image = framed(ink) if drawn else self.X[example].reshape(28, 28).astype(float)
        Z, cache = forward(self.network, image.reshape(1, 784).astype(self.network[0][0].dtype))
        chances = softmax(Z.astype(float))[0]
        self.shown.set_data(image)
        for (picture, columns), (A, _) in zip(self.hidden, cache[1:]):
            cells = np.full(-(-A.shape[1] // columns) * columns, 0.0)
            cells[: A.shape[1]] = A[0]
            picture.set_data(cells.reshape(-1, columns))
        best = int(chances.argmax())
        move_chances(self.bars, self.percent, chances)
        self.drawn = {"image": image, "chances": chances}
        what = "your drawing" if drawn else f"test digit {example}, {a(self.labels[example])}"
        sure = percent(chances[best])
        return f"softmax(Z) of {what}: it reads {a(best, bold=True)}, {sure} sure", f"The network reads {what} as {a(best)}, {sure} sure."


def a(digit, bold=False):
    """A digit with its article."""
    return f"{'an' if digit == 8 else 'a'} {f'<b>{digit}</b>' if bold else digit}"


@takes(network=network(PRIME, without=softmax))
def explore_drawing(network, X, labels, **settings):
    """Draw a digit for `network` [(W, b, f)], whose last layer gives Z; X (n, 784) and labels (n,) are digits to choose from."""
    return DrawADigit(network, X, labels, **settings)
