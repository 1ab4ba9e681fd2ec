"""Pre-trained checkpoints and fine-tuned classifiers: their registry, loading and prediction."""
