"""The model that emotion-core carries: how it is named, that it is the one that was made, and how light it is."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner

import emotion_core
from completions import offers
from emotion_core import RunError, load, predict_emotions
from emotion_core.cli.loading import chosen_runs, run_and_texts
from emotion_core.cli.main import main
from emotion_core.data.published import ready
from emotion_core.data.published.manifests import manifest
from emotion_core.runs.folder import CARD_FILE, FIGURES_DIR, MODEL_DIR, RUN_FILE, folder_size, read_run, verify_run
from emotion_core.system.hashes import differences
from shared_checks import HEAVY_LIBRARIES
from tiny_onnx import write_onnx_run

ROOT = Path(__file__).parents[3]
TEXT = "i did not see that coming"
MOST_BYTES = 10_000_000
MOST_MEMORY_MB = 150

made = pytest.mark.skipif(
    not ready.ready_folder().is_dir(), reason="there is no ready model: python -m nox -s ready-model makes it"
)
"""For tests of the model itself; the others have a small one in its place."""


@pytest.fixture(scope="module")
def shared_data(tmp_path_factory: pytest.TempPathFactory, sample) -> Path:
    """A folder as shared-data with a small model in the place of the ready one, which abstains below 0.6."""
    folder = tmp_path_factory.mktemp("shared-data")
    train = sample.split("train")
    run = write_onnx_run(folder / ready.READY, train.texts, train.labels)
    record = json.loads((run / RUN_FILE).read_text(encoding="utf-8"))
    (run / RUN_FILE).write_text(json.dumps(record | {"abstain_below": 0.6}), encoding="utf-8")
    return folder


@pytest.fixture
def here(shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder, for a copy of emotion-core that carries the small model."""
    monkeypatch.setattr(ready, "shared_data_dir", lambda: shared_data)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def predicted(*words: object) -> list[dict[str, object]]:
    """What a call of predict prints as JSON."""
    result = CliRunner().invoke(main, ["predict", *map(str, words), "--json"])
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def refused(*words: object) -> str:
    """Why a call of emotion-core ends with exit code 2."""
    result = CliRunner().invoke(main, list(map(str, words)))
    assert result.exit_code == 2, result.output
    return result.stderr


