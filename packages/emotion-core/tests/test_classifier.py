"""The classifier of these tests, counts of words and naive Bayes, is one like any other."""

from __future__ import annotations

from conftest import WordClassifier

from classifier_contract import check_classifier


def test_the_classifier_of_the_tests_keeps_the_contract(runs, tmp_path):
    """So what the tests of this package find with it holds for the classifiers of the model packages."""
    check_classifier(WordClassifier.load, runs["words"], tmp_path)
