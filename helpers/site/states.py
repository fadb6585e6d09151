"""The pictures of an explorer for every stop of its main controls, drawn by the explorer itself."""

import base64
import io
import itertools
import json
import math

import ipywidgets as widgets
import numpy as np
from PIL import Image

from helpers.explorers.base import Explorer

MOST, LEAST, FINEST = 405, 9, 41  # pictures of one explorer; stops of one slider, at least and at most
COLOURS = 128
LESS = {  # where the first controls are not the main ones: how many stops of each, for a list the first so many
    "explore_network": {"knob": 9, "value": 11, "activation": 3},
    "explore_patients": {"patient": 99, "array": 99, "epsilon": 4},
    "explore_criteria": {"performance": 3, "ease": 3, "maintenance": 3, "documentation": 3, "compatibility": 3},
    "explore_occlusion": {"digit": 2, "network": 2, "row": 10, "column": 10},
}


def is_list(control):
    """Whether it is a list to choose from, and no slider."""
    return hasattr(control, "options")


def positions(number):
    """How many places a slider has."""
    return round((number.slider.max - number.slider.min) / number.slider.step) + 1


def shares(name, control):
    """{control: how many stops} of the controls that move, the first ones, so that there are not too many pictures."""
    if name in LESS:
        return {key: min(many, len(control[key].options)) if is_list(control[key]) else many
                for key, many in LESS[name].items() if key in control}
    chosen, least = {}, 1
    for key, one in control.items():
        fewest = len(one.options) if is_list(one) else min(LEAST, positions(one))
        if least * fewest <= MOST:
            chosen[key], least = fewest, least * fewest
    sliders = [key for key in chosen if not is_list(control[key])]
    for i, key in enumerate(sliders):  # what is left over is shared evenly
        others = math.prod(many for other, many in chosen.items() if other not in sliders[i:])
        chosen[key] = min(positions(control[key]), FINEST, max(LEAST, int((MOST / others) ** (1 / len(sliders[i:])))))
    return chosen


def stops(control, many, also):
    """The values at which a control stops: its ends, steps between, and the values `also`."""
    if is_list(control):
        return list(control.options)[:many]
    slider, low, high = control.slider, control.box.min, control.box.max
    if isinstance(slider, widgets.FloatLogSlider):
        between = [float(f"{value:.2g}") for value in np.geomspace(10**slider.min, 10**slider.max, many)]
    else:
        places = np.round(np.linspace(0, positions(control) - 1, many))
        between = [float(f"{low + place * slider.step:.4g}") for place in places]
    near = math.log if low > 0 and isinstance(slider, widgets.FloatLogSlider) else float
    # One that has to be there takes the place of the one beside it.
    replaced = {min(between[1:-1], key=lambda other: abs(near(other) - near(value)), default=None)
                for value in {*also} - {low, high, *between}}
    return sorted({low, high, *also, *(min(max(value, low), high) for value in between if value not in replaced)})


