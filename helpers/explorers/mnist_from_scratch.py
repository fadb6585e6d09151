"""The first explorer of notebook 06: the real network trains while you watch, and α stays under your finger."""

import threading
import time

import ipywidgets as widgets
import numpy as np

from helpers.activations import identity
from helpers.explorers.base import ACTIVATIONS, OPTIMIZERS, SIZES, Explorer, Number, choice
from helpers.figures.style import ERROR, FAINT, FORWARD, INK, TARGET, canvas
from helpers.figures.words import percent
from helpers.losses import cross_entropy
from helpers.network import forward, gradient
from helpers.optimizers import remember
from helpers.parameters import glorot, layers, views
from helpers.training import accuracy, confusion, minibatches, one_hot

SEEN = 1000  # validation images that the accuracy and the confusion matrix are taken from
UNITS = (4, 10)  # rows and columns of first-layer weights
SECONDS, SOON = 0.2, 0.02  # from picture to picture, and from a control that moves to the next picture
ASK, UNSEEN = 10, 180  # seconds: from one question whether anybody looks to the next, and without an answer
L_RANGE = (1e-2, 1e1)


def functions(activation):
    """The activation of each layer; the last has none, because the loss brings its softmax."""
    return [ACTIVATIONS[activation]] * (len(SIZES) - 2) + [identity]


class Run:
    """One training of the network, a step at a time: θ, what the optimizer remembers, and what has been seen so far."""

    def __init__(self, X, labels, dtype, seed=0):
        self.X, self.Y, self.rng = X, one_hot(labels, SIZES[-1], X.dtype), np.random.default_rng(seed)
        self.theta = glorot(SIZES, self.rng, dtype)
        self.grad = np.zeros_like(self.theta)
        self.queue, self.losses, self.accuracies = [], [], []
        self.optimizer = self.batch = None  # of the step before; the first step remembers and deals

    def network(self, activation):
        """The layers of the moment."""
        return layers(self.theta, SIZES, functions(activation))

    def step(self, learning_rate, batch, optimizer, activation):
        """One mini-batch: forward, loss, backward, update."""
        if optimizer != self.optimizer:  # one rule's m is of no use to another: it may point uphill
            self.optimizer, self.memory = optimizer, remember(self.theta)
        if not self.queue or batch != self.batch:
            self.batch, self.queue = batch, minibatches(len(self.X), batch, self.rng)
        chosen = self.queue.pop()
        X, Y = self.X[chosen], self.Y[chosen]
        _, loss = gradient(self.theta, SIZES, functions(activation), X, Y, cross_entropy, self.grad)
        OPTIMIZERS[optimizer](self.theta, self.grad, learning_rate, self.memory)
        self.losses.append(loss)


