"""What a profile says of texts, and how it is shown."""

import json

import pytest

from emotion_core.data.audit import audit_dataset, audit_text, audited
from emotion_core.data.dataset import Dataset, Split
from emotion_core.data.profile.corpus import profiled
from emotion_core.data.profile.signs import SIGNS, Post, emotions_named
from emotion_core.data.profile.words import WORDS_FILE, emotion_words
from emotion_core.labels import EMOTIONS

SIGNS_OF = {
    "Fine.": {"full_stop"},
    "so tired": {"small_start", "no_end_mark"},
    "@user i knew it!! \U0001f602\U0001f602 #lol": {
        "small_start", "exclamation_mark", "runs_of_marks", "mention", "hashtag", "emoji", "several_emoji",
    },
    "Dont go\u2026": {"missing_apostrophe", "ellipsis"},
    "Well... #monday": {"ellipsis", "hashtag"},
    "Don't go?": {"question_mark"},
    "It's so #cold in #London today.": {"full_stop", "hashtag", "several_hashtags", "hashtag_inside"},
    "Late. #monday #again": {"full_stop", "hashtag", "several_hashtags"},
    "Sooo good :)": {"stretched_word", "no_end_mark", "emoticon"},
    "WHY NOW?!": {"word_in_capitals", "all_capitals", "runs_of_marks", "exclamation_mark"},
    "World War III began: https://example.com/war": {"no_end_mark", "word_in_capitals", "link"},
    "\u201cIs it real?\u201d": {"question_mark"},
    "Nice \U0001f44d\U0001f3fd": {"emoji", "no_end_mark"},
    "\U0001f1ee\U0001f1ea Ireland": {"emoji", "no_end_mark"},
    "Mail me at ann@example.com": {"no_end_mark"},
    "I <3 this": {"emoticon", "no_end_mark"},
    "\U0001f3f4\U000e0067\U000e0062\U000e007f won": {"emoji", "small_start", "no_end_mark"},
    "At 10:30 (or later): bring 2/3 of it": {"no_end_mark"},
}  # fmt: skip

ROWS = [
    ("i feel so happy today", 1),
    ("i feel so sad and alone", 0),
    ("I feel nothing.", 0),
    ("The exam is tomorrow #scared", 4),
]


@pytest.fixture
def dataset():
    """A split of four texts."""
    return Dataset("mine", {"train": Split(*zip(*ROWS, strict=True))})


@pytest.mark.parametrize("text", SIGNS_OF)
def test_each_sign_is_seen_where_it_is_and_nowhere_else(text):
    """All questions are asked of each text."""
    post = Post.of(text)
    assert {name for name, (_, holds) in SIGNS.items() if holds(post)} == SIGNS_OF[text]


def test_a_word_of_emotion_counts_in_a_hashtag_too():
    """In any case."""
    assert emotions_named(Post.of("Exam tomorrow #Scared"), emotion_words()) == {EMOTIONS.index("fear")}
    assert emotions_named(Post.of("Exam tomorrow"), emotion_words()) == set()


def test_each_word_of_emotion_belongs_to_one_emotion_and_each_emotion_has_words():
    """The list repeats no word."""
    lines = WORDS_FILE.read_text(encoding="utf-8").splitlines()
    words = [word for line in lines for word in {*line.split()}]
    assert len(words) == len(set(words)) == len(emotion_words())
    assert set(emotion_words().values()) == set(range(len(EMOTIONS)))


def test_the_shares_are_of_the_texts(dataset):
    """Two of four begin with a small letter, and three name the emotion that is their label, one of them in a tag."""
    look = profiled(dataset, by_emotion=False).splits["train"]
    assert look.texts == 4
    assert look.signs["small_start"] == 0.5
    assert (look.emotion_word, look.own_emotion_word) == (0.75, 0.75)
    assert look.words["p50"] == 5
    assert look.lengths == {"1-5": 0.75, "6-10": 0.25, "11-18": 0, "19-28": 0, "29-40": 0, "over 40": 0}


def test_openers_and_frames_are_those_of_several_texts(dataset):
    """Whatever their case; the commonest first, equally common ones by the alphabet."""
    look = profiled(dataset, by_emotion=False).splits["train"]
    assert [[(found.words, found.texts) for found in part] for part in look.openers] == [
        [("i", 3)], [("i feel", 3)], [("i feel so", 2)],
    ]  # fmt: skip
    assert [(found.words, found.share) for found in look.frames] == [("i feel so", 0.5)]


def test_rare_phrases_are_dropped_where_there_are_very_many(dataset, monkeypatch):
    """So that the memory stays bounded; what has been counted more than once stays."""
    monkeypatch.setattr("emotion_core.data.profile.corpus.MOST_PHRASES", 2)
    look = profiled(dataset, by_emotion=False).splits["train"]
    assert [(found.words, found.texts) for found in look.openers[2]] == [("i feel so", 2)]
    assert look.frames == []


def test_the_emotions_of_a_split_have_profiles_of_their_own(dataset):
    """Those that it has."""
    profile = profiled(dataset, by_emotion=True)
    assert {name: look.texts for name, look in profile.emotions["train"].items()} == {"sadness": 2, "joy": 1, "fear": 1}


def test_the_tables_are_no_wider_than_a_terminal(sample):
    """80 columns, whatever the splits and emotions."""
    before = audit_text(audited(sample)).splitlines()
    lines = audit_text(audited(sample, profile=True)).splitlines()[len(before) :]
    assert max(map(len, lines)) <= 80
    assert any(line.split() == list(EMOTIONS) for line in lines)


def test_a_text_without_a_word_is_profiled_all_the_same():
    """It has no opener and no end mark that counts."""
    dataset = Dataset("mine", {"all": Split(["\U0001f602", "123", "@ann"], [1, 1, 1])})
    look = profiled(dataset, by_emotion=True).splits["all"]
    assert (look.openers[0], look.frames, look.signs["no_end_mark"]) == ([], [], 1)


def test_json_has_the_profile_with_its_emotions(succeed, sample):
    """What `audit_dataset` returns."""
    report = json.loads(succeed("audit", "sample", "--profile", "--json", "--no-near-duplicates").stdout)
    assert report == audit_dataset(sample, near_duplicates=False, profile=True)
    assert report["profile"]["train"]["by_emotion"]["joy"]["texts"] == 100


def test_emotions_are_shown_when_they_are_asked_for(succeed, refuse):
    """Only with a profile."""
    assert "by emotion" not in succeed("audit", "sample", "--profile").stdout
    assert "Profile of test by emotion" in succeed("audit", "sample", "--profile", "--by-emotion").stdout
    assert refuse("audit", "sample", "--by-emotion").startswith("--by-emotion is about the profile")
