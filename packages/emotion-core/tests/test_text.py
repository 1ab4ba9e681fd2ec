"""The two cleanings: what each keeps, replaces and takes out, and that nothing makes them fail."""

import re
import unicodedata

import emoji
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from emotion_core.data.cleaning import (
    CLEANERS,
    _emoji_names,
    _run_in_words,
    _without_selectors,
    as_words,
    first_words,
    is_blank,
    letters_only,
    replace_surrogates,
    social_media,
)

PIECES = st.sampled_from(
    [
        "@",
        "#",
        "&",
        "amp;",
        "&lt",
        "&#64;",
        "&#x23;",
        "www.",
        "http://",
        ".com",
        "a",
        "Bc",
        "_",
        "😀",
        "\u200d",
        " ",
        "ﷺ",
    ]
)
# Every plane of Unicode, lone surrogates and NUL among it, and the signs that the cleanings look for.
ANY_TEXT = st.lists(st.one_of(st.characters(codec=None), PIECES), max_size=30).map("".join)


def test_the_recorded_names_lead_to_the_cleanings():
    """A run that recorded the name of its cleaning gets that very function."""
    assert CLEANERS.keys() == {"letters_only", "social_media"}
    assert (CLEANERS["letters_only"], CLEANERS["social_media"]) == (letters_only, social_media)


@given(ANY_TEXT)
@example("\ud83d lone \udc00 surrogates \x00")
@example("&#xd800; &#0; &#x110000;")
@example("&#" + "1" * 5000 + ";")
def test_letters_only_yields_words_of_a_to_z(text):
    """Whatever the text, what comes out is words of a to z with one space between them, or nothing."""
    assert re.fullmatch(r"([a-z]+( [a-z]+)*)?", letters_only(text))


@given(ANY_TEXT)
@example("\ud83d lone \udc00 surrogates \x00")
@example("&#" + "1" * 5000 + ";")
def test_social_media_yields_one_line_that_utf8_can_hold(text):
    """Whatever the text, what comes out has no control character, no lone surrogate and no double space."""
    cleaned = social_media(text)
    cleaned.encode("utf-8")
    assert cleaned == " ".join(cleaned.split())
    assert not re.search(r"[\x00-\x1f\x7f]", cleaned)


@pytest.mark.parametrize("clean", CLEANERS.values(), ids=CLEANERS)
@given(text=ANY_TEXT)
@example(text="fish &amp;amp; chips")
@example(text="&amp;amp;amp;lt;3")
@example(text="ann@#example.com")
@example(text="ww#w.example.com")
@example(text="a@b.c@d.e")
@example(text="##FirstDay")
@example(text="＆amp;")
def test_cleaning_twice_is_cleaning_once(clean, text):
    """A text that was cleaned already passes unchanged, so that cleaned files train and predict as raw ones do."""
    once = clean(text)
    assert clean(once) == once


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("look https://example.com/a?b=c now", "look http now"),
        ("WWW.example.com rocks", "http rocks"),
        ("@ann_1 hi", "@user hi"),
        ("mail ann.lee+x@mail.example.com!", "mail email!"),
        ("#FirstDay of #work_life", "First Day of work life"),
        ("we won 🎉🎉", "we won party popper party popper"),
        ("thumbs 👍🏽 up", "thumbs thumbs up medium skin tone up"),
        ("family 👨‍👩‍👧", "family family man woman girl"),
        ("fish &amp; chips &lt;3", "fish & chips <3"),
        ("So\tmany\r\n\n lines ", "So many lines"),
        ("ﬁne ＡＢＣ", "fine ABC"),
        ("Not EXACTLY thrilled...", "Not EXACTLY thrilled..."),
        ("naïve café", "naïve café"),
        ("a\x00b\x07c", "a b c"),
        ("cut \ud83d off", "cut \ufffd off"),
        ("price is 5 # 3 @ 2", "price is 5 # 3 @ 2"),
        ("", ""),
    ],
)
def test_social_media_replaces_what_posts_hold(text, expected):
    """Links, mentions, emails, hashtags, emoji, entities and white space are normalized; case and signs stay."""
    assert social_media(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Look https://example.com/a?b=c NOW", "look now"),
        ("@ann_1 hi, mail ann.lee@example.com", "hi mail"),
        ("#FirstDay of #work_life", "first day of work life"),
        ("I don't, I can’t", "i dont i cant"),
        ("we won 🎉", "we won party popper"),
        ("naïve Café ﬁne", "naive cafe fine"),
        ("fish &amp; chips", "fish chips"),
        ("route 66, 2nd", "route nd"),
        ("a\x00b", "a b"),
        ("İSTANBUL", "istanbul"),
        ("привет 123 !!!", ""),
    ],
)
def test_letters_only_keeps_the_words(text, expected):
    """Links, mentions and emails go, hashtags and emoji become words, apostrophes close up, accents come off."""
    assert letters_only(text) == expected


@given(st.text(st.characters(codec=None)))
def test_replacing_surrogates_changes_nothing_else(text):
    """Each lone surrogate becomes U+FFFD, and every other character stays in its place."""
    expected = "".join("\ufffd" if 0xD800 <= ord(char) <= 0xDFFF else char for char in text)
    assert replace_surrogates(text) == expected


