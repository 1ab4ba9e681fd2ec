"""Fine-tunings that are killed, in processes of their own, and go on."""

from __future__ import annotations

import csv
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from emotion_bert.emotion_classifier import main
from emotion_bert.finetuning.unfinished import UnfinishedTraining
from emotion_bert.models.checkpoints import Checkpoint
from emotion_bert.trainer.saved_epochs import COMPLETE_FILE
from emotion_core.errors import RunError
from emotion_core.runs.folder import read_json
from interrupted import has_loaded, interrupt
from shared_checks import writing_elsewhere

pytestmark = pytest.mark.xdist_group("resume")

PATIENCE_SECONDS = 300
EPOCHS = 6


def arguments(checkpoint: Checkpoint, output: Path, *extra: object) -> list[str]:
    """The command line of a training of the tiny model."""
    size = ("--epochs", EPOCHS, "--batch-size", 16, "--learning-rate", 3e-3, "--max-length", 32, "--patience", 3)
    more = ("--ema-momentum", 0.9, "--typos", 0.2)  # so that there is more to go on with
    words = ("train", "--model", checkpoint.location, "--data", "sample", "--output", output, *size, *more)
    return [*map(str, (*words, "--quiet", *extra))]


def start(words: list[str]) -> subprocess.Popen[str]:
    """Run the program in a process of its own."""
    return start_python(["-m", "emotion_bert", *words])


def start_python(words: list[str]) -> subprocess.Popen[str]:
    """Run Python in a process of its own."""
    one_thread = os.environ | {"OMP_NUM_THREADS": "1"}  # a tiny model is slower with more
    return subprocess.Popen(
        [sys.executable, *words],
        env=one_thread,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )


def finish(words: list[str]) -> None:
    """Run the program to its end, which must be a good one."""
    program = start(words)
    said, _ = program.communicate(timeout=PATIENCE_SECONDS)
    assert program.returncode == 0, said


def stop_when(
    program: subprocess.Popen[str], condition: Callable[[], bool], how: signal.Signals = signal.SIGKILL
) -> str:
    """Kill the program, or stop it with another signal, as soon as a condition holds; what it said."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert program.poll() is None, program.communicate()[0]
        assert time.monotonic() < end
        time.sleep(0.002)
    os.kill(program.pid, how)
    return program.communicate(timeout=PATIENCE_SECONDS)[0]


def is_complete(path: Path) -> bool:
    """Whether a checkpoint is written to its end."""
    return (path / COMPLETE_FILE).exists()


def checkpoints_in(folder: Path) -> list[Path]:
    """The checkpoints in a folder, oldest first."""
    return sorted(folder.glob("checkpoint-*"), key=lambda path: int(path.name.split("-")[1]))


def half_written(folder: Path) -> bool:
    """Whether a checkpoint is just being written, beside one that is complete."""
    found = checkpoints_in(folder)
    return len(found) > 1 and (found[-1] / "model.safetensors").exists() and not is_complete(found[-1])


@pytest.fixture(scope="session")
def undisturbed(checkpoints: dict[str, Checkpoint], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of a training that nothing disturbed."""
    output = tmp_path_factory.mktemp("resume") / "undisturbed"
    finish(arguments(checkpoints["cardiffroberta"], output))
    return output


