"""What a user sees of long work, on terminals and in pipes."""

import sys

import click
import pytest

from emotion_core.errors import DivergedError
from emotion_core.training.bar import Bar, clock, fitted, progress_bar, room
from emotion_core.training.progress import Selection, TrainingProgress
from terminal import on_terminal

LOWEST_LOSS = Selection("loss", "lowest validation loss", False)
HIGHEST_F1 = Selection("macro_f1", "highest validation macro-F1", True)
MEASURED = {"loss": 1.5, "val_loss": 1.25, "val_accuracy": 0.5, "val_macro_f1": 0.25}


def test_a_bar_leaves_nothing_in_a_log(capfd):
    """Where standard error is not a terminal, no bar is drawn on it."""
    with progress_bar("Predicting", 10) as advance:
        advance(10)
    assert capfd.readouterr() == ("", "")


def test_a_bar_is_the_last_line_of_a_terminal_and_goes():
    """It says how much is done and how long the rest takes, and leaves nothing behind."""
    with on_terminal(80) as terminal, progress_bar("Predicting", 4) as advance:
        advance(4)
    assert terminal.seen[:2] == [
        "",
        "Predicting  ------------------------------  0/4",
    ]
    assert "Predicting  ##############################  4/4  0:00 left" in terminal.seen
    assert terminal.lines() == [""]


def test_a_bar_without_an_end_counts():
    """Where nobody knows how many steps there are, it says how many are done."""
    with on_terminal(80) as terminal, progress_bar("Predicting", None):
        pass
    assert "Predicting  0" in terminal.seen


def test_what_anybody_says_stands_above_the_bar():
    """Remarks of a library and of click are lines of their own, also when they come in pieces, and the bar is below."""
    with on_terminal(80) as terminal:
        bar = Bar(quiet=False)
        bar.start("Predicting", 4)
        click.echo("a remark", err=True)
        sys.stderr.write("a piece, ")
        bar.advance(4)
        sys.stderr.write("and another\n")
        bar.say("at last")
        sys.stderr.write("unfinished")
        bar.stop()
    assert terminal.lines() == ["a remark", "a piece, and another", "at last", "unfinished"]
    assert {line.split("  ")[0] for line in terminal.seen} == {"", "Predicting", *terminal.lines()[:3]}


@pytest.mark.parametrize("columns", [80, 40, 20])
def test_a_bar_keeps_to_one_line_of_any_terminal(columns):
    """In a narrow one the drawing and then the count are left out."""
    with on_terminal(columns) as terminal:
        bar = Bar(quiet=False)
        bar.start("Epoch 10/20", 4000)
        bar.update(2000, detail=lambda: "loss 1.2345")
        bar.stop()
    assert terminal.lines() == [""]
    assert max(len(line) for line in terminal.seen) < columns
    drawn = [line for line in terminal.seen if "loss 1.2345" in line]
    assert ["#" in line for line in drawn] == [columns == 80 for _ in drawn]


def train(progress, epochs):
    """Show a training of some epochs of three steps."""
    for epoch in range(1, epochs + 1):
        progress.start_epoch(epoch, 3)
        for _ in range(3):
            progress.step(lambda: 1.75)
        progress.end_epoch(epoch, MEASURED)
    progress.stop()
    progress.tell_kept(LOWEST_LOSS)


@pytest.mark.parametrize("columns", [80, 40])
def test_a_training_leaves_one_line_an_epoch_on_a_terminal(columns, monkeypatch):
    """The bar goes without a trace; it had the loss so far and the time that the whole training takes."""
    monkeypatch.setattr("emotion_core.training.bar.SECONDS_BETWEEN_DRAWINGS", 0)
    with on_terminal(columns) as terminal:
        train(TrainingProgress(2, quiet=False), 2)
    lines = terminal.lines()
    more = " val_accuracy 0.5000 val_macro_f1 0.2500" if columns == 80 else ""
    assert lines[:2] == [f"Epoch {epoch}/2 loss 1.5000 val_loss 1.2500{more}" for epoch in (1, 2)]
    assert lines[2] == "Trained 2 epochs in 0 s."
    drawing = "###############---------------  3/6  " if columns == 80 else "3/6  "
    assert f"Epoch 1/2  {drawing}loss 1.7500  0:00 left" in terminal.seen
    assert not [line for line in terminal.seen if line.count("Epoch") > 1]