class TestNaming:
    """Which run a command or a call means."""

    @pytest.mark.parametrize("words", [(TEXT,), ("ready", TEXT), ("--model", "ready", TEXT), (TEXT, "wow")])
    def test_without_a_run_or_by_its_name_the_ready_model_predicts(self, here: Path, words: tuple[str, ...]) -> None:
        """Every text gets its line, and a run of that folder says the same."""
        texts = [word for word in words if word in (TEXT, "wow")]
        assert predicted(*words) == predicted(ready.ready_folder(), *texts)

    def test_a_file_and_standard_input_need_no_run_either(self, here: Path) -> None:
        """`--input` works with and without a run before it."""
        (here / "posts.csv").write_text(f"text\n{TEXT}\n", encoding="utf-8")
        assert predicted("--input", "posts.csv") == predicted("ready", "--input", "posts.csv") == predicted(TEXT)
        result = CliRunner().invoke(main, ["predict", "--input", "-", "--json"], input=f"{TEXT}\n")
        assert [json.loads(line) for line in result.stdout.splitlines()] == predicted(TEXT)

    def test_a_folder_is_the_run_and_all_else_is_text(self, here: Path) -> None:
        """As before, whatever the folder is called; after `--model` even a folder's name is a text."""
        (here / "a b").mkdir()
        assert run_and_texts(["a b", TEXT], None, texts_elsewhere=False) == (Path("a b"), (TEXT,))
        assert run_and_texts(["a b", TEXT], Path("x"), texts_elsewhere=False) == (Path("x"), ("a b", TEXT))
        assert run_and_texts(["gru"], None, texts_elsewhere=True) == (Path("gru"), ())

    @pytest.mark.parametrize(
        "word",
        ["runs/gru", "runs\\gru", "./gru", "../gru", "~/gru", "C:\\runs", "gru-tuned", "gru_2", ".hidden", "/x y"],
    )
    def test_a_mistyped_run_does_not_become_a_text(self, here: Path, word: str) -> None:
        """What looks like a path is refused, alone and before a text, and the way to mean a text is named."""
        for words in ([word], [word, TEXT]):
            message = refused("predict", *words)
            assert message.startswith(f"Error: {word}: no such run folder.")
            assert "--model ready" in message
        assert predicted("--model", "ready", word)[0]["text"] == word

    @pytest.mark.parametrize("word", ["gru", "i", ""])
    def test_a_single_word_before_texts_is_refused(self, here: Path, word: str) -> None:
        """It may be a run, or the first word of a text without quotation marks; alone it is a text."""
        message = refused("predict", word, "did", "not")
        assert f"{word!r}: no such run folder" in message
        assert "quotation marks" in message
        assert [row["text"] for row in predicted(word)] == [word]

    @pytest.mark.parametrize(
        "text", ["wow!!", ":-)", "https://a.b/c", "#so_happy", "@a_b", "¯\\_(ツ)_/¯", "...", "and/or so"]
    )
    def test_a_text_of_one_word_is_no_path(self, here: Path, text: str) -> None:
        """Emoticons, links, hashtags and mentions have what paths have, too."""
        assert predicted(text)[0]["text"] == text

    @pytest.mark.parametrize("name", ["posts.csv", "my posts", "absent.jsonl"])
    def test_a_file_before_texts_is_told_how_it_is_read(self, here: Path, name: str) -> None:
        """A file that is there, and a name that ends as one."""
        for present in ("posts.csv", "my posts"):
            (here / present).touch()
        assert f"--input {name}" in refused("predict", name)

    def test_a_folder_of_its_name_is_not_guessed_about(self, here: Path) -> None:
        """A script would otherwise mean another model in another working folder; without a name all is clear."""
        (here / "ready").mkdir()
        for refusal in (refused("predict", "ready", TEXT), refused("evaluate", "ready", "--data", "sample")):
            assert "Write ./ready for the folder, or leave the run out" in refusal
        with pytest.raises(RunError, match=r"Write \./ready for the folder"):
            load("ready")
        assert predicted(TEXT)
        assert load().origin == load(ready.ready_folder()).origin

    def test_a_copy_without_the_model_says_how_it_is_made(self, tmp_path: Path, monkeypatch) -> None:
        """In one sentence, for commands and for Python."""
        monkeypatch.setattr(ready, "shared_data_dir", lambda: tmp_path)
        assert "holds no ready model" in refused("predict", TEXT)
        with pytest.raises(RunError, match="nox -s ready-model"):
            load()

    def test_services_take_it_where_no_run_is_named(self, here: Path) -> None:
        """`serve` and `mcp`; a run by an option takes its place, and two ways at once are refused."""
        assert chosen_runs([], None) == (ready.ready_folder(),)
        assert chosen_runs([], Path("a")) == chosen_runs([Path("a")], None) == (Path("a"),)
        for command in ("serve", "mcp"):
            assert "not with both" in refused(command, "runs/a", "--model", "runs/b")

    def test_the_tab_key_offers_it(self, here: Path) -> None:
        """Beside the folders here, wherever a run can be named, but not among the texts."""
        (here / "runs").mkdir()
        for words in ("predict", "predict --model", "serve", "verify"):
            assert offers(main, words, "r") == [("plain", "ready"), ("plain", "runs/")]
        assert offers(main, "predict", "runs/") == [("dir", "runs/")]
        assert offers(main, "predict ready", "r") == []


