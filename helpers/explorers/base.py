"""What every explorer is built on: controls above one picture that is drawn once and then only updated."""

import gc
import html
import math
import struct
import traceback
import zlib

import anywidget
import ipywidgets as widgets
import numpy as np
import traitlets
from IPython import get_ipython
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from helpers.activations import identity, relu, sigmoid
from helpers.checks.spoken import read_number
from helpers.explorers.letters import Letters
from helpers.figures.style import ERROR, image, ours, small
from helpers.optimizers import adam, gradient_descent, momentum

SIZES = [784, 256, 128, 10]  # of the network that reads MNIST
ACTIVATIONS = {"sigmoid": sigmoid, "ReLU": relu, "identity": identity}
OPTIMIZERS = {"gradient descent": gradient_descent, "momentum": momentum, "Adam": adam}
DPI = 125  # sharper than a screen's 96, small enough to be encoded in a few milliseconds


class Box(widgets.FloatText):
    """A box for a number that the kernel reads as people write it: a browser would take 0,5 for 5, or for nothing."""

    _view_name = traitlets.Unicode("TextView").tag(sync=True)
    placeholder = traitlets.Unicode("").tag(sync=True)
    value = traitlets.CFloat(0.0).tag(sync=True, from_json=lambda typed, box: box.read(typed))
    min, max, asks = traitlets.Float(-math.inf), traitlets.Float(math.inf), traitlets.Unicode("")

    def read(self, typed):
        """The number that was typed; what cannot be read is asked for in `asks` and changes nothing."""
        try:
            value, self.asks = read_number(typed), ""
        except ValueError as asked:
            self.asks = str(asked)
            return self.value
        if min(max(value, self.min), self.max) == self.value:
            self.send_state("value")  # no change, but the text of the box may be another one
        return value

    @traitlets.validate("value")
    def within(self, proposal):
        """Keep to the ends."""
        return min(max(proposal.value, self.min), self.max)


class Number(widgets.HBox):
    """A box for exact entry and a slider beside it; both hold `value`. With log=True the slider moves in factors."""

    value = traitlets.Float()

    def __init__(self, label, value, low, high, step=0.01, log=False):
        self.box = Box(description=label, min=low, max=high, value=value, continuous_update=False,
                       style={"description_width": "initial"}, layout={"width": f"{7 + 0.6 * len(label):g}em"})
        self.asked = widgets.HTML(layout={"display": "none"})
        if log:
            self.slider = widgets.FloatLogSlider(value=value, min=math.log10(low), max=math.log10(high), step=0.01)
            self.slider.add_class("logarithmic")
        else:
            self.slider = widgets.FloatSlider(value=value, min=low, max=high, step=step)
        self.slider.readout, self.slider.layout.width = False, "12em"
        # The margin keeps the slider's handle off the next label.
        super().__init__([self.box, self.slider, self.asked], layout={"margin": "0 0.8em 0 0"})
        self.value = value
        self.slider.observe(self.slide, "value")
        self.box.observe(lambda change: self.set_trait("value", change.new), "value")
        self.box.observe(self.ask, "asks")
        self.observe(self.follow, "value")

    def slide(self, change):
        """Take a value from the slider, with the four digits that are meant by 1.9999999.

        A browser also sends back the slider's own rounding of a number typed into the box: half a step, and ignored.
        """
        position = math.log10 if isinstance(self.slider, widgets.FloatLogSlider) else float
        if abs(position(change.new) - position(self.value)) > 0.51 * self.slider.step:
            self.value = float(f"{change.new:.4g}")

    @traitlets.validate("value")
    def within(self, proposal):
        """Keep to the ends, as box and slider do."""
        if math.isnan(proposal.value):
            raise ValueError(f"{self.box.description}: got nan, wanted {self.box.min:g} to {self.box.max:g}")
        return min(max(proposal.value, self.box.min), self.box.max)

    def follow(self, change):
        """Bring slider and box to the value."""
        self.slider.value = self.box.value = change.new
        self.box.asks = ""

    def ask(self, change):
        """Show beside the slider what is asked of the one who typed."""
        self.asked.layout.display = "" if change.new else "none"
        words = f'<span role="alert" style="color: {ERROR}">{html.escape(change.new)}</span>'
        self.asked.value = words if change.new else ""


