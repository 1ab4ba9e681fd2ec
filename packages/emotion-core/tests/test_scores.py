"""Scores from counts, against scikit-learn."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import accuracy_score, precision_recall_fscore_support

from emotion_core.evaluation.scores import scores_of

NAMES = ("precision", "recall", "f1")
tables = arrays(np.int64, (6, 6), elements=st.integers(0, 5)).filter(np.any)


@settings(max_examples=40)
@given(tables)
def test_scores_of_a_confusion_matrix_agree_with_scikit_learn(confusion):
    """Accuracy, class scores, macro and weighted averages, from counts alone."""
    true, predicted = (np.repeat(index.ravel(), confusion.ravel()) for index in np.indices((6, 6)))
    scores = scores_of(confusion)
    assert scores["accuracy"] == pytest.approx(accuracy_score(true, predicted))
    per_class = precision_recall_fscore_support(true, predicted, labels=range(6), zero_division=0)
    for name, column in zip(NAMES, per_class, strict=False):
        assert scores[name] == pytest.approx(column)
    for average in ("macro", "weighted"):
        expected = precision_recall_fscore_support(true, predicted, average=average, zero_division=0)
        assert [scores[f"{average}_{name}"] for name in NAMES] == pytest.approx(expected[:3])


@settings(max_examples=20)
@given(st.lists(tables, min_size=1, max_size=4))
def test_many_confusion_matrices_score_as_each_alone(confusions):
    """The array of replicates is scored as one matrix after the other would be."""
    together = scores_of(np.stack(confusions))
    for number, confusion in enumerate(confusions):
        for name, score in scores_of(confusion).items():
            assert together[name][number] == pytest.approx(score)
