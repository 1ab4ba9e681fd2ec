"""The site, and what is tested in a browser."""

from __future__ import annotations

import nox

from sessions.common import BERT, CORE, RNN, STUDY, TEST_TOOLS, install, session, words_after


def make_site(session: nox.Session, *words: str) -> None:
    """Call mkdocs with what the pages need."""
    install(session, STUDY, "-r", "docs/requirements.txt")
    session.install("--quiet", "--no-deps", RNN, BERT)  # their command lines need neither TensorFlow nor torch
    session.run("mkdocs", *words, env={"NO_MKDOCS_2_WARNING": "1"})  # the theme's advertisement of its successor


@session
def browser(session: nox.Session) -> None:
    """Test the pages and the site in Chrome or Chromium, which must be there with its chromedriver."""
    session.run("chromedriver", "--version", external=True)  # the tests would be skipped without it
    make_site(session, "build", "--strict")
    install(session, f"{CORE}[onnx,serve]", *TEST_TOOLS, "onnx", "selenium")
    install(session, "--no-deps", "axe-playwright-python")  # for the axe-core in it, which needs no Playwright
    tests = (f"{CORE}/tests/test_{name}_browser.py" for name in ("compare", "page"))
    session.run("pytest", *tests, "tests/site", *words_after(session))


@session
def docs(session: nox.Session) -> None:
    """Build the site strictly into site/; `nox -s docs -- serve` shows it while you write."""
    make_site(session, *(words_after(session) or ("build", "--strict")))
