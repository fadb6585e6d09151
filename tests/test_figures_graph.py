"""The graph of a network shows the numbers of forward and backward, each at its place, and says them."""

import math

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from helpers.data import tiny
from helpers.activations import identity, relu, sigmoid
from helpers.explorers.backpropagation import explore_chain_rule
from helpers.explorers.forward_propagation import explore_network
from helpers.figures.graph import Graph, called, network_graph, size
from helpers.figures.words import bracket, fitted, given, number
from helpers.figures.style import BACKWARD, WEIGHTS, canvas
from helpers.losses import mse, mse_grad
from helpers.network import backward, forward
from helpers.parameters import layers, views

WIDE = [3, 4, 3, 2]  # sizes that all differ from their neighbours


def by_hand(theta, x, y):
    """Every number of the 2-2-1 network in plain Python, by the name that the graph has for it."""
    w = dict(zip("abcdefghi", map(float, theta)))  # W1 a b / c d, b1 e f, W2 g h, b2 i
    z = [x[0] * w["a"] + x[1] * w["c"] + w["e"], x[0] * w["b"] + x[1] * w["d"] + w["f"]]
    a = [1 / (1 + math.exp(-v)) for v in z]
    y_hat = a[0] * w["g"] + a[1] * w["h"] + w["i"]
    dy = y_hat - y
    da = [dy * w["g"], dy * w["h"]]
    dz = [da[k] * a[k] * (1 - a[k]) for k in (0, 1)]
    return {"z1[0]": z[0], "z1[1]": z[1], "a1[0]": a[0], "a1[1]": a[1], "z2[0]": y_hat, "a2[0]": y_hat, "L": (y - y_hat) ** 2 / 2,
            "dA2": [[dy]], "dZ2": [[dy]], "dW2": [[a[0] * dy], [a[1] * dy]], "db2": [dy], "dA1": [da], "dZ1": [dz],
            "dW1": [[x[0] * dz[0], x[0] * dz[1]], [x[1] * dz[0], x[1] * dz[1]]], "db1": dz}


def walk(net, x, y):
    """What `network_graph` takes: one trip there and back with the helpers."""
    Y_hat, cache = forward(net, x)
    shapes = [W.shape[1] for W, _, _ in net]
    flat = np.zeros(sum(W.size + b.size for W, b, _ in net))
    pairs = views(flat, [len(net[0][0]), *shapes])
    backward(net, cache, mse_grad(Y_hat, y), pairs)
    slopes = {f"d{name}{i}": value for i, pair in enumerate(pairs, start=1) for name, value in zip("Wb", pair)}
    dA = mse_grad(Y_hat, y)
    for i, (W, _, f) in reversed(list(enumerate(net, start=1))):
        dZ = slopes[f"db{i}"][None]  # of one example
        slopes |= {f"dA{i}": dA, f"dZ{i}": dZ}
        dA = dZ @ W.T
    return cache, Y_hat, slopes


def texts(picture):
    return [text for text in picture.figure.axes[0].texts if text.get_text()]


def tiny_picture():
    x, y = tiny.X[:1], tiny.Y[:1]
    net = tiny.network()[1]
    cache, Y_hat, slopes = walk(net, x, y)
    return network_graph(net, cache, Y_hat, y, slopes)


def test_the_numbers_are_those_of_plain_python():
    picture, expected = tiny_picture(), by_hand(tiny.network()[0], tiny.X[0], tiny.Y[0, 0])
    for name, value in expected.items():
        assert np.allclose(picture.drawn[name], value), name
    for (j, k), weight in np.ndenumerate([[0.5, -0.3], [0.2, 0.4]]):
        assert picture.drawn[f"W1[{j},{k}]"] == weight
    assert {name[:2] for name in picture.drawn} == {"W1", "W2", "z1", "z2", "a1", "a2", "L", "dA", "dZ", "dW", "db"}


