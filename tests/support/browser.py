"""Start a browser for the tests of pages, and read what it has loaded; needs Selenium, and Chrome with its driver."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest


@contextmanager
def chrome() -> Iterator[Any]:
    """Chrome or Chromium without a window, which records what its pages log and load; the test skips where none is."""
    selenium = pytest.importorskip("selenium.webdriver", reason="Selenium is not installed: python -m nox -s browser")
    exceptions = pytest.importorskip("selenium.common.exceptions")
    driver = shutil.which("chromedriver")
    if driver is None:
        pytest.skip("there is no chromedriver on the PATH, and so no browser")
    options = selenium.ChromeOptions()
    # Without the sandbox, which root cannot have; the pages are our own.
    for flag in ("headless=new", "no-sandbox", "disable-dev-shm-usage", "disable-background-networking"):
        options.add_argument(f"--{flag}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    try:
        browser = selenium.Chrome(options, selenium.ChromeService(driver))
    except exceptions.WebDriverException as error:
        pytest.skip(f"the browser does not start: {error.msg}")
    try:
        yield browser
    finally:
        browser.quit()


def forget(browser: Any) -> None:
    """Throw away what was logged and loaded so far."""
    for kind in ("browser", "performance"):
        browser.get_log(kind)


def loaded(browser: Any) -> list[str]:
    """The addresses that were asked for since `forget`."""
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    return [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]
