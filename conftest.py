"""What all tests begin with."""

import signal

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    # Jobs in the background ignore Ctrl+C, and so would the programs that tests start, some of which it is to end.
    signal.signal(signal.SIGINT, signal.default_int_handler)