def test_every_number_is_written_once_and_where_it_belongs():
    picture = tiny_picture()
    at = {}
    for text in texts(picture):
        at.setdefault(text.get_text(), []).append(text.get_position())
    assert len(at["x₁ = 1.0"]) == len(at["x₂ = 2.0"]) == len(at["y = 1.0"]) == len(at["L = 0.1737"]) == 1
    (z,), (da,), (b,), (db,) = at["z = 0.500"], at["da = −0.472"], at["b₁₁ = −0.40"], at["db₁₁ = −0.111"]
    assert z[0] == da[0] == b[0] == db[0] and z[1] > da[1] > b[1] > db[1], "a node's numbers stand in its column, slopes below"
    (upper,), (lower,) = at["v₁ = 0.80"], at["v₂ = −0.60"]
    assert upper[1] > lower[1] and lower[0] < upper[0]
    for name, weight, slope in (("w₁₁", "0.50", "−0.111"), ("w₁₂", "−0.30", "0.081"), ("w₂₁", "0.20", "−0.222"), ("v₁", "0.80", "−0.367"), ("v₂", "−0.60", "−0.381")):
        weight, slope = f"{name} = {weight}", f"d{name} = {slope}"
        assert at[weight][0][0] == at[slope][0][0] and 0 < at[weight][0][1] - at[slope][0][1] < 0.3, "each slope below its weight"
    colours = {text.get_text(): to_hex(text.get_color()).upper() for text in texts(picture)}
    assert colours["w₁₁ = 0.50"] == colours["b₁₂ = 0.10"] == WEIGHTS and colours["dw₂₁ = −0.222"] == colours["dŷ = −0.589"] == BACKWARD


def test_each_of_the_nine_numbers_has_its_name_and_other_networks_have_none():
    assert [called(name) for name in ("W1[0,0]", "W1[0,1]", "W1[1,0]", "W1[1,1]", "b1[0]", "b1[1]", "W2[0,0]", "W2[1,0]", "b2[0]")] == \
        ["w₁₁", "w₁₂", "w₂₁", "w₂₂", "b₁₁", "b₁₂", "v₁", "v₂", "b₂"]
    written = {text.get_text() for text in texts(tiny_picture())}
    assert {"w₁₁ = 0.50", "w₁₂ = −0.30", "w₂₁ = 0.20", "w₂₂ = 0.40", "b₁₁ = −0.40", "b₁₂ = 0.10", "v₁ = 0.80", "v₂ = −0.60", "b₂ = 0.30"} <= written
    assert {"dw₁₁ = −0.111", "dw₁₂ = 0.081", "dw₂₁ = −0.222", "dv₁ = −0.367", "db₂ = −0.589"} <= written
    net = layers(np.ones(39), WIDE, [relu, sigmoid, identity])
    Y_hat, cache = forward(net, np.ones((1, 3)))
    assert {"1.00", "b = 1.00"} <= {text.get_text() for text in texts(network_graph(net, cache, Y_hat))}


def test_an_empty_graph_shows_what_is_given_alone():
    net = tiny.network()[1]
    Y_hat, cache = forward(net, tiny.X[:1])
    picture = network_graph(net, cache, Y_hat, tiny.Y[:1], shown=())
    assert "no number is computed yet" in picture.alt and "L" not in picture.drawn
    written = {text.get_text() for text in texts(picture)}
    assert {"x₂ = 2.0", "y = 1.0", "w₂₁ = 0.20", "b₂ = 0.30"} <= written
    assert not [words for words in written if words[0] in "zaLŷ"]


