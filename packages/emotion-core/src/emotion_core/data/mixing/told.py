"""What a mix of sources is, in words."""

from __future__ import annotations

from emotion_core.data.dataset import Mix


def mixed_line(mix: Mix) -> str:
    """How many training rows each source has in the mix, and which share of all these are."""
    parts = [
        f"{source.name} {source.rows} rows ({source.weight:.0%}){_left_out(source.shared)}" for source in mix.sources
    ]
    return f"Mixed the train splits by {mix.rule}: {', '.join(parts)}."


def _left_out(rows: int) -> str:
    return f", {rows} left out that another source holds out" if rows else ""
