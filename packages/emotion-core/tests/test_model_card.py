"""The model card: what the hub reads of it, and what a person does."""

from __future__ import annotations

import pytest
import yaml

from emotion_core.data.published.manifests import named_datasets
from emotion_core.runs.card import model_card
from emotion_core.runs.folder import read_json
from emotion_core.runs.layouts import LAYOUTS
from emotion_core.runs.metrics import Metrics
from emotion_core.runs.record import RunRecord
from emotion_core.runs.typed_json import from_json

BERTWEET = {"checkpoint": {"source": "vinai/bertweet-base", "revision": None, "bundled": False}}


@pytest.fixture(scope="session")
def metrics(runs):
    """Of the run ``words``."""
    return read_json(runs["words"], "metrics.json")


@pytest.fixture
def card(runs, metrics):
    """A function that makes the card of the run ``words`` with other entries in its record: its head, and its text."""

    def make(trained_on="sample", **changes):
        record = read_json(runs["words"], "run.json")
        record["data"]["name"] = trained_on
        measured = metrics | {"data": metrics["data"] | {"name": trained_on}}
        record = RunRecord.from_json(record | changes, runs["words"])
        _, head, text = model_card(record, from_json(Metrics, measured, runs["words"])).split("---\n", 2)
        return yaml.safe_load(head), text

    return make


def test_the_card_in_the_run_states_figures_data_settings_and_use(runs, metrics):
    """A reader of README.md learns how good the model is, what it was trained on, its limits, and how to run it."""
    text = (runs["words"] / "README.md").read_text(encoding="utf-8").split("---\n", 2)[2]
    record = read_json(runs["words"], "run.json")
    assert text.startswith("\n# words: six emotions")
    assert f"| Accuracy | {metrics['accuracy']['value']:.4f} [" in text
    assert f"- train: 600 rows, fingerprint `{record['data']['splits']['train']['fingerprint']}`" in text
    assert "- text cleaning: `letters_only`" in text
    assert "- alpha: 0.1" in text
    assert "## Intended use" in text
    assert 'emotion-words predict PATH_OF_THIS_FOLDER "' in text


def test_the_head_has_the_measured_figures_with_their_data(card, metrics):
    """The model index names task, data set, split and fingerprint, and the three averages as they were measured."""
    head, _ = card()
    assert (head["language"], head["pipeline_tag"], head["metrics"]) == (
        "en",
        "text-classification",
        ["accuracy", "f1"],
    )
    (model,) = head["model-index"]
    (result,) = model["results"]
    assert model["name"] == "words"
    assert result["task"]["type"] == "text-classification"
    assert result["dataset"] == {
        "type": "sample",
        "name": named_datasets()["sample"]["title"],
        "split": "validation",
        "revision": metrics["data"]["fingerprint"],
    }
    values = {metric["name"]: (metric["type"], metric["value"], metric.get("args")) for metric in result["metrics"]}
    assert values == {
        "Accuracy": ("accuracy", round(metrics["accuracy"]["value"], 4), None),
        "Macro-F1": ("f1", round(metrics["macro_f1"]["value"], 4), {"average": "macro"}),
        "Weighted F1": ("f1", round(metrics["weighted_f1"]["value"], 4), {"average": "weighted"}),
    }


def test_what_is_not_known_is_left_out_of_the_head(card):
    """A model of our own kind on data of the user's own has no licence, base model, data set of the hub, or library."""
    head, text = card("some/where")
    assert not {"license", "base_model", "datasets", "library_name"} & set(head)
    assert head["model-index"][0]["results"][0]["dataset"]["type"] == "where"  # and not a name of the hub
    assert "nothing is known" in text


def test_a_model_of_the_emotion_tweets_is_bound_to_their_licence(card):
    """The head gives their id on the hub and a licence that restricts use; the text gives the reason and the limits."""
    head, text = card("emotion", **BERTWEET)
    assert (head["datasets"], head["license"]) == (["dair-ai/emotion"], "other")
    assert head["license_name"] == "education-and-research-only"
    assert head["base_model"] == "vinai/bertweet-base"
    assert "Licence of the data: Educational and research use only." in text
    assert "`vinai/bertweet-base`, licence: MIT" in text
    assert "hashtags" in text
    assert "no neutral class" in text


def test_the_sample_binds_nobody_and_its_card_says_that_it_is_small(card):
    """CC0 data leave the licence of the model open."""
    head, text = card()
    assert "license" not in head
    assert "Licence of the data: CC0-1.0." in text
    assert "far too small" in text


def test_an_imported_model_is_not_said_to_be_trained_on_what_it_was_measured_on(card):
    """Neither the data set nor its licence or limits stand in the card of a model whose training is not known."""
    head, text = card("emotion", imported_from={"file": "old.pt"})
    assert not {"license", "datasets"} & set(head)
    assert head["model-index"][0]["results"][0]["dataset"]["type"] == "dair-ai/emotion"
    assert "What it was trained on is not known" in text
    assert "hashtags" not in text


def test_a_local_checkpoint_is_no_base_model_of_the_hub(card):
    """A folder such as models/mine looks like an id of the hub and is none."""
    head, _ = card(checkpoint={"source": "models/mine", "revision": None, "bundled": False})
    assert "base_model" not in head


def test_only_a_cleaning_to_letters_limits_to_letters(card):
    """The limit stands in the card of a model that reads nothing else."""
    assert "letters only" in card()[1]
    assert "letters only" not in card(text_cleaning="social_media")[1]


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: f"{layout.package}-{layout.name}")
def test_the_card_shows_the_library_of_the_format_and_no_other(card, layout):
    """A run in a format has the snippet of its library beside our own command."""
    head, text = card(format=layout.name, package=layout.package)
    assert head["library_name"] == layout.name
    assert [other for other in LAYOUTS if other.snippet in text] == [layout]
    assert f"{layout.package} predict" in text


def test_a_model_without_some_heads_is_not_said_to_open_in_transformers(card):
    """Our own command is the only way shown."""
    compression = {"of": "run", "technique": "prune", "details": {"structured": "heads"}}
    _, text = card(format="transformers", compression=compression)
    assert "```python" not in text
    assert "emotion-words predict" in text
