"""What a user sees of long work."""

import io
from contextlib import redirect_stderr

import pytest

from emotion_core.errors import DivergedError
from emotion_core.training.progress import Bar, TrainingProgress, progress_bar


def test_a_bar_leaves_nothing_in_a_log(capfd):
    """Where standard error is not a terminal, no bar is drawn on it."""
    with progress_bar("Predicting", 10) as advance:
        advance(10)
    assert capfd.readouterr() == ("", "")


class Terminal(io.StringIO):
    """Keeps what is written on it, and says that it is a terminal."""

    def isatty(self):
        """Whether a bar may be drawn: yes."""
        return True


def test_a_bar_is_the_last_line_of_a_terminal_and_goes():
    """It says how much is done, stays below what is said, and leaves nothing behind."""
    with redirect_stderr(Terminal()) as terminal:
        bar = Bar(quiet=False)
        bar.start("Predicting", 4)
        bar.advance(4)
        bar.say("a remark")
        bar.stop()
    first, second, *rest = terminal.getvalue().removeprefix("\r").split("\r")
    assert first == "Predicting  ------------------------------  0/4"
    assert second == "Predicting  ##############################  4/4  0:00 left"
    assert "".join(rest).strip() == "a remark"


def test_a_bar_without_an_end_counts():
    """Where nobody knows how many steps there are, it says how many are done."""
    with redirect_stderr(Terminal()) as terminal, progress_bar("Predicting", None):
        assert terminal.getvalue() == "\rPredicting  0"


def train(*, quiet):
    """The progress of a training of two epochs."""
    progress = TrainingProgress(2, quiet=quiet)
    for epoch, metrics in ((1, {"loss": 2.0}), (2, {"loss": 1.5, "val_macro_f1": 0.25})):
        progress.start_epoch(epoch, 3)
        progress.step()
        progress.end_epoch(epoch, metrics)
    progress.stop()
    return progress.history


def test_a_training_prints_one_line_an_epoch_on_standard_error(capfd):
    """Each line has the metrics that are there, with four digits."""
    train(quiet=False)
    printed, lines = capfd.readouterr()
    first, second = lines.splitlines()
    assert printed == ""
    assert first.startswith("Epoch 1/2  loss 2.0000  (")
    assert second.startswith("Epoch 2/2  loss 1.5000  val_macro_f1 0.2500  (")


def test_a_quiet_training_keeps_its_history_alone(capfd):
    """Nothing is printed, and the history has number, metrics and seconds of each epoch."""
    history = train(quiet=True)
    assert capfd.readouterr() == ("", "")
    assert [set(entry) for entry in history] == [
        {"epoch", "loss", "seconds"},
        {"epoch", "loss", "val_macro_f1", "seconds"},
    ]
    assert [(entry["epoch"], entry["loss"]) for entry in history] == [(1, 2.0), (2, 1.5)]


def test_the_summary_counts_epochs_and_adds_their_seconds(capsys):
    """After a training, one line says how many epochs there were and how long they took, unless quiet."""
    for quiet in (False, True):
        display = TrainingProgress(2, quiet=quiet)
        display.history = [{"epoch": 1, "seconds": 2.4}, {"epoch": 2, "seconds": 1.4}]
        display.summarize()
    assert capsys.readouterr().err == "Trained 2 epochs in 4 s\n"


@pytest.mark.parametrize("name", ["loss", "val_loss"])
@pytest.mark.parametrize("loss", [float("nan"), float("inf")])
def test_an_epoch_whose_loss_is_no_number_ends_the_training(name, loss):
    """It is not taken into the history, and the message has the epoch and the way out."""
    display = TrainingProgress(3, quiet=True)
    display.start_epoch(2, 1)
    with pytest.raises(DivergedError, match=rf"^The loss is {loss} in epoch 2. Use a lower --learning-rate.$"):
        display.end_epoch(2, {"loss": 1.0, "val_loss": 1.0} | {name: loss})
    assert display.history == []