@pytest.fixture(scope="session")
def killed(checkpoints: dict[str, Checkpoint], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output of the same training, killed when it had one checkpoint."""
    output = tmp_path_factory.mktemp("resume") / "killed"
    folder = UnfinishedTraining(output).folder
    program = start(arguments(checkpoints["cardiffroberta"], output))
    stop_when(program, lambda: any(is_complete(path) for path in checkpoints_in(folder)))
    assert not output.exists()
    return output


@pytest.fixture
def interrupted(killed: Path, tmp_path: Path) -> Path:
    """A copy of what was left of the killed training."""
    output = tmp_path / "run"
    folder, copied = UnfinishedTraining(killed).folder, UnfinishedTraining(output).folder
    shutil.copytree(folder, copied)
    return output


def epochs_of(run: Path) -> list[dict[str, str]]:
    """The history of a run without the times."""
    with (run / "history.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [{name: value for name, value in row.items() if name != "seconds"} for row in rows]


@pytest.mark.acceptance
def test_a_training_that_was_killed_twice_ends_like_an_undisturbed_one(
    interrupted: Path, undisturbed: Path, checkpoints: dict[str, Checkpoint]
) -> None:
    """Killed after an epoch, and again while a checkpoint is written, it predicts the same and has the same history."""
    words = arguments(checkpoints["cardiffroberta"], interrupted, "--resume")
    folder = UnfinishedTraining(interrupted).folder
    stop_when(start(words), lambda: half_written(folder))
    assert not is_complete(checkpoints_in(folder)[-1])
    finish(words)
    assert (interrupted / "predictions.csv").read_bytes() == (undisturbed / "predictions.csv").read_bytes()
    assert epochs_of(interrupted) == epochs_of(undisturbed)
    assert [file.name for file in interrupted.parent.iterdir()] == [interrupted.name]


@pytest.mark.acceptance
def test_ctrl_c_keeps_the_epochs_and_says_so(checkpoints: dict[str, Checkpoint], tmp_path: Path) -> None:
    """The one sentence counts them and names the command that goes on."""
    run = tmp_path / "run"
    words, unfinished = arguments(checkpoints["cardiffroberta"], run), UnfinishedTraining(run)
    told = interrupt(["-m", "emotion_bert", *words], lambda _: unfinished.last_checkpoint() is not None)
    kept = f"{run} until epoch {len(unfinished.history())}"
    assert (told.code, told.out) == (130, "")
    assert told.err == (
        f"Interrupted: {kept} is kept; go on with: python -m emotion_bert {shlex.join(words)} --resume\n"
    )


@pytest.mark.acceptance
def test_ctrl_c_while_torch_is_imported_is_no_fault_of_it(checkpoints: dict[str, Checkpoint], tmp_path: Path) -> None:
    """Nothing is kept, and no library is said to be broken."""
    words = arguments(checkpoints["cardiffroberta"], tmp_path / "run")
    told = interrupt(["-m", "emotion_bert", *words], lambda process: has_loaded("torch", process))
    assert (told.code, told.out) == (130, "")
    assert told.err.startswith("Interrupted: nothing ")
    assert len(told.err.splitlines()) == 1


@pytest.mark.acceptance
def test_ctrl_c_in_a_fit_leaves_nothing(checkpoints: dict[str, Checkpoint], tmp_path: Path) -> None:
    """An estimator cannot go on, so it keeps no epochs, promises none, and its output is free for the next fit."""
    unfinished, checkpoint = UnfinishedTraining(tmp_path / "run"), checkpoints["cardiffroberta"].location
    code = (
        "from emotion_bert import EmotionClassifier; from emotion_core import load_dataset; "
        "texts = load_dataset('sample').splits['train']; "
        f"estimator = EmotionClassifier({checkpoint!r}, epochs=50, output={str(tmp_path / 'run')!r}); "
        "estimator.fit(texts.texts, texts.labels)"
    )
    program = start_python(["-c", code])
    said = stop_when(program, lambda: unfinished.last_checkpoint() is not None, signal.SIGINT)
    assert "KeyboardInterrupt" in said
    assert "are kept" not in said
    assert list(tmp_path.iterdir()) == []


def test_a_second_training_into_the_same_folder_is_told(interrupted: Path, checkpoints: dict[str, Checkpoint]) -> None:
    """While one process trains there, another is refused even with --force, and its checkpoints stay."""
    with writing_elsewhere(interrupted):
        told = CliRunner().invoke(main, arguments(checkpoints["cardiffroberta"], interrupted, "--force"))
    assert told.exit_code == 2
    assert f"{interrupted}: another process is writing it" in told.stderr
    assert UnfinishedTraining(interrupted).last_checkpoint() is not None


@pytest.mark.acceptance
def test_a_training_that_had_ended_is_not_trained_further(
    interrupted: Path, checkpoints: dict[str, Checkpoint]
) -> None:
    """A training that was killed after its last epoch, before the run was written, only writes the run."""
    words = arguments(checkpoints["cardiffroberta"], interrupted, "--resume")
    folder = UnfinishedTraining(interrupted).folder
    stop_when(start(words), lambda: UnfinishedTraining(interrupted).stopped())
    last = checkpoints_in(folder)[-1]
    weights = (last / "optimizer.pt").stat()
    stop_when(start(words), lambda: any(interrupted.parent.glob(f".{interrupted.name}.partial*")))
    assert (last / "optimizer.pt").stat() == weights
    assert not interrupted.exists()


def test_an_interrupted_training_is_not_thrown_away_unasked(
    interrupted: Path, checkpoints: dict[str, Checkpoint]
) -> None:
    """Without --resume the command is refused and names both ways on, and what was there stays."""
    told = CliRunner().invoke(main, arguments(checkpoints["cardiffroberta"], interrupted))
    assert told.exit_code == 2
    assert "interrupted after epoch 1" in told.stderr
    assert "--resume" in told.stderr
    assert "--force" in told.stderr
    assert UnfinishedTraining(interrupted).last_checkpoint() is not None


def test_another_training_does_not_go_on_from_it(interrupted: Path, checkpoints: dict[str, Checkpoint]) -> None:
    """Going on with another setting, or other threads, whose sums round otherwise, is refused and named."""
    for option, value, what in [
        ("--seed", "5", "seed: found 42, wanted 5"),
        ("--class-weights", "balanced", "class_weights"),
        ("--epochs", "9", "(settings.epochs: found "),
        ("--threads", "2", "(threads: found 1, wanted 2)"),
    ]:
        told = CliRunner().invoke(
            main, arguments(checkpoints["cardiffroberta"], interrupted, "--resume", option, value)
        )
        assert told.exit_code == 2
        assert what in told.stderr


@pytest.mark.parametrize("name", ["optimizer.pt", "scheduler.pt", "rng_state.pth", "model.safetensors", COMPLETE_FILE])
@pytest.mark.parametrize("damage", ["cut", "altered", "gone"])
def test_a_damaged_checkpoint_is_told_before_training(
    interrupted: Path, checkpoints: dict[str, Checkpoint], name: str, damage: str
) -> None:
    """One message names the file, and nothing is trained; without its last file a checkpoint does not count."""
    last = UnfinishedTraining(interrupted).last_checkpoint()
    assert last is not None
    content = (last / name).read_bytes()
    if damage == "gone":
        (last / name).unlink()
    else:
        middle = len(content) // 2
        altered = content[:middle] + bytes([content[middle] ^ 255]) + content[middle + 1 :]
        (last / name).write_bytes(content[:middle] if damage == "cut" else altered)
    if (name, damage) == (COMPLETE_FILE, "gone"):
        assert UnfinishedTraining(interrupted).last_checkpoint() is None
        return
    told = CliRunner().invoke(main, arguments(checkpoints["cardiffroberta"], interrupted, "--resume"))
    assert told.exit_code == 2, told.output
    assert told.stderr.count("Error:") == 1
    assert name in told.stderr
    assert not interrupted.exists()


def test_checkpoints_hold_what_is_needed_and_no_more(killed: Path) -> None:
    """After one epoch there is one checkpoint, with the optimizer, the scheduler and the random state."""
    (checkpoint,) = checkpoints_in(UnfinishedTraining(killed).folder)
    names = {file.name for file in checkpoint.iterdir()}
    assert {"model.safetensors", "optimizer.pt", "scheduler.pt", "rng_state.pth", "trainer_state.json"} <= names
    assert not any("tokenizer" in name for name in names)  # some tokenizers do not survive being saved beside a model


def test_a_half_written_checkpoint_is_never_taken(tmp_path: Path) -> None:
    """The newest checkpoint whose last file is there counts, whatever lies beside it."""
    unfinished = UnfinishedTraining(tmp_path / "run")
    unfinished.begin({"seed": 1}, resume=False, force=False)
    for step in (9, 10, 100):
        (unfinished.folder / f"checkpoint-{step}").mkdir()
    assert unfinished.last_checkpoint() is None
    for step in (9, 10):
        (unfinished.folder / f"checkpoint-{step}" / COMPLETE_FILE).write_text("{}", encoding="utf-8")
    last = unfinished.last_checkpoint()
    assert last is not None
    assert last.name == "checkpoint-10"


def test_a_best_checkpoint_that_is_lost_is_named(tmp_path: Path) -> None:
    """Where the weights of the best epoch are gone, the message says so instead of taking others."""
    unfinished = UnfinishedTraining(tmp_path / "run")
    unfinished.begin({}, resume=False, force=False)
    (unfinished.folder / "checkpoint-8").mkdir()
    told = '{"best_step": 4, "stopped": true, "epochs": []}'
    (unfinished.folder / "checkpoint-8" / COMPLETE_FILE).write_text(told, encoding="utf-8")
    with pytest.raises(RunError, match="best epoch is missing"):
        unfinished.best_checkpoint()


@pytest.mark.acceptance
def test_the_run_tells_how_long_all_its_epochs_took(undisturbed: Path) -> None:
    """The seconds of training in run.json are those of the epochs in the history, early stopping included."""
    with (undisturbed / "history.csv").open(encoding="utf-8", newline="") as file:
        seconds = [float(row["seconds"]) for row in csv.DictReader(file)]
    assert 1 < len(seconds) <= EPOCHS
    assert read_json(undisturbed, "run.json")["training_seconds"] == pytest.approx(sum(seconds), abs=0.02)