def test_a_number_that_is_asked_for_has_its_name_and_a_question_mark_where_it_will_stand():
    net = tiny.network()[1]
    Y_hat, cache = forward(net, tiny.X[:1])
    names = "z₁ z₂ a₁ a₂ ŷ dv₁ dv₂ db₂ dw₁₁ dw₁₂ dw₂₁ dw₂₂ db₁₁ db₁₂".split()
    picture = network_graph(net, cache, Y_hat, tiny.Y[:1], shown=(), asked=("Z1", "A1", "A2", "dW2", "db2", "dW1", "db1"))
    places = {text.get_text().removesuffix(" = ?"): text.get_position() for text in texts(picture) if text.get_text().endswith("?")}
    assert set(places) == set(names) and f"14 places have a question mark: {', '.join(names)}." in picture.alt
    answers = {text.get_text().partition(" = ")[0]: text.get_position() for text in texts(tiny_picture())}
    for name in names[4:]:  # the two hidden neurons call their z and a alike
        assert places[name] == answers[name], name


def test_edges_are_dashed_where_negative_and_thicker_where_larger():
    drawn = tiny_picture().figure.axes[0].lines
    assert {line.get_color() for line in drawn} == {WEIGHTS}
    assert [line.get_linestyle() == "--" for line in drawn] == [False, True, False, False, False, True]
    assert np.argsort([line.get_linewidth() for line in drawn]).tolist() == np.argsort(np.abs([0.5, -0.3, 0.2, 0.4, 0.8, -0.6])).tolist()


def test_the_words_tell_the_numbers():
    alt = tiny_picture().alt
    assert alt.startswith("Network graph for x = [1.0, 2.0]: z1[0] = 0.500, a1[0] = 0.622, z1[1] = 0.600, a1[1] = 0.646, z2[0] = 0.411")
    assert "L = 0.174; gradients" in alt and "dW1 = [[-0.111, 0.081], [-0.222, 0.162]]" in alt and "db2 = [-0.589]" in alt


def test_without_a_target_there_is_no_loss_and_without_gradients_none():
    net = tiny.network()[1]
    Y_hat, cache = forward(net, tiny.X[:1])
    picture = network_graph(net, cache, Y_hat)
    assert "L" not in picture.drawn and not [name for name in picture.drawn if name[0] == "d"] and "gradients" not in picture.alt
    assert not [text for text in texts(picture) if text.get_text()[0] in "dLy"]
    assert picture.png(50)


def test_a_network_of_any_size_fits_into_its_picture():
    rng = np.random.default_rng(0)
    net = layers(rng.normal(size=16 + 15 + 8), WIDE, [relu, sigmoid, identity])
    x, y = rng.normal(size=(1, 3)), rng.normal(size=(1, 2))
    cache, Y_hat, slopes = walk(net, x, y)
    picture = network_graph(net, cache, Y_hat, y, slopes)
    assert np.isclose(picture.drawn["L"], mse(Y_hat, y)) and np.array_equal(picture.drawn["dW2"], slopes["dW2"])
    assert np.isclose(picture.drawn["z2[2]"], (np.maximum(x @ net[0][0] + net[0][1], 0) @ net[1][0] + net[1][1])[0, 2])
    picture.png(50)
    frame = picture.figure.bbox
    for text in texts(picture):
        box = text.get_window_extent()
        assert frame.x0 <= box.x0 and box.x1 <= frame.x1 and frame.y0 <= box.y0 and box.y1 <= frame.y1, text.get_text()


