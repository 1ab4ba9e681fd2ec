"""The neutral gate: how probable it is that a text shows none of the six emotions."""
