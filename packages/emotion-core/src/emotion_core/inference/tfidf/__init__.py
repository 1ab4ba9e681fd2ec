"""Linear classifiers on TF-IDF, which NumPy alone computes."""