class Access(anywidget.AnyWidget):
    """Unseen: what the keyboard and a screen reader need of an explorer, and ipywidgets leave out.

    A key pressed here is the explorer's and no shortcut of Jupyter's: else Notebook 7 takes the arrows from a slider,
    both front ends take them from a list, and an x cuts the cell. And each slider's handle says whose it is and
    where it stands, by its value and not by its exponent or in sixteen digits. Where the kernel is gone, a sentence
    says so. And it answers when it is `asked` whether anybody can see it.
    """

    asked, seen = traitlets.Int(0).tag(sync=True), traitlets.Int(0).tag(sync=True)

    _esm = """
    function render({ model, el }) {
      const home = () => el.closest(".widget-vbox");
      const keep = ({ target, key, ctrlKey, metaKey, altKey }) => {
        const ours = !ctrlKey && !metaKey && !altKey && key !== "Enter" && key !== "Escape";
        if (home()?.contains(target)) target.toggleAttribute("data-lm-suppress-shortcuts", ours);
      };
      const say = () => home()?.querySelectorAll(".noUi-handle").forEach(handle => {
        handle.ariaLabel = handle.closest(".widget-hbox")?.querySelector("label")?.textContent ?? "";
        // Not its aria-valuenow, which has one decimal: a tenth of an exponent is a quarter of the value.
        const now = handle.closest(".noUi-target").noUiSlider.get(true);
        const value = handle.closest(".logarithmic") ? 10 ** now : now;
        const nothing = handle.closest(".from-nothing") && now <= Number(handle.ariaValueMin);
        handle.ariaValueText = nothing ? 0 : Number(value.toPrecision(4));
      });
      const moved = new MutationObserver(say);
      const asleep = document.createElement("p");
      asleep.setAttribute("role", "status");
      const look = () => {
        const gone = home()?.classList.contains("jupyter-widgets-disconnected");
        const words = "This explorer sleeps, because its kernel is gone. Run its cell again to wake it.";
        asleep.textContent = gone ? words : "";
      };
      const left = new MutationObserver(look);
      const begin = () => {
        if (!home()) return requestAnimationFrame(begin);
        moved.observe(home(), { subtree: true, childList: true, attributeFilter: ["aria-valuenow"] });
        left.observe(home(), { attributeFilter: ["class"] });
        home().append(asleep);
        say();
        look();
      };
      const answer = () => {
        if (!el.isConnected) return;
        model.set("seen", model.get("asked"));
        model.save_changes();
      };
      window.addEventListener("keydown", keep, true);
      model.on("change:asked", answer);
      begin();
      return () => {
        window.removeEventListener("keydown", keep, true);
        model.off("change:asked", answer);
        moved.disconnect();
        left.disconnect();
      };
    }
    export default { render };
    """


def choice(label, options, value=None):
    """A drop-down list of named options."""
    return widgets.Dropdown(description=label, options=options, value=value if value is not None else options[0],
                            style={"description_width": "initial"}, layout={"width": "max-content"})


OPENED = {}  # for each cell: which run of it that was, and the explorers that it opened


def cell():
    """The cell that runs, and which run of it this is; (None, None) where there is no notebook."""
    shell = get_ipython()
    parent = shell.get_parent() if hasattr(shell, "get_parent") else {}
    place = parent.get("metadata", {}).get("cellId") or parent.get("content", {}).get("code")
    return place, parent.get("header", {}).get("msg_id")


def within(widget):
    """A widget and all that it is made of: its parts, and the layout and style of each."""
    yield widget
    for part in (*getattr(widget, "children", ()), widget.layout, getattr(widget, "style", None)):
        yield from within(part) if hasattr(part, "layout") else [part] if part else []


