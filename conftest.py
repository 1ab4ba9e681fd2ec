"""What all tests begin with."""

import os
import signal
from pathlib import Path

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    # Jobs in the background ignore Ctrl+C, and so would the programs that tests start, some of which it is to end.
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Tests train on the 900 texts of the first edition, which they, and the programs that they start, find as ``sample``.
os.environ["EMOTION_DATASETS"] = str(Path(__file__).parent / "tests" / "support" / "first_edition" / "datasets.json")
