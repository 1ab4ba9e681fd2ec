"""What the outputs of an old checkpoint stand for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from emotion_bert.legacy.old_checkpoint import OldCheckpoint
from emotion_bert.models.checkpoints import Checkpoint, own_labels
from emotion_bert.models.heads import order_of, output_names
from emotion_core.errors import ModelError
from emotion_core.labels import EMOTIONS, N_EMOTIONS


@dataclass(frozen=True)
class OldLabels:
    """The emotions of the outputs.

    Attributes:
        order: for each of our labels, the output that stands for it.
        stated_by: what names the outputs; None where nothing does and our order is assumed.
    """

    order: Sequence[int]
    stated_by: str | None

    @property
    def names(self) -> list[str]:
        """The emotions in the order of the outputs."""
        return [EMOTIONS[self.order.index(output)] for output in range(N_EMOTIONS)]

    def remark(self, path: Path) -> str | None:
        """What a user should know; None where the outputs are named and stand in our order."""
        names = ", ".join(self.names)
        if self.stated_by is None:
            return (
                f"{path}: nothing names its outputs, so they are taken for {names}. If they were trained in another "
                "order, give it with --labels."
            )
        if self.names != list(EMOTIONS):
            return f"{path}: its outputs, {names} by {self.stated_by}, are put into our order of labels."
        return None


def find_labels(old: OldCheckpoint, checkpoint: Checkpoint, given: Sequence[str] = ()) -> OldLabels:
    """The emotions of the outputs: as given, else as the file says, else as the config of its model says.

    Args:
        old: the file.
        checkpoint: its model, whose config counts where it has six labels; others belong to a head that is gone.
        given: names of the outputs in their order.

    Raises:
        ModelError: the names are not the six emotions.
    """
    theirs = output_names(own_labels(checkpoint)) or []
    for stated_by, names in (
        ("--labels", given),
        ("the file", old.labels),
        (f"the config of {checkpoint.location}", theirs if len(theirs) == N_EMOTIONS else None),
    ):
        if not names:
            continue
        order = order_of(names)
        if order is None:
            raise ModelError(
                f"{old.path}: its outputs are {', '.join(names)} by {stated_by}, expected {', '.join(EMOTIONS)} in any "
                "order. If they stand for these emotions, name them in the order of the outputs with --labels."
            )
        return OldLabels(order, stated_by)
    return OldLabels(range(N_EMOTIONS), None)
