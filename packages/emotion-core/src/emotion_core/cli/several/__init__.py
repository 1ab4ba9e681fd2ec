"""The commands that set several runs side by side."""
