"""How rows are split: what counts as the same text, the draws, the parts, and their files."""
