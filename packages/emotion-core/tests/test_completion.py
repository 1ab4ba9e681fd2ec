"""Completion with the Tab key, as docs/reference/completion.md switches it on."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from click.testing import CliRunner

from completions import offers
from emotion_core.cli.main import main

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "completion.md"
TABS = re.compile(r'^=== "(\w+)"\n\n    ```shell\n((?:    .*\n)+?)    ```', re.MULTILINE)
LINES = {shell: textwrap.dedent(lines) for shell, lines in TABS.findall(PAGE.read_text(encoding="utf-8"))}
VARIABLE = "_EMOTION_CORE_COMPLETE"


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_the_program_gives_a_shell_its_script(shell: str) -> None:
    """By the variable and the word that the page uses."""
    assert f"={shell}_source" in LINES[shell.capitalize()]
    result = CliRunner().invoke(main, prog_name="emotion-core", env={VARIABLE: f"{shell}_source"})
    assert f"{VARIABLE}={shell}_complete" in result.output


def test_commands_and_choices_are_completed() -> None:
    """What a shell asks for when the Tab key is pressed."""
    for words, place, wanted in (
        ("emotion-core ver", "1", "verify"),
        ("emotion-core predict runs/a --device ", "4", "gpu"),
    ):
        asked = {VARIABLE: "bash_complete", "COMP_WORDS": words, "COMP_CWORD": place}
        result = CliRunner().invoke(main, prog_name="emotion-core", env=asked)
        assert f"plain,{wanted}\n" in result.output


@pytest.mark.parametrize(
    ("words", "beginning", "offered"),
    [
        ("evaluate runs/a --data", "", ["sample", "emotion", "emoji.csv", "mine/", "posts.txt"]),
        ("evaluate runs/a --data", "EMO", ["emotion"]),
        ("evaluate runs/a --data", "emo", ["emotion", "emoji.csv"]),
        ("evaluate runs/a --split", "t", ["train", "test"]),
        ("audit", "sam", ["sample"]),
        ("behave runs/a --capability", "neg", ["negated_other", "negation"]),
        ("predict runs/a --format", "j", ["jsonl", "json"]),
        ("split mine/all.csv --on-bad-rows", "", ["error", "drop"]),
    ],
)
def test_values_that_have_a_name_are_offered(
    words: str, beginning: str, offered: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Datasets, splits and choices by their names, and beside a dataset what lies in the working folder."""
    for name in ("emoji.csv", "posts.txt", ".hidden", "two words.csv"):
        (tmp_path / name).touch()
    (tmp_path / "mine").mkdir()
    monkeypatch.chdir(tmp_path)
    assert offers(main, words, beginning) == [("plain", value) for value in offered]


@pytest.mark.parametrize(
    ("words", "beginning", "kind"),
    [
        ("evaluate runs/a --data", "my-", "file"),
        ("predict runs/a --input", "my-", "file"),
        ("predict runs/a --output", "my-", "file"),
        ("predict", "ru", "dir"),
        ("compare runs/a", "ru", "dir"),
        ("split posts.csv --output", "my-", "dir"),
    ],
)
def test_files_and_folders_are_left_to_the_shell(words: str, beginning: str, kind: str) -> None:
    """Runs and outputs are folders; where no name begins so, the shell looks for files."""
    assert offers(main, words, beginning) == [(kind, beginning)]


@pytest.mark.skipif(shutil.which("bash") is None, reason="Bash is not installed")
def test_bash_completes_a_dataset(tmp_path: Path) -> None:
    """What the program answers is what Bash takes for the words that fit."""
    program = tmp_path / "emotion-core"
    program.write_text(f"#!{sys.executable}\nfrom emotion_core.cli.main import main\nmain()\n", encoding="utf-8")
    program.chmod(0o755)
    script = f"""
        eval "$({VARIABLE}=bash_source emotion-core)"
        COMP_WORDS=(emotion-core evaluate runs/a --data s) COMP_CWORD=4
        _emotion_core_completion emotion-core
        echo "${{COMPREPLY[@]}}"
    """
    terminal = os.environ | {"PATH": os.pathsep.join((str(tmp_path), os.environ["PATH"]))}
    result = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, encoding="utf-8", env=terminal)
    assert (result.stdout, result.stderr) == ("sample\n", "")


@pytest.mark.acceptance
@pytest.mark.skipif(shutil.which("bash") is None, reason="Bash is not installed")
def test_bash_completes_after_the_lines_of_the_page(tmp_path: Path) -> None:
    """A new terminal knows how to complete the programs that are installed, and passes over the others."""
    place = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    terminal = {"HOME": str(tmp_path), "PATH": place}
    for words in (LINES["Bash"], ". ~/.bashrc; complete -p emotion-core"):
        result = subprocess.run(["bash", "-c", words], env=terminal, capture_output=True, encoding="utf-8", check=True)
        assert result.stderr == ""
    assert result.stdout.rstrip().endswith("emotion-core")
