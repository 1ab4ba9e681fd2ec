"""The figures show the numbers they are given."""

import subprocess
import sys

import numpy as np
import pytest

from emotion_core.errors import EmotionError
from emotion_core.evaluation import figures
from emotion_core.evaluation.colours import COLOURS
from emotion_core.evaluation.metrics import calibration_bins
from emotion_core.labels import EMOTIONS

LABELS = np.array([0, 1, 2, 3, 4, 5] * 20)


@pytest.fixture(scope="module")
def probabilities():
    """Probabilities of a classifier that is right more often than not."""
    logits = np.random.default_rng(0).normal(size=(120, 6)) + 2 * np.eye(6)[LABELS]
    return np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)


def test_class_distribution_draws_shares_of_each_split():
    """A class with half of the rows has a bar of 50 %; the legend tells the rows."""
    counts = {"train": dict.fromkeys(EMOTIONS, 0) | {"joy": 3, "fear": 3}, "test": dict.fromkeys(EMOTIONS, 1)}
    (axes,) = figures.class_distribution(counts).axes
    assert [bar.get_height() for bar in axes.containers[0]] == [0, 50, 0, 0, 50, 0]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["train (6)", "test (6)"]
    assert [tick.get_text() for tick in axes.get_xticklabels()] == list(EMOTIONS)


def test_confusion_matrix_writes_counts_and_row_shares():
    """Each cell has its count and its share of the true class; a class without texts has 0 %."""
    confusion = np.zeros((6, 6), int)
    confusion[1] = [1, 3, 0, 0, 0, 0]
    axes = figures.confusion_matrix(confusion).axes[0]
    texts = [text.get_text() for text in axes.texts]
    assert len(texts) == 36
    assert texts[6:8] == ["1\n25%", "3\n75%"]
    assert texts[0] == "0\n0%"
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("predicted", "true")


def test_precision_recall_draws_the_emotions_that_can_be_told_apart(probabilities):
    """One curve for each emotion, in its colour; none for an emotion without texts."""
    (axes,) = figures.precision_recall(LABELS, probabilities).axes
    assert [line.get_color() for line in axes.lines] == list(COLOURS)
    chosen = LABELS != 5
    (axes,) = figures.precision_recall(LABELS[chosen], probabilities[chosen]).axes
    assert [line.get_label().split()[0] for line in axes.lines] == list(EMOTIONS[:5])


def test_precision_recall_of_one_class_alone_is_an_empty_figure(probabilities):
    """Where no curve is defined, none is drawn, and nothing warns or fails."""
    (axes,) = figures.precision_recall(np.zeros(120, int), probabilities).axes
    assert len(axes.lines) == 0


def test_reliability_draws_accuracy_against_confidence(probabilities):
    """The points are the calibration bins, beside the diagonal."""
    (axes,) = figures.reliability(LABELS, probabilities).axes
    diagonal, model = axes.lines
    bins = calibration_bins(LABELS, probabilities)
    assert diagonal.get_xydata().tolist() == [[0, 0], [1, 1]]
    assert model.get_xydata().tolist() == [[b["confidence"], b["accuracy"]] for b in bins]


def test_training_curves_draw_what_the_history_holds():
    """Losses on the left, scores on the right, a gap where an epoch lacks a value, no curve that is all gaps."""
    history = [{"epoch": 1, "loss": 2.0, "val_accuracy": 0.2}, {"epoch": 2, "loss": 1.5, "val_loss": 1.8}]
    losses, scores = figures.training_curves(history).axes
    curves = {line.get_label(): line.get_ydata() for line in (*losses.lines, *scores.lines)}
    assert set(curves) == {"loss", "val_loss", "val_accuracy"}
    assert list(curves["loss"]) == [2.0, 1.5]
    assert np.isnan(curves["val_loss"][0])


@pytest.mark.filterwarnings("error")
def test_training_curves_without_scores_do_not_warn():
    """A history of losses alone leaves the right side empty, without a word on standard error."""
    losses, scores = figures.training_curves([{"epoch": 1, "loss": 2.0}]).axes
    assert (len(losses.lines), len(scores.lines), scores.get_legend()) == (1, 0, None)


def test_heat_map_writes_each_value_into_its_cell():
    """A number stands in each cell that has a value, none in an empty one, between the values of both settings."""
    values = np.array([[0.25, np.nan, 0.5], [0.75, 0.125, np.nan]])
    axes = figures.heat_map(values, ("units", "dropout"), (["16", "32"], ["0.1", "0.2", "0.3"]), "Macro-F1").axes[0]
    cells = {text.get_position(): text.get_text() for text in axes.texts}
    assert cells == {(0, 0): "0.250", (2, 0): "0.500", (0, 1): "0.750", (1, 1): "0.125"}
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["16", "32"]
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["0.1", "0.2", "0.3"]
    assert (axes.get_ylabel(), axes.get_xlabel(), axes.get_title()) == ("units", "dropout", "Macro-F1")


@pytest.mark.filterwarnings("error")
def test_heat_map_of_one_value_is_drawn_without_a_warning():
    """A search of which one point is done so far has a map, too."""
    (axes, _) = figures.heat_map(np.array([[0.5]]), ("units", "units"), (["16"], ["16"]), "Macro-F1").axes
    assert [text.get_text() for text in axes.texts] == ["0.500"]


@pytest.mark.parametrize(("name", "start"), [("a.png", b"\x89PNG"), ("a.svg", b"<?xml"), ("a.pdf", b"%PDF")])
def test_the_ending_chooses_the_format(tmp_path, name, start):
    """png, svg and pdf are what their endings say."""
    figures.save(figures.training_curves([{"epoch": 1, "loss": 2.0}]), tmp_path / name)
    assert (tmp_path / name).read_bytes().startswith(start)


@pytest.mark.parametrize("name", ["nowhere/a.png", "a.docx"])
def test_a_figure_that_cannot_be_written_is_a_mistake_that_is_told(tmp_path, name):
    """A folder that is not there, and an ending that names no format."""
    with pytest.raises(EmotionError, match="the figure cannot be written"):
        figures.save(figures.training_curves([]), tmp_path / name)


def test_drawing_uses_no_global_state(tmp_path):
    """pyplot, which keeps figures alive and looks for a display, is never loaded."""
    code = (
        "import sys; from emotion_core.evaluation import figures;"
        "figures.save(figures.confusion_matrix([[1] * 6] * 6), sys.argv[1]);"
        "print('matplotlib.pyplot' in sys.modules)"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "a.png")]
    result = subprocess.run(command, check=True, capture_output=True, encoding="utf-8")
    assert result.stdout.strip() == "False"


def test_a_long_name_leaves_room_for_the_figure():
    """Its middle is cut out; the beginning says what it is, and the end tells it from others."""
    shown = figures.label_text("gru " + "x" * 300 + " seed-2")
    assert len(shown) <= figures.LONGEST_NAME + 1
    assert shown.startswith("gru x")
    assert shown.endswith("x seed-2")
