"""What the model packages' classifiers have in common as estimators of scikit-learn."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from emotion_core.bounds import NAME, PATH, SEED, SETTINGS, SWITCH, Values, optional
from emotion_core.classifier import Classifier, ranked
from emotion_core.data.dataset import WHOLE_FILE, Dataset
from emotion_core.data.labelled.columns import Columns
from emotion_core.data.splits.parts import with_validation
from emotion_core.errors import DataError, ModelError
from emotion_core.imports import needs
from emotion_core.inference.frames import frame_dataset
from emotion_core.labels import parse_label
from emotion_core.texts import checked_texts, one_text

needs("study", "pandas", "sklearn", who="EmotionEstimator")
import pandas as pd  # noqa: E402 - the line above says what is missing
from sklearn.base import BaseEstimator, ClassifierMixin  # noqa: E402
from sklearn.utils import Tags  # noqa: E402
from sklearn.utils.validation import check_is_fitted, column_or_1d  # noqa: E402

Settings = TypeVar("Settings")


class EmotionEstimator(ClassifierMixin, BaseEstimator, ABC):  # type: ignore[misc]  # scikit-learn has no types
    """Texts to emotions, for ``cross_val_score``, ``Pipeline`` and ``GridSearchCV`` of scikit-learn.

    A subclass states its parameters in ``__init__``, ``seed`` and ``output`` among them, checks those of its own in
    ``_check_parameters``, and trains in ``_train``.

    Attributes:
        classes_: the labels seen in ``fit``, sorted, as they were given: names or ids.
        classifier_: the trained `Classifier`, of all six emotions.
    """

    seed: int
    output: str | Path | None
    classes_: NDArray[Any]
    classifier_: Classifier

    _kinds: ClassVar[dict[str, Values]] = {
        "model": NAME,
        "recipe": optional(NAME),
        "settings": optional(SETTINGS),
        "seed": SEED,
        "calibrate": SWITCH,
        "quiet": SWITCH,
        "output": optional(PATH),
    }
    """What a parameter of a name may be, if an estimator has it."""

    @abstractmethod
    def _train(self, dataset: Dataset, output: Path) -> Classifier:
        """Train on ``dataset``, which has the splits train and validation, into the run folder ``output``; load it."""

    def fit(self, X: Any, y: Any) -> Self:
        """Train on texts, of which a tenth is held out as the validation split that chooses the epoch.

        Args:
            X: texts, shape (n,): a list, an array or a column of a DataFrame.
            y: their emotions, shape (n,), by name or id.

        Raises:
            TypeError: X does not hold texts.
            DataError: X or y is not as it must be, or there are too few texts to hold some of each emotion out.
            ModelError: a parameter does not fit.
            RunError: ``output`` is there already or cannot be written.
        """
        self._check_parameters()
        texts, labels = self._texts(X), _labels(y)
        if len(texts) != len(labels):
            raise DataError(f"found {len(texts)} texts in X and {len(labels)} labels in y, expected as many.")
        checked = frame_dataset(pd.DataFrame({"text": texts, "label": labels}), Columns(), "X and y")
        classes = np.unique(labels)
        ids = [parse_label(value) for value in classes.tolist()]
        if len(set(ids)) < len(ids):
            raise DataError(f"y has two names for one emotion: {', '.join(map(repr, classes.tolist()))}. Use one.")
        dataset = with_validation(Dataset("fit", {"train": checked.splits[WHOLE_FILE]}), self.seed)
        with TemporaryDirectory(prefix="emotion-") as folder:
            output = Path(folder) / "run" if self.output is None else Path(self.output)
            self.classifier_ = self._train(dataset, output)
        if self.output is None and (origin := self.classifier_.origin) is not None:
            self.classifier_.origin = dataclasses.replace(origin, run=None)
        self.classes_, self._ids = classes, ids
        return self

    def _check_parameters(self) -> None:
        """Raise a ModelError that names the first parameter that does not fit, before anything else is looked at."""
        for name, value in self.get_params(deep=False).items():
            if name in self._kinds:
                self._kinds[name].check(name, _plain(value))

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Probabilities of `classes_`, in their order, shape (n, n_classes), rows summing to 1.

        An emotion that was not seen in ``fit`` has no column; the others share its probability in proportion.

        Args:
            X: texts, shape (n,).

        Raises:
            TypeError: X does not hold texts.
        """
        check_is_fitted(self)
        probabilities = self.classifier_.predict_proba(self._texts(X))[:, self._ids].astype(np.float64)
        shares: NDArray[np.float64] = probabilities / probabilities.sum(axis=1, keepdims=True)
        return shares

    def predict(self, X: Any) -> NDArray[Any]:
        """The most probable of `classes_` for each text, shape (n,).

        Args:
            X: texts, shape (n,).

        Raises:
            TypeError: X does not hold texts.
        """
        probabilities = self.predict_proba(X)
        predicted: NDArray[Any] = self.classes_[probabilities.argmax(axis=1)]
        return predicted

    def __call__(self, text: str) -> dict[Any, float]:
        """The probability of each of `classes_` for one text, the most probable first.

        Raises:
            TypeError: it is no text, or several.
        """
        probabilities = self.predict_proba([one_text(text)])[0]
        return ranked(self.classes_.tolist(), probabilities)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        return tags

    def _texts(self, X: Any) -> list[str]:
        """The texts of X; raises a TypeError that says what else it holds."""
        return checked_texts(X, "X")

    def _chosen(self, defaults: Settings, others: dict[str, Any] | None) -> Settings:
        """The default settings with the parameters that were given in their place.

        Args:
            defaults: a dataclass; a parameter named like one of its fields takes precedence, unless it is None.
            others: fields that have no parameter of their own, by name.

        Raises:
            ModelError: there is no such setting.
        """
        fields = [field.name for field in dataclasses.fields(defaults)]  # type: ignore[arg-type]
        given = {name: value for name, value in self.get_params(deep=False).items() if name in fields}
        own, others = {name for name, value in given.items() if value is not None}, others or {}
        for name in others:
            if name not in fields:
                raise ModelError(f"settings: {name!r} is no setting; there are {', '.join(fields)}.")
            if name in own:
                raise ModelError(f"settings: {name!r} is given as a parameter, too. Give it once.")
        chosen = {name: given[name] for name in own} | others
        return dataclasses.replace(defaults, **{name: _plain(value) for name, value in chosen.items()})  # type: ignore[type-var]


def _labels(y: Any) -> NDArray[Any]:
    if y is None:
        raise DataError("EmotionEstimator requires y to be passed, but the target y is None. Give a label a text.")
    labels: NDArray[Any] = column_or_1d(y, warn=True)
    return labels


def _plain(value: Any) -> Any:
    """A number of NumPy, which a random search draws, as one of Python, which a run can record."""
    return value.item() if isinstance(value, np.generic) else value
