"""Records that somebody forged: a value is told in one message, a name is shown and never taken for an instruction."""

import copy
import json
import re
import shutil

import pytest
from click.testing import CliRunner

from emotion_core.cli.main import main
from emotion_core.runs.card import model_card
from emotion_core.runs.folder import METRICS_FILE, RUN_FILE, read_json, read_metrics, read_run
from shared_checks import renew_hashes

NAME = "$(x)$a$|`y`<script>alert(1)</script> [l](javascript:x) **b** ~~s~~\n# h\x1b[31m\u202e"
MISSING = object()
VALUES = {
    "missing": MISSING, "null": None, "name": NAME, "negative": -1, "nan": float("nan"), "infinite": float("inf"),
    "list": [], "object": {}, "endless": 10**400, "true": True, "long": "x" * 5000, "half": 0.5,
}  # fmt: skip
IN_JSON = ("name", "nan", "infinite", "endless")
"""Values that may be written in another way in JSON than in a table; comparing takes longest of all that is tried."""
CODE = re.compile(r"(?<![`\\])(`+)(?!`).*?(?<!`)\1(?!`)")
"""Of Markdown, which shows it as it is."""

ONE_EMOTION = ("love", "anger", "fear", "surprise", "sadness")
"""The fields of joy stand for those of the others."""


def call(*arguments):
    """Run emotion-core in this process; anything but an answer or one message is an AssertionError."""
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), (arguments, result.exception)
    assert result.exit_code in (0, 2), (arguments, result.output)
    if "--json" not in arguments:  # which gives names as they are
        assert "\x1b" not in result.output
        assert "\u202e" not in result.output
    return result


def fields(value, place=()):
    """The place of each value in a JSON object, as the keys that lead to it; of a list that of the first entry."""
    if place:
        yield place
    if isinstance(value, dict):
        for name, entry in value.items():
            if name not in ONE_EMOTION:
                yield from fields(entry, (*place, name))
    elif isinstance(value, list) and value:
        yield from fields(value[0], (*place, 0))


def forged(value, place, new):
    """A JSON object with another value at a place, or without it."""
    changed = copy.deepcopy(value)
    *above, last = place
    holder = changed
    for key in above:
        holder = holder[key]
    if new is MISSING:
        del holder[last]
    else:
        holder[last] = new
    return changed


@pytest.fixture
def run(runs, tmp_path):
    """A copy of a run that may be forged."""
    return shutil.copytree(runs["words"], tmp_path / "runs" / "words")


@pytest.mark.acceptance
@pytest.mark.parametrize("file", [METRICS_FILE, RUN_FILE])
@pytest.mark.parametrize("kind", VALUES)
def test_any_value_in_any_field_is_used_or_told(run, runs, file, kind):
    """compare and verify give an answer or one message, whatever stands in a field; the card can be written."""
    whole = read_json(run, file)
    for place in fields(whole):
        if place[0] in ("files", "versions") and len(place) > 1:
            continue  # as many as there are files and packages, all alike
        (run / file).write_text(json.dumps(forged(whole, place, VALUES[kind])), encoding="utf-8")
        call("verify", run)
        if call("compare", run, runs["better"]).exit_code == 0:
            if kind in IN_JSON:
                call("compare", run, runs["better"], "--json")
            model_card(read_run(run), read_metrics(run))


@pytest.mark.parametrize("folder", ["a|b$x$`c`<b>x\n\x1b[31m"])
def test_names_are_shown_and_never_taken_for_an_instruction(run, runs, tmp_path, folder):
    """In the terminal, on the page, in the report and on the card, wherever a record has a text."""
    run = run.rename(run.with_name(folder))
    texts = dict.fromkeys(("name", "model", "package", "text_cleaning", "created"), NAME)
    host = dict.fromkeys(("cpu", "platform", "machine"), NAME)
    metrics = read_json(run, METRICS_FILE)
    metrics["data"] |= {"name": NAME, "split": NAME}
    (run / METRICS_FILE).write_text(json.dumps(metrics), encoding="utf-8")
    renew_hashes(run, **texts, host=host, command=[NAME], hyperparameters={NAME: NAME}, versions={NAME: NAME})
    page, output = tmp_path / "page.html", tmp_path / "report"
    assert call("compare", run, "--html", page).exit_code == 0
    assert call("report", run.parent, "--output", output).exit_code == 0
    call("verify", run)
    assert "<script>alert(1)" not in page.read_text(encoding="utf-8")
    for shown in ((output / "index.md").read_text(encoding="utf-8"), model_card(read_run(run), read_metrics(run))):
        text = CODE.sub("", shown.rpartition("---\n")[2])  # the YAML of a card quotes its texts by itself
        for wrong in ("<script>", "\n# h", "\x1b", "\u202e", "[l](", "$(x)$"):
            assert wrong not in text


def test_a_link_that_leads_back_to_itself_is_told(runs, tmp_path):
    """Each command says so, or that there is no such run."""
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    for arguments in (
        ("compare", loop, runs["words"]),
        ("verify", loop),
        ("report", loop, "--output", tmp_path / "out"),
    ):
        assert call(*arguments).exit_code == 2


def test_a_table_is_not_made_endless_by_a_name(run):
    """A name of thousands of characters is cut in the terminal."""
    renew_hashes(run, name="x" * 5000, model="y" * 5000)
    lines = call("compare", run).output.splitlines()
    assert max(map(len, lines)) < 1000
