"""The six labels and the forms in which a user may write them."""

import math
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotion_core.labels import EMOTION_TO_ID, EMOTIONS, ID_TO_EMOTION, N_EMOTIONS, describe_labels, parse_label

ANY_VALUE = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary(), st.lists(st.integers())
)
any_label = st.sampled_from(range(N_EMOTIONS))


def test_the_six_emotions_have_the_published_ids():
    """The ids are those of the public dataset."""
    assert ID_TO_EMOTION == {0: "sadness", 1: "joy", 2: "love", 3: "anger", 4: "fear", 5: "surprise"}


def test_names_and_ids_lead_to_each_other():
    """Both maps and the tuple hold the same six pairs."""
    assert {EMOTION_TO_ID[name]: name for name in EMOTIONS} == ID_TO_EMOTION


@given(any_label, st.sampled_from([int, float, str, np.int64, np.float32, Decimal, lambda n: f" {n}.0 "]))
def test_an_id_is_read_in_any_numeric_form(label, form):
    """An id is the same label as a number, as digits, and as the float that spreadsheets make of it."""
    assert parse_label(form(label)) == label


@given(any_label, st.data())
def test_a_name_is_read_in_any_case(label, data):
    """Upper and lower case letters may be mixed, and white space may stand round the name."""
    name = "".join(data.draw(st.sampled_from([char.lower(), char.upper()])) for char in EMOTIONS[label])
    assert parse_label(f"\t{name} ") == label


@given(ANY_VALUE)
def test_any_value_is_a_label_or_is_refused_with_both_sides_of_the_matter(value):
    """What is no label raises a ValueError that shows the value and lists what is accepted."""
    try:
        outcome = parse_label(value)
    except ValueError as error:
        outcome = str(error)
    assert outcome in {*ID_TO_EMOTION, f"found label {value!r}, expected {describe_labels()}"}
    assert type(outcome) in (int, str)


@pytest.mark.parametrize(
    "value",
    [True, False, 6, -1, 2.5, math.nan, math.inf, 10**400, "", " ", "6", "-1", "2.5", "1e0", "joyful", "٣", "²", None],
)
def test_what_is_close_to_a_label_is_refused(value):
    """Booleans, numbers out of range, fractions, other digits and longer words are no labels."""
    with pytest.raises(ValueError, match=r"^found label .*, expected an id or a name of 0 sadness, 1 joy, 2 love"):
        parse_label(value)


def test_a_label_of_thousands_of_digits_is_refused_as_any_other():
    """The limit that Python sets on the length of a number does not show through."""
    with pytest.raises(ValueError, match=r"^found label '1111"):
        parse_label("1" * 5000)