class Explorer(widgets.VBox):
    """Controls, a line with the formula in numbers, and a picture that follows them.

    A subclass says `controls()` → {name: control}, `build()` → the figure, with the artists that move in `self.moving`,
    and `draw(**values)` → (formula, alt): it updates those artists and says in words what is seen.
    Every control can be set from code: `explorer.set(learning_rate=0.3)`. An error shows in place of the picture and is
    raised.
    """

    formula_lines = 1  # that the formula has room for, so that nothing below it jumps

    def __init__(self, **settings):
        self.control, self.moving = self.controls(), []
        with ours():
            self.figure = self.build()
            self.figure.set_dpi(DPI)
            self.stage = Stage(self.figure, self.moving)
        self.defaults, self.quiet = self.values, False
        self.formula, self.picture = widgets.HTML(), self.paper()
        back = "All controls back to where they were"
        again = widgets.Button(description="Reset", tooltip=back, layout={"width": "6em"})
        again.on_click(lambda _: self.set(**self.defaults))
        self.access = Access(layout={"display": "none"})
        above = [self.access, *self.control.values(), again]
        row = widgets.HBox(above, layout={"flex_flow": "row wrap", "align_items": "center"})
        super().__init__([row, self.formula, self.picture])
        for control in self.control.values():
            control.observe(self.redraw, "value")
        self.set(**settings)
        self.defaults = self.values  # Reset leads back to how it was opened
        self.replace()

    def replace(self):
        """Let go of what an earlier run of this cell opened: nobody sees it, and IPython's Out would keep it."""
        place, run = cell()
        before, explorers = OPENED.get(place, (run, []))
        if before != run:
            for explorer in explorers:
                explorer.let_go()
            if explorers:
                gc.collect()  # a figure is full of circles, and left to Python's own time it costs megabytes
            explorers = []
        if place is not None:
            OPENED[place] = run, [*explorers, self]

    def let_go(self):
        """Close every widget, and keep neither picture nor data."""
        for widget in [*within(self)]:
            widget.close()
        self.children = ()
        for name in [name for name in vars(self) if not name.startswith("_")]:
            delattr(self, name)

    def paper(self):
        """The widget whose `value` is the picture."""
        return widgets.HTML()

    @property
    def values(self):
        """The current value of every control by name."""
        return {name: control.value for name, control in self.control.items()}

    def set(self, **settings):
        """Set controls by name, then draw once."""
        unknown = settings.keys() - self.control.keys()
        if unknown:
            raise ValueError(f"settings: got {', '.join(sorted(unknown))}, wanted some of {', '.join(self.control)}")
        self.quietly(**settings)
        self.redraw()

    def quietly(self, **settings):
        """Move controls without drawing, from within `draw`."""
        self.quiet = True
        try:
            for name, value in settings.items():
                self.control[name].value = value
        except traitlets.TraitError:
            control = self.control[name]
            wanted = f"one of {', '.join(map(repr, control.options))}" if hasattr(control, "options") else "a number"
            raise ValueError(f"{name}: got {value!r}, wanted {wanted}") from None
        finally:
            self.quiet = False

    def redraw(self, _=None):
        """Bring the picture in line with the controls."""
        if self.quiet:
            return
        try:
            with ours():
                formula, self.alt = self.draw(**self.values)
                style = f"min-height: {1.5 * self.formula_lines}em; line-height: 1.5"
                self.formula.value = f'<div style="{style}">{formula}</div>'
                self.picture.value = image(self.png(), self.alt, self.figure)
        except Exception:
            self.fail()
            raise

    def fail(self):
        """Show the error that is being handled in place of the picture."""
        self.picture.value = f'<pre style="color: {ERROR}">{html.escape(traceback.format_exc())}</pre>'

    def png(self):
        """The picture as PNG bytes."""
        return self.stage.png()

    def _repr_mimebundle_(self, **kwargs):
        bundle = dict(super()._repr_mimebundle_(**kwargs))
        still = self.formula.value + image(small(self.png()), self.alt, self.figure)
        return bundle | {"text/html": still, "text/plain": self.alt}


class Stage:
    """A figure of which what stands still is drawn once and kept, so that a new picture costs only what moves."""

    def __init__(self, figure, moving):
        self.figure, self.moving, self.canvas, self.background = figure, moving, FigureCanvasAgg(figure), None
        self.letters = Letters(self.canvas)
        for artist in moving:
            artist.set_animated(True)
            artist.set_in_layout(False)  # the panels stay where they are, whatever is drawn first

    def png(self):
        """The picture as PNG bytes."""
        return encoded(self.pixels())

    def pixels(self):
        """The picture (rows, columns, 4), which the next one overwrites."""
        with ours():
            if self.background is None:
                self.canvas.draw()
                self.figure.set_layout_engine("none")
                self.background = self.canvas.copy_from_bbox(self.figure.bbox)
            self.canvas.restore_region(self.background)
            for artist in self.moving:
                self.letters.draw(artist) if isinstance(artist, Text) else self.figure.draw_artist(artist)
            return np.asarray(self.canvas.buffer_rgba())


def encoded(pixels):
    """Pixels (rows, columns, 4) as PNG bytes, without the search for a filter that takes Pillow as long again."""
    rows, columns, _ = pixels.shape
    lines = np.zeros((rows, 1 + 3 * columns), np.uint8)  # before each row a 0: no filter
    for channel in range(3):  # six times as fast as all three at once
        lines[:, 1 + channel :: 3] = pixels[:, :, channel]
    header = struct.pack(">IIBBBBB", columns, rows, 8, 2, 0, 0, 0)
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(lines, 1)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks)