class Recording:
    """An explorer on a page: which controls stop where, and the picture and the words of every combination."""

    def __init__(self, explorer, name):
        self.explorer, self.name, self.defaults = explorer, name, dict(explorer.defaults)
        many = shares(name, explorer.control)
        self.moves = self.followers(many)
        self.stops = {}
        for key, share in many.items():
            also = [self.defaults[key], *(to[key] for to in self.moves.values() if key in to)]
            self.stops[key] = stops(explorer.control[key], share, [] if is_list(explorer.control[key]) else also)
        sliders = [key for key in self.stops if not is_list(explorer.control[key])]
        self.fast = max(sliders or self.stops, key=lambda key: len(self.stops[key]))
        self.background()

    def followers(self, many):
        """{(control, option): {other control: the value it goes to}}, where choosing moves the others."""
        found = {}
        for key in many:
            for option in self.explorer.control[key].options if is_list(self.explorer.control[key]) else []:
                self.go(**{key: option})
                found[key, option] = {other: value for other, value in self.explorer.values.items()
                                      if other != key and value != self.defaults[other]}
        self.go()
        return {key: moved for key, moved in found.items() if moved}

    def go(self, **settings):
        """Set the controls, from where the explorer was opened; its picture is not encoded."""
        self.explorer.png = lambda: b""
        if type(self.explorer).set is Explorer.set:
            self.explorer.set(**self.defaults | settings)
        else:  # some remember what was set before
            self.explorer.set(**self.defaults)
            self.explorer.set(**settings)

    def pixels(self):
        """The picture of the moment (rows, columns, 3)."""
        return self.explorer.stage.pixels()[:, :, :3].copy()

    def background(self):
        """What stands still, and the colours of all pictures, taken from a few of them."""
        stage, some = self.explorer.stage, []
        self.go()
        some.append(self.pixels())
        stage.canvas.restore_region(stage.background)
        still = np.asarray(stage.canvas.buffer_rgba())[:, :, :3].copy()
        for i in range(4):  # corners, and places between
            self.go(**{key: values[(i * (len(values) - 1)) // 3] for key, values in self.stops.items()})
            some.append(self.pixels())
        self.palette = Image.fromarray(np.concatenate([still, *some])).quantize(COLOURS, dither=Image.Dither.NONE)
        colours = self.palette.getpalette()[: 3 * COLOURS]
        self.colours = np.array(colours + [0] * (3 * COLOURS - len(colours)), np.uint8).reshape(-1, 3)
        self.colours[(self.colours > 247).all(axis=1)] = 255  # paper stays white, though the mean of its corner is not
        self.still = self.indices(still)
        self.size = still.shape[1], still.shape[0]

    def indices(self, pixels):
        """Each pixel's place in the palette."""
        return np.asarray(Image.fromarray(pixels).quantize(palette=self.palette, dither=Image.Dither.NONE))

    def base(self):
        """What stands still in every picture, as WebP."""
        return webp(self.colours[self.still])

    def state(self, **settings):
        """(formula, alt, WebP of what moves) with the controls at these values."""
        self.go(**settings)
        found = self.indices(self.pixels())
        layer = np.zeros((*found.shape, 4), np.uint8)
        moved = found != self.still
        layer[moved, :3], layer[moved, 3] = self.colours[found[moved]], 255
        return self.explorer.formula.value, self.explorer.alt, webp(layer)

    def rows(self):
        """(place of all controls but the quick one, the states along that one) for all combinations."""
        others = [key for key in self.stops if key != self.fast]
        for places in itertools.product(*(range(len(self.stops[key])) for key in others)):
            settings = {key: self.stops[key][place] for key, place in zip(others, places)}
            yield "-".join(map(str, places)) or "0", [self.state(**settings, **{self.fast: value})
                                                      for value in self.stops[self.fast]]

    def controls(self):
        """What a page shows of each control that moves."""
        return [{"name": key, "label": label(self.explorer.control[key]), "start": values.index(self.defaults[key]),
                 "kind": "list" if is_list(self.explorer.control[key]) else "slider", "stops": [*map(said, values)]}
                for key, values in self.stops.items()]

    def data(self, place):
        """What the page's script needs to know, as JSON."""
        names = list(self.stops)
        moves = [[names.index(key), self.stops[key].index(option), names.index(other), self.stops[other].index(value)]
                 for (key, option), moved in self.moves.items() for other, value in moved.items() if other in names]
        told = {"place": place, "fast": names.index(self.fast), "moves": moves,
                "stops": [[*map(said, values)] for values in self.stops.values()],
                "width": round(self.explorer.figure.get_figwidth() * 100), "size": self.size}
        return json.dumps(told, ensure_ascii=False).replace("<", "\\u003c")

    def note(self):
        """What moves on the page, and what waits for a kernel."""
        control = self.explorer.control
        more = [label(one) for key, one in control.items() if key not in self.stops]
        more += [f"more of “{label(control[key])}”" for key, values in self.stops.items()
                 if is_list(control[key]) and len(values) < len(control[key].options)]
        more += [f"the button {button.description}" for button in pressed(self.explorer)]
        words = "Each stop shows what the notebook’s own code drew there. "
        rest = "the values between the stops" if any(not is_list(control[key]) for key in self.stops) else ""
        also = listed([*more, rest])
        return words + (f"With a kernel, in the notebook, you also have {also}." if also else "")

    def write(self, folder):
        """Write the still part and every row into a folder of their own → how many states, how many bytes."""
        folder.mkdir(parents=True)
        (folder / "base.webp").write_bytes(self.base())
        many = 0
        for place, states in self.rows():
            packed = [[formula, alt, base64.b64encode(picture).decode()] for formula, alt, picture in states]
            words = json.dumps([folder.name, place, packed], ensure_ascii=False)
            (folder / f"{place}.js").write_text(f"weightForWeight.row({words[1:-1]});\n", encoding="utf-8")
            many += len(states)
        return many, sum(file.stat().st_size for file in folder.iterdir())


def pressed(explorer):
    """The buttons of an explorer that do what only a kernel can."""
    row = explorer.children[0].children
    return [w for w in row if isinstance(w, widgets.Button) and w.description not in ("Reset", "Clear")]


def label(control):
    """What a control is called."""
    words = control.description if is_list(control) else control.box.description
    return words.rstrip(":")


def listed(words):
    """Words in a row: a, b and c."""
    *some, end = [word for word in words if word] or [""]
    return f"{', '.join(some)} and {end}" if some else end


def said(value):
    """A stop in words."""
    if not isinstance(value, float):
        return str(value)
    return (f"{value:,.0f}" if abs(value) >= 1e4 else f"{value:.4g}").replace("-", "−")


def webp(pixels):
    """Pixels (rows, columns, 3 or 4) as WebP bytes, nothing lost."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "webp", lossless=True, method=2, quality=50)
    return buffer.getvalue()
