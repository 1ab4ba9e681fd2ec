"""The report on a folder of runs: what it finds, what it leaves out and names, what its page and pictures show."""

import json
import re
import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PathCollection

from emotion_core.errors import RunError
from emotion_core.reporting import report_figures, search_table
from emotion_core.reporting.report import write_report
from emotion_core.reporting.report_figures import ORIGINAL, Point, Variant
from emotion_core.reporting.report_runs import find_runs
from emotion_core.runs.folder import METRICS_FILE, RUN_FILE, read_json
from emotion_core.runs.metrics import Score
from emotion_core.system.hashes import file_hash
from shared_checks import renew_hashes

SCORE = Score(0.5, 0.4, 0.6)
TRIALS = """rank,point,units,dropout,state,macro_f1,accuracy,val_loss,epochs,seconds,error
1,1,16,0.5,complete,0.75,0.8,0.5,3,1.0,
2,0,16,0.1,complete,0.25,0.3,0.9,3,1.0,
3,2,32,0.1,fail,,,,,,out of memory
"""


def change_record(run, **changes):
    """Change entries of run.json."""
    record = read_json(run, RUN_FILE) | changes
    (run / RUN_FILE).write_text(json.dumps(record), encoding="utf-8")
    return run


@pytest.fixture(scope="module")
def folder(tmp_path_factory, runs, succeed_in_module):
    """Two seeds of one training, a better run, what it was compressed to, two evaluations on test, and a search."""
    folder = tmp_path_factory.mktemp("many") / "runs"
    shutil.copytree(runs["words"], folder / "words" / "seed-42")
    change_record(shutil.copytree(runs["words"], folder / "words" / "seed-43"), seed=43)
    better = change_record(shutil.copytree(runs["better"], folder / "better"), hyperparameters={"alpha": 0.5})
    for share in (0.3, 0.6):
        compression = {
            "technique": "prune",
            "of": "elsewhere/better",
            "details": {"sparsity": share},
            "definition": {"run": file_hash(better / RUN_FILE), "options": {"amount": share}},
        }
        variant = shutil.copytree(runs["words"], folder / f"pruned-{share}")
        change_record(variant, kind="compress", model="words-prune", compression=compression)
    for seed in (42, 43):
        test = folder / "test" / str(seed)
        run = folder / "words" / f"seed-{seed}"
        succeed_in_module("evaluate", run, "--data", "sample", "--split", "test", "--output", test, "--quiet")
    (folder / "grid").mkdir()
    (folder / "grid" / search_table.TABLE_FILE).write_text(TRIALS, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def succeed_in_module(words_cli):
    """A function that runs a command of the words package which must end well."""
    from click.testing import CliRunner

    def run(*arguments):
        result = CliRunner().invoke(words_cli, [str(argument) for argument in arguments])
        assert result.exit_code == 0, result.output

    return run


@pytest.fixture(scope="module")
def output(folder, tmp_path_factory):
    """The report on that folder."""
    output = tmp_path_factory.mktemp("reports") / "report"
    write_report(folder, output)
    return output


@pytest.fixture(scope="module")
def page(output):
    """Its page."""
    return (output / "index.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def content(output):
    """Its JSON."""
    return read_json(output, "report.json")


def part(page, heading):
    """The part of a page under a heading."""
    level = len(heading) - len(heading.lstrip("#"))
    return re.split(rf"^#{{1,{level}}} ", page.split(f"{heading}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]


def table(text):
    """The rows of the first table in a text, without the head, as lists of cells."""
    first = text[text.index("\n| ") + 1 :].split("\n\n")[0]
    return [line.strip("| ").split(" | ") for line in first.splitlines() if line.startswith("| ")][1:]


# What is found


def test_runs_at_any_depth_are_ranked_under_the_name_of_their_path(page):
    """Seeds as one row, variants and plain runs stand in one table, best macro-F1 first, with intervals and speed."""
    rows = table(part(page, "## Validation of sample: 150 texts"))
    assert [row[0] for row in rows] == ["1", "2", "3", "4"]
    assert rows[0][1] == "better"
    assert {row[1] for row in rows[1:]} == {"pruned-0.3", "pruned-0.6", "words (2 seeds)"}
    assert re.fullmatch(r"[01]\.\d{4} \[0\.\d{4}, [01]\.\d{4}\]", rows[0][3])
    (seeds,) = (row for row in rows if row[1] == "words (2 seeds)")
    assert re.fullmatch(r"0\.\d{4} ± 0\.0000", seeds[3])
    assert re.fullmatch(r"\d+\.\d / \d+\.\d( \\\*)?", rows[1][7])


def test_runs_on_other_texts_have_a_part_of_their_own(content, page):
    """The evaluations on test are not mixed with those on validation, and each part names its fingerprint."""
    validation, test = content["sections"]
    assert [run["run"] for entry in test["entries"] for run in entry["runs"]] == ["test/42", "test/43"]
    assert validation["data"]["fingerprint"] != test["data"]["fingerprint"]
    for section, title in ((validation, "Validation"), (test, "Test")):
        assert section["data"]["fingerprint"] in part(page, f"## {title} of sample: 150 texts")


def test_seeds_of_the_same_settings_are_summarized(content):
    """Trainings and their evaluations are grouped by settings; other hyperparameters or amounts are not mixed in."""
    validation, test = content["sections"]
    (words,) = (entry for entry in validation["entries"] if "seeds" in entry)
    value = words["runs"][0]["metrics"]["macro_f1"]["value"]
    spread = f"{value:.4f} ± 0.0000 ({value:.4f} to {value:.4f})"
    ((name, seeds, _, macro_f1),) = validation["seeds"]
    assert (name, seeds, macro_f1) == ("words (2 seeds)", "42, 43", spread)
    assert [row[:2] for row in test["seeds"]] == [["test (2 seeds)", "42, 43"]]


def test_the_page_tells_machine_versions_and_commands(page, runs):
    """Each distinct machine with its versions once, with the number of its runs, and how each run was made."""
    record = read_json(runs["words"], RUN_FILE)
    ((number, *_, versions, count),) = table(part(page, "## Machines and versions"))
    assert (number, count) == ("1", "7")
    assert f"numpy {record['versions']['numpy']}" in versions
    assert part(page, "## How the runs were made").count(f": `{record['command'][0]}") == 7


def test_every_picture_of_the_page_is_there(page, output):
    """The page links each figure that was drawn, and nothing else."""
    linked = re.findall(r"\]\((.*?\.png)\)", page)
    assert sorted(linked) == sorted(path.relative_to(output).as_posix() for path in output.glob("figures/*"))
    kinds = ("trade-off", "learning-curves", "compression", "confusion", "search")
    assert {kind for kind in kinds if any(kind in path for path in linked)} == set(kinds)


def test_a_search_is_shown_with_its_best_point(page):
    """The number of points, those with a result, and the settings of the best."""
    words = part(page, "### grid")
    assert "3 points, 2 with a result." in words
    assert "(0.7500): units 16, dropout 0.5." in words


def test_hidden_folders_are_passed_over(tmp_path, runs):
    """What is being written, or was kept aside, is no run."""
    shutil.copytree(runs["words"], tmp_path / "words")
    shutil.copytree(runs["words"], tmp_path / ".other.partial")
    found = find_runs(tmp_path)
    assert ([run.name for run in found.runs], found.left_out) == (["words"], [])


# What is left out


@pytest.fixture
def two_runs(tmp_path, runs):
    """A folder with two runs, the second of which a test may spoil."""
    folder = tmp_path / "runs"
    shutil.copytree(runs["words"], folder / "good")
    shutil.copytree(runs["words"], folder / "spoilt")
    return folder


def without_predictions(run):
    """Lose a file."""
    (run / "predictions.csv").unlink()


def half_of_the_record(run):
    """Cut run.json off."""
    (run / RUN_FILE).write_text((run / RUN_FILE).read_text(encoding="utf-8")[:200], encoding="utf-8")


def better_metrics(run):
    """Write a better figure by hand."""
    metrics = read_json(run, METRICS_FILE)
    metrics["macro_f1"]["value"] = 0.99
    (run / METRICS_FILE).write_text(json.dumps(metrics), encoding="utf-8")


def without_metrics(run):
    """As a run that was imported and never evaluated."""
    (run / METRICS_FILE).unlink()


def without_result(run):
    """A search of which nothing is finished, in the place of a run."""
    shutil.rmtree(run)
    run.mkdir()
    (run / search_table.TABLE_FILE).write_text(TRIALS.splitlines()[0] + "\n", encoding="utf-8")


SPOILT = {
    without_predictions: "predictions.csv: cannot be read",
    half_of_the_record: "run.json: is not valid JSON",
    better_metrics: "metrics.json: was altered",
    without_metrics: "metrics.json is missing",
    without_result: "holds no point with a macro-F1",
}
"""What spoils a run or a search, and what is said of it."""


def test_what_cannot_be_used_is_named_and_the_rest_reported(tmp_path, runs, succeed):
    """On the page under its own heading and on standard error, with the folder and the reason."""
    folder = tmp_path / "runs"
    for spoil in SPOILT:
        spoil(shutil.copytree(runs["words"], folder / spoil.__name__))
    shutil.copytree(runs["words"], folder / "good")
    result = succeed("report", folder, "--output", tmp_path / "report")
    page = (tmp_path / "report" / "index.md").read_text(encoding="utf-8")
    listed = part(page, "## Left out").replace("\\", "").strip().splitlines()
    told = result.stderr.splitlines()
    assert [line.removeprefix("Left out: ") for line in told] == [line.removeprefix("- ") for line in listed]
    for spoil, message in SPOILT.items():
        (line,) = (line for line in told if str(folder / spoil.__name__) in line)
        assert message in line
    assert [row[1] for row in table(part(page, "## Validation of sample: 150 texts"))] == ["good"]


def test_a_run_without_speed_is_ranked_and_missed_in_the_picture_aloud(two_runs, tmp_path):
    """It stands in the table, and below the picture is said that it is not in it."""
    run = two_runs / "spoilt"
    metrics = {name: value for name, value in read_json(run, METRICS_FILE).items() if name != "speed"}
    (run / METRICS_FILE).write_text(json.dumps(metrics), encoding="utf-8")
    renew_hashes(run)
    write_report(two_runs, tmp_path / "report")
    page = (tmp_path / "report" / "index.md").read_text(encoding="utf-8")
    assert "since their speed was not measured: spoilt." in page
    assert "| not measured |" in page


@pytest.mark.parametrize("make", [lambda folder: None, lambda folder: folder.mkdir()])
def test_a_folder_without_runs_is_refused(tmp_path, refuse, make):
    """A folder that is missing and one that is empty end with one message each, and nothing is written."""
    folder = tmp_path / "runs"
    make(folder)
    message = refuse("report", folder, "--output", tmp_path / "report")
    assert message.startswith(f"{folder}: found no complete run" if folder.is_dir() else f"{folder}: no such folder")
    assert not (tmp_path / "report").exists()


# The folder of the report


def test_a_report_is_replaced_by_force_alone(two_runs, tmp_path, succeed, refuse):
    """The second one is refused without --force, and with it takes the place of the first, whole."""
    output = tmp_path / "report"
    (output / "figures").mkdir(parents=True)
    for name in ("report.json", "figures/of-the-older-one.png"):
        (output / name).write_text("{}", encoding="utf-8")
    assert "exists already" in refuse("report", two_runs, "--output", output)
    result = succeed("report", two_runs, "--output", output, "--force")
    assert result.stdout == f"{output / 'index.md'}: 2 runs, 0 searches\n"
    assert sorted(path.name for path in output.iterdir()) == ["figures", "index.md", "report.json"]
    assert not (output / "figures" / "of-the-older-one.png").exists()


def test_force_replaces_nothing_but_reports(two_runs, tmp_path):
    """The folder of other runs, named as the output by mistake, is kept."""
    others = shutil.copytree(two_runs, tmp_path / "others")
    with pytest.raises(RunError, match="is not a report folder, so --force does not replace it"):
        write_report(two_runs, others, force=True)
    assert (others / "good" / RUN_FILE).is_file()


def test_names_of_runs_are_no_markup(tmp_path, runs):
    """A run with Markdown, HTML, a formula and a table's bar in its name is shown as it is called."""
    shutil.copytree(runs["words"], tmp_path / "runs" / "_a_ <b>|$x_$")
    write_report(tmp_path / "runs", tmp_path / "report")
    page = (tmp_path / "report" / "index.md").read_text(encoding="utf-8")
    assert "| 1 | \\_a\\_ &lt;b&gt;\\|\\$x\\_\\$ | words |" in page
    assert "<b>" not in page


# Pictures


def test_the_trade_off_draws_each_run_at_its_latency_with_its_interval():
    """Points of one name share one entry in the legend; the area of a bubble is in proportion to the size."""
    points = [Point("gru", 2.0, SCORE, 5.0), Point("gru", 3.0, SCORE, 5.0), Point("minilm", 10.0, SCORE, 100.0)]
    figure = report_figures.trade_off(points, "validation of sample")
    (axes,) = figure.axes
    circles = [drawn for drawn in axes.collections if isinstance(drawn, PathCollection)]
    bubbles = [(*circle.get_offsets()[0], circle.get_sizes()[0]) for circle in circles]
    assert [bubble[:2] for bubble in bubbles] == [(2.0, 0.5), (3.0, 0.5), (10.0, 0.5)]
    assert bubbles[2][2] == pytest.approx(20 * bubbles[0][2])
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["gru, 5.0 MB", "minilm, 100.0 MB"]
    assert (axes.get_xscale(), axes.get_xlabel()) == ("linear", "median latency of one text (ms)")
    assert axes.get_ylabel() == "macro-F1 on validation of sample"


def test_latencies_of_other_magnitudes_are_drawn_on_a_logarithmic_axis_that_says_so():
    """From eight times as slow on."""
    (axes,) = report_figures.trade_off([Point("a", 1.0, SCORE, 1.0), Point("b", 90.0, SCORE, 1.0)], "test").axes
    assert axes.get_xscale() == "log"
    assert "logarithmic" in axes.get_xlabel()


def test_learning_curves_draw_whatever_columns_the_runs_have():
    """A panel for each curve that one run has at least, and in it the runs that have it."""
    histories = [
        ("gru", pd.DataFrame({"epoch": [1, 2], "val_loss": [1.5, 1.0]})),
        ("minilm", pd.DataFrame({"epoch": [1], "val_loss": [0.5], "val_macro_f1": [0.9]})),
        ("evaluation", pd.DataFrame()),
    ]
    figure = report_figures.learning_curves(histories)
    scores, losses = figure.axes
    assert (scores.get_ylabel(), losses.get_ylabel()) == ("macro-F1 on validation", "loss on validation")
    assert [line.get_label() for line in scores.lines] == ["minilm"]
    assert [line.get_label() for line in losses.lines] == ["gru", "minilm"]
    assert report_figures.learning_curves(histories[2:]) is None


def test_the_compression_curve_joins_an_original_with_its_pruned_variants():
    """The line goes from the original at 0 on by the share of zeros; others stand in the panel of the sizes alone."""
    variants = [
        Variant("minilm", ORIGINAL, 0.0, 90.0, SCORE),
        Variant("minilm", "prune", 0.6, 90.0, replace(SCORE, value=0.45)),
        Variant("minilm", "prune", 0.3, 90.0, replace(SCORE, value=0.55)),
        Variant("minilm", "onnx-int8", None, 24.0, SCORE),
    ]
    sizes, zeros = report_figures.compression_curve(variants, "test").axes
    joined = max(zeros.lines, key=lambda line: len(line.get_xdata()))
    assert joined.get_xydata() == pytest.approx(np.array([[0, 0.5], [30, 0.55], [60, 0.45]]))
    assert sorted({x for line in sizes.lines for x in line.get_xdata()}) == [24.0, 90.0]
    assert zeros.get_xlabel().endswith("(%)")


def test_the_heat_map_shows_the_best_over_further_settings(tmp_path):
    """Of two points in one cell the better one is written, and the title says so; points without a result are empty."""
    header = TRIALS.splitlines()[0].replace("dropout,", "dropout,rate,")
    rows = ["1,0,16,0.1,0.01,complete,0.75", "2,1,16,0.1,0.02,complete,0.25", "3,2,32,0.1,0.01,fail,"]
    text = "\n".join([header, *(f"{row},,,,," for row in rows)])
    (tmp_path / search_table.TABLE_FILE).write_text(text, encoding="utf-8")
    axes = search_table.heat_map(*search_table.read_trials(tmp_path)).axes[0]
    assert [text.get_text() for text in axes.texts] == ["0.750"]
    assert axes.get_title() == "Macro-F1 on validation, best over rate"


def test_an_ensemble_is_no_seed_of_another_run(runs, tmp_path):
    """An ensemble, whose seed is the list of its members', stands in the table and in no row of several seeds."""
    folder = tmp_path / "runs"
    for seed in (42, 43):
        change_record(shutil.copytree(runs["words"], folder / f"seed-{seed}"), seed=seed)
    change_record(shutil.copytree(runs["words"], folder / "ensemble"), seed=[42, 43], model="words-ensemble")
    write_report(folder, tmp_path / "report")
    page = (tmp_path / "report" / "index.md").read_text(encoding="utf-8")
    assert sorted(row[1] for row in table(part(page, "## Validation of sample: 150 texts"))) == [
        "ensemble",
        "words (2 seeds)",
    ]
    assert [row[:2] for row in table(part(page, "### Several seeds"))] == [["words (2 seeds)", "42, 43"]]


def test_runs_that_were_trained_on_some_of_the_texts_are_named(tmp_path, runs):
    """Their figures are too good, which a table alone does not show."""
    for name, count in (("clean", 0), ("leaky", 7)):
        run = shutil.copytree(runs["words"], tmp_path / "runs" / name)
        metrics = read_json(run, METRICS_FILE)
        metrics["data"]["trained_on"] = count
        (run / METRICS_FILE).write_text(json.dumps(metrics), encoding="utf-8")
        renew_hashes(run)
    write_report(tmp_path / "runs", tmp_path / "report")
    page = (tmp_path / "report" / "index.md").read_text(encoding="utf-8")
    assert re.findall(r"(\w+) was trained on (\d+) of these texts", page) == [("leaky", "7")]
