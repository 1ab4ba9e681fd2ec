"""Carry shared-data into the wheel and the source distribution."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class SharedDataHook(BuildHookInterface):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        in_sdist, in_repository = root / "shared-data", root.parents[1] / "shared-data"
        source = in_sdist if in_sdist.is_dir() else in_repository
        if self.target_name == "sdist":
            build_data["force_include"][str(source)] = "shared-data"
        elif version != "editable":  # an editable install reads the repository's own folder
            build_data["force_include"][str(source)] = "emotion_core/_shared_data"
