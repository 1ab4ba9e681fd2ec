"""What the Hugging Face hub reads of a run."""
