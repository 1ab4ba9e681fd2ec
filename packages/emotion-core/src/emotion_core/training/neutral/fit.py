"""Teach a neutral gate to tell neutral texts from the training texts."""

from __future__ import annotations

import numpy as np

from emotion_core.data.cleaning import CLEANERS
from emotion_core.data.dataset import NeutralTexts, Split
from emotion_core.errors import DataError
from emotion_core.evaluation.training_texts import text_numbers
from emotion_core.imports import needs
from emotion_core.inference.neutral.gate import NeutralGate, terms
from emotion_core.inference.tfidf.vectors import TfIdf
from emotion_core.runs.neutral.record import NeutralRecord

CLEANING = "social_media"
"""Keeps what `letters_only` takes away: digits, and the words of emoji and hashtags."""

STRENGTH = 10.0
"""The inverse of the regularization; cross-validation preferred it to 1 for both cleanings."""

LEAST_COUNT = 2
"""Texts that must have a term; what one text alone has says nothing about others."""

FOLDS = 5


def fit_gate(neutral: NeutralTexts, train: Split) -> tuple[NeutralGate, NeutralRecord]:
    """A gate, and what its run records of it.

    Neutral and emotional texts weigh the same, however many there are of each.

    Args:
        neutral: the texts that are to be told.
        train: the texts that the model is trained on, whose labels do not count here.

    Raises:
        DataError: no two texts have a word in common.
        MissingLibraryError: scikit-learn is not installed.
    """
    needs("study", "sklearn", who="--neutral")
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_score
    from sklearn.pipeline import make_pipeline

    texts = [CLEANERS[CLEANING](text) for text in (*neutral.texts, *train.texts)]
    is_neutral = np.arange(len(texts)) < len(neutral.texts)
    regression = LogisticRegression(C=STRENGTH, class_weight="balanced", solver="liblinear")
    pipeline = make_pipeline(TfidfVectorizer(analyzer=terms, min_df=LEAST_COUNT), regression)
    try:
        pipeline.fit(texts, is_neutral)
    except ValueError as error:
        raise DataError(f"{neutral.source}: no two texts have a word in common. Give other texts.") from error
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    found = cross_val_score(pipeline, texts, is_neutral, cv=folds, scoring="roc_auc")
    vectorizer, fitted = pipeline[0], pipeline[1]
    vectors = TfIdf(vectorizer.get_feature_names_out().tolist(), vectorizer.idf_)
    gate = NeutralGate(
        vectors,
        fitted.coef_[0],
        float(fitted.intercept_[0]),
        cleaning=CLEANING,
        threshold=neutral.threshold,
        taught=np.unique(text_numbers(neutral.texts)).tolist(),
    )
    record = NeutralRecord(
        source=neutral.source,
        rows=len(neutral.texts),
        fingerprint=neutral.fingerprint,
        emotional_rows=len(train),
        text_cleaning=CLEANING,
        n_terms=len(vectors.words),
        auroc=float(found.mean()),
        threshold=neutral.threshold,
    )
    return gate, record
