"""A run folder appears complete or not at all, and can be read and verified."""

import errno
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace

import pytest

from emotion_core.errors import RunError
from emotion_core.runs.folder import (
    check_model,
    folder_size,
    read_json,
    read_model_run,
    read_run,
    verify_run,
)
from emotion_core.runs.writer import RunWriter
from emotion_core.system.claim import write_aside
from emotion_core.system.hashes import file_hash
from emotion_core.system.overwriting import check_output
from shared_checks import flip_a_bit

LEFT_BEHIND = (".DS_Store", "._weights.bin", ".ipynb_checkpoints/notes.txt", "Thumbs.db", "desktop.ini")


@pytest.fixture
def run(tmp_path):
    """A small complete run."""
    output = tmp_path / "run"
    with RunWriter(output, "train") as writer:
        writer.record = replace(
            writer.record, package="emotion-words", model="words", text_cleaning="letters_only", hyperparameters={}
        )
        (writer.model_dir / "weights.bin").write_bytes(b"12345")
        writer.write_text("README.md", "# Words\n")
        writer.write_json("metrics.json", {"n": 3})
    return output


def entries(folder):
    """The names in a folder."""
    return sorted(path.name for path in folder.iterdir())


def edit_record(run, **changes):
    """Change values in run.json."""
    record = json.loads((run / "run.json").read_text(encoding="utf-8")) | changes
    (run / "run.json").write_text(json.dumps(record), encoding="utf-8")


