"""No command replaces a file unasked, and none ever loses an input or a trained model."""

import os
import shutil

import pytest

from emotion_core.cli.options import data_inputs
from emotion_core.errors import RunError
from emotion_core.runs.folder import RUN_FILE, read_json, verify_run
from emotion_core.system.overwriting import check_collection, check_file, check_output

TWO_ROWS = "text,label\nso glad,joy\nboo,fear\n"


@pytest.fixture
def trained(runs, tmp_path):
    """A copy of a training run that a test may lose."""
    return shutil.copytree(runs["words"], tmp_path / "trained")


@pytest.fixture
def data(tmp_path):
    """A folder with a train split."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "train.csv").write_text(TWO_ROWS, encoding="utf-8")
    return tmp_path / "data"


def by_symbolic_link(path):
    """Another path that leads to the same file or folder."""
    link = path.with_name(f"link-{path.name}")
    link.symlink_to(path)
    return link


def by_hard_link(path):
    """Another name of the same file."""
    link = path.with_name(f"hard-{path.name}")
    os.link(path, link)
    return link


def by_detour(path):
    """The same path, spelt in another way."""
    return path.parent / ".." / path.parent.name / path.name


@pytest.mark.parametrize("spelt", [by_symbolic_link, by_hard_link, by_detour])
@pytest.mark.parametrize("swapped", [False, True])
def test_a_file_that_is_the_input_is_no_output(data, spelt, swapped):
    """Whatever leads to it, on either side."""
    pair = [data / "train.csv", spelt(data / "train.csv")]
    output, source = reversed(pair) if swapped else pair
    with pytest.raises(RunError, match="is the input itself"):
        check_file(output, force=True, inputs=[source])


def test_a_folder_that_holds_an_input_or_the_link_to_it_is_not_replaced(trained, data):
    """A model within the run that a training starts from, and a data file that lies there through a link."""
    with pytest.raises(RunError, match="holds the input"):
        check_output(trained, force=True, inputs=[trained / "model"])
    (trained / "here.csv").symlink_to(data / "train.csv")
    with pytest.raises(RunError, match="holds the input"):
        check_output(trained, force=True, inputs=[trained / "here.csv"])


def test_the_files_of_a_data_folder_are_inputs_where_they_really_are(trained, data):
    """A split of the folder may be a link into what would be replaced."""
    (trained / "test.csv").write_text(TWO_ROWS, encoding="utf-8")
    (data / "test.csv").symlink_to(trained / "test.csv")
    with pytest.raises(RunError, match="holds the input"):
        check_output(trained, force=True, inputs=data_inputs(data))


def test_inputs_that_are_no_files_are_in_nobodys_way(tmp_path, monkeypatch):
    """The id of a model on the hub, and the name of a dataset, may be those of the output."""
    monkeypatch.chdir(tmp_path)
    check_output("vendor", inputs=["vendor/model", *data_inputs("sample")])
    assert data_inputs("sample") == []


def test_run_folders_are_made_beside_the_data_and_not_in_their_place(data):
    """The folder of several runs may hold the data; it may not be the data folder."""
    check_collection(data.parent, data_inputs(data))
    check_collection(data / "runs", data_inputs(data))
    with pytest.raises(RunError, match="is the input itself"):
        check_collection(by_symbolic_link(data), data_inputs(data))


def test_nothing_is_written_into_a_run(trained, tmp_path):
    """Neither a folder nor a file, at any depth, also through a link."""
    link = by_symbolic_link(trained)
    for check in (check_output, check_collection, check_file):
        for folder in (trained, trained / "model", link):
            with pytest.raises(RunError, match=r"lies in the run .*trained, which stays as it is"):
                check(folder / "new")


def test_an_evaluation_never_replaces_a_model(trained, runs, succeed, refuse):
    """Not the run that it measures, and no other training, with --force either; a training does."""
    arguments = ("evaluate", runs["words"], "--data", "sample", "--force", "--output")
    assert "holds a model" in refuse(*arguments, trained)
    assert "is the input itself" in refuse("evaluate", trained, *arguments[2:], trained)
    assert verify_run(trained) == []
    check_output(trained, force=True)
    shutil.rmtree(trained / "model")
    succeed(*arguments, trained)
    assert read_json(trained, "run.json")["kind"] == "evaluate"


def test_an_evaluation_does_not_replace_its_data(trained, runs, refuse):
    """A file in an old evaluation that is to be measured stays there."""
    shutil.rmtree(trained / "model")
    output = ("--output", trained, "--force")
    assert "holds the input" in refuse("evaluate", runs["words"], "--data", trained / "predictions.csv", *output)


def test_a_folder_in_which_there_is_a_model_is_not_replaced(trained, data, runs, refuse):
    """Runs that were made within a run, a report or the folder of a fold are kept."""
    report = data.parent / "report"
    for folder in (report, data / "fold-1"):
        shutil.copytree(trained, folder / "run")
    (report / "report.json").write_text("{}", encoding="utf-8")
    assert "holds a model" in refuse("report", runs["words"], "--output", report, "--force")
    tweets = data.parent / "tweets.csv"
    tweets.write_text(TWO_ROWS, encoding="utf-8")
    assert "holds a model" in refuse("split", tweets, "--output", data, "--force")
    shutil.copytree(trained, trained / "inner")
    with pytest.raises(RunError, match=r"inner: holds a model"):
        check_output(trained, force=True)


def test_an_evaluation_within_a_run_is_kept(trained, runs, tmp_path, succeed, refuse):
    """It has no model and is a run all the same: its folder is neither made there nor lost with the run around it."""
    evaluate = ("evaluate", runs["words"], "--data", "sample", "--output")
    assert "lies in the run" in refuse(*evaluate, trained / "e")
    succeed(*evaluate, tmp_path / "e")
    (tmp_path / "e").rename(trained / "e")
    with pytest.raises(RunError, match=r"trained/e: is a run, so --force does not replace"):
        check_output(trained, force=True)


@pytest.mark.parametrize("name", ["notes.txt", "model/more.bin", "photos/cat.jpg"])
def test_a_run_that_holds_what_is_not_its_own_is_not_replaced(trained, name):
    """Whatever somebody put there would be lost; the message names it. What a file manager left does no harm."""
    (trained / ".DS_Store").touch()
    check_output(trained, force=True)
    (trained / name).parent.mkdir(exist_ok=True)
    (trained / name).touch()
    with pytest.raises(RunError, match=rf"holds what is no part of the run \({name}\)"):
        check_output(trained, force=True)


def test_a_report_that_holds_notes_is_not_replaced(runs, tmp_path, succeed, refuse):
    """Its own files go; another is named."""
    report = ("report", runs["words"].parent, "--output", tmp_path / "report")
    succeed(*report)
    succeed(*report, "--force")
    (tmp_path / "report" / "notes.md").touch()
    assert "holds what is no part of the report (notes.md)" in refuse(*report, "--force")


def test_predictions_are_not_written_into_the_run_that_makes_them(trained, data, refuse):
    """predictions.csv of the run itself is what a user might name."""
    output = ("--output", trained / "predictions.csv", "--force")
    assert "lies in the run" in refuse("predict", trained, "--input", data / "train.csv", *output)
    assert verify_run(trained) == []


def test_a_report_in_the_place_of_the_runs_is_refused(trained, tmp_path, refuse):
    """A folder that holds the runs is not replaced, even if it once was a report."""
    (tmp_path / "report.json").write_text("{}", encoding="utf-8")
    assert "is the input itself" in refuse("report", tmp_path, "--output", tmp_path, "--force")
    assert "holds the input" in refuse("report", trained, "--output", tmp_path, "--force")


def test_a_split_of_a_link_does_not_replace_the_folder_of_the_link(tmp_path, data, refuse):
    """What would be lost is the link; the message names it."""
    (tmp_path / "tweets.csv").write_text(TWO_ROWS, encoding="utf-8")
    source = data / "test.csv"
    source.symlink_to(tmp_path / "tweets.csv")
    assert f"holds the input {source}" in refuse("split", source, "--output", data, "--force")


FILES = (("compare", "{run}", "--html", "page.html"), ("audit", "sample", "--figure", "classes.png"))


@pytest.mark.parametrize("words", FILES, ids=lambda words: words[0])
def test_a_file_that_exists_is_replaced_by_force_alone(tmp_path, runs, succeed, refuse, words):
    """A page and a figure, as all other outputs; without --force the message names the option."""
    *words, option, name = (word.format(run=runs["words"]) for word in words)
    output = tmp_path / name
    output.write_text("mine", encoding="utf-8")
    expected = f"{output}: exists already. Choose another {option}, or replace it with --force."
    assert refuse(*words, option, output) == expected
    assert output.read_bytes() == b"mine"
    succeed(*words, option, output, "--force")
    assert output.read_bytes() != b"mine"
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("words", FILES, ids=lambda words: words[0])
def test_a_file_that_cannot_be_written_is_told_before_the_work(tmp_path, runs, refuse, words):
    """A folder that is not there, a folder in its place, and a file within a run."""
    *words, option, name = (word.format(run=runs["words"]) for word in words)
    assert "does not exist. Make it first." in refuse(*words, option, tmp_path / "nowhere" / name)
    assert f"is a folder. Give {option} the name of a file." in refuse(*words, option, tmp_path)
    assert "lies in the run" in refuse(*words, option, runs["words"] / name)
    assert (runs["words"] / RUN_FILE).is_file()
    assert not list(tmp_path.iterdir())


def test_a_figure_does_not_replace_the_data(data, refuse):
    """The file that is audited, and each split of the folder."""
    for source in (data, data / "train.csv"):
        message = refuse("audit", source, "--figure", data / "train.csv", "--force")
        assert message.endswith("is the input itself. Choose another --figure.")
