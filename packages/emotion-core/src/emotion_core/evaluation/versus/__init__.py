"""Two classifiers, or two trainings with several seeds, on the same texts."""
