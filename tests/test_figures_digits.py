"""The pictures of digits show the digits, the curves and the counts that they claim to show."""

import io

import numpy as np
import pytest
from PIL import Image

from helpers.activations import softmax
from helpers.figures.digits import confident_mistakes, confusion_matrix, digits, learning_curves, weight_pictures
from helpers.figures.digits import per_epoch
from helpers.figures.words import percent
from helpers.training import confusion

RNG = np.random.default_rng(6)


def images_in(picture):
    return [image.get_array() for image in picture.figure.axes[0].images]


def texts_in(picture):
    return [text.get_text() for text in picture.figure.axes[0].texts]


def opens(picture):
    return Image.open(io.BytesIO(picture.png(50))).size


def test_digits_are_the_rows_of_x_with_their_labels():
    X, labels = RNG.uniform(size=(7, 16)), np.array([3, 1, 4, 1, 5, 9, 2])
    picture = digits(X, labels, "toy data", columns=3)
    for shown, row in zip(images_in(picture), X, strict=True):
        assert np.array_equal(shown, [row[0:4], row[4:8], row[8:12], row[12:16]])
    assert texts_in(picture) == ["3", "1", "4", "1", "5", "9", "2"]
    assert picture.alt.startswith("7 handwritten digits (toy data), 3 a row") and "3, 1, 4, 1, 5, 9, 2" in picture.alt
    assert opens(picture)[0] == 480


def test_digits_touch_no_other_and_each_has_its_label_below():
    ax = digits(RNG.uniform(size=(7, 16)), np.arange(7), "toy data", columns=3).figure.axes[0]
    boxes = [image.get_extent() for image in ax.images]
    assert len({(left, top) for left, _, _, top in boxes}) == 7
    for i, ((left, right, bottom, top), label) in enumerate(zip(boxes, ax.texts, strict=True)):
        x, y = label.get_position()
        assert right - left == pytest.approx(bottom - top) and left < x < right and y > bottom and label.get_text() == str(i)
        assert all(r < left or l > right or b < top or t > y for l, r, b, t in boxes[:i] + boxes[i + 1 :])
        assert 0 <= left < right < ax.get_xlim()[1] + 1e-9 and 0 <= top and y < ax.get_ylim()[0]


def test_mistakes_come_surest_first():
    X, labels, Z = RNG.uniform(size=(60, 9)), RNG.integers(0, 4, 60), RNG.normal(size=(60, 4))
    picture = confident_mistakes(X, labels, Z, "toy data", most=5)
    wrong = [(-softmax(z).max(), i) for i, z in enumerate(Z) if z.argmax() != labels[i]]
    expected = [i for _, i in sorted(wrong)[:5]]
    assert picture.drawn["order"].tolist() == expected
    for shown, i in zip(images_in(picture), expected, strict=True):
        assert np.array_equal(shown.ravel(), X[i])
    first = expected[0]
    assert texts_in(picture)[:2] == [f"a {labels[first]}", f"read as {Z[first].argmax()}"]
    assert picture.alt.startswith(f"{len(wrong)} of 60 digits (toy data) are read wrongly; the surest mistakes: a ")


def test_no_mistake_is_a_picture_too():
    picture = confident_mistakes(np.ones((2, 4)), np.array([0, 1]), np.eye(2), "toy data")
    assert "0 of 2" in picture.alt and texts_in(picture) == ["none"] and len(picture.drawn["order"]) == 0
    assert opens(picture)


def test_weights_share_one_scale_centred_on_zero():
    W = RNG.normal(size=(25, 12))
    picture = weight_pictures(W, "toy data", most=8)
    shown = picture.figure.axes[0].images
    assert len(shown) == 8 and "first 8 of 12 neurons, trained on toy data" in picture.alt
    for k, image in enumerate(shown):
        assert np.array_equal(image.get_array().ravel(), W[:, k])
        assert image.get_clim() == (-picture.drawn["largest"], picture.drawn["largest"])
    assert np.mean(np.abs(W[:, :8]) > picture.drawn["largest"]) < 0.01
    assert opens(weight_pictures(np.zeros((4, 1)), "toy data"))


