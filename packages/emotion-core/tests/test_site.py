"""What the site's own code says where it cannot build the site."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HOOKS = Path(__file__).parents[3] / "docs" / "hooks.py"


def test_mkdocs_outside_of_its_session_is_told_the_session() -> None:
    """One line, and no traceback, where packages that the pages need are not installed."""
    command = [sys.executable, "-I", "-S", str(HOOKS)]
    result = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert result.returncode == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith("This site needs emotion_core, ")
    assert line.endswith("Build it with: python -m nox -s docs")
