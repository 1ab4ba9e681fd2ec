"""Search the hyperparameters of a phase with several processes, on one machine or many, without losing work."""
