"""The site in a real browser, opened as files and from a server: `python -m nox -s browser`."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from browser import chrome, forget, loaded

pytest.importorskip("selenium", reason="Selenium is not installed: python -m nox -s browser")

from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

SITE = Path(__file__).resolve().parents[2] / "site"
PAGES = sorted(path.relative_to(SITE).as_posix() for path in SITE.rglob("*.html") if path.name != "404.html")
"""Without that which a server shows for a page that it has not: its addresses are those of the server."""

PHONE = {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}
SECONDS = 30


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and logs nothing."""

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One browser for all tests, with the screen of a phone."""
    with chrome() as browser:
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", PHONE)
        yield browser


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of the site on this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(SITE))) as served:
        threading.Thread(target=served.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{served.server_port}"
        served.shutdown()


@pytest.fixture(params=["files", "server"])
def address(request: pytest.FixtureRequest, server: str) -> str:
    """Where the site is."""
    return SITE.as_uri() if request.param == "files" else server


def test_the_site_is_there() -> None:
    """`nox -s docs` has built the pages that the other tests look at."""
    assert {"index.html", "start.html", "results.html"} <= set(PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_fits_a_phone_and_loads_nothing_from_elsewhere(browser: Any, page: str) -> None:
    """Opened as a file: no sideways scrolling, no message in the console, no address outside the site."""
    forget(browser)
    browser.get(f"{SITE.as_uri()}/{page}")
    assert browser.title
    assert browser.execute_script("return document.documentElement.scrollWidth") == PHONE["width"]
    assert browser.get_log("browser") == []
    outside = [url for url in loaded(browser) if not url.startswith((SITE.as_uri(), "data:", "blob:"))]
    assert outside == []


KIND = "const [field, words] = arguments; field.value = words; field.dispatchEvent(new KeyboardEvent('keyup'))"
"""At once, so that nothing is found for the first letters alone."""
FOUND = "return [...document.querySelectorAll('.md-search-result__link')].map((link) => link.href)"


def search(browser: Any, address: str, words: str) -> list[str]:
    """The links that the search of the site gives, best first, from the root of the site."""
    browser.get(f"{address}/index.html")
    browser.find_element(By.CSS_SELECTOR, "label.md-header__button[for=__search]").click()
    browser.execute_script(KIND, browser.find_element(By.CSS_SELECTOR, ".md-search__input"), words)
    found: list[str] = WebDriverWait(browser, SECONDS).until(lambda page: page.execute_script(FOUND))
    return [re.sub(r"\?[^#]*", "", link.removeprefix(f"{address}/")) for link in found]


def test_the_search_finds_a_page(browser: Any, address: str) -> None:
    """A word that stands in a page leads to it, with and without a server."""
    assert "design.html#calibration" in search(browser, address, "calibration")


ANSWERS = {
    "own labels": {"guides/data.html#labels-of-another-set"},
    "how long": {"faq.html#how-long-does-it-take"},
    "german": {"guides/predict.html#other-languages"},
    "other languages": {"guides/predict.html#other-languages"},
    "excel": {"faq.html#can-it-read-an-excel-file"},
    "cite": {"faq.html#how-do-i-cite-this"},
    "docker": {"faq.html#is-there-a-docker-image"},
    "predict": {"guides/predict.html"},
    "train": {"start.html#train", "guides/rnn.html"},
    "split": {"guides/data.html#split-a-file"},
    "evaluate": {"start.html#evaluate"},
    "tab key": {"reference/completion.html"},
}
"""What people search for, and links that answer them; one is among the first, and no page of signatures before it."""
FIRST = 4


@pytest.mark.parametrize("words", ANSWERS)
def test_the_search_answers_before_it_shows_signatures(browser: Any, server: str, words: str) -> None:
    """Guides and questions come before the Python reference, though that repeats the words of every name."""
    found = search(browser, server, words)
    best = next(place for place, link in enumerate([*found, *ANSWERS[words]]) if link in ANSWERS[words])
    assert best < FIRST, found
    assert not any(link.startswith("reference/") for link in found[:best])


def test_links_lead_to_pages_when_the_site_is_opened_as_files(browser: Any) -> None:
    """A link of the first page goes to the file of a page, which shows it."""
    browser.get(f"{SITE.as_uri()}/index.html")
    browser.find_element(By.CSS_SELECTOR, "article a[href^='start']").click()
    assert browser.current_url.partition("#")[0] == f"{SITE.as_uri()}/start.html"
    assert browser.find_element(By.TAG_NAME, "h1").text.startswith("Start")
