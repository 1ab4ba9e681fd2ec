"""What the trainings of both model packages share: seeds, progress, recipes and the estimator."""
