"""Fits the neutral gate of a run at the end of its training."""
