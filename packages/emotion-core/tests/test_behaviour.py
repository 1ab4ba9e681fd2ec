"""The behavioural suite: its cases, what counts as a failure, typos and gaps, and the command ``behave``."""

import csv
import json
from dataclasses import fields

import numpy as np
import pytest

from emotion_core import DataError, behave
from emotion_core.classifier import Classifier
from emotion_core.data.published.manifests import shared_data_dir
from emotion_core.data.typos.slips import NEIGHBOURS, can_be_mistyped
from emotion_core.data.typos.texts import EpochTypos, with_typos
from emotion_core.evaluation.behaviour.cases import DIRECTION, FOLDER, FUNCTIONALITY, KINDS, MADE, Case, Suite
from emotion_core.evaluation.behaviour.cue_words import without_cue_words
from emotion_core.evaluation.behaviour.judging import NEAR_LIMIT, TOLERANCE, Said, failure
from emotion_core.evaluation.behaviour.record import Behaviour
from emotion_core.labels import EMOTION_TO_ID, EMOTIONS, N_EMOTIONS
from emotion_core.runs.typed_json import from_json

SEED = 42


class Looker(Classifier):
    """Gives the emotion whose name stands in a text 0.5 more than the others; without one all are equal."""

    def raw_probabilities(self, texts, progress):
        """Probabilities, shape (n, 6)."""
        found = np.array([[emotion in text for emotion in EMOTIONS] for text in texts], np.float32)
        progress(len(texts))
        return (found + 1) / (found + 1).sum(axis=1, keepdims=True)


@pytest.fixture(scope="module")
def suite():
    """All capabilities."""
    return Suite.of((), SEED)


def probabilities(emotion, probability):
    """Probabilities of one text, with the rest spread evenly."""
    row = np.full(N_EMOTIONS, (1 - probability) / (N_EMOTIONS - 1))
    row[EMOTION_TO_ID[emotion]] = probability
    return row


def result(told, name):
    """What `behave` tells of a capability."""
    return next(found for found in told["capabilities"] if found["name"] == name)


# The suite


def test_the_manifest_names_each_file_and_what_is_made(suite):
    """A file that no manifest names would never be asked."""
    names = [capability.name for capability in suite.capabilities]
    files = [file.stem for file in (shared_data_dir() / FOLDER).glob("*.csv")]
    assert sorted(names) == sorted([*files, *MADE])
    assert {capability.kind for capability in suite.capabilities} == set(KINDS)


def test_each_case_has_what_its_kind_asks(suite):
    """An emotion alone, two texts that differ, or two texts with an emotion and a direction; 40 cases a file."""
    for capability in suite.capabilities:
        for case in capability.cases:
            emotion, _, way = case.expected.partition(" ")
            assert (case.changed is None) == (capability.kind == FUNCTIONALITY), case
            assert case.changed != case.text, case
            assert (way in ("less", "more")) == (capability.kind == DIRECTION), case
            assert emotion == "same" if capability.kind == "invariance" else emotion in EMOTIONS, case
        if capability.name not in MADE:
            assert len(capability.cases) == 40, capability.name


def test_the_files_hold_three_columns_and_no_text_twice():
    """A text that stands in a file twice would count twice."""
    for file in (shared_data_dir() / FOLDER).glob("*.csv"):
        with file.open(encoding="utf-8", newline="") as rows:
            head, *cases = csv.reader(rows)
        assert head == ["text", "changed", "expected"], file.name
        assert len({text for text, *_ in cases}) == len(cases), file.name


def test_an_unknown_capability_is_named_with_those_that_exist():
    """The message holds what to choose from."""
    with pytest.raises(DataError, match=r"no capability 'nonsense', only named, events, .*cue_words"):
        Suite.of(["nonsense"], SEED)


# What is a failure


