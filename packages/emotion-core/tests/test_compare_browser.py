"""The comparison page in a real browser: `python -m nox -s browser`; skipped where Selenium or Chrome is not there."""

from dataclasses import replace

import pytest

from browser import chrome, forget, loaded
from emotion_core.reporting.compare import ranked_runs
from emotion_core.reporting.compare_page import write_page
from emotion_core.runs.metrics import Latency, Speed, Throughput

pytest.importorskip("selenium", reason="Selenium is not installed: python -m nox -s browser")

from selenium.webdriver import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

pytestmark = pytest.mark.acceptance

TITLE = "Comparison of 3 runs"


@pytest.fixture(scope="module")
def browser():
    """One browser for all tests."""
    with chrome() as browser:
        yield browser


@pytest.fixture(scope="module")
def address(disputed, tmp_path_factory):
    """Where the page of three runs that disagree, with hostile texts and a hostile name, is."""
    page = tmp_path_factory.mktemp("page") / "page.html"
    write_page(ranked_runs(disputed), page)
    return page.as_uri()


@pytest.fixture
def page(browser, address):
    """The page, loaded anew; after the test nothing was logged, nothing was loaded, and no text has run."""
    forget(browser)
    browser.get(address)
    yield browser
    assert browser.title == TITLE
    assert browser.get_log("browser") == []
    assert loaded(browser) == [address]


def ranks(page):
    """The first cells of the table of runs, from top to bottom."""
    return [cell.text for cell in page.find_elements(By.CSS_SELECTOR, "#runs tbody td:first-child")]


def heads(page):
    """The button of each column of the table of runs, by its name."""
    buttons = page.find_elements(By.CSS_SELECTOR, "#runs thead th button")
    return {button.get_property("textContent"): button for button in buttons}


def sorting(page):
    """The columns by which the table is said to be sorted, with the direction."""
    sorted_heads = page.find_elements(By.CSS_SELECTOR, "#runs th[aria-sort]")
    return {head.get_property("textContent"): head.get_attribute("aria-sort") for head in sorted_heads}


def panels(page):
    """The ids of the runs whose confusion matrix is to be seen."""
    return [panel.get_attribute("id") for panel in page.find_elements(By.TAG_NAME, "section") if panel.is_displayed()]


def examples(page):
    """The beginnings of the texts that are to be seen."""
    return [text.text[:9] for text in page.find_elements(By.CSS_SELECTOR, "#examples .text") if text.is_displayed()]


def choose(page, name, option):
    """Choose an option of a list of the filter by its text."""
    (found,) = [o for o in page.find_elements(By.CSS_SELECTOR, f"#{name} option") if o.text.startswith(option)]
    found.click()


def test_a_click_on_a_column_sorts_by_it(page):
    """First as a reader wants it, then the other way round; aria-sort moves with it."""
    assert (ranks(page), sorting(page)) == (["1", "2", "3"], {"rank": "ascending"})
    heads(page)["parameters"].click()
    assert (ranks(page), sorting(page)) == (["1", "2", "3"], {"parameters": "ascending"})
    heads(page)["parameters"].click()
    assert (ranks(page), sorting(page)) == (["3", "2", "1"], {"parameters": "descending"})
    heads(page)["macro-F1"].click()
    assert (ranks(page), sorting(page)) == (["1", "2", "3"], {"macro-F1": "descending"})
    heads(page)["run"].click()
    assert ranks(page) == ["3", "1", "2"]  # by name: </script>..., best, middle


def test_a_column_is_sorted_with_the_keyboard_alone(page):
    """Enter and the space bar do what a click does, and the focus stays."""
    button = heads(page)["rank"]
    button.send_keys(Keys.ENTER)
    assert ranks(page) == ["3", "2", "1"]
    page.switch_to.active_element.send_keys(Keys.SPACE)
    assert ranks(page) == ["1", "2", "3"]
    assert page.switch_to.active_element == button


def test_what_was_not_measured_is_sorted_last(disputed, browser, tmp_path):
    """In both directions: it is neither fast nor slow."""
    entries = ranked_runs(disputed)
    for place, texts_per_second in ((0, 100.0), (2, 20.0)):
        speed = Speed(Latency(9.0, 9.5, 100), Throughput(texts_per_second, 100))
        (run,) = entries[place].runs
        entries[place] = replace(entries[place], runs=(replace(run, metrics=replace(run.metrics, speed=speed)),))
    write_page(entries, tmp_path / "page.html")
    browser.get((tmp_path / "page.html").as_uri())
    heads(browser)["texts/s"].click()
    assert ranks(browser) == ["1", "3", "2"]
    heads(browser)["texts/s"].click()
    assert ranks(browser) == ["3", "1", "2"]