def test_it_abstains_by_default_as_its_record_says(here: Path) -> None:
    """In commands and in Python; another threshold takes precedence."""
    answers = [predicted("hm ok", *words)[0]["predicted_emotion"] for words in ((), ("--abstain-below", "0"))]
    assert answers == ["uncertain", *predict_emotions(load(), ["hm ok"], abstain_below=0)]
    assert predict_emotions(load(), ["hm ok"]) == ["uncertain"]
    assert answers[1] in emotion_core.EMOTIONS


def test_without_onnx_runtime_the_line_that_installs_it_is_named(here: Path, monkeypatch) -> None:
    """Before anything else is read of the model."""
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    message = refused("predict", TEXT)
    assert message.startswith("Error: the ready model: ")
    assert "emotion-core[onnx]" in message


class TestPacking:
    """How `sessions/pack_ready.py` writes a run as the ready model."""

    @pytest.fixture
    def packing(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
        """The module, for a folder of its own."""
        spec = importlib.util.spec_from_file_location("pack_ready", ROOT / "sessions" / "pack_ready.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        monkeypatch.setattr(ready, "shared_data_dir", lambda: tmp_path)
        return module

    def test_a_run_is_written_with_its_manifest(self, packing: ModuleType, runs, tmp_path: Path) -> None:
        """All of it but the figures, whole, with the threshold in its record and in its card; a second time, too."""
        for _ in range(2):
            packing.pack(runs["words"], tmp_path)
        folder = ready.ready_folder()
        files = json.loads((tmp_path / "ready.json").read_text(encoding="utf-8"))["ready"]["files"]
        assert differences(folder, files, lambda _: False) == verify_run(folder) == []
        assert not (folder / FIGURES_DIR).exists()
        assert f"below {read_run(folder).abstain_below} " in (folder / CARD_FILE).read_text(encoding="utf-8")

    def test_one_that_is_too_large_is_refused(self, packing: ModuleType, runs, tmp_path: Path, monkeypatch) -> None:
        """And nothing of it is left."""
        monkeypatch.setattr(packing, "MOST_BYTES", 10)
        with pytest.raises(RunError, match="at most"):
            packing.pack(runs["words"], tmp_path)
        assert list(tmp_path.iterdir()) == []


@made
class TestTheModel:
    """What `nox -s ready-model` made."""

    def test_each_file_is_the_one_of_the_manifest(self) -> None:
        """So that what is installed is what was measured."""
        recorded = manifest("ready")["ready"]["files"]
        assert differences(ready.ready_folder(), recorded, lambda _: False) == []
        assert verify_run(ready.ready_folder()) == []

    def test_it_is_small_enough_for_the_wheel(self) -> None:
        """The files of the model together."""
        assert folder_size(ready.ready_folder() / MODEL_DIR) <= MOST_BYTES

    def test_its_card_names_the_licences_and_when_it_abstains(self) -> None:
        """The licences of the pre-trained model and of the texts, and the threshold of the record."""
        card = (ready.ready_folder() / CARD_FILE).read_text(encoding="utf-8")
        assert "Apache-2.0" in card
        assert "CC0-1.0" in card
        assert f"below {read_run(ready.ready_folder()).abstain_below} " in card

    @pytest.mark.acceptance
    @pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system does not tell the peak of a process")
    def test_a_prediction_imports_nothing_heavy_and_takes_little_memory(self, tmp_path: Path) -> None:
        """In a process of its own, as the command line begins."""
        heavy = sorted({*HEAVY_LIBRARIES} - {"numpy"})
        code = (
            "import sys; from pathlib import Path; from emotion_core.cli.main import main;"
            f"main(['predict', {TEXT!r}], standalone_mode=False);"
            "print(Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0]);"
            f"print(*(name for name in {heavy!r} if name in sys.modules))"
        )
        command = [sys.executable, "-c", code]
        result = subprocess.run(command, capture_output=True, encoding="utf-8", cwd=tmp_path, check=True)
        line, peak, imported = result.stdout.splitlines()
        assert line.endswith(TEXT)
        assert imported == ""
        assert int(peak) * 1024 <= MOST_MEMORY_MB * 1e6
