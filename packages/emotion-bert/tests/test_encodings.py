"""Long texts are cut before they are tokenized, and have the ids of the whole texts."""

from __future__ import annotations

from collections.abc import Sequence

from checkpoints_for_tests import sample_texts

from emotion_bert.models.checkpoints import Checkpoint, load_tokenizer
from emotion_bert.trainer.encodings import Encodings
from emotion_core.data.cleaning import social_media
from emotion_core.data.dataset import Split
from emotion_core.inference.batches import Encoded, encode_what_is_read

MAX_LENGTH = 16


def test_a_long_text_has_the_ids_of_the_whole_text(checkpoint: Checkpoint) -> None:
    """Every tokenizer gives to texts of hundreds of words, and to short ones, what it gives to them uncut."""
    sentences = list(sample_texts())
    texts = [*sentences[:20], *(" ".join(sentences[start : start + 60]) for start in range(0, 300, 60))]
    tokenizer = load_tokenizer(checkpoint, MAX_LENGTH)
    cleaned = [social_media(text) for text in texts]
    expected = [tokenizer(text, truncation=True, max_length=MAX_LENGTH)["input_ids"] for text in cleaned]
    frame = Split(texts, [0] * len(texts))
    encodings = Encodings(tokenizer, frame, "social_media", MAX_LENGTH)
    assert [encodings[index]["input_ids"] for index in range(len(texts))] == expected
    assert encodings.lengths[-1] == MAX_LENGTH


def encode_vowels(texts: Sequence[str]) -> Encoded:
    """A tokenizer to which words other than vowels are nothing, and that notes the longest text it was given."""
    encode_vowels.longest = max(text.count(" ") + 1 for text in texts)
    return {"input_ids": [[ord(word) for word in text.split() if word in "aeiou"][:MAX_LENGTH] for text in texts]}


def test_a_tokenizer_is_given_twice_as_many_words_as_tokens_are_read() -> None:
    """A text of 100,000 words, too, is cut before, and words without a token leave enough of the others."""
    ids = encode_what_is_read(encode_vowels, ["a e", "x a " * 50_000], MAX_LENGTH)["input_ids"]
    assert ids == [[ord("a"), ord("e")], [ord("a")] * MAX_LENGTH]
    assert encode_vowels.longest == 2 * MAX_LENGTH


def test_a_text_whose_first_words_have_too_few_tokens_is_encoded_whole() -> None:
    """Where most words have no token, the ids are those of the whole text all the same."""
    text = "x " * 100 + "a " * 100
    assert encode_what_is_read(encode_vowels, ["e", text], MAX_LENGTH)["input_ids"] == [[101], [97] * MAX_LENGTH]
