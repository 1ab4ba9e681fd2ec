"""What a run records of its neutral gate."""