@pytest.mark.parametrize("slopes", [False, True])
@pytest.mark.parametrize("sizes", [WIDE, [4, 1], [2, 2, 1]])
def test_nodes_stand_in_columns_from_left_to_right_and_hold_their_numbers(sizes, slopes):
    ax = Figure().subplots()
    net = layers(np.zeros(sum((m + 1) * k for m, k in zip(sizes, sizes[1:]))), sizes, [identity] * (len(sizes) - 1))
    graph = Graph(ax, net, loss=True, slopes=slopes)
    boxes = [patch.get_bbox() for patch in ax.patches if isinstance(patch, FancyBboxPatch)]
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    assert all(left < box.x0 and box.x1 < right and low < box.y0 and box.y1 < high for box in boxes)
    columns = [[box for box in boxes if box.x0 == x] for x in sorted({box.x0 for box in boxes})]
    assert [len(column) for column in columns] == sizes + [1], "a column for each layer, and the loss on the right"
    steps = np.diff([column[0].x0 for column in columns])
    assert min(steps) > 1.5 * boxes[0].width and np.allclose(steps[:-1], steps[0])
    for i, column in enumerate(columns[:-1]):
        middles = [(box.y0 + box.y1) / 2 for box in column]
        assert np.isclose(sum(middles), 0) and np.allclose(np.diff(middles), np.diff(middles)[:1])
        assert all(a.y0 > b.y1 for a, b in zip(column, column[1:])), "the first on top, and none touches the next"
        for unit, (box, middle) in enumerate(zip(column, middles)):
            inside = [f"x[{unit}]"] if i == 0 else [f"{name}{i}[{unit}]" for name in (["Z", "dZ", "A", "dA"] if slopes else "ZA")]
            places = [graph.text[name].get_position() for name in inside]
            heights = [y for _, y in places]
            assert np.allclose([x for x, _ in places], (box.x0 + box.x1) / 2) and np.isclose(np.mean(heights), middle)
            assert box.y0 < min(heights) and max(heights) < box.y1 and heights == sorted(heights, reverse=True)
            assert len(heights) == 1 or 0.25 < -np.diff(heights).max() and -np.diff(heights).min() < 0.4
    assert ("dA1[0]" in graph.text) == slopes


def test_what_stands_beside_a_small_graph_is_no_wider_than_it_needs():
    net = layers(np.zeros(9), [2, 2, 1], [identity] * 2)
    widths = [size(net)[0], size(net, slopes=True)[0], size(net, loss=True)[0], size(net, True, True)[0]]
    assert widths == sorted(set(widths)), "slopes need room on the edges, the loss more"
    heights = [size(net)[1], size(net, slopes=True)[1], size(layers(np.zeros(13), [2, 3, 1], [identity] * 2))[1]]
    assert heights == sorted(set(heights)) and heights[0] == size(net, loss=True)[1]


def test_an_edge_grows_with_its_weight_up_to_2():
    ax, widths = Figure().subplots(), []
    for w in (0.0, 0.5, -1.0, 2.0, 3.0):
        net = layers(np.array([w, 0.0]), [1, 1], [identity])
        graph = Graph(ax, net)
        graph.show(net, forward(net, np.ones((1, 1)))[1], np.ones((1, 1)))
        widths.append(graph.line["W1[0,0]"].get_linewidth())
    none, half, one, two, three = widths
    assert 0 < none < half < one < two == three
    assert np.isclose(half - none, (one - none) / 2) and np.isclose(one - none, (two - none) / 2)


def test_more_than_one_example_is_refused():
    net = tiny.network()[1]
    Y_hat, cache = forward(net, tiny.X)
    with pytest.raises(ValueError, match="Y_hat: got 3 examples, wanted 1"):
        network_graph(net, cache, Y_hat)


def test_a_graph_is_drawn_once_and_shows_only_what_it_is_asked_to():
    net = tiny.network()[1]
    cache, Y_hat, slopes = walk(net, tiny.X[:1], tiny.Y[:1])
    ax = Figure().subplots()
    graph = Graph(ax, net, loss=True, slopes=True)
    children = list(ax.get_children())
    drawn = graph.show(net, cache, Y_hat, tiny.Y[:1], slopes, shown={"Z1", "dZ1"}, now={"Z1"}, how={"W1[0,1]": "1 · 2", "f1[0]": "3 · 4"})
    assert set(drawn) == {"W1[0,0]", "W1[0,1]", "W1[1,0]", "W1[1,1]", "W2[0,0]", "W2[1,0]", "z1[0]", "z1[1]", "dZ1"}
    written = {name: text.get_text() for name, text in graph.text.items() if text.get_text()}
    assert written["Z1[1]"] == "z = 0.600" and written["dZ1[0]"] == "dz = −0.111" and "A1[0]" not in written and "L" not in written
    assert written["how W1[0,1]"] == "1 · 2" and written["f1[0]"] == "3 · 4" and written["f1[1]"] == "sigmoid"
    assert graph.text["Z1[0]"].get_fontweight() == "bold" and graph.text["dZ1[0]"].get_fontweight() == "normal"
    graph.show(net, cache, Y_hat, tiny.Y[:1], slopes)
    assert graph.text["L"].get_text() == "L = 0.1737" and graph.text["f1[0]"].get_text() == "sigmoid" and not graph.text["how W1[0,1]"].get_text()
    assert ax.get_children() == children and set(graph.moving) <= set(children)


