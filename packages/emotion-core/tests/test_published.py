"""What follows from published.toml: the lines that install the packages, their links, and the citation."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
import yaml

ROOT = Path(__file__).parents[3]
ADDRESS = "https://example.org/emotions"

INSTALLED = {
    "emotion-core": "./packages/emotion-core",
    '"emotion-core[onnx]"': '"./packages/emotion-core[onnx]"',
    "emotion-rnn": "./packages/emotion-core ./packages/emotion-rnn",
    '"emotion-bert[lora,onnx]"': './packages/emotion-core "./packages/emotion-bert[lora,onnx]"',
    "emotion-rnn emotion-bert": "./packages/emotion-core ./packages/emotion-rnn ./packages/emotion-bert",
    '"emotion-core[onnx]" emotion-rnn': '"./packages/emotion-core[onnx]" ./packages/emotion-rnn',
}
"""What a line installs after the release, and from a clone."""


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """docs/published.py as a module."""
    spec = importlib.util.spec_from_file_location("published", ROOT / "docs" / "published.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["published"] = module  # where dataclasses look
    spec.loader.exec_module(module)
    return module


def test_what_is_written_follows_from_what_is_known() -> None:
    """No page, package or citation is out of date; `nox -s published` mends one that is."""
    command = [sys.executable, "docs/published.py", "--check"]
    assert subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False).stderr == ""


@pytest.mark.parametrize("released", INSTALLED)
def test_a_line_that_installs_is_written_for_a_clone_and_back(script: ModuleType, released: str) -> None:
    """From a clone emotion-core stands beside those that require it, since no index has it."""
    before = script.Published(released=False, repository="", version="0.1.0")
    after = replace(before, released=True)
    line, clone = (f"```\npip install {words}\n```\n" for words in (released, INSTALLED[released]))
    assert script.rewritten(line, before) == script.rewritten(clone, before) == clone
    assert script.rewritten(clone, after) == script.rewritten(line, after) == line


def test_other_lines_of_pip_stay(script: ModuleType) -> None:
    """What others publish, a contributor's editable install, and what a message of ours says."""
    text = "pip install optuna-dashboard\npip install -e packages/emotion-core\nDo: pip install 'emotion-core[study]'\n"
    assert script.rewritten(text, script.Published(released=False, repository="", version="0.1.0")) == text


def test_a_release_changes_the_sentence_on_where_to_run_the_lines(script: ModuleType) -> None:
    """Until then it says that a clone is needed; the pages then say no word of it."""
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    known = script.Published(released=False, repository=ADDRESS, version="0.1.0")
    assert "not on PyPI yet" in script.rewritten(page, known)
    assert f"(`git clone {ADDRESS}`)" in script.rewritten(page, known)
    assert "./packages/emotion" not in script.rewritten(page, replace(known, released=True))


@pytest.mark.parametrize("name", ["core", "rnn", "bert"])
def test_a_package_links_to_the_repository_once_it_has_an_address(script: ModuleType, name: str) -> None:
    """Its page on the index leads to the code, the issues and the changelog."""
    text = (ROOT / "packages" / f"emotion-{name}" / "pyproject.toml").read_text(encoding="utf-8")
    known = script.Published(released=False, repository=ADDRESS, version="0.1.0")
    assert "urls" not in tomllib.loads(script.rewritten(text, replace(known, repository="")))["project"]
    urls = tomllib.loads(script.rewritten(text, known))["project"]["urls"]
    assert {"Repository", "Issues", "Changelog"} == {*urls}
    assert all(link.startswith(ADDRESS) for link in urls.values())


def test_the_citation_names_the_version_and_the_repository(script: ModuleType) -> None:
    """The file has what the Citation File Format asks for, and the version of the packages."""
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    cited = yaml.safe_load(script.rewritten(text, script.Published(released=True, repository=ADDRESS, version="1.2.3")))
    assert {"cff-version", "message", "title", "authors"} <= {*cited}
    assert (cited["version"], cited["repository-code"]) == ("1.2.3", ADDRESS)
