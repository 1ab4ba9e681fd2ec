"""Make a fine-tuned transformer smaller or faster, and say honestly what that costs."""
