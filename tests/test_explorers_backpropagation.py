"""Walk back: at every step the numbers of this step and before, right, spelled out, and none of what is to come."""

import math
import re
import warnings

import numpy as np
import pytest

from helpers.data import tiny
from helpers.explorers.backpropagation import STEPS, explore_chain_rule
from helpers.figures.words import fitted

ORDER = ["Z1", "A1", "Z2", "A2", "L", "dA2", "dZ2", "dW2", "dA1", "dZ1", "dW1"]


def by_hand(x1, x2, y, w):
    """Every number there and back in plain Python, in lists of the arrays' shapes."""
    _, b, c, d, e, f, g, h, i = map(float, tiny.network()[0])
    z = [x1 * w + x2 * c + e, x1 * b + x2 * d + f]
    a = [1 / (1 + math.exp(-v)) for v in z]
    y_hat = a[0] * g + a[1] * h + i
    dy = y_hat - y
    da = [dy * g, dy * h]
    dz = [da[k] * a[k] * (1 - a[k]) for k in (0, 1)]
    return {"Z1": z, "A1": a, "Z2": [y_hat], "A2": [y_hat], "L": (y - y_hat) ** 2 / 2, "dA2": [dy], "dZ2": [dy], "dW2": [a[0] * dy, a[1] * dy],
            "db2": [dy], "dA1": da, "dZ1": dz, "dW1": [x1 * dz[0], x1 * dz[1], x2 * dz[0], x2 * dz[1]], "db1": dz}


def check(explorer):
    step, values = round(explorer.values["step"]), dict(explorer.values)
    expected = by_hand(**{name: values[name] for name in ("x1", "x2", "y", "w")})
    shown = {name for name in expected if name.replace("db", "dW") in ORDER[:step]}
    texts = {name: text.get_text() for name, text in explorer.graph.text.items()}
    for name, numbers in expected.items():
        written = [words.split(" = ")[-1] for key, words in texts.items() if key.partition("[")[0] == name and words]
        assert written == ([fitted(v, 4 if name == "L" else 3) for v in np.ravel(numbers)] if name in shown else []), (step, name)
        drawn = explorer.drawn["values"]
        keys = [key for key in drawn if key.partition("[")[0] in (name, name.lower())]
        assert bool(keys) == (name in shown)
        if keys:
            assert np.allclose(np.concatenate([np.ravel(drawn[key]) for key in keys]), np.ravel(numbers))
    bold = {key.partition("[")[0] for key, text in explorer.graph.text.items() if text.get_text() and text.get_fontweight() == "bold"}
    assert bold == set(STEPS[step].split(" and ")), "what is computed now stands out"
    assert f"Step {step} of 11, {'forward' if step < 6 else 'back'}:" in explorer.formula.value
    assert f"step {step}:" in explorer.alt
    for name in shown:
        assert fitted(np.ravel(expected[name])[-1]) in explorer.alt
    return expected


def test_everything_follows_at_every_step():
    rng, explorer, pictures = np.random.default_rng(0), explore_chain_rule(), set()
    limits = {"x1": 3.0, "x2": 3.0, "y": 2.0, "w": 3.0}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(200):
            name = str(rng.choice(["step", "step", "step", *limits]))
            reach = limits.get(name)
            value = float(rng.integers(12) if reach is None else rng.choice([-reach, 0, reach, *rng.uniform(-reach, reach, 3).round(2)]))
            explorer.control[name].value = value
            check(explorer)
            pictures.add(explorer.picture.value)
    assert len(pictures) > 100


def test_the_walk_there_and_back_uncovers_one_thing_after_the_other():
    explorer, alts, counts = explore_chain_rule(step=0), set(), []
    for step in [*range(12), *range(10, -1, -1)]:
        explorer.set(step=step)
        check(explorer)
        alts.add(explorer.alt)
        counts.append(sum(bool(text.get_text()) for name, text in explorer.graph.text.items() if not name.startswith("how")))
    assert len(alts) == 12 and counts[:12] == sorted(set(counts[:12])) and counts[12:] == counts[10::-1]


