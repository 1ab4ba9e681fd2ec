"""The commands that the pages show: emotion-bert takes each of its own."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import pytest
from checkpoints_for_tests import MAKERS, save_old_checkpoint

from emotion_bert.emotion_classifier import main
from emotion_bert.models.checkpoints import Checkpoint
from emotion_bert.models.registry import MODELS
from emotion_bert.models.start import build_model
from executed_pages import FEW, executed, lay_out, replaced, run_pages, without
from page_commands import Command, check_script, documented_commands, faults, scripts

ROOT = Path(__file__).parents[3]
COMMANDS = documented_commands(ROOT)
PROGRAMS = {"emotion-bert": main}
TINY_RUN = "runs/tiny"
PARTS = (
    ("docs/guides/bert.md", "docs/guides/extend.md"),
    ("docs/guides/compress.md",),
    (
        "README.md",
        "docs/start.md",
        "docs/guides/predict.md",
        "docs/guides/compare.md",
        "packages/emotion-bert/README.md",
    ),
    ("docs/results.md",),
)
"""Pages whose commands follow each other in one folder, so that several processes share the pages."""
OURS = [command for command in COMMANDS if command.program in PROGRAMS]
LAUNCHED = [
    dataclasses.replace(command, words=("emotion-bert", *command.words[command.words.index("emotion_bert") + 1 :]))
    for command in COMMANDS
    if command.program == "accelerate"
]


def test_emotion_bert_takes_its_commands() -> None:
    """The options, choices and arguments of each exist, also under ``accelerate launch``."""
    assert {command.program for command in OURS} == set(PROGRAMS)
    assert LAUNCHED
    assert faults(OURS + LAUNCHED, PROGRAMS) == []


def test_every_page_with_commands_is_in_a_part() -> None:
    """So that each command that has no mark is executed."""
    assert {command.page for command in executed(COMMANDS, PROGRAMS)} == {page for part in PARTS for page in part}


@pytest.mark.parametrize("command", scripts(COMMANDS, "emotion_bert", ROOT), ids=lambda command: command.place)
def test_the_scripts_take_their_commands(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each script exists and knows the options it is shown with."""
    check_script(command, ROOT, monkeypatch)


def cheap(words: list[str]) -> list[str]:
    """One epoch, few seeds, a tiny run to compress, and tiny checkpoints but where a recipe names its model."""
    if words[0] == "compress":
        return ["compress", TINY_RUN, *words[2:]]
    if words[0] == "import" and "--data" not in words:
        return [*words, "--data", FEW]
    if words[0] != "train":
        return words
    tiny = {name: f"models/{name}" for name in MAKERS}
    if "--recipe" not in words:
        tiny["minilm"] = tiny["cardiffroberta"]
    local = replaced(words, "--model", lambda name: tiny.get(name, name))
    if local[1:3] == ["--model", "all"]:
        local[1:3] = [word for name in MAKERS for word in ("--model", f"models/{name}")]
    few = replaced(without(local, "--workers", "--epochs"), "--seeds", lambda _: "2")
    return [*few, "--epochs", "1"]


@pytest.mark.acceptance
@pytest.mark.parametrize("pages", PARTS, ids=lambda pages: Path(pages[0]).stem)
def test_the_commands_of_emotion_bert_end_well(
    pages: tuple[str, ...], tmp_path: Path, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each that has no mark is executed, in the order of the pages."""
    lay_out(tmp_path)
    for copied in (TINY_RUN, "runs/minilm"):
        shutil.copytree(run, tmp_path / copied)
    for name, folder in (*((name, f"models/{name}") for name in MAKERS), ("cardiffroberta", "path/to/checkpoint")):
        (tmp_path / folder).mkdir(parents=True)
        MAKERS[name](tmp_path / folder)
    old = Checkpoint(MODELS["modernbert"], str(tmp_path / "models" / "modernbert"))
    save_old_checkpoint(tmp_path / "best_model.pt", build_model(old).state_dict(), old)
    monkeypatch.chdir(tmp_path)
    assert run_pages(executed(COMMANDS, PROGRAMS, pages), PROGRAMS, cheap) == []
