"""Make a trained model smaller or faster, and say honestly what that costs: what the techniques have in common."""