@pytest.mark.parametrize(
    ("way", "start", "end", "fails"),
    [
        ("less", 0.6, 0.5, False),
        ("less", 0.6, 0.6 - TOLERANCE / 2, True),
        ("less", 0.6, 0.7, True),
        ("less", NEAR_LIMIT / 2, NEAR_LIMIT / 2, False),
        ("less", NEAR_LIMIT / 2, 0.3, True),
        ("more", 0.5, 0.6, False),
        ("more", 0.5, 0.5, True),
        ("more", 1 - NEAR_LIMIT / 2, 1 - NEAR_LIMIT / 2, False),
        ("more", 1 - NEAR_LIMIT / 2, 0.6, True),
    ],
)
def test_a_probability_moves_by_more_than_the_tolerance_or_stays_near_the_limit(way, start, end, fails):
    """A start that has no room to move is no failure, as long as it stays there."""
    said = Said(probabilities("fear", start), probabilities("fear", end))
    found = failure(Case("a", "b", f"fear {way}"), DIRECTION, said)
    assert (found is not None) == fails
    if found is not None:
        assert (found.emotion, found.probability, found.changed_probability) == ("fear", start, end)


def test_an_invariance_fails_when_the_most_probable_emotion_changes():
    """Its probability may change as it likes."""
    case = Case("a", "b", "same")
    assert failure(case, "invariance", Said(probabilities("joy", 0.9), probabilities("joy", 0.3))) is None
    found = failure(case, "invariance", Said(probabilities("joy", 0.9), probabilities("love", 0.5)))
    assert (found.emotion, found.changed_emotion) == ("joy", "love")


def test_masking_fails_only_what_was_right_before():
    """A text that was wrong as it was written says nothing about the words that are gone."""
    joy, love = probabilities("joy", 0.9), probabilities("love", 0.9)
    case = Case("a", "b", "joy")
    assert failure(case, "masking", Said(joy, love)).changed_emotion == "love"
    assert failure(case, "masking", Said(love, joy)) is None
    assert failure(case, "masking", Said(joy, joy)) is None


# Typos and gaps


@pytest.mark.parametrize("seed", [0, 42])
def test_typos_are_one_letter_in_one_word_of_five(suite, seed):
    """Each text has some, words and spaces stay where they are, and the same seed gives the same."""
    texts = [case.text for capability in suite.capabilities[:8] for case in capability.cases]
    for text in texts:
        typed = with_typos(text, seed)
        words, others = text.split(), typed.split()
        changed = [pair for pair in zip(words, others, strict=True) if pair[0] != pair[1]]
        assert 1 <= len(changed) <= max(1, round(len(words) / 5)), typed
        assert all(abs(len(word) - len(other)) <= 1 for word, other in changed)
        assert typed == with_typos(text, seed)
    assert any(with_typos(text, seed) != with_typos(text, seed + 1) for text in texts)


def test_typos_leave_names_tags_and_links_alone():
    """Nobody types these by hand letter by letter, and a text of nothing else stays as it is."""
    text = "@someone #sohappy https://example.com/page 12345 :) \U0001f62d\u2764\ufe0f &quot; ok"
    assert with_typos(text, SEED) == text
    assert EpochTypos(1.0, SEED).texts([text], 0) == [text]


def test_typos_of_an_epoch_are_in_the_share_of_words_that_is_asked_for(suite):
    """Each epoch has other ones, the same for one seed; words stay words, and a share of 0 changes nothing."""
    texts = [case.text for capability in suite.capabilities[:8] for case in capability.cases]
    typos = EpochTypos(0.2, SEED)
    typed = typos.texts(texts, 0)
    pairs = [
        pair for text, other in zip(texts, typed, strict=True) for pair in zip(text.split(), other.split(), strict=True)
    ]
    long_enough = [pair for pair in pairs if can_be_mistyped(pair[0])]
    assert 0.15 < sum(one != other for one, other in long_enough) / len(long_enough) < 0.25
    assert all(one == other for one, other in pairs if not can_be_mistyped(one))
    assert typed == EpochTypos(0.2, SEED).texts(texts, 0)
    assert typed != typos.texts(texts, 1)
    assert typed != EpochTypos(0.2, SEED + 1).texts(texts, 0)
    assert EpochTypos(0.0, SEED).texts(texts, 0) == texts


def test_neighbours_lie_beside_a_key():
    """Those of g on an English keyboard."""
    assert set(NEIGHBOURS["g"]) == set("ftyhvb")


