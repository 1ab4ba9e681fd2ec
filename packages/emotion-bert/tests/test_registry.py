"""Finding models by name, hub id or folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from emotion_bert.models.registry import MODELS, find_model
from emotion_core.errors import ModelError


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("bertweet", "bertweet"),
        ("BERTweet", "bertweet"),
        ("BER-Tweet", "bertweet"),
        ("cardiff-roberta", "cardiffroberta"),
        ("CardiffRoBERTa", "cardiffroberta"),
        ("Modern-BERT", "modernbert"),
        ("mini_lm", "minilm"),
        ("answerdotai/ModernBERT-base", "modernbert"),
    ],
)
def test_a_name_is_found_in_any_case_and_with_hyphens(name: str, expected: str) -> None:
    """Case, hyphens and underscores do not matter, and a hub id of the registry is its entry."""
    assert find_model(name) is MODELS[expected]


def test_a_local_folder_is_a_model_of_its_own_name(tmp_path: Path) -> None:
    """A folder with a config.json becomes an entry that is loaded from there."""
    folder = tmp_path / "my-model"
    folder.mkdir()
    with pytest.raises(ModelError, match=r"no config\.json"):
        find_model(str(folder))
    (folder / "config.json").write_text("{}", encoding="utf-8")
    assert (find_model(str(folder)).name, find_model(str(folder)).source) == ("my-model", str(folder))


def test_any_other_hub_id_is_taken_as_it_is() -> None:
    """OWNER/NAME that is not in the registry is loaded under that id."""
    assert find_model("google/electra-small-discriminator").source == "google/electra-small-discriminator"


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("bert-base-uncased", "google-bert/bert-base-uncased"),
        ("BERT-base-cased", "google-bert/bert-base-cased"),
        ("roberta-base", "FacebookAI/roberta-base"),
        ("xlm-roberta-base", "FacebookAI/xlm-roberta-base"),
        ("distilbert-base-uncased", "distilbert/distilbert-base-uncased"),
        ("albert-base-v2", "albert/albert-base-v2"),
        ("microsoft/deberta-v3-base", "microsoft/deberta-v3-base"),
    ],
)
def test_a_name_that_tutorials_write_is_the_hub_id_with_its_owner(name: str, source: str) -> None:
    """The hub redirects the old name, but a run records what is there."""
    assert (find_model(name).source, find_model(name).name) == (source, source.rpartition("/")[2].lower())


def test_a_local_folder_comes_before_a_name_of_the_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy of a model in the working folder is what is meant."""
    (tmp_path / "roberta-base").mkdir()
    (tmp_path / "roberta-base" / "config.json").write_text("{}", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert find_model("roberta-base").source == "roberta-base"


def test_a_name_that_is_nearly_one_is_suggested() -> None:
    """Of the registry or of the hub."""
    with pytest.raises(ModelError, match=r"^roberta: no such model\. Did you mean roberta-base\? Choose one of"):
        find_model("roberta")
    with pytest.raises(ModelError, match=r"Did you mean bertweet\?"):
        find_model("bertwet")


@pytest.mark.parametrize(("name", "learning_rate", "epochs"), [("bertweet", 1e-5, 30), ("modernbert", 8e-5, 2)])
def test_published_settings_are_a_recipe(name: str, learning_rate: float, epochs: int) -> None:
    """The recipe changes what its authors published and keeps the other defaults."""
    published, default = MODELS[name].settings("published"), MODELS[name].settings(None)
    assert (published.learning_rate, published.epochs) == (learning_rate, epochs)
    assert (published.batch_size, published.max_length) == (default.batch_size, default.max_length)


def test_the_tuned_recipe_smooths_averages_and_spares_the_lower_layers() -> None:
    """MiniLM's recipe is the settings that docs/results.md has the figures of."""
    tuned = MODELS["minilm"].settings("tuned")
    assert (tuned.learning_rate, tuned.layer_decay, tuned.epochs) == (3e-4, 0.8, 5)
    assert (tuned.label_smoothing, tuned.ema_momentum) == (0.1, 0.999)


@pytest.mark.parametrize("name", ["robberta", "./absent", "/absent/model", "a/b/c"])
def test_an_unknown_name_lists_the_names_there_are(name: str) -> None:
    """The message names every model of the registry."""
    with pytest.raises(ModelError) as caught:
        find_model(name)
    assert all(known in str(caught.value) for known in MODELS)