def test_the_matrix_shows_every_count_and_names_the_worst_mistake():
    labels = np.array([0, 0, 1, 1, 1, 2, 2, 2, 2])
    predicted = np.array([0, 2, 1, 1, 0, 2, 1, 1, 2])
    picture = confusion_matrix(confusion(predicted, labels, 3), "toy data")
    numbers = [text.replace("·", "0") for text in texts_in(picture)]
    assert np.array_equal(np.array(numbers, int).reshape(3, 3), [[1, 0, 1], [1, 2, 0], [0, 2, 2]])
    assert picture.drawn["worst"] == (2, 1) and "9 digits (toy data): 5 on the diagonal" in picture.alt
    assert "a 2 read as 1, 2 times" in picture.alt
    ax = picture.figure.axes[0]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("read as", "is a")
    assert not ax.images[0].get_array().diagonal().any()


def test_a_matrix_without_mistakes_names_none():
    picture = confusion_matrix(np.diag([3, 4]), "toy data")
    assert picture.alt == "Confusion matrix of 7 digits (toy data): 7 on the diagonal."


def test_learning_curves_show_the_mean_loss_of_each_epoch():
    losses, accuracies = [4.0, 2.0, 1.0, 1.0, 0.5, 0.1], [0.5, 0.8, 0.968]
    picture = learning_curves({"ours": (losses, accuracies), "theirs": (losses[::-1], accuracies)}, "toy data")
    left, right = picture.figure.axes
    assert left.lines[0].get_ydata() == pytest.approx([3.0, 1.0, 0.3])
    assert left.lines[0].get_xdata().tolist() == [1, 2, 3]
    assert left.lines[1].get_ydata() == pytest.approx([0.3, 1.0, 3.0])
    assert right.lines[0].get_ydata() == pytest.approx([50, 80, 96.8])
    ours = "ours: loss from 3 in epoch 1 to 0.3 in epoch 3, validation accuracy from 50.0 % to 96.8 %"
    assert ours in picture.alt and "(toy data)" in picture.alt
    assert opens(picture)


def test_an_epoch_may_be_one_step_and_there_may_be_one_epoch():
    assert per_epoch([4.0, 2.0], 1).tolist() == [3.0] and per_epoch([4.0, 2.0], 2).tolist() == [4.0, 2.0]


def test_the_scale_takes_both_signs_and_weights_of_nothing_have_one():
    assert weight_pictures(np.repeat([[-3.0], [1.0]], 8, axis=0), "x").drawn["largest"] == 3
    assert weight_pictures(np.zeros((16, 2)), "x").drawn["largest"] == 1


def test_shares_are_rounded_without_calling_incomplete_complete():
    assert [percent(s, 1) for s in (0, 0.9684, 0.9994, 0.99951, 1)] == ["0.0 %", "96.8 %", "99.9 %", "> 99.9 %", "100.0 %"]


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: digits(np.ones((2, 5)), np.array([1, 2]), "x"), "X: got rows of 5"),
        (lambda: digits(np.ones((2, 4)), np.array([1, 2, 3]), "x"), "labels: got shape"),
        (lambda: digits(np.full((2, 4), np.nan), np.array([1, 2]), "x"), "X: got nan"),
        (lambda: confident_mistakes(np.ones((2, 4)), np.array([0, 1]), np.ones((3, 2)), "x"), "Z: got shape"),
        (lambda: weight_pictures(np.ones((5, 2)), "x"), "got rows of 5"),
        (lambda: confusion_matrix(np.ones((2, 3), int), "x"), "table: got shape"),
        (lambda: learning_curves({"a": ([1.0, 2.0, 3.0], [0.1, 0.2])}, "x"), "losses: got 3 steps"),
        (lambda: per_epoch([1.0], 0), "losses: got 1 steps"),
    ],
)
def test_bad_input_is_named(call, named):
    with pytest.raises(ValueError, match=named):
        call()
