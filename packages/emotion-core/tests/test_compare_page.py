"""The comparison page: what it shows, what it holds of the texts, and that no text or name can run in it."""

import base64
import hashlib
import json
import re
import shutil
from html.parser import HTMLParser

import pytest

from emotion_core.errors import RunError
from emotion_core.labels import EMOTION_TO_ID, EMOTIONS
from emotion_core.reporting.compare import ranked_runs
from emotion_core.reporting.compare_page import write_page
from emotion_core.reporting.compare_table import COLUMNS, DIFFERENCES, table_rows
from emotion_core.reporting.disagreements import find_disagreements

HOSTILE = "</script><script>document.title = 'spoilt'</script>"
DISPUTED = ["word " * 1000, HOSTILE, "so & so", "<img src=x onerror=\"document.title = 'spoilt'\">", "nan"]
"""The texts on which the runs disagree, those furthest apart first."""


class Page(HTMLParser):
    """The elements of a page, each as (tag, attributes, the text directly in it)."""

    def __init__(self, html):
        super().__init__()
        self.html, self.elements, self.inside = html, [], False
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        """Begin an element."""
        self.elements.append([tag, dict(attributes), ""])
        self.inside = True

    def handle_endtag(self, tag):
        """What follows is no longer directly in the element."""
        self.inside = False

    def handle_data(self, data):
        """Text goes to the element that was begun last."""
        if self.inside:
            self.elements[-1][2] += data

    def texts(self, tag, **attributes):
        """The texts of all elements with these attributes; ``class_`` stands for class."""
        wanted = {name.rstrip("_"): value for name, value in attributes.items()}
        return [text for found, has, text in self.elements if found == tag and wanted.items() <= has.items()]

    def values(self, tag, attribute):
        """The values of an attribute of all elements that have it."""
        return [has[attribute] for found, has, _ in self.elements if found == tag and attribute in has]


@pytest.fixture(scope="module")
def entries(disputed):
    """The comparison of runs that disagree."""
    return ranked_runs(disputed)


@pytest.fixture
def write(tmp_path):
    """A function that writes a page and reads it."""

    def write(entries, **options):
        write_page(entries, tmp_path / "page.html", **options)
        return Page((tmp_path / "page.html").read_text(encoding="utf-8"))

    return write


def test_disagreements_come_with_the_largest_distance_first(entries):
    """Agreement is left out; a text "nan" is a text; each run comes with its vote and how sure it was."""
    found = find_disagreements(entries, 10)
    assert (found.total, found.texts) == (5, DISPUTED)
    assert found.labels[1] == EMOTION_TO_ID["anger"]
    assert [EMOTIONS[label] for label in found.predicted[0]] == ["surprise", "surprise", "joy"]
    assert found.probabilities[0].tolist() == [0.95, 0.95, 0.99]


def test_the_page_says_how_many_disagreements_it_leaves_out(entries, write):
    """All are counted; those with the largest distance are held."""
    page = write(entries, examples=2)
    assert page.texts("p", class_="text") == [DISPUTED[0][:500] + " …", HOSTILE]
    assert "On 5 of the 7 texts" in page.html
    assert "This page holds the 2 of them with the largest disagreement" in page.html
    assert "with the largest disagreement" not in write(entries).html


def test_a_page_without_examples_holds_no_text(disputed, succeed, tmp_path):
    """For data that must not be passed on, --examples 0 counts the disagreements and shows none."""
    succeed("compare", *disputed, "--html", tmp_path / "page.html", "--examples", "0")
    html = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "On 5 of the 7 texts" in html
    assert "This page was made without texts." in html
    assert "so &amp; so" not in html


def test_an_example_names_the_runs_by_what_they_said(entries, write):
    """The right emotion first, each run with its probability, and all that the filter needs."""
    page = write(entries)
    third = page.html.split('<li data-label="0" data-predicted="033">')[1].split("</ul>")[0]
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", third)).replace("&nbsp;", " ").strip()
    assert words.startswith(
        "so &amp; so true: sadness ✓ sadness 1. best (0.70) ✗ anger 2. middle (0.70), 3. &lt;/script"
    )


