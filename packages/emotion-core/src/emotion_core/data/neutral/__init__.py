"""Texts that show none of the six emotions, which teach and measure the neutral gate."""