@given(st.lists(st.sampled_from([*emoji.EMOJI_DATA, *"ab 1#*\u00e9\u0635\u200d\ufe0f\u20e3"]), max_size=8).map("".join))
def test_every_emoji_becomes_its_name_wherever_it_stands(text):
    """The words of a text are those that the emoji library's own replacement in the whole text gives."""
    whole = emoji.replace_emoji(
        unicodedata.normalize("NFKC", text), lambda _, data: " " + re.sub("[:_-]", " ", data["en"]) + " "
    )
    assert letters_only(text) == letters_only(whole)


JOINED = [*"\u200d\ufe0f\ufe0e\u20e3\U0001f3fb\U0001f9b0\U0001f1e6\U0001f468\U0001f469\u2764\U0001f3f4\U000e0067a1"]


@given(st.lists(st.sampled_from(JOINED), max_size=12).map("".join))
def test_joined_and_broken_emoji_come_out_as_the_emoji_library_replaces_them(text):
    """Joiners, skin tones, hair and the pieces of flags are told apart from each other as there."""
    expected = emoji.replace_emoji(text, lambda _, data: re.sub("[:_-]", " ", data["en"]))
    assert _run_in_words(re.fullmatch(".*", text)) == expected


def test_the_names_of_emoji_are_those_of_the_emoji_library():
    """Each form of each emoji has its name, and nothing else has one; make_emoji_names.py writes the file."""
    names, _ = _emoji_names()
    assert names == {form: re.sub("[_-]", " ", data["en"].strip(":")) for form, data in emoji.EMOJI_DATA.items()}


@pytest.mark.parametrize("clean", CLEANERS.values(), ids=CLEANERS)
@pytest.mark.parametrize("unit", ["a.", "a@b.", "#", "&amp;", "\ufdfa", "\U0001f602", "\ud800"])
def test_a_megabyte_of_anything_is_cleaned(clean, unit):
    """A text that repeats what a rule looks for takes seconds, not the hours of a rule that starts anew each time."""
    text = unit * (1_000_000 // len(unit.encode("utf-8", "surrogatepass")))
    assert clean(text + " glad").split()[-1] == "glad"


def test_an_emoji_is_known_with_any_of_its_variation_selectors_left_out():
    """Keyboards differ in which selectors they write, and the name is the same."""
    assert set(_without_selectors("\u2764\ufe0f\u200d\u2642\ufe0f")) == {
        "\u2764\ufe0f\u200d\u2642\ufe0f",
        "\u2764\u200d\u2642\ufe0f",
        "\u2764\ufe0f\u200d\u2642",
        "\u2764\u200d\u2642",
    }
    assert list(_without_selectors("\U0001f602")) == ["\U0001f602"]


@pytest.mark.parametrize(
    ("n_words", "expected"), [(0, ""), (1, "one"), (2, "one two"), (3, "one two three"), (9, "one two three")]
)
def test_the_first_words_of_a_text(n_words, expected):
    """As many words as asked for, from the beginning, with the spaces between them."""
    assert first_words("one two three", n_words) == expected


@pytest.mark.parametrize("seen", [*"a\u0416\u4e2d7.!$^\u2605", "\ud800", "\ue000", "&amp;", "&#65;", " \u200b x"])
def test_a_text_with_something_that_can_be_seen_is_not_blank(seen):
    """Letters, digits, punctuation, symbols, private use and half a surrogate pair are seen, as entities, too."""
    assert not is_blank(seen)


@pytest.mark.parametrize(
    "unseen",
    [
        "",
        " \t\n",
        "&nbsp;",
        "&#8203;",
        "\u200b\ufeff",
        "\u00ad",
        "\u202e\u2066",
        "\x00",
        "\u0301",
        *"\u115f\u1160\u2800\u3164\uffa0",
    ],
)
def test_a_text_without_anything_to_see_is_blank(unseen):
    """White space, control, zero-width and combining characters, and letters without ink show nothing."""
    assert is_blank(unseen)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see www.a.b now", "see   now"),
        ("see http://localhost now", "see   now"),
        ("hi @ann and a.b@c.de", "hi   and  "),
        ("hi @ann", "hi  "),
        ("#GoodDay", "Good Day"),
        ("don't `quote`", "dont quote"),
        ("it`s", "its"),
        ("it\u2019s caf\u00e9", "its caf\u00e9"),
        ("a\u2764b", "a red heart b"),
        ("Plain, words!", "Plain, words!"),
    ],
)
def test_words_keep_their_case_and_signs_until_letters_are_chosen(text, expected):
    """Links, mentions and addresses become a space, hashtags and emoji words, and apostrophes close up."""
    assert as_words(text) == expected


def test_an_entity_of_endless_digits_spoils_no_other():
    """Only the entity itself stays as it was written."""
    assert letters_only("fish &eacute;&amp; chips &#" + "1" * 5000 + "; &#103;lad") == "fish e chips glad"