def test_a_training_prints_one_line_an_epoch_into_a_pipe(capfd):
    """Each line has the metrics that are there, with four digits, its seconds, and the time that is left."""
    train(TrainingProgress(3, quiet=False), 2)
    printed, told = capfd.readouterr()
    assert printed == ""
    assert told.replace("\n", "").isprintable()  # no control characters
    shown = "loss 1.5000  val_loss 1.2500  val_accuracy 0.5000  val_macro_f1 0.2500  0.0 s  0:00 left"
    assert told.splitlines()[:2] == [f"Epoch {epoch}/3  {shown}" for epoch in (1, 2)]


def test_a_quiet_training_keeps_its_history_alone(capfd):
    """Nothing is printed, and the history has number, metrics and seconds of each epoch."""
    progress = TrainingProgress(2, quiet=True)
    train(progress, 2)
    assert capfd.readouterr() == ("", "")
    assert [set(entry) for entry in progress.history] == [{"epoch", *MEASURED, "seconds"}] * 2
    assert [(entry["epoch"], entry["loss"]) for entry in progress.history] == [(1, 1.5), (2, 1.5)]


@pytest.mark.parametrize(
    ("losses", "epochs", "told", "kept"),
    [
        ((3, 4, 5, 4), 20, "Stopped after epoch 4: no better val_loss since epoch 1, which is kept.", 1),
        ((3, 2, 2, 4), 4, "Kept epoch 2, which had the best val_loss.", 2),
    ],
)
def test_what_was_kept_is_said(capsys, losses, epochs, told, kept):
    """After a training that stopped early, why; else which epoch was the best, the first of several."""
    display = TrainingProgress(epochs, quiet=False)
    display.history = [{"epoch": number, "val_loss": loss, "seconds": 1.2} for number, loss in enumerate(losses, 1)]
    display.tell_kept(LOWEST_LOSS)
    assert capsys.readouterr().err == f"Trained 4 epochs in 5 s.\n{told}\n"
    assert display.kept == kept


def test_frozen_epochs_are_not_kept():
    """The best of the epochs that may be kept is told, for a figure that is better when it is higher, too."""
    display = TrainingProgress(3, quiet=True)
    display.history = [{"epoch": n, "val_macro_f1": score} for n, score in ((1, 0.9), (2, 0.5), (3, 0.6))]
    display.tell_kept(HIGHEST_F1, frozen=1)
    assert display.kept == 3


@pytest.mark.parametrize("name", ["loss", "val_loss"])
@pytest.mark.parametrize("loss", [float("nan"), float("inf")])
def test_an_epoch_whose_loss_is_no_number_ends_the_training(name, loss):
    """It is not taken into the history, and the message has the epoch and the way out."""
    display = TrainingProgress(3, quiet=True)
    display.start_epoch(2, 1)
    with pytest.raises(DivergedError, match=rf"^The loss is {loss} in epoch 2. Use a lower --learning-rate.$"):
        display.end_epoch(2, {"loss": 1.0, "val_loss": 1.0} | {name: loss})
    assert display.history == []


def test_a_line_is_fitted_to_the_terminal():
    """Close together before anything is left out, and the last part goes first; in a pipe nothing does."""
    parts = ["Epoch 1/2", "loss 1.5", "9.9 s"]
    assert fitted(parts, None) == fitted(parts, 26) == "Epoch 1/2  loss 1.5  9.9 s"
    assert fitted(parts, 24) == "Epoch 1/2 loss 1.5 9.9 s"
    assert fitted(parts, 23) == "Epoch 1/2 loss 1.5"
    assert room() is None


@pytest.mark.parametrize("columns", [80, 40])
def test_predictions_count_and_leave_what_they_say_alone(words_cli, runs, tmp_path, columns, monkeypatch):
    """The commands count texts while they predict a file or measure a split, and only their remarks stay."""
    monkeypatch.setattr("emotion_core.training.bar.SECONDS_BETWEEN_DRAWINGS", 0)
    monkeypatch.chdir(tmp_path)
    texts = tmp_path / "texts.txt"
    texts.write_text("so glad\nso sad\n", encoding="utf-8")
    with on_terminal(columns) as terminal:
        for command in (
            ["predict", str(runs["words"]), "--input", str(texts), "--output", "predicted.csv"],
            ["evaluate", str(runs["words"]), "--data", "sample"],
        ):
            words_cli.main(command, standalone_mode=False)
    assert {"Predicting  2", "Predicting  0"} <= set(terminal.seen)
    assert [line for line in terminal.seen if line.startswith("Predicting  ") and line.split()[-1] == "0/150"]
    assert terminal.lines() == ["predicted.csv: 2 rows"]


@pytest.mark.parametrize(("seconds", "shown"), [(7.4, "0:07"), (750, "12:30"), (3723, "1:02:03")])
def test_times_have_hours_where_they_need_them(seconds, shown):
    """Minutes and seconds always."""
    assert clock(seconds) == shown