def test_a_run_shows_its_confusion_matrix_when_it_is_activated(page):
    """The best is open; a click anywhere in a row opens another beside it, Enter on its name closes it again."""
    assert panels(page) == ["run-1"]
    row = page.find_elements(By.CSS_SELECTOR, "#runs tbody tr")[1]
    toggle = row.find_element(By.TAG_NAME, "button")
    assert toggle.get_attribute("aria-expanded") == "false"
    row.find_elements(By.TAG_NAME, "td")[2].click()
    assert (panels(page), toggle.get_attribute("aria-expanded")) == (["run-1", "run-2"], "true")
    toggle.send_keys(Keys.ENTER)
    assert (panels(page), toggle.get_attribute("aria-expanded")) == (["run-1"], "false")


def test_the_name_of_a_run_opens_it_after_sorting_too(page):
    """The row takes its confusion matrix along."""
    heads(page)["rank"].click()
    page.find_elements(By.CSS_SELECTOR, "#runs tbody button")[0].click()
    assert panels(page) == ["run-1", "run-3"]


def test_examples_are_filtered_by_emotion(page):
    """Only texts of the true emotion are left, and their number is told."""
    assert len(examples(page)) == 5
    choose(page, "emotion", "sadness")
    assert examples(page) == ["so & so", "<img src="]
    assert page.find_element(By.CSS_SELECTOR, "[role=status]").text == "2 of 5 shown"


def test_examples_are_filtered_by_a_pair_of_runs(page):
    """Only texts on which these two differ are left; with one of them alone, those on which it differs from any."""
    choose(page, "first", "2. middle")
    choose(page, "second", "3. ")
    assert examples(page) == ["word word", "</script>", "nan"]
    choose(page, "first", "1. best")
    assert examples(page) == ["word word", "so & so", "<img src=", "nan"]
    choose(page, "second", "any run")
    assert len(examples(page)) == 5


def test_examples_are_filtered_by_what_the_best_run_got_wrong(page):
    """With the space bar on the box."""
    page.find_element(By.ID, "wrong").send_keys(Keys.SPACE)
    assert examples(page) == ["<img src="]


def test_all_controls_are_reached_with_the_tab_key(page):
    """Every column, run and filter gets the focus in its turn."""
    controls = page.find_elements(By.CSS_SELECTOR, "button, select, input")
    page.find_element(By.TAG_NAME, "body").click()
    reached = []
    for _ in range(len(controls) + 10):
        ActionChains(page).send_keys(Keys.TAB).perform()
        reached.append(page.switch_to.active_element)
    assert [control for control in reached if control in controls][: len(controls)] == controls


def test_the_page_fits_a_phone_in_the_dark(page):
    """At 360 pixels only the tables scroll sideways, and the text is light on dark."""
    size = {"width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": True}
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    dark = [{"name": "prefers-color-scheme", "value": "dark"}]
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": dark})
    try:
        assert page.execute_script("return document.documentElement.scrollWidth") == 360
        style = "const style = getComputedStyle(document.body); return [style.color, style.backgroundColor]"
        text, back = (sum(map(int, color[4:-1].split(","))) for color in page.execute_script(style))
        assert text > 600 > 100 > back
    finally:
        page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_the_policy_stops_what_escaping_would_let_through(browser, address):
    """A script and an image that are put into the page are refused by the browser."""
    browser.get(address)
    browser.get_log("browser")
    browser.execute_script(
        "const script = document.createElement('script'), image = document.createElement('img');"
        "script.textContent = \"document.title = 'spoilt'\"; image.src = 'spoilt.png';"
        "document.body.append(script, image)"
    )
    assert browser.title == TITLE
    refused = [entry["message"] for entry in browser.get_log("browser")]
    assert len(refused) == 2
    assert all("Content Security Policy" in message for message in refused)


def test_without_script_everything_is_there(page, address):
    """All matrices and examples are shown, and no control that would do nothing."""
    page.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        page.get_log("performance")
        page.get(address)
        assert panels(page) == ["run-1", "run-2", "run-3"]
        assert len(examples(page)) == 5
        controls = page.find_elements(By.CSS_SELECTOR, "button, select, input")
        assert not [control for control in controls if control.is_displayed()]
    finally:
        page.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
