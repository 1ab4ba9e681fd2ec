"""Temperature scaling: which temperature is found, and what it does to probabilities."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import minimize_scalar

from emotion_core.evaluation.calibration import (
    HIGHEST_TEMPERATURE,
    LEAST_TEXTS,
    LOWEST_TEMPERATURE,
    apply_temperature,
    calibration_record,
    fit_temperature,
)
from emotion_core.evaluation.metrics import SMALLEST_PROBABILITY, expected_calibration_error, log_losses

N_TEXTS = 20_000


def softmax(logits):
    """Probabilities of logits, by rows."""
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


@pytest.fixture(scope="module")
def honest():
    """Probabilities that are as sure as they are right, and labels drawn from them."""
    rng = np.random.default_rng(1)
    probabilities = softmax(rng.normal(scale=2, size=(N_TEXTS, 6)))
    labels = (probabilities.cumsum(axis=1) < rng.random((N_TEXTS, 1))).sum(axis=1)
    return probabilities, np.minimum(labels, 5)


@st.composite
def predictions(draw):
    """Float32 probabilities of a few texts, with zeros and near ties among them, and any labels."""
    n = draw(st.integers(1, 12))
    weights = draw(arrays(np.float32, (n, 6), elements=st.floats(0, 1, width=32)))
    weights[:, draw(st.integers(0, 5))] += np.float32(0.5)
    labels = draw(arrays(np.int64, n, elements=st.integers(0, 5)))
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32), labels


@pytest.mark.parametrize("temperature", [0.3, 0.7, 1.5, 4.0])
def test_a_known_temperature_is_found(honest, temperature):
    """Probabilities that were made too sure or too modest by a factor of their logits get that factor back."""
    probabilities, labels = honest
    distorted = softmax(np.log(probabilities) * temperature)
    assert fit_temperature(distorted, labels) == pytest.approx(temperature, rel=0.03)


@pytest.mark.parametrize("temperature", [0.3, 1.5, 4.0])
def test_the_temperature_is_that_of_a_line_search_of_scipy(honest, temperature):
    """Halving the range of the slope ends where minimizing the log loss does."""
    probabilities, labels = honest
    distorted = softmax(np.log(probabilities) * temperature)
    logits = np.log(np.maximum(distorted, SMALLEST_PROBABILITY))

    def log_loss(log_temperature):
        return log_losses(labels, softmax(logits / np.exp(log_temperature))).mean()

    found = minimize_scalar(log_loss, bounds=(-3, 3), method="bounded", options={"xatol": 1e-9})
    assert fit_temperature(distorted, labels) == pytest.approx(np.exp(found.x), rel=1e-6)


def test_calibrated_probabilities_are_left_about_as_they_are(honest):
    """Where the probabilities are right, the temperature is 1."""
    assert fit_temperature(*honest) == pytest.approx(1, abs=0.03)


@given(predictions())
def test_fitting_never_raises_the_log_loss(case):
    """On the texts that it was fitted on, the log loss is at most that of the temperature 1."""
    probabilities, labels = case
    scaled = apply_temperature(probabilities, fit_temperature(probabilities, labels))
    assert log_losses(labels, scaled).mean() <= log_losses(labels, probabilities).mean() + 1e-6


@given(predictions(), st.floats(LOWEST_TEMPERATURE, HIGHEST_TEMPERATURE))
def test_a_temperature_keeps_the_most_probable_emotion(case, temperature):
    """The rows are probabilities in float32 with the prediction that they had, whatever the temperature."""
    probabilities, _ = case
    scaled = apply_temperature(probabilities, temperature)
    assert scaled.dtype == np.float32
    assert scaled.min() >= 0
    np.testing.assert_allclose(scaled.sum(axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(scaled.argmax(axis=1), probabilities.argmax(axis=1))


def test_two_emotions_that_differ_in_the_last_bit_stay_apart():
    """A high temperature would make them equal in float32, and the first of them would win."""
    row = np.array([[0.25, np.nextafter(np.float32(0.25), np.float32(1)), 0.125, 0.125, 0.125, 0.125]], np.float32)
    (scaled,) = apply_temperature(row, 20.0)
    assert scaled.argmax() == 1
    assert scaled[1] == np.nextafter(scaled[0], np.float32(1))


def test_where_no_temperature_is_better_it_is_1():
    """Rows without any knowledge have the same log loss at every temperature."""
    assert fit_temperature(np.full((120, 6), 1 / 6), np.arange(120) % 6) == 1


def test_the_temperature_of_few_texts_is_1_and_the_record_says_why(honest):
    """The best temperature of 99 texts is no better for others; 100 are enough."""
    probabilities, labels = softmax(np.log(honest[0]) * 3), honest[1]
    record = calibration_record(labels[: LEAST_TEXTS - 1], probabilities[: LEAST_TEXTS - 1])
    assert (record.temperature, record.reason) == (1, "99 texts are too few to fit it; 100 are needed")
    assert (record.log_loss_after, record.ece_after) == pytest.approx((record.log_loss_before, record.ece_before))
    enough = calibration_record(labels[:LEAST_TEXTS], probabilities[:LEAST_TEXTS])
    assert enough.reason is None
    assert enough.temperature > 1.5


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (0, "not one text is classified wrongly"),
        (1, "hardly a text is classified wrongly"),
        (300, "the classifier knows nothing of these texts"),
    ],
)
def test_a_temperature_at_an_end_of_its_range_is_1_and_the_record_says_why(wrong, reason):
    """Neither sure of everything nor one sixth for everything, however the log loss falls."""
    rows = np.arange(300)
    labels, others = rows % 6, (rows % 6 + 1 + rows // 6 % 5) % 6
    probabilities = np.full((300, 6), 0.16)
    probabilities[rows, np.where(rows < wrong, others, labels)] = 0.2
    if wrong == 1:  # by a hair
        probabilities[0] = 1 / 6
        probabilities[0, [others[0], labels[0]]] += [1e-6, -1e-6]
    record = calibration_record(labels, probabilities)
    assert record.temperature == 1
    assert record.reason.startswith(reason)
    assert record.log_loss_after == pytest.approx(record.log_loss_before)


def test_probabilities_in_double_precision_come_out_in_single_precision():
    """The temperature 1 gives the type that any other gives."""
    assert apply_temperature(np.full((1, 6), 1 / 6), 1.0).dtype == np.float32


def test_half_precision_is_scaled_in_double_precision():
    """What is computed of rounded probabilities is not rounded again on the way."""
    row = np.array([[0.3, 0.3, 0.1, 0.1, 0.1, 0.1]], np.float16)
    expected = softmax(np.log(row.astype(np.float64)) / 3)
    np.testing.assert_allclose(apply_temperature(row, 3.0), expected, rtol=1e-6)


def test_the_record_of_a_calibration_has_the_figures_before_and_after(honest):
    """Log loss and calibration error are those of the metrics, without the temperature and with it."""
    probabilities, labels = softmax(np.log(honest[0][:500]) * 2), honest[1][:500]
    record = calibration_record(labels, probabilities)
    after = apply_temperature(probabilities, record.temperature)
    assert record.temperature == fit_temperature(probabilities, labels)
    assert (record.log_loss_before, record.ece_before) == (
        log_losses(labels, probabilities).mean(),
        expected_calibration_error(labels, probabilities),
    )
    assert (record.log_loss_after, record.ece_after) == (
        log_losses(labels, after).mean(),
        expected_calibration_error(labels, after),
    )


def test_the_temperature_1_changes_nothing(honest):
    """What the model gives is what comes out, to the bit."""
    probabilities = honest[0].astype(np.float32)
    assert apply_temperature(probabilities, 1.0) is probabilities


def test_a_temperature_is_the_softmax_of_divided_logarithms():
    """On one row, by hand: the square roots, divided by their sum, for the temperature 2."""
    row = np.array([[0.64, 0.16, 0.09, 0.09, 0.01, 0.01]])
    expected = np.array([[0.8, 0.4, 0.3, 0.3, 0.1, 0.1]]) / 2
    np.testing.assert_allclose(apply_temperature(row, 2.0), expected, rtol=1e-6)


def test_zeros_are_bearable():
    """A probability of 0 for the true emotion gives a finite temperature within the bounds, and finite rows."""
    probabilities = np.eye(6, dtype=np.float32)
    labels = np.array([1, 1, 2, 3, 4, 5])
    temperature = fit_temperature(probabilities, labels)
    assert LOWEST_TEMPERATURE <= temperature <= HIGHEST_TEMPERATURE
    assert np.isfinite(apply_temperature(probabilities, temperature)).all()


def test_no_texts_give_no_rows():
    """An empty array keeps its shape."""
    assert apply_temperature(np.zeros((0, 6), np.float32), 2.0).shape == (0, 6)


@pytest.mark.parametrize(
    ("shape", "labels"), [((2, 5), [0, 1]), ((2, 6), [0]), ((0, 6), []), ((2, 6), [0, 6])], ids=str
)
def test_what_cannot_be_fitted_is_refused(shape, labels):
    """Other shapes, no rows, and ids of no emotion."""
    with pytest.raises(ValueError, match="found"):
        fit_temperature(np.full(shape, 1 / shape[1]), np.array(labels, int))
