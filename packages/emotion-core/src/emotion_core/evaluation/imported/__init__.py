"""Predictions of other programs, as runs that can be compared."""
