"""How large a model is when it is compressed for transport."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path


def gzip_size(folder: Path) -> int:
    """Bytes of all files below a folder after gzip, each on its own."""

    class Counter:
        total = 0

        def write(self, data: bytes) -> int:
            self.total += len(data)
            return len(data)

        def flush(self) -> None:
            """Nothing is held back."""

    counter = Counter()
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file, gzip.GzipFile(fileobj=counter, mode="wb", compresslevel=6, mtime=0) as packed:
                shutil.copyfileobj(file, packed)
    return counter.total
