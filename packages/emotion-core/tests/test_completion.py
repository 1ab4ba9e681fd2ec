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
