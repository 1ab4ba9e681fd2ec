"""What compressions have in common."""

from __future__ import annotations

from pathlib import Path

from emotion_core.compression.measure import gzip_size


def test_the_gzip_size_is_that_of_the_files(tmp_path: Path) -> None:
    """A megabyte of zeros takes about a kilobyte."""
    (tmp_path / "zeros").write_bytes(bytes(1_000_000))
    assert 900 < gzip_size(tmp_path) < 1_200
