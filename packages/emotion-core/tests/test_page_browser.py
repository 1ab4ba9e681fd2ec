"""The page of a service in a real browser: `python -m nox -s browser`; skipped without Selenium or Chrome."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import random
import re
from pathlib import Path
from threading import Event

import pytest

from between import Answer, between
from browser import chrome, forget, loaded
from emotion_core.inference.loading import load
from emotion_core.inference.predict import checked_table, predict_table
from emotion_core.labels import EMOTIONS
from services import running
from tiny_onnx import MAX_LENGTH, write_onnx_run

pytest.importorskip("selenium", reason="Selenium is not installed: python -m nox -s browser")
pytest.importorskip("fastapi", reason="FastAPI is not installed: pip install emotion-core[serve]")

from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

pytestmark = pytest.mark.acceptance

JOY = "We got the keys! Dancing in an empty kitchen."
SIZES = {"desktop": (1280, 900), "phone": (400, 800)}


@pytest.fixture(scope="module")
def runs(sample, tmp_path_factory):
    """Two runs in ONNX; the second is less sure of itself."""
    folder, train = tmp_path_factory.mktemp("served"), sample.split("train")
    return [
        write_onnx_run(folder / name, train.texts, train.labels, sharpness=sharpness)
        for name, sharpness in (("sure", 1.0), ("careful", 0.4))
    ]


@pytest.fixture(scope="module")
def service(runs):
    """The address of a service with both runs."""
    with running(*runs) as service:
        yield f"{service.url}/"


@pytest.fixture(scope="module")
def passing(service):
    """What stands between the browser and the service, and the address that the browser opens."""
    with between(service) as passing:
        yield passing


@pytest.fixture(scope="module")
def browser():
    """One browser for all tests."""
    with chrome() as browser:
        yield browser


@pytest.fixture
def page(browser, passing):
    """The page, opened for the first time; after the test nothing was logged, and nothing came from elsewhere."""
    passing[0].reset()
    forget(browser)
    resize(browser, "desktop")
    prefer(browser, "light")
    open_page(browser, passing[1])
    yield browser
    assert browser.get_log("browser") == []
    assert [address for address in loaded(browser) if not address.startswith((passing[1], "blob:"))] == []


def forget_refused(page):
    """Throw away what the browser, and not the page, logs of an answer that is an error."""
    logged = page.get_log("browser")
    assert logged
    assert {entry["source"] for entry in logged} == {"network"}


def prefer(page, scheme, motion="reduce"):
    """Let the system of the browser ask for dark or light colours, and for little motion."""
    features = {"prefers-color-scheme": scheme, "prefers-reduced-motion": motion}
    asked = [{"name": name, "value": value} for name, value in features.items()]
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": asked})


def resize(page, size):
    """Give the page the size of a device."""
    width, height = SIZES[size]
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": size == "phone"}
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def open_page(browser, address):
    """Open it as somebody who was never there."""
    browser.get(address)
    browser.execute_script("localStorage.clear(); sessionStorage.clear()")
    browser.get(address)
    wait(browser, lambda: browser.find_elements(By.CSS_SELECTOR, ".panel, #trouble:not([hidden])"))


def wait(page, condition):
    """Until a condition holds, which is given back."""
    redrawn = [StaleElementReferenceException]  # an element that the page has replaced meanwhile is looked for again
    return WebDriverWait(page, 20, 0.05, ignored_exceptions=redrawn).until(lambda _: condition())


def element(page, name):
    """The element with an id."""
    return page.find_element(By.ID, name)


def kind(page, text):
    """Type into the field."""
    element(page, "text").send_keys(text)


def fill(page, text):
    """Put a text into the field at once, as by pasting."""
    script = "const [field, text] = arguments; field.value = text; field.dispatchEvent(new Event('input'))"
    page.execute_script(script, element(page, "text"), text)


def verdicts(page):
    """What each panel says, by the name of its model."""
    panels = page.find_elements(By.CSS_SELECTOR, ".panel")
    return {
        p.get_attribute("aria-label"): p.find_element(By.CLASS_NAME, "verdict").text.replace("\n", " ") for p in panels
    }


def bars(page, model):
    """The value and the width of each bar of a panel, by emotion, from top to bottom."""
    script = """
      const rows = document.querySelectorAll(`[aria-label="${arguments[0]}"] .bars li`);
      return [...rows].map((row) => [row.querySelector(".emotion").textContent,
        [row.querySelector(".value").textContent, row.querySelector(".fill").style.inlineSize]]);
    """
    return dict(page.execute_script(script, model))


def test_six_bars_follow_what_is_typed(page, runs):
    """Each has its probability as width and in words; the first and the second guess are named."""
    kind(page, JOY)
    wait(page, lambda: verdicts(page)["sure"].startswith("Joy"))
    (expected,) = load(runs[0]).predict_proba([JOY]).tolist()
    percents = [100 * share for share in expected]
    widths = lambda: [float(width.removesuffix("%")) for _, width in bars(page, "sure").values()]  # noqa: E731
    wait(page, lambda: widths() == pytest.approx(percents, abs=1e-3))
    assert list(bars(page, "sure")) == list(EMOTIONS)
    for (value, _), share in zip(bars(page, "sure").values(), percents, strict=True):
        assert value == ("<1%" if share < 0.5 else f"{round(share)}%")
    second = EMOTIONS[sorted(range(6), key=expected.__getitem__)[-2]]
    told = page.find_element(By.CSS_SELECTOR, "[aria-label=sure] .second").text
    assert re.search(rf"[Ss]econd guess: {second}, ", told)


def test_the_field_emptied_empties_the_bars(page):
    """No prediction stays of a text that is gone."""
    kind(page, "joy")
    wait(page, lambda: bars(page, "sure")["joy"][0])
    element(page, "text").send_keys(Keys.BACKSPACE * 3)
    wait(page, lambda: verdicts(page)["sure"] == "No text yet")
    assert {value for value, _ in bars(page, "sure").values()} == {""}


def test_models_stand_side_by_side_and_can_be_chosen(page):
    """Both at first, each with its own figures; one alone when the other is left out, and one always stays."""
    kind(page, JOY)
    wait(page, lambda: all("Joy" in verdict for verdict in verdicts(page).values()))
    assert list(verdicts(page)) == ["sure", "careful"]
    assert len(set(verdicts(page).values())) == 2
    left, right = (panel.rect for panel in page.find_elements(By.CSS_SELECTOR, ".panel"))
    assert (left["y"], left["x"] < right["x"]) == (right["y"], True)
    first, second = page.find_elements(By.CSS_SELECTOR, "#choice input")
    first.click()
    assert list(verdicts(page)) == ["careful"]
    second.click()
    assert second.is_selected()


def test_an_answer_that_comes_too_late_is_thrown_away(page, passing):
    """The answer to an older text, which comes after that to a newer one."""
    held = Event()
    passing[0].held = {b"hold this": held}
    kind(page, "hold this")
    wait(page, lambda: any(b"hold this" in body for body in passing[0].bodies))
    wait(page, lambda: page.find_elements(By.CSS_SELECTOR, ".panel.waiting[aria-busy=true]"))
    element(page, "text").clear()
    kind(page, JOY)
    wait(page, lambda: verdicts(page)["sure"].startswith("Joy"))
    before = bars(page, "sure")
    held.set()
    kind(page, " ")
    wait(page, lambda: any(JOY.encode() + b" " in body for body in passing[0].bodies))
    assert bars(page, "sure") == before


def test_typing_asks_once_for_a_pause_and_not_for_each_key(page, passing):
    """Fewer requests than keys."""
    kind(page, JOY)
    wait(page, lambda: verdicts(page)["sure"].startswith("Joy"))
    assert len(passing[0].bodies) < len(JOY)


def test_an_example_is_taken_by_a_click(page):
    """It stands in the field, and is predicted."""
    button = page.find_element(By.CSS_SELECTOR, "#examples button")
    button.click()
    assert element(page, "text").get_property("value") == button.text == JOY
    wait(page, lambda: verdicts(page)["sure"].startswith("Joy"))


def test_a_text_without_prediction_says_why(page):
    """The reason of the service stands there, and no bar."""
    fill(page, "\u200b\u200d")
    wait(page, lambda: verdicts(page)["sure"] == "No prediction")
    assert page.find_element(By.CSS_SELECTOR, "[aria-label=sure] .second").text == "No text."


def test_a_busy_service_is_asked_again(page, passing):
    """After as long as it says, and the page says so meanwhile."""
    busy = Answer(503, json.dumps({"error": "Too many texts wait."}).encode(), (("Retry-After", "1"),))
    passing[0].instead = [busy, busy]
    kind(page, JOY)
    wait(
        page,
        lambda: "is asked again in 1 second." in page.find_element(By.CSS_SELECTOR, "[aria-label=sure] .problem").text,
    )
    wait(page, lambda: verdicts(page)["sure"].startswith("Joy"))
    assert not page.find_element(By.CSS_SELECTOR, "[aria-label=sure] .problem").is_displayed()
    forget_refused(page)


def test_an_error_of_the_service_is_shown_and_can_be_tried_again(page, passing):
    """Its sentence; of a server in between that knows no sentence, the status."""
    refusal = Answer(422, json.dumps({"error": "A text has 9 characters, at most 8 are allowed."}).encode())
    passing[0].instead = [refusal, Answer(413, b"<html>Request Entity Too Large</html>")]
    element(page, "choice").find_elements(By.TAG_NAME, "input")[1].click()
    page.find_element(By.CSS_SELECTOR, "#examples button").click()
    problem = page.find_element(By.CSS_SELECTOR, ".panel .problem")
    wait(page, lambda: problem.text.startswith("A text has 9 characters, at most 8 are allowed."))
    problem.find_element(By.TAG_NAME, "button").click()
    wait(page, lambda: problem.text.startswith("The service answered with status 413."))
    problem.find_element(By.TAG_NAME, "button").click()
    wait(page, lambda: verdicts(page)["sure"].startswith("Joy"))
    forget_refused(page)


def test_a_service_that_is_gone_is_missed_and_found_again(browser, runs):
    """While texts are typed, and when the page is opened."""
    with running(runs[0]) as service:
        open_page(browser, service.url)
    kind(browser, JOY)
    problem = wait(browser, lambda: browser.find_element(By.CSS_SELECTOR, ".panel .problem"))
    wait(browser, lambda: problem.text.startswith("The service cannot be reached. Is it still running?"))
    assert {value for value, _ in bars(browser, "sure").values()} == {""}
    forget(browser)


def test_without_models_the_page_says_so_and_asks_again(browser, passing):
    """The answer to the first question decides what can be shown."""
    browser.execute_cdp_cmd("Network.enable", {})
    browser.execute_cdp_cmd("Network.setBlockedURLs", {"urls": ["*/models"]})
    try:
        open_page(browser, passing[1])
        trouble = element(browser, "trouble")
        assert trouble.text.startswith("The service cannot be reached.")
    finally:
        browser.execute_cdp_cmd("Network.setBlockedURLs", {"urls": []})
    trouble.find_element(By.TAG_NAME, "button").click()
    wait(browser, lambda: len(verdicts(browser)) == 2)
    assert not trouble.is_displayed()


def test_a_text_that_is_too_long_is_not_sent(page, passing):
    """The page knows the limit of the service, and says how far the text is beyond it."""
    fill(page, "a" * 20_001)
    wait(page, lambda: element(page, "room").text == "20,001 of at most 20,000 characters.")
    assert element(page, "text").get_attribute("aria-invalid") == "true"
    assert passing[0].bodies == []


def test_the_history_is_kept_in_the_browser(page, passing):
    """One entry for a text, however often one pauses; it is there after a reload, and a click brings the text back."""
    kind(page, "We got")
    wait(page, lambda: page.find_elements(By.CSS_SELECTOR, "#entries li"))
    kind(page, JOY.removeprefix("We got"))
    wait(page, lambda: [b.text for b in page.find_elements(By.CSS_SELECTOR, "#entries button")] == [JOY])
    page.get(passing[1])
    entry = wait(page, lambda: page.find_elements(By.CSS_SELECTOR, "#entries li"))[0]
    assert re.fullmatch(r"Joy \d+% · Joy \d+%", entry.find_element(By.CLASS_NAME, "said").text)
    element(page, "text").clear()
    entry.find_element(By.TAG_NAME, "button").click()
    assert element(page, "text").get_property("value") == JOY
    assert page.switch_to.active_element == element(page, "text")


def test_the_history_can_be_cleared_and_switched_off(page):
    """What is cleared is gone from the browser, too; what is tried while it is off is not kept."""
    page.find_elements(By.CSS_SELECTOR, "#examples button")[0].click()
    wait(page, lambda: page.find_elements(By.CSS_SELECTOR, "#entries li"))
    element(page, "clear").click()
    element(page, "keep").click()
    page.find_elements(By.CSS_SELECTOR, "#examples button")[1].click()
    wait(page, lambda: element(page, "said").get_property("textContent"))
    stored = page.execute_script("return localStorage.getItem('emotion-history')")
    assert json.loads(stored) == {"on": False, "entries": []}
    assert element(page, "no-history").text == "Texts that you try are not kept."


def test_the_colours_follow_the_system_until_one_chooses(page, passing):
    """The button turns them round, and the choice is there after a reload."""
    back = lambda: page.execute_script("return getComputedStyle(document.body).backgroundColor")  # noqa: E731
    prefer(page, "dark")
    assert (back(), element(page, "theme").get_attribute("aria-pressed")) == ("rgb(18, 20, 23)", "true")
    element(page, "theme").click()
    page.get(passing[1])
    assert (back(), element(page, "theme").get_attribute("aria-pressed")) == ("rgb(253, 253, 252)", "false")
    element(page, "theme").click()
    prefer(page, "light")
    assert back() == "rgb(253, 253, 252)"  # chosen was what the system said, so the page follows it again


def test_nothing_moves_for_those_who_ask_for_no_motion(page):
    """Else a bar grows in a moment."""
    style = "return getComputedStyle(document.querySelector('.fill')).transitionDuration"
    assert page.execute_script(style) == "0s"
    prefer(page, "light", motion="no-preference")
    assert page.execute_script(style) == "0.22s"


def test_everything_is_done_with_the_keyboard(page):
    """The skip link leads to the field; examples, models and history are reached and used, and the focus is seen."""
    press = lambda *keys: ActionChains(page).send_keys(*keys).perform()  # noqa: E731
    press(Keys.TAB)
    assert page.switch_to.active_element.text == "Skip to the text"
    press(Keys.ENTER, JOY)
    wait(page, lambda: verdicts(page)["sure"].startswith("Joy"))
    press(Keys.TAB, Keys.TAB, Keys.ENTER)
    assert element(page, "text").get_property("value") != JOY
    reached = []
    for _ in range(40):
        press(Keys.TAB)
        focused = page.switch_to.active_element
        reached.append(focused.get_attribute("id") or focused.get_attribute("value") or focused.text)
        outline = "return getComputedStyle(arguments[0].closest('label.drop') ?? arguments[0]).outlineStyle"
        assert focused.tag_name == "body" or page.execute_script(outline, focused) != "none", reached
    assert {"careful", "file", "keep", "theme", "File"} <= set(reached)


def test_a_screen_reader_hears_one_sentence_when_a_text_has_settled(page):
    """And nothing while it is typed; no bar is a live region."""
    page.execute_script(
        "window.heard = []; new MutationObserver(() => heard.push(document.getElementById('said').textContent))"
        ".observe(document.getElementById('said'), { childList: true })"
    )
    for word in JOY.split():
        kind(page, f"{word} ")
    heard = wait(page, lambda: page.execute_script("return heard"))
    assert len(heard) == 1
    assert re.fullmatch(r"sure: Joy \d+%\. .*careful: Joy \d+%\. .*", heard[0])
    assert len(page.find_elements(By.CSS_SELECTOR, "main [aria-live], main [role=status]")) == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_no_fault(page, passing, size, scheme):
    """Of an empty page, of one with predictions, and of an error; and nothing scrolls sideways."""
    resize(page, size)
    prefer(page, scheme)
    check(page)
    kind(page, JOY)
    wait(page, lambda: page.find_elements(By.CSS_SELECTOR, "#entries li"))
    check(page)
    passing[0].instead = [Answer(422, b"{}"), Answer(422, b"{}")]
    kind(page, " ")
    wait(
        page, lambda: len([p for p in page.find_elements(By.CSS_SELECTOR, ".panel .problem") if p.is_displayed()]) == 2
    )
    check(page)
    forget_refused(page)
    assert page.execute_script("return document.documentElement.scrollWidth") <= SIZES[size][0]


def check(page):
    """Let axe-core look for faults, of best practice too."""
    found = importlib.util.find_spec("axe_playwright_python")
    if found is None or found.origin is None:
        pytest.skip("axe-playwright-python, which brings axe-core, is not installed: python -m nox -s browser")
    page.execute_script((Path(found.origin).parent / "axe.min.js").read_text(encoding="utf-8"))
    result = page.execute_async_script("axe.run().then(arguments[arguments.length - 1])")
    faults = [(fault["id"], [node["html"] for node in fault["nodes"]]) for fault in result["violations"]]
    assert faults == []
    assert len(result["passes"]) > 20


def test_a_long_text_says_that_a_part_was_left_out(page):
    """Where the model reads fewer words than the text has."""
    kind(page, "happy " * (MAX_LENGTH + 1))
    wait(page, lambda: "a part of it was left out" in page.find_element(By.CSS_SELECTOR, ".panel .note").text)


FOREIGN = {
    "label": 1,
    "emotion": "joy",
    "probabilities": dict.fromkeys(EMOTIONS, 0.1) | {"joy": 0.5},
    "truncated": False,
    "foreign": True,
    "uncertain": False,
}


def test_a_text_in_another_language_says_so(page, passing):
    """The prediction stands there, and that nobody should rely on it."""
    answer = Answer(200, json.dumps({"model": "sure", "predictions": [FOREIGN]}).encode())
    passing[0].instead = [answer, answer]
    fill(page, "der Zug ist wieder zu spät")
    note = page.find_element(By.CSS_SELECTOR, "[aria-label=sure] .note")
    wait(page, lambda: "a language that this model does not read" in note.text)
    assert verdicts(page)["sure"].startswith("Joy")


@pytest.fixture
def upload(page, tmp_path):
    """A function that writes a file and chooses it on the page."""

    def upload(name, content):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        element(page, "file").send_keys(str(path))
        wait(page, lambda: element(page, "found").text.startswith(name) or element(page, "file-problem").text)
        return path

    return upload


def predict_file(page):
    """Press the button and wait for the end; what the summary says."""
    element(page, "start").click()
    wait(page, lambda: element(page, "summary").is_displayed() or element(page, "file-problem").is_displayed())
    assert not element(page, "file-problem").text
    return element(page, "summary").text


def downloaded(page, folder):
    """The bytes of the file that the page gives back."""
    page.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(folder)})
    path = folder / element(page, "download").get_attribute("download")
    element(page, "download").click()
    wait(page, path.is_file)
    return path.read_bytes()


def table(content):
    """The rows of a csv file, with numbers where cells are numbers, for a comparison that overlooks rounding."""
    number = re.compile(r"[\d.e-]+")
    rows = csv.reader(io.StringIO(content.decode(), newline=""))
    return [[float(cell) if number.fullmatch(cell) else cell for cell in row] for row in rows]


class TestFiles:
    """A file is predicted row by row and comes back."""

    def test_a_csv_file_comes_back_as_the_command_predict_writes_it(self, page, upload, runs, tmp_path):
        """All cells, the same columns, the same predictions; rows without text have none."""
        rows = [("1", JOY), ("2", 'quotes "here", commas'), ("3", ""), ("4", "two\nlines"), ("5", "so sad and alone")]
        written = io.StringIO(newline="")
        csv.writer(written, lineterminator="\n").writerows([("id", "text"), *rows])
        path = upload("posts.csv", written.getvalue())
        assert predict_file(page) == "5 rows, 1 with no text and so without prediction."
        predict_table(load(runs[0]), checked_table(path, "text"), tmp_path / "expected.csv")
        found, expected = table(downloaded(page, tmp_path)), table((tmp_path / "expected.csv").read_bytes())
        for row, other in zip(found, expected, strict=True):
            for cell, same in zip(row, other, strict=True):
                assert cell == (pytest.approx(same, abs=2e-6) if isinstance(same, float) else same)

    def test_a_file_of_many_rows_is_sent_in_parts(self, page, passing, upload):
        """As the limits of the service allow, in order; the distribution and the progress count all of them."""
        texts = [f"{JOY} {number}" for number in range(600)]
        upload("posts.txt", "\n".join(texts))
        assert predict_file(page) == "600 rows."
        sent = [json.loads(body)["texts"] for body in passing[0].bodies]
        assert [len(part) for part in sent] == [256, 256, 88]
        assert [text for part in sent for text in part] == texts
        assert "joy\n100%\n600" in page.find_element(By.CSS_SELECTOR, "#distribution .legend").text

    def test_the_distribution_counts_each_emotion(self, page, upload, runs):
        """One part of the bar for each emotion that occurs, and one for rows without prediction."""
        texts = [JOY, "so sad and alone", "", "i am scared of the dark", "furious at them"] * 3
        upload("posts.txt", "\n".join(texts))
        predict_file(page)
        labels = load(runs[0]).predict_proba([text for text in texts if text]).argmax(axis=1).tolist()
        counts = [labels.count(label) for label in range(6)]
        legend = page.find_elements(By.CSS_SELECTOR, "#distribution .legend li")
        assert [item.text.split("\n")[-1] for item in legend] == [*map(str, counts), "3"]
        assert len(page.find_elements(By.CSS_SELECTOR, "#distribution .stack span")) == 1 + sum(map(bool, counts))

    def test_rows_in_another_language_are_counted(self, page, passing, upload):
        """Beside those that are read only in part."""
        passing[0].instead = [Answer(200, json.dumps({"model": "sure", "predictions": [FOREIGN]}).encode())]
        upload("texts.txt", "der Zug ist wieder zu spät\n")
        assert predict_file(page).endswith("1 that seems to be in a language that the model does not read.")

    def test_a_busy_service_is_waited_for(self, page, passing, upload):
        """Each row is predicted once, and in its place."""
        upload("posts.txt", "\n".join([JOY] * 300))
        passing[0].instead = [Answer(503, b"{}", (("Retry-After", "0"),)), Answer(503, b"{}", (("Retry-After", "0"),))]
        assert predict_file(page) == "300 rows."
        assert len(passing[0].bodies) == 4
        forget_refused(page)

    def test_what_was_done_before_an_error_is_not_done_again(self, page, passing, upload, tmp_path):
        """The error is shown, and the button goes on from there; of a server in between it tells the status."""
        upload("posts.txt", "\n".join([JOY] * 300))
        passing[0].held = {f'"{JOY}"'.encode(): (held := Event())}
        element(page, "start").click()
        wait(page, lambda: passing[0].bodies)
        passing[0].instead = [Answer(413, b"<html>Request Entity Too Large</html>")]
        held.set()
        wait(page, lambda: element(page, "file-problem").text == "The service answered with status 413.")
        assert element(page, "done").text == "256 of 300 rows"
        assert element(page, "start").text == "Continue"
        assert predict_file(page) == "300 rows."
        assert len(passing[0].bodies) == 3
        assert downloaded(page, tmp_path).count(b",1,joy,") == 300
        forget_refused(page)

    def test_a_prediction_can_be_cancelled_and_continued(self, page, passing, upload):
        """The focus goes to what comes next."""
        upload("posts.txt", "\n".join([*[JOY] * 256, "wait here"]))
        passing[0].held = {b"wait here": (held := Event())}
        element(page, "start").click()
        wait(page, lambda: element(page, "done").text == "256 of 257 rows")
        assert page.switch_to.active_element == element(page, "cancel")
        page.switch_to.active_element.send_keys(Keys.ENTER)
        wait(page, lambda: element(page, "start").is_displayed())
        assert page.switch_to.active_element == element(page, "start")
        held.set()
        assert predict_file(page) == "257 rows."
        assert page.switch_to.active_element == element(page, "summary")

    def test_a_text_that_the_service_does_not_take_keeps_its_row(self, page, upload, tmp_path):
        """It has no prediction, and is counted."""
        upload("posts.txt", f"{JOY}\n{'a' * 20_001}\n{JOY}\n")
        assert predict_file(page) == "3 rows, 1 with a text of more than 20,000 characters and so without prediction."
        lines = downloaded(page, tmp_path).decode().splitlines()
        assert [line.count(",joy,") for line in lines] == [0, 1, 0, 1]
        assert lines[2].endswith("a" + "," * 8)

    def test_the_column_of_the_texts_is_guessed_and_can_be_chosen(self, page, passing, upload):
        """By its name, else the one with the longest words; the first texts of it are shown."""
        upload("posts.csv", "id,title,Text\nabc,a much longer title than the text,hello\n")
        assert element(page, "preview").text == "hello"
        upload("others.csv", "id,title,short,when\nabc,a longer title,hello,2024-01-01T00:00:00+00:00 a\n")
        assert element(page, "preview").text == "a longer title"
        choose(page, "text-column", "short")
        assert element(page, "preview").text == "hello"
        predict_file(page)
        assert json.loads(passing[0].bodies[-1])["texts"] == ["hello"]
        choose(page, "text-column", "title")
        assert not element(page, "result").is_displayed()

    def test_another_model_can_be_chosen(self, page, passing, upload):
        """The second one of the service."""
        upload("posts.txt", JOY)
        choose(page, "file-model", "careful")
        predict_file(page)
        assert json.loads(passing[0].bodies[-1])["model"] == "careful"

    def test_emotions_over_time_are_counted_by_the_column_of_dates(self, page, upload):
        """It is found by itself; the table says the share of each emotion of each day."""
        rows = [(f"2024-03-0{day}", text) for day in (1, 3) for text in (JOY, JOY, "so sad and alone")]
        upload("posts.csv", "when,text\n" + "".join(f"{day},{text}\n" for day, text in [*rows, ("soon", JOY)]))
        predict_file(page)
        page.find_element(By.CSS_SELECTOR, "#over-time summary").click()
        table = [row.text for row in page.find_elements(By.CSS_SELECTOR, "#over-time tr")]
        assert table == [
            "Day sadness joy love anger fear surprise texts",
            "1 Mar 2024 33% 67% 0% 0% 0% 0% 3",
            "2 Mar 2024 – – – – – – 0",
            "3 Mar 2024 33% 67% 0% 0% 0% 0% 3",
        ]
        assert "Left out: 1 row without an emotion or a date." in element(page, "over-time").text
        choose(page, "date-column", "no column")
        assert element(page, "over-time").text == ""

    def test_dates_that_can_be_read_in_two_ways_ask_which(self, page, upload):
        """Where no date tells; the choice is applied at once."""
        upload("posts.csv", f"when,text\n03/04/2024,{JOY}\n03/04/2024,{JOY}\n")
        predict_file(page)
        axis = lambda: page.find_element(By.CSS_SELECTOR, "#over-time .axis").text  # noqa: E731
        assert axis() == "3 Apr 2024"
        choose(page, "date-order", "month, day, year")
        assert axis() == "4 Mar 2024"

    def test_a_dropped_file_is_taken(self, page):
        """Wherever it is dropped."""
        page.execute_script(
            "const data = new DataTransfer(); data.items.add(new File(['text\\nhello\\n'], 'dropped.csv'));"
            "for (const kind of ['dragenter', 'dragover', 'drop'])"
            " document.body.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }))"
        )
        wait(page, lambda: element(page, "found").text == "dropped.csv has 1 row.")

    def test_a_file_that_cannot_be_read_says_why(self, page, upload):
        """With its name; if quotation marks are to blame, they can be read as parts of the texts."""
        upload("posts.xlsx", b"PK\x03\x04")
        assert element(page, "file-problem").text.startswith("posts.xlsx: The ending .xlsx is not one of .csv, ")
        assert not element(page, "settings").is_displayed()
        upload("posts.csv", 'id,text\n1,"she said "no" to me\n2,fine\n')
        assert element(page, "file-problem").text.startswith("posts.csv: Line 2: a quotation mark ends within a cell.")
        element(page, "literal").click()
        assert element(page, "found").text == "posts.csv has 2 rows."
        assert predict_file(page) == "2 rows."

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    @pytest.mark.parametrize("size", SIZES)
    def test_axe_finds_no_fault_in_the_result(self, page, upload, size, scheme):
        """Before the prediction and after it, with the table open; and nothing scrolls sideways."""
        resize(page, size)
        prefer(page, scheme)
        upload("posts.csv", "when,text\n" + "".join(f"2024-03-{day:02},{JOY}\n" for day in range(1, 30)) + "soon,\n")
        check(page)
        predict_file(page)
        page.find_element(By.CSS_SELECTOR, "#over-time summary").click()
        check(page)
        assert page.execute_script("return document.documentElement.scrollWidth") <= SIZES[size][0]


def choose(page, name, option):
    """Choose an option of a list by its text."""
    (found,) = [one for one in element(page, name).find_elements(By.TAG_NAME, "option") if one.text == option]
    found.click()


def called(page, module, code, *arguments):
    """What code gives that uses the functions of a module of the page."""
    script = f"""
      const done = arguments[arguments.length - 1];
      import(new URL('page/{module}', document.baseURI)).then((module) => {{ {code} }})
        .then(done, (error) => done(`${{error.name}}: ${{error.message}}`));
    """
    return page.execute_async_script(script, *arguments)


READ = """
  const [name, bytes, literal] = arguments;
  const table = module.readTable(name, new Uint8Array(bytes).buffer, literal);
