"""What the site's own code makes, and what it says where it cannot build the site."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner

from emotion_core.cli.main import main

DOCS = Path(__file__).parents[3] / "docs"
HOOKS = DOCS / "hooks.py"


def test_mkdocs_outside_of_its_session_is_told_the_session() -> None:
    """One line, and no traceback, where packages that the pages need are not installed."""
    command = [sys.executable, "-I", "-S", str(HOOKS)]
    result = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert result.returncode == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith("This site needs emotion_core, ")
    assert line.endswith("Build it with: python -m nox -s docs")


def test_the_reference_of_a_command_line_is_what_its_help_shows() -> None:
    """Each command with its example and with its options below their headings, line by line."""
    page = (DOCS / "reference" / "cli-core.md").read_text(encoding="utf-8")
    reference = runpy.run_path(str(DOCS / "commands.py"))["on_page_markdown"](page)
    for name in main.commands:
        shown = CliRunner().invoke(main, [name, "--help"], prog_name="emotion-core", terminal_width=78).output
        options = re.split(r"^(?=Options:|Most used:|Example:)", shown, flags=re.MULTILINE)[1]
        assert f"## emotion-core {name}\n" in reference
        assert f"```text\n{options.strip()}\n```" in reference
