"""Turn the checkpoints of old studies into run folders."""