def test_runs_that_agree_have_no_examples(runs, write):
    """Nothing is there to be filtered; one run alone has nobody to disagree with."""
    page = write(ranked_runs([runs["words"], runs["same"]]))
    assert "On 0 of the 150 texts" in page.html
    assert 'id="filter"' not in page.html
    assert "disagree" not in write(ranked_runs([runs["words"]])).html.split("<script>")[0]


def test_the_page_shows_the_table_and_each_run(runs, write):
    """Every cell of the table, the fingerprint of the data, F1 by emotion, and the versions of each run."""
    entries = ranked_runs(runs.values())
    page = write(entries)
    cells = [text for tag, has, text in page.elements if tag in ("td", "th") and text]
    for row in table_rows(entries):
        assert any(tuple(map(str.strip, cells[at : at + len(row)])) == row for at in range(len(cells)))
    assert entries[0].metrics.data.fingerprint in page.html
    assert f"{entries[0].metrics.per_class['love'].f1.value:.3f} [" in page.html
    assert page.html.count("scikit-learn ") == 3


def test_numbers_are_sorted_as_numbers(entries, runs, write):
    """A cell carries the number behind its text, and none where nothing was measured."""
    (entry,) = ranked_runs([runs["words"]])
    numbers = write([entry]).values("td", "data-value")[: len(COLUMNS) - 2]
    assert numbers[0] == "1"
    assert float(numbers[1]) == entry.metrics.macro_f1.value
    assert numbers[-1 - len(DIFFERENCES)] == str(entry.metrics.speed.texts_per_second.value)
    assert write(entries[:1]).values("td", "data-value")[5:7] == ["", ""]


def test_the_page_shows_each_confusion_matrix_as_a_table(entries, write):
    """The counts of all runs in the order of their ranks, readable without script and by a screen reader."""
    shown = re.findall(r'<td class="shade-\d+">(\d+) ', write(entries).html)
    counts = [count for entry in entries for row in entry.metrics.confusion_matrix for count in row]
    assert list(map(int, shown)) == counts


def test_texts_and_names_with_markup_are_shown_as_they_are(entries, write):
    """Only our own script, style and policy are on the page, whatever a text or the name of a run holds."""
    page = write(entries)
    (script,) = page.texts("script")
    assert "spoilt" not in script
    assert HOSTILE in page.texts("p", class_="text")
    assert HOSTILE in page.texts("th", scope="row")
    assert not page.texts("img")
    assert not [name for _, has, _ in page.elements for name in has if name.startswith("on") or name == "style"]


def test_half_a_character_in_a_name_is_replaced(disputed, write, tmp_path):
    """A record that holds one cannot be written as it is."""
    copy = shutil.copytree(disputed[0], tmp_path / "copy")
    record = json.loads((copy / "run.json").read_text(encoding="utf-8")) | {"name": "half \ud83d"}
    (copy / "run.json").write_text(json.dumps(record), encoding="utf-8")
    assert "half ?" in write(ranked_runs([copy])).texts("th", scope="row")


def test_the_page_needs_no_other_file_and_no_network(disputed, succeed, tmp_path):
    """It names no address; the policy allows its own style and script by hash and nothing else."""
    path = tmp_path / "page.html"
    result = succeed("compare", *disputed, "--html", path)
    assert result.stdout.splitlines()[-1] == f"Page: {path.resolve()}"
    page = Page(path.read_text(encoding="utf-8"))
    (policy,) = [value for value in page.values("meta", "content") if "-src" in value]
    assert policy.startswith("default-src 'none'; ")
    for kind in ("style", "script"):
        (content,) = page.texts(kind)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'; " in policy
        assert not re.search(r"@import|url\(|https?:", content)
    assert not [value for _, has, _ in page.elements for name, value in has.items() if name in ("src", "href")]


def test_a_run_without_probabilities_is_refused(disputed, tmp_path):
    """The page tells how sure each run was; the message names the file."""
    copy = shutil.copytree(disputed[0], tmp_path / "copy")
    (copy / "predictions.csv").write_text("text,label,predicted_label\na,1,1\n", encoding="utf-8")
    with pytest.raises(RunError, match=r"copy.predictions\.csv: cannot be read"):
        write_page(ranked_runs([copy]), tmp_path / "page.html")
