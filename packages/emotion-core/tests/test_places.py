"""Outputs that are links, pipes and devices: links stay, streams are written to, devices are refused."""

import os
import socket
import threading
from pathlib import Path

import pytest
from filelock import FileLock

from emotion_core.errors import RunError
from emotion_core.runs.writer import RunWriter, claimed_folder
from emotion_core.system.claim import claimed, write_aside
from emotion_core.system.overwriting import check_file, check_output
from emotion_core.system.places import is_stream, real_path


def write_run(output, *, force=False):
    """A run folder with nothing but its record."""
    with RunWriter(output, "evaluate", force=force):
        pass


def test_a_run_is_written_to_what_a_link_leads_to(tmp_path):
    """The link stays one, the folder behind it gets the run, and nothing hidden stays in either place."""
    (tmp_path / "disk" / "target").mkdir(parents=True)
    (tmp_path / "link").symlink_to("disk/target")
    write_run(tmp_path / "link", force=True)
    write_run(tmp_path / "link", force=True)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "disk" / "target" / "run.json").is_file()
    assert sorted(os.listdir(tmp_path)) == ["disk", "link"]
    assert os.listdir(tmp_path / "disk") == ["target"]


def test_a_link_to_what_is_still_missing_becomes_whole(tmp_path):
    """The run is made where the link leads."""
    (tmp_path / "link").symlink_to("later")
    write_run(tmp_path / "link")
    assert (tmp_path / "later" / "run.json").is_file()
    assert (tmp_path / "link").is_symlink()


@pytest.mark.parametrize("below", ["", "seed-1", "deep/run"])
def test_a_link_into_a_folder_that_is_missing_is_told_before_the_work(tmp_path, below):
    """As one to a disk that is not mounted, whose folders are not made in its place."""
    (tmp_path / "link").symlink_to(tmp_path / "disk" / "runs")
    with pytest.raises(RunError, match=r"is a link to .*disk/runs, and the folder .*disk does not exist"):
        check_output(tmp_path / "link" / below)
    with pytest.raises(RunError, match="is a link to"), claimed_folder(tmp_path / "link" / below):
        pass
    assert os.listdir(tmp_path) == ["link"]


def test_a_link_that_leads_to_itself_is_told(tmp_path):
    """With the path, and no traceback."""
    (tmp_path / "link").symlink_to("link")
    with pytest.raises(RunError, match="link: is a link that leads to itself"):
        check_output(tmp_path / "link")


def test_a_link_and_its_target_have_one_lock(tmp_path):
    """Whoever writes by the one name keeps the other out."""
    (tmp_path / "target").mkdir()
    (tmp_path / "link").symlink_to("target")
    with (
        FileLock(tmp_path / ".target.lock"),
        pytest.raises(RunError, match="another process"),
        claimed(tmp_path / "link"),
    ):
        pass


def test_a_file_behind_a_link_is_replaced_and_the_link_stays(tmp_path):
    """The file is there whole or not at all, where the link leads."""
    (tmp_path / "real.html").write_text("old", encoding="utf-8")
    (tmp_path / "link.html").symlink_to("real.html")
    write_aside(tmp_path / "link.html", "new")
    assert (tmp_path / "link.html").is_symlink()
    assert (tmp_path / "real.html").read_text(encoding="utf-8") == "new"


def outputs(run, data):
    """Commands that write one file, and the name that it needs."""
    return [
        (("compare", run, "--html"), "page.html"),
        (("audit", data, "--figure"), "classes.png"),
        (("predict", run, "--input", data, "--output"), "out.csv"),
    ]


@pytest.fixture
def tweets(tmp_path):
    """A file with two texts."""
    (tmp_path / "tweets.csv").write_text("text,label\nso glad,joy\nboo,fear\n", encoding="utf-8")
    return tmp_path / "tweets.csv"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
@pytest.mark.parametrize("number", range(3))
def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path, runs, tweets, succeed, number):
    """A page, a figure and predictions arrive at its other end, without --force."""
    words, name = outputs(runs["words"], tweets)[number]
    pipe = tmp_path / name
    os.mkfifo(pipe)
    read = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()), daemon=True)
    reader.start()
    succeed(*words, pipe)
    reader.join(30)
    assert len(read[0]) > 40
    assert pipe.is_fifo()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_device_without_room_is_left_as_it_is(runs, refuse):
    """The message tells that it is full; it stays a device."""
    assert "No space left" in refuse("compare", runs["words"], "--html", "/dev/full")
    assert Path("/dev/full").is_char_device()


@pytest.mark.skipif(not Path("/dev/random").exists(), reason="there is no /dev/random here")
def test_a_device_that_is_no_stream_is_refused(runs, refuse):
    """Before the work, with the option that named it."""
    assert "/dev/random: is a device or a socket and no file. Choose another --html." in refuse(
        "compare", runs["words"], "--html", "/dev/random", "--force"
    )


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="there are no such sockets here")
def test_a_socket_is_refused(tmp_path, monkeypatch):
    """A file of that name would put whoever listens out of reach."""
    monkeypatch.chdir(tmp_path)  # whose name is too long for a socket
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("out.csv")
        with pytest.raises(RunError, match="is a device or a socket"):
            check_file(Path("out.csv"), force=True)


@pytest.mark.parametrize("name", ["/dev/null", "/dev/stdout", "/dev/fd/1"])
def test_no_run_is_made_in_the_place_of_a_stream(name):
    """It is no folder, with --force either."""
    if not Path(name).exists():
        pytest.skip(f"there is no {name} here")
    assert is_stream(Path(name))
    with pytest.raises(RunError, match="is a file and no folder"):
        check_output(name, force=True)


@pytest.mark.parametrize("words", [("report", "{run}"), ("split", "{data}")], ids=["report", "split"])
@pytest.mark.parametrize("name", ["/dev/null", "{data}.old"])
def test_no_folder_is_made_in_the_place_of_a_file(runs, tweets, refuse, words, name):
    """Whatever kind of file it is, and with --force, too."""
    places = {"run": runs["words"].parent, "data": tweets}
    output = Path(name.format(**places))
    tweets.with_name("tweets.csv.old").touch()
    told = refuse(*(word.format(**places) for word in words), "--output", output, "--force")
    assert told.endswith(f"{output}: is a file and no folder. Choose another --output.")


def test_a_lock_that_cannot_be_made_is_not_another_process(tmp_path):
    """A folder of that name, or a link, which the lock does not follow, is told as what it is."""
    (tmp_path / ".one.lock").mkdir()
    (tmp_path / ".two.lock").symlink_to("elsewhere")
    for name in ("one", "two"):
        with pytest.raises(RunError, match=rf"cannot be written .*\.{name}\.lock"), claimed_folder(tmp_path / name):
            pass


def test_the_current_folder_has_a_name(tmp_path, monkeypatch):
    """An output that is called . is the folder itself."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert real_path(Path(".")) == tmp_path.resolve() / "here"
    with claimed(Path(".")) as aside:
        assert aside.parent == tmp_path.resolve()