def test_a_run_appears_under_its_name_at_the_end_and_not_before(tmp_path):
    """While it is written there is no folder of that name; afterwards there is nothing else."""
    output = tmp_path / "run"
    with RunWriter(output, "train") as writer:
        writer.write_text("README.md", "# Words\n")
        assert not output.exists()
    assert entries(tmp_path) == ["run"]
    assert entries(output) == ["README.md", "figures", "run.json"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_run_that_fails_leaves_nothing(tmp_path, error):
    """Neither an error nor Ctrl-C leaves half a run behind."""

    def fail():
        with RunWriter(tmp_path / "run", "train") as writer:
            writer.write_text("README.md", "# Words\n")
            raise error

    with pytest.raises(error):
        fail()
    assert entries(tmp_path) == []


def test_a_run_that_fails_to_replace_another_leaves_that_one(run):
    """With force too, the old run stays until the new one is complete."""

    def fail():
        with RunWriter(run, "train", force=True):
            raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011
        fail()
    assert verify_run(run) == []
    assert entries(run.parent) == ["run"]


def test_a_run_records_what_made_it(run):
    """Kind, name, time, command, versions, machine, size of the model and the hash of every file."""
    record = read_json(run, "run.json")
    assert (record["schema"], record["kind"], record["name"], record["model_size_bytes"]) == (1, "train", "run", 5)
    assert record["files"] == {
        name: file_hash(run / name) for name in ("README.md", "metrics.json", "model/weights.bin")
    }
    assert {"python", "emotion-core", "numpy"} <= set(record["versions"])
    assert set(record["host"]) == {"platform", "machine", "cpu", "cores", "instructions"}
    assert record["wall_time_s"] >= 0
    assert record["created"].endswith("+00:00")
    assert isinstance(record["command"], list)


def test_an_existing_run_is_replaced_by_force_alone(run):
    """Without force the message names the option; with it the new run takes the place of the old one, whole."""
    with pytest.raises(RunError, match=r"exists already.*--force"):
        RunWriter(run, "train")
    with RunWriter(run, "compress", force=True):
        pass
    assert read_json(run, "run.json")["kind"] == "compress"
    assert entries(run) == ["figures", "run.json"]
    assert entries(run.parent) == ["run"]


@pytest.mark.parametrize(
    "make", [lambda path: path.write_text("mine"), lambda path: (path / "photos").mkdir(parents=True)]
)
def test_force_replaces_nothing_but_runs(tmp_path, make):
    """A file, or a folder that holds something else, is never removed."""
    output = tmp_path / "precious"
    make(output)
    with pytest.raises(RunError, match=r"precious: is (not a run folder, so --force|a file and no folder)"):
        check_output(output, force=True)


@pytest.mark.parametrize("name", [None, *LEFT_BEHIND[::3]])
def test_an_empty_folder_may_be_filled_by_force(tmp_path, name):
    """There is nothing to lose in it, also when a file manager has shown it."""
    (tmp_path / "run").mkdir()
    if name:
        (tmp_path / "run" / name).touch()
    with RunWriter(tmp_path / "run", "train", force=True):
        pass
    assert read_json(tmp_path / "run", "run.json")["kind"] == "train"


def test_a_run_is_made_below_folders_that_are_not_there_yet(tmp_path):
    """runs/today/run makes runs and today."""
    with RunWriter(tmp_path / "runs" / "today" / "run", "train"):
        pass
    assert verify_run(tmp_path / "runs" / "today" / "run") == []


def test_an_output_below_a_file_is_refused(tmp_path):
    """The message names the output."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    writer = RunWriter(tmp_path / "file" / "run", "train")
    with pytest.raises(RunError, match=r"file.run: the folder cannot be written"):
        writer.__enter__()


def test_a_complete_run_verifies(run):
    """Every file has the hash that was recorded."""
    assert verify_run(run) == []


def test_each_difference_to_what_was_written_is_told(run):
    """An altered, a missing and an added file, each by name."""
    (run / "metrics.json").write_text("{}", encoding="utf-8")
    (run / "README.md").unlink()
    (run / "model" / "notes.txt").write_text("mine", encoding="utf-8")
    missing, added, altered = verify_run(run)
    assert missing == "README.md: is missing"
    assert added == "model/notes.txt: is not part of the run"
    assert altered.startswith(f"metrics.json: was altered, found sha256 {file_hash(run / 'metrics.json')}, expected ")


@pytest.mark.parametrize("folder", ["", "model", "figures"])
@pytest.mark.parametrize("name", LEFT_BEHIND)
def test_what_file_managers_leave_in_a_run_is_passed_over(run, folder, name):
    """Loading and verifying agree: hidden files and settings of a folder are not part of the run and do no harm."""
    path = run / folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("seen", encoding="utf-8")
    check_model(run, read_run(run))
    assert verify_run(run) == []


def test_what_a_file_manager_leaves_while_a_run_is_written_gets_no_hash(tmp_path):
    """It may change it or take it away again."""
    with RunWriter(tmp_path / "run", "train") as writer:
        (writer.model_dir / ".DS_Store").write_text("seen", encoding="utf-8")
    assert read_json(tmp_path / "run", "run.json")["files"] == {}


def test_a_hidden_file_that_has_a_hash_is_verified(run):
    """What a record vouches for is compared, whatever its name."""
    (run / ".extra").write_text("mine", encoding="utf-8")
    edit_record(run, files=read_json(run, "run.json")["files"] | {".extra": "0"})
    assert verify_run(run)[0].startswith(".extra: was altered")


def test_a_link_out_of_a_run_is_told_and_one_within_is_not(run, tmp_path):
    """What a link leads to elsewhere could be altered without the run being touched."""
    (run / "metrics.json").rename(tmp_path / "elsewhere.json")
    (run / "metrics.json").symlink_to(tmp_path / "elsewhere.json")
    assert verify_run(run) == [f"metrics.json: is a link to something outside {run}"]
    (tmp_path / "elsewhere.json").rename(run / "model" / "real.json")
    (run / "metrics.json").unlink()
    (run / "metrics.json").symlink_to("model/real.json")
    assert verify_run(run) == ["model/real.json: is not part of the run"]


@pytest.mark.parametrize(
    "error",
    [OSError(errno.ENOSPC, "No space left on device"), RuntimeError("[enforce fail at inline_container.cc:603]")],
)
def test_a_disk_that_runs_full_is_told_with_the_run_and_a_way_on(tmp_path, error):
    """Libraries name no file, and some have errors of their own kinds; nothing stays."""
    with (
        pytest.raises(RunError, match=r"run: cannot be written \(.*\)\. Make room on the disk and try again"),
        RunWriter(tmp_path / "run", "train"),
    ):
        raise error
    assert list(tmp_path.iterdir()) == []


def in_a_cache(run, cache):
    """A copy of a run as the client of the hub keeps it: each file a link to a blob of its repository."""
    repository = cache / "models--ann--emotions"
    (repository / "blobs").mkdir(parents=True)
    snapshot = repository / "snapshots" / "0123abcd" / "gru"
    for number, file in enumerate(path for path in sorted(run.rglob("*")) if path.is_file()):
        blob, link = repository / "blobs" / str(number), snapshot / file.relative_to(run)
        blob.write_bytes(file.read_bytes())
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(os.path.relpath(blob, link.parent))
    return snapshot


def test_a_run_in_a_cache_of_the_hub_is_whole(run, tmp_path):
    """Its links lead to the blobs of the same repository; an altered blob is noticed."""
    snapshot = in_a_cache(run, tmp_path)
    assert verify_run(snapshot) == []
    check_model(snapshot, read_run(snapshot))
    (snapshot / "metrics.json").resolve().write_text("{}", encoding="utf-8")
    assert verify_run(snapshot)[0].startswith("metrics.json: was altered")


@pytest.mark.parametrize(
    "target", ["../../../../models--eve--x/blobs/1", "../../../secret", "/etc/hostname", "README.md"]
)
def test_a_link_that_leaves_the_blobs_of_its_repository_is_told(run, tmp_path, target):
    """To another repository, beside the blobs, anywhere else, or to itself."""
    snapshot = in_a_cache(run, tmp_path)
    for other in ("models--eve--x/blobs/1", "models--ann--emotions/secret"):
        (tmp_path / other).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / other).touch()
    (snapshot / "README.md").unlink(missing_ok=True)
    (snapshot / "README.md").symlink_to(target)
    assert f"README.md: is a link to something outside {snapshot}" in verify_run(snapshot)


@pytest.mark.parametrize("name", ["../secret.txt", "{folder}/secret.txt"])
def test_a_record_that_names_files_elsewhere_gets_nothing_of_them(run, tmp_path, name):
    """A path out of the run is missing, whether the hash is right or not."""
    (tmp_path / "secret.txt").write_text("mine", encoding="utf-8")
    name, record = name.format(folder=tmp_path), read_json(run, "run.json")
    record["files"][name] = file_hash(tmp_path / "secret.txt")
    (run / "run.json").write_text(json.dumps(record), encoding="utf-8")
    assert verify_run(run) == [f"{name}: is missing"]


def test_a_run_that_was_moved_still_verifies(run, tmp_path):
    """A run holds no path of where it was made."""
    moved = shutil.move(run, tmp_path / "elsewhere")
    assert verify_run(moved) == []


def test_what_is_no_run_is_refused(tmp_path, run):
    """No folder, a folder without run.json, broken JSON, JSON of another kind, and another schema."""
    with pytest.raises(RunError, match="no such run folder"):
        read_run(tmp_path / "nowhere")
    with pytest.raises(RunError, match=r"is not a complete run, run\.json is missing"):
        read_run(tmp_path)
    edit_record(run, schema=99)
    with pytest.raises(RunError, match=r"found schema 99, expected 1"):
        read_run(run)
    no_json = ((content, "is not valid JSON") for content in (b"{", b"\xff\xfe", b"[" * 100_000))
    for content, message in (*no_json, (b"[]", "a JSON list")):
        (run / "run.json").write_bytes(content)
        with pytest.raises(RunError, match=message):
            read_run(run)


def test_a_model_is_looked_for_in_runs_of_the_same_package_alone(run):
    """A run of another package, and an evaluation, are refused with the way on."""
    assert read_model_run(run, "emotion-words").model == "words"
    with pytest.raises(RunError, match="is a run of emotion-words, not of emotion-rnn"):
        read_model_run(run, "emotion-rnn")
    shutil.rmtree(run / "model")
    edit_record(run, evaluated_run="runs/first")
    with pytest.raises(
        RunError, match=r"holds an evaluation and no model\. Name the run that was evaluated: runs/first"
    ):
        read_model_run(run, "emotion-words")


def test_the_size_of_a_folder_is_that_of_all_files_below(tmp_path):
    """Files in folders count; a folder that is not there has none."""
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "one").write_bytes(b"123")
    (tmp_path / "a" / "b" / "two").write_bytes(b"4567")
    assert folder_size(tmp_path / "a") == 7
    assert folder_size(tmp_path / "none") == 0


def test_a_finished_run_is_kept_when_its_place_was_taken_meanwhile(tmp_path):
    """When another run appears under the name before this one is complete, the message says where this one is kept."""
    output = tmp_path / "run"

    def finish_too_late():
        with RunWriter(output, "train"):
            output.mkdir()
            (output / "theirs.txt").write_text("theirs", encoding="utf-8")

    with pytest.raises(RunError, match=r"kept in .*run\.kept") as caught:
        finish_too_late()
    kept = next(tmp_path.glob(".run.kept-*"))
    assert str(kept) in str(caught.value)
    assert verify_run(kept) == []
    assert [file.name for file in output.iterdir()] == ["theirs.txt"]


def test_a_file_that_is_written_aside_replaces_the_old_one_whole(tmp_path):
    """A shorter text leaves nothing of a longer one, and there is no other file."""
    path = tmp_path / "search.json"
    for text in ("a long first text", "ä"):
        write_aside(path, text)
        assert path.read_text(encoding="utf-8") == text
    assert entries(tmp_path) == ["search.json"]


def test_a_file_that_cannot_be_written_aside_leaves_the_old_one(tmp_path):
    """A text that is no Unicode, found in the middle of writing, does not harm what is there."""
    path = tmp_path / "search.json"
    write_aside(path, "the first text")
    with pytest.raises(UnicodeEncodeError):
        write_aside(path, "half of the second text \ud800")
    assert path.read_text(encoding="utf-8") == "the first text"


def test_a_name_is_there_with_its_whole_content_or_not_at_all(tmp_path):
    """The old file is never emptied and filled: who has it open keeps reading the old text to its end."""
    path = tmp_path / "search.json"
    write_aside(path, "the first text")
    with path.open(encoding="utf-8") as reader:
        write_aside(path, "the second")
        assert reader.read() == "the first text"
    assert path.read_text(encoding="utf-8") == "the second"


@pytest.mark.parametrize(
    "words", [["--storage", "postgresql://ann:secret@host/db"], ["--storage=postgresql+psycopg://ann:secret@host/db"]]
)
def test_a_password_in_the_command_is_not_recorded(tmp_path, words):
    """run.json holds the command with stars for the password of an address; the rest of it stays."""
    code = "import sys; from emotion_core.runs.writer import RunWriter\nwith RunWriter(sys.argv[1], 'train'): pass"
    output = tmp_path / "run"
    subprocess.run([sys.executable, "-c", code, str(output), *words, "user@host", "12:30"], check=True)
    assert "secret" not in (output / "run.json").read_text(encoding="utf-8")
    recorded = read_json(output, "run.json")["command"]
    assert recorded[1:] == [str(output), *(word.replace("secret", "***") for word in words), "user@host", "12:30"]


def test_a_model_that_was_altered_is_named_before_it_is_loaded(run):
    """An altered, a missing and a new file of the model are told; other files, and what file managers add, are not."""
    (run / "README.md").write_text("mine", encoding="utf-8")
    (run / "model" / ".DS_Store").touch()
    check_model(run, read_run(run))
    flip_a_bit(run / "model" / "weights.bin", 0.5)
    with pytest.raises(RunError, match=r"model/weights\.bin: was altered"):
        check_model(run, read_run(run))
    (run / "model" / "weights.bin").rename(run / "model" / "other.bin")
    with pytest.raises(RunError, match=r"weights\.bin: is missing; model/other\.bin: is not part of the run"):
        check_model(run, read_run(run))


@pytest.mark.parametrize("changes", [{"text_cleaning": "shred"}, {"text_cleaning": ""}])
def test_a_record_without_what_a_model_needs_is_told(run, changes):
    """Its model cannot be used, and the message names run.json."""
    edit_record(run, **changes)
    with pytest.raises(RunError, match=r"run\.json: says not how"):
        read_model_run(run, "emotion-words")
