"""What only a process of our own may set: that of the command line, or one that it starts."""

from __future__ import annotations

import logging
import os


def quiet_tensorflow() -> None:
    """Show no remarks of TensorFlow; a user's own setting stays."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