class Cockpit(Explorer):
    """Start, pause, step and reset a training; every control acts on the very next step.

    The training has a thread of its own, so the kernel stays free for other cells.
    """

    running = None  # the one cockpit that trains; starting another pauses it

    def __init__(self, data, **settings):
        if not len(data.X_validation):
            raise ValueError("data: got no validation images, wanted some, as from load(validation=5000)")
        self.data, self.lock, self.thread = data, threading.RLock(), None
        self.due = 0.0  # when the next picture is
        self.prepare()
        super().__init__(**settings)
        self.start_button = widgets.Button(description="Start", button_style="primary", layout={"width": "6em"})
        self.step_button = widgets.Button(description="Step", tooltip="One mini-batch", layout={"width": "6em"})
        self.start_button.on_click(lambda _: self.pause() if self.training else self.start())
        self.step_button.on_click(lambda _: self.step())
        row = self.children[0]
        row.children = (self.start_button, self.step_button, row.children[-1], *row.children[:-1])

    def prepare(self):
        """A fresh network after one hundred steps of Adam, in float64 so that every machine opens on the same picture."""
        self.run = Run(self.data.X_train, self.data.labels_train, np.float64)
        self.look("ReLU")
        for _ in range(10):
            for _ in range(10):
                self.run.step(0.001, 32, "Adam", "ReLU")
            self.look("ReLU")
        self.run.theta = self.run.theta.astype(np.float32)
        self.run.grad, self.run.optimizer = np.zeros_like(self.run.theta), None
        self.run.batch = None

    def controls(self):
        return {
            "learning_rate": Number("α", 0.001, 1e-5, 10, step=1e-5, log=True),
            "optimizer": choice("optimizer", list(OPTIMIZERS), "Adam"),
            "batch": choice("batch", [8, 32, 128, 512], 32),
            "activation": choice("activation", ["ReLU", "sigmoid"]),
        }

    def build(self):
        figure, axes = canvas(9.6, 5.6, columns=2, rows=2, width_ratios=[1.15, 1])
        (top, side), (bottom, table) = axes
        figure.get_layout_engine().set(hspace=0.08, wspace=0.06)
        top.set(title="loss", yscale="log", xlim=(0, 1), ylim=L_RANGE, xticks=[])
        bottom.set(title="accuracy on unseen digits", xlim=(0, 1), ylim=(0, 1), yticks=[0, 0.5, 1], yticklabels=["0", "50 %", "100 %"], xticks=[])
        bottom.set_xlabel("training so far", loc="left")
        (self.raw,) = top.plot([], [], color=FAINT, linewidth=0.8)
        (self.smooth,) = top.plot([], [], color=ERROR)
        (self.line,) = bottom.plot([], [], color=FORWARD)
        self.words = bottom.text(1, -0.02, "", ha="right", va="top", fontsize=12.5, color=INK)  # where no curve comes
        rows, columns = UNITS
        self.weights = side.imshow(np.zeros((rows * 29, columns * 29)), cmap="PuOr_r", vmin=-0.2, vmax=0.2)
        side.set_title("what the first neurons look for")
        side.axis("off")
        self.cells = table.imshow(np.zeros((10, 10)), cmap="Blues", vmin=0, vmax=1)
        table.set(title="is a (row), read as (column)", xticks=range(10), yticks=range(10))
        table.tick_params(length=0)
        self.moving = [self.raw, self.smooth, self.line, self.words, self.weights, self.cells]
        return figure

    def look(self, activation):
        """Take the accuracy and the confusion of the moment."""
        Z, _ = forward(self.run.network(activation), self.data.X_validation[:SEEN])
        predicted, labels = np.nan_to_num(Z).argmax(axis=1), self.data.labels_validation[:SEEN]
        self.run.accuracies.append((len(self.run.losses), accuracy(predicted, labels)))
        self.table = confusion(predicted, labels, SIZES[-1])

    def draw(self, learning_rate, optimizer, batch, activation):
        losses = np.array(self.run.losses)
        steps, share = len(losses), self.run.accuracies[-1][1]
        x = np.arange(1, steps + 1) / steps
        thin = slice(None, None, max(1, steps // 1000))
        window = max(1, steps // 40)
        smooth = np.convolve(np.nan_to_num(losses, nan=L_RANGE[1]), np.ones(window) / window, mode="valid")
        self.raw.set_data(x[thin], np.clip(losses[thin], *L_RANGE))
        self.smooth.set_data(x[window - 1 :][thin], np.clip(smooth[thin], *L_RANGE))
        self.line.set_data([at / steps for at, _ in self.run.accuracies], [value for _, value in self.run.accuracies])
        self.weights.set_data(self.mosaic())
        self.cells.set_data(self.table / np.maximum(self.table.sum(axis=1, keepdims=True), 1))
        lost = not np.isfinite(smooth[-1]) or not np.isfinite(self.run.theta[:1000]).all()
        loss = "not a number: α was too large, press Reset" if lost or not np.isfinite(losses[-1]) else f"{smooth[-1]:.3f}"
        self.words.set(text=f"{percent(share, 1)} after {steps:,} steps", color=TARGET if share > 0.97 else INK)
        self.drawn = {"losses": losses, "accuracy": share, "table": self.table}
        formula = f"θ ← θ − α · ({optimizer} of ∇L) with α = {learning_rate:.3g}, batches of {batch}: loss {loss}, {self.data.name}"
        alt = f"Training on {self.data.name}, {optimizer}, α = {learning_rate:.3g}, batch {batch}, {activation}: after {steps:,} steps loss {loss}, accuracy {share:.1%}."
        return formula, alt

    def mosaic(self):
        """The weights into the first neurons as pictures side by side, on one scale."""
        rows, columns = UNITS
        W = views(self.run.theta, SIZES)[0][0][:, : rows * columns]
        tiles = np.zeros((rows, columns, 29, 29))
        tiles[:, :, :28, :28] = np.nan_to_num(W.T.reshape(rows, columns, 28, 28))
        return tiles.transpose(0, 2, 1, 3).reshape(rows * 29, columns * 29)

    @property
    def training(self):
        """Whether a training is under way."""
        return self.thread is not None and self.thread.is_alive()

    def redraw(self, change=None):
        """While the training runs, its thread draws, and draws soon where a control has moved."""
        if not self.training or threading.current_thread() is self.thread:
            with self.lock:
                super().redraw(change)
        else:
            self.due = min(self.due, time.perf_counter() + SOON)

    def start(self):
        """Go on training; pauses any other cockpit, and does nothing where this one trains already."""
        if self.training:
            return
        if Cockpit.running is not None:
            Cockpit.running.pause()
        Cockpit.running, self.go = self, True
        self.start_button.description = "Pause"
        self.thread = threading.Thread(target=self.train, daemon=True)
        self.thread.start()

    def train(self):
        """The thread: steps without end, and a picture five times a second, for at most an eighth of the time."""
        self.due = time.perf_counter() + SECONDS
        looked, ask = time.perf_counter(), time.perf_counter() + ASK
        try:
            while self.go:
                if time.perf_counter() > ask:
                    if self.access.seen == self.access.asked:
                        looked = time.perf_counter()
                    self.access.asked += 1
                    ask += ASK
                    if ask - looked > UNSEEN:
                        self.go = False
                        self.formula.value += "<p>Paused, because nobody was looking.</p>"
                        break
                with self.lock, np.errstate(all="ignore"):
                    self.run.step(**self.values)
                    now = time.perf_counter()
                    if now >= self.due:
                        values = self.values
                        self.look(values["activation"])
                        self.redraw()
                        spent = time.perf_counter() - now
                        moved = self.values != values  # while it was being drawn
                        self.due = now + spent + SOON if moved else now + max(SECONDS, 7 * spent)
        except Exception:
            self.fail()
            raise
        finally:
            self.start_button.description = "Start"

    def let_go(self):
        """As every explorer, once the training has stopped."""
        self.go = False
        if self.training:
            self.thread.join()
        if Cockpit.running is self:
            Cockpit.running = None
        super().let_go()

    def pause(self):
        """Stop after the step that is under way, and show where it stands."""
        self.go = False
        if self.training and threading.current_thread() is not self.thread:
            self.thread.join()
        self.show_now()

    def step(self):
        """One mini-batch, then a picture."""
        self.pause()
        try:
            with np.errstate(all="ignore"):
                self.run.step(**self.values)
        except Exception:
            self.fail()
            raise
        self.show_now()

    def show_now(self):
        """Measure and draw the state of the moment."""
        with np.errstate(all="ignore"):
            self.look(self.values["activation"])
            self.redraw()

    def set(self, **settings):
        """Set controls by name; called with the defaults, as Reset does, it also begins with a fresh network."""
        if settings and settings == self.defaults:
            self.go = False
            if self.training:
                self.thread.join()
            self.prepare()
        super().set(**settings)


def explore_training(data, **settings):
    """Train on `data` from mnist.load and steer. Settings, all optional: learning_rate, optimizer, batch, activation."""
    return Cockpit(data, **settings)