"""


def read_table(page, name, content, then, *, literal=False):
    """What code makes of the `table` that the page reads from a file."""
    # `arguments` are those of the outer function, which an arrow function sees.
    return called(page, "table.js", f"{READ} {then}", name, list(content), literal)


class TestTables:
    """How the page reads and writes files."""

    @pytest.mark.parametrize(
        ("name", "content", "expected"),
        [
            ("a.csv", 'text,"b ""c"""\r\n"x,\r\ny",1\r\nz,2', 'text,"b ""c""",new\r\n"x,\r\ny",1,0\r\nz,2,1'),
            ("a.csv", "\ufefftext;n\na,b;1\n\nc;2\n", "\ufefftext;n;new\na,b;1;0\nc;2;1\n"),
            ("a.csv", "sep=|\ntext|n\na|1\n", "sep=|\ntext|n|new\na|1|0\n"),
            ("a.csv", "text\nbare\n\n", "text,new\nbare,0\n,1\n"),
            ("a.csv", "text,n,,\na,1,,\nb,2\n", "text,n,new\na,1,0\nb,2,1\n"),
            ("a.tsv", "text\tn\na \t1\n", "text\tn\tnew\na \t1\t0\n"),
            ("a.txt", "one, two\n\nthree", 'text,new\n"one, two",0\n,1\nthree,2\n'),
            ("a.jsonl", '{"text": "a", "n": 1.0 }\n\n{}\n', '{"text": "a", "n": 1.0, "new": 0}\n{"new": 1}\n'),
        ],
    )
    def test_a_file_is_written_as_it_was_read(self, page, name, content, expected):
        """Quotes, line breaks, delimiters, the byte-order mark and the notation of numbers stay as they were."""
        then = "return table.written(['new'], Array.from({ length: table.rows }, (_, row) => [row])).join('')"
        assert read_table(page, name, content.encode(), then) == expected

    def test_what_excel_calls_unicode_is_read(self, page):
        """UTF-16 with a mark; it comes back as UTF-8 with a mark."""
        then = "return [table.cell(0, 0), table.written(['new'], [[1]])[0]]"
        assert read_table(page, "a.csv", "text\tn\nnaïve\t1\n".encode("utf-16"), then) == ["naïve", "\ufeff"]

    def test_records_are_parsed_as_by_the_csv_module(self, page):
        """Of cells with every combination of what has a meaning."""
        draw = random.Random(33)
        rows = [["".join(draw.choices('ab,;"\n\r é', k=draw.randrange(6))) for _ in range(3)] for _ in range(400)]
        written = io.StringIO(newline="")
        csv.writer(written, quoting=csv.QUOTE_ALL).writerows(rows[:200])
        csv.writer(written, lineterminator="\n").writerows(
            [cell.replace("\r", "") for cell in row] for row in rows[200:]
        )
        expected = list(csv.reader(io.StringIO(written.getvalue(), newline="")))
        code = "return module.parse(arguments[0], ',', true).map(({ cells }) => cells)"
        assert called(page, "table.js", code, written.getvalue()) == expected

    @pytest.mark.parametrize(
        ("name", "content", "problem"),
        [
            ("a.csv", b"", "The file is empty."),
            ("a.csv", b"text,n\na,1\nb\n", "Line 3: found 1 cell, expected 2 as in the header."),
            ("a.csv", b'text,n\n"a\nb",1\n"c,2\n', "Line 4: a quotation mark opens a cell and none closes it."),
            ("a.csv", b"text\nna\xefve\n", "The file is not UTF-8 text."),
            ("a.jsonl", b'{"text": "a"}\n[1]\n', "Line 2: found [1], expected one JSON object a line."),
            ("posts", b"text\n", "The ending of the file is not one of .csv, .tsv, .jsonl and .txt."),
        ],
    )
    def test_what_is_wrong_is_said_with_its_line(self, page, name, content, problem):
        """And nothing is read of such a file."""
        assert read_table(page, name, content, "return 'read'").startswith(f"Error: {problem}")

    @pytest.mark.parametrize(
        ("cell", "order", "expected"),
        [
            ("2024-02-29", "dmy", "2024-02-29T00:00"),
            ("2024-02-29T23:59:59.5Z", "dmy", "2024-02-29T23:59"),
            ("2024/2/9 7:05", "dmy", "2024-02-09T07:05"),
            ("09.02.2024", "dmy", "2024-02-09T00:00"),
            ("2/9/24, 1:05 PM", "mdy", "2024-02-09T13:05"),
            ("Wed Oct 10 20:19:24 +0000 2018", "dmy", "2018-10-10T20:19"),
            ("10 Oct 2018", "dmy", "2018-10-10T00:00"),
            ("1539202764", "dmy", "2018-10-10T20:19"),
            ("2024-02-30", "dmy", None),
            ("may 2024 be a good year", "dmy", None),
            ("12345", "dmy", None),
            ("", "dmy", None),
        ],
    )
    def test_dates_are_read_as_files_have_them(self, page, cell, order, expected):
        """As they are written, whatever the time zone; what is no date is none."""
        code = "const time = module.parseDate(...arguments); return time && new Date(time).toISOString().slice(0, 16)"
        assert called(page, "dates.js", code, cell, order) == expected

    @pytest.mark.parametrize(
        ("last", "unit", "labels"),
        [
            ("2024-01-01T03:30", "hour", ["1 Jan, 00:00", "1 Jan, 01:00", "1 Jan, 02:00", "1 Jan, 03:00"]),
            ("2024-01-03", "day", ["1 Jan 2024", "2 Jan 2024", "3 Jan 2024"]),
            ("2024-04-01", "week", ["1 Jan 2024", "8 Jan 2024", "15 Jan 2024"]),
            ("2026-02-01", "month", ["Jan 2024", "Feb 2024", "Mar 2024"]),
            ("2033-02-01", "year", ["2024", "2025", "2026"]),
        ],
    )
    def test_the_finest_bins_are_taken_that_are_not_too_many(self, page, last, unit, labels):
        """They begin at the whole hour, day, Monday, month or year."""
        code = """
          const bins = module.binsOf([Date.UTC(2024, 0, 1), module.parseDate(arguments[0])]);
          return [bins.unit, bins.starts.slice(0, 4).map(bins.label), bins.starts.length < 100];
        """
        found, first, few = called(page, "dates.js", code, last)
        assert (found, first[: len(labels)], few) == (unit, labels, True)