def test_the_step_is_spelled_out_with_its_numbers():
    words = [explore_chain_rule(step=step).formula.value for step in range(12)]
    assert "z₁ = x₁ w₁₁ + x₂ w₂₁ + b₁₁ = 1.0 · 0.50 + 2.0 · 0.20 + (−0.40) = 0.500" in words[1]
    assert "a₂ = σ(z₂) = σ(0.600) = 0.646" in words[2] and "0.622 · 0.80 + 0.646 · (−0.60) + 0.30 = 0.411" in words[3]
    assert "L = ½ (y − ŷ)² = ½ (1.0 − 0.411)² = 0.1737" in words[5] and "dŷ = ŷ − y = 0.411 − 1.0 = −0.589" in words[6]
    assert "dv₁ = a₁ · dz = 0.622 · (−0.589) = −0.367" in words[8] and "da₂ = v₂ · dz = −0.60 · (−0.589) = 0.354" in words[9]
    assert "dz₁ = σ′(z₁) · da₁ = 0.235 · (−0.472) = −0.111" in words[10] and "dw₂₁ = x₂ · dz₁ = 2.0 · (−0.111) = −0.222" in words[11]


@pytest.mark.parametrize("step, name, layer", [(8, "dW2", 2), (9, "dA1", 2), (11, "dW1", 1)])
def test_on_an_edge_stands_local_slope_times_incoming_gradient(step, name, layer):
    explorer = explore_chain_rule(step=step, x1=0.7, x2=-1.3, y=-0.4, w=1.1)
    expected = by_hand(0.7, -1.3, -0.4, 1.1)
    how = {key: text.get_text() for key, text in explorer.graph.text.items() if key.startswith("how W") and text.get_text()}
    assert len(how) == len(np.ravel(expected[name])) and all(key.startswith(f"how W{layer}[") for key in how)
    products = [math.prod(float(n.replace("−", "-")) for n in re.findall(r"−?\d+\.\d+", words)) for words in how.values()]
    assert np.allclose(products, np.ravel(expected[name]), atol=5e-3)
    assert explorer.drawn["how"] == {key.removeprefix("how "): words for key, words in how.items()}


def test_what_stands_beside_the_edges_of_the_first_layer_hides_no_edge_and_nothing_else():
    explorer = explore_chain_rule(step=11)
    explorer.figure.canvas.draw()
    graph = explorer.graph
    boxes = {name: text.get_window_extent() for name, text in graph.text.items() if text.get_text()}
    on_edges = [name for name in boxes if "W1[" in name]
    assert len(on_edges) == 12
    for name in on_edges:
        assert not [other for other, box in boxes.items() if other != name and box.shrunk(0.9, 0.7).overlaps(boxes[name].shrunk(0.9, 0.7))], name
        assert not [edge for edge, line in graph.line.items() if edge.startswith("W1[")
                    and line.get_path().transformed(line.get_transform()).intersects_bbox(boxes[name].shrunk(1, 0.7), filled=False)], name


def test_at_the_target_no_slope_is_left():
    y_hat = by_hand(1.0, 2.0, 0.0, 0.5)["A2"][0]
    grads = explore_chain_rule(y=y_hat).drawn["grads"]
    assert all(np.allclose(slope, 0, atol=1e-12) for slope in grads.values())
    shown = explore_chain_rule(y=round(y_hat, 2)).drawn
    assert shown["L"] < 5e-7 and all(np.abs(slope).max() < 0.001 for slope in shown["grads"].values())


def test_a_flat_sigmoid_is_called_flat():
    assert "so flat at 9.200" in explore_chain_rule(step=10, x1=3.0, x2=3.0, w=3.0).alt
    assert "flat" not in explore_chain_rule(step=10).alt


@pytest.mark.parametrize("step", [STEPS.index("dW2 and db2"), STEPS.index("dA1"), len(STEPS) - 1])
def test_no_number_lies_on_an_edge_into_the_output(step):
    graph = explore_chain_rule(step=step).graph
    graph.ax.figure.draw_without_rendering()
    for name, text in graph.text.items():
        for j in (0, 1):
            edge = graph.line[f"W2[{j},0]"]
            assert not text.get_text() or not edge.get_path().transformed(edge.get_transform()).intersects_bbox(text.get_window_extent(), filled=False), name