def test_numbers_keep_to_their_room():
    assert [number(-0.5), number(2, 1)] == ["−0.500", "2.0"]
    assert [fitted(v) for v in (0.0, -0.0, -1e-9, 0.5, -9.999, 12.3456, -228.0, 0.00076)] == \
        ["0.000", "0.000", "0.000", "0.500", "−9.999", "12.35", "−228.0", "0.00076"]
    assert [fitted(v) for v in (9.9994, 10.0, 10.5, 99.5, 100.0, 100.5, 0.01, 0.015, -0.005, 0.000004, 5e-6)] == \
        ["9.999", "10.00", "10.50", "99.50", "100.0", "100.5", "0.010", "0.015", "−0.00500", "0.000", "0.00001"]
    assert given(0.404) == "0.4"
    assert [given(v) for v in (1.0, -0.25, 0.411)] == ["1.0", "−0.25", "0.41"] and bracket("−1") == "(−1)" and bracket("1") == "1"
    assert size(tiny.network()[1])[0] < size(tiny.network()[1], loss=True)[0]


def gap(box, a, b):
    """How many pixels lie between a box and the segment from a to b."""
    line = a + np.linspace(0, 1, 500)[:, None] * (b - a)
    beside = np.maximum(np.maximum([box.x0, box.y0] - line, line - [box.x1, box.y1]), 0)
    return np.hypot(*beside.T).min()


def touched(graph):
    """The words on a graph that touch an edge or a box, but for a weight that stands on its own edge."""
    figure, found = graph.ax.figure, []
    FigureCanvasAgg(figure).draw()
    boxes = [patch.get_window_extent() for patch in graph.ax.patches if isinstance(patch, FancyBboxPatch)]
    for name, text in graph.text.items():
        box = text.get_window_extent()
        for edge, line in graph.line.items():
            a, b = line.get_transform().transform(line.get_xydata())
            own = edge == name and text.get_bbox_patch()
            if text.get_text() and not own and gap(box, a, b) - line.get_linewidth() * figure.dpi / 144 < 2:
                found.append((text.get_text(), edge))
        for other in boxes if name[0] in "Wbdh" and name[:2] not in ("dZ", "dA") else ():
            if text.get_text() and min(box.x1, other.x1) > max(box.x0, other.x0) and min(box.y1, other.y1) > max(box.y0, other.y0):
                found.append((text.get_text(), "a box"))
    return found


def test_no_number_touches_an_edge_that_is_not_its_own_nor_a_box():
    assert touched(explore_network().graph) == []
    for step in range(10):
        assert touched(explore_chain_rule(step=step).graph) == [], step
    net = tiny.network()[1]
    cache, Y_hat, slopes = walk(net, tiny.X[:1], tiny.Y[:1])
    for grads in (None, slopes):
        _, ax = canvas(9.6, 9.6 * size(net, True, bool(grads))[1] / size(net, True, bool(grads))[0])
        graph = Graph(ax, net, loss=True, slopes=bool(grads))
        graph.show(net, cache, Y_hat, tiny.Y[:1], grads)
        assert touched(graph) == []