class TestKey:
    """A service that answers to those who have a key."""

    @pytest.fixture
    def guarded(self, browser, runs, tmp_path):
        """The page of such a service, which abstains below 0.9."""
        (tmp_path / "keys").write_text("open-sesame\n")
        with running(runs[1], "--api-key-file", str(tmp_path / "keys"), "--abstain-below", "0.9") as service:
            browser.get(service.url)
            wait(browser, lambda: element(browser, "key").is_displayed())
            yield browser
        forget(browser)

    def test_the_page_asks_for_the_key_and_keeps_it(self, guarded):
        """A wrong one is asked for again; the right one is kept as long as the tab, and axe finds no fault."""
        check(guarded)
        element(guarded, "key-value").send_keys("wrong", Keys.ENTER)
        wait(guarded, lambda: element(guarded, "key-why").text == "The service does not accept this key.")
        element(guarded, "key-value").send_keys("open-sesame", Keys.ENTER)
        wait(guarded, lambda: verdicts(guarded))
        kind(guarded, JOY)
        wait(guarded, lambda: verdicts(guarded)["careful"] == "Uncertain")
        told = guarded.find_element(By.CSS_SELECTOR, ".panel .second").text
        assert re.fullmatch(r"Perhaps joy, \d+%, or \w+, \d+%\.", told)
        assert guarded.execute_script("return [sessionStorage.getItem('key'), localStorage.getItem('key')]") == [
            "open-sesame",
            None,
        ]

    @pytest.mark.parametrize("wrong", ["ключ", "open sesame", " "])
    def test_a_key_that_cannot_be_sent_is_wrong_too(self, guarded, wrong):
        """It is not taken for a service that cannot be reached, nor kept, and the right one can be given at once."""
        element(guarded, "key-value").send_keys(wrong, Keys.ENTER)
        wait(guarded, lambda: element(guarded, "key-why").text == "The service does not accept this key.")
        assert guarded.execute_script("return sessionStorage.getItem('key')") is None
        element(guarded, "key-value").clear()
        element(guarded, "key-value").send_keys("open-sesame", Keys.ENTER)
        wait(guarded, lambda: verdicts(guarded))

    def test_without_the_key_the_page_says_what_is_missing(self, guarded):
        """And asks again when that is wanted."""
        element(guarded, "key-cancel").click()
        trouble = wait(guarded, lambda: element(guarded, "trouble"))
        wait(guarded, lambda: trouble.text.startswith("The service needs an API key."))
        trouble.find_element(By.TAG_NAME, "button").click()
        wait(guarded, lambda: element(guarded, "key").is_displayed())