@pytest.mark.parametrize(
    ("text", "emotion", "masked"),
    [
        ("I'm SO happyyy today", "joy", "I'm SO ___ today"),
        ("i feel so sad", "sadness", "___ so ___"),
        ("Im feeling sad", "sadness", "___ ___"),
        ("not angry, just sad", "sadness", "not angry, just ___"),
        ("nothing here names it", "fear", "nothing here names it"),
    ],
)
def test_the_words_of_the_emotion_and_the_frame_become_gaps(text, emotion, masked):
    """Words of other emotions stay, and stretched ones are found."""
    assert without_cue_words(text, EMOTION_TO_ID[emotion]) == masked


# The classifier


def test_a_classifier_that_looks_for_names_fails_where_they_are_gone():
    """It needs the words, so masking costs it all that it has, and an event tells it nothing."""
    told = behave(Looker(), ["named", "names", "cue_words"], examples=2)
    assert [found["name"] for found in told["capabilities"]] == ["named", "names", "cue_words"]
    assert (told["model"], told["run"], told["seed"]) == (None, None, SEED)
    named, masked = result(told, "named"), result(told, "cue_words")
    assert named["failure_rate"]["value"] == named["failures"] / named["cases"] > 0.5
    assert len(named["examples"]) == 2
    assert masked["masking"]["fall"] == pytest.approx(
        masked["masking"]["accuracy"]["value"] - masked["masking"]["masked_accuracy"]["value"]
    )


def test_a_constant_answer_fails_no_invariance():
    """Which is why the rates of functionality stand beside them."""

    class Constant(Classifier):
        def raw_probabilities(self, texts, progress):
            return np.tile(probabilities("joy", 0.9).astype(np.float32), (len(texts), 1))

    told = behave(Constant())
    assert {found["failures"] for found in told["capabilities"] if found["kind"] == "invariance"} == {0}
    assert min(found["failures"] for found in told["capabilities"] if found["kind"] == FUNCTIONALITY) > 0


# The command


def test_the_table_has_each_capability_with_its_rate_and_a_failure(succeed, runs, suite):
    """A line for each, and below the table how far the accuracy falls."""
    lines = succeed("behave", runs["words"], "--quiet").stdout.splitlines()
    assert lines[0].split() == ["capability", "kind", "cases", "failure", "rate", "a", "failure"]
    assert [line.split()[0] for line in lines[2:-1]] == [capability.name for capability in suite.capabilities]
    assert "it falls by" in lines[-1]


def test_the_json_is_the_record_and_the_file_the_same(succeed, runs, tmp_path):
    """What is printed reads as the record; the file holds it, too, and is not replaced unasked."""
    output = tmp_path / "behaviour.json"
    arguments = ("behave", runs["words"], "--capability", "negation", "--capability", "typos", "--examples", 3)
    printed = succeed(*arguments, "--json", "--output", output).stdout
    told = json.loads(printed)
    assert told == json.loads(output.read_text(encoding="utf-8"))
    read = from_json(Behaviour, told, output)
    assert [found.name for found in read.capabilities] == ["typos", "negation"]
    assert all(len(found.examples) <= 3 for found in read.capabilities)
    assert set(told) == {field.name for field in fields(Behaviour)}


def test_the_output_is_not_replaced_and_no_run_is_written_into(refuse, runs, tmp_path):
    """As every output of these programs."""
    (tmp_path / "there.json").write_text("mine", encoding="utf-8")
    assert "exists already" in refuse("behave", runs["words"], "--output", tmp_path / "there.json", "--quiet")
    assert "lies in the run" in refuse("behave", runs["words"], "--output", runs["words"] / "new.json", "--quiet")


def test_more_examples_are_listed_below_the_table(succeed, runs):
    """Each with both texts; with 0 there is none."""
    arguments = ("behave", runs["words"], "--capability", "pronouns", "--quiet")
    listed = succeed(*arguments, "--examples", 40).stdout
    failures = json.loads(succeed(*arguments, "--examples", 40, "--json").stdout)["capabilities"][0]["examples"]
    assert failures
    assert all(f"    {told['text']}\n    {told['changed']}\n" in listed for told in failures)
    assert failures[0]["changed"] not in succeed(*arguments, "--examples", 0).stdout
