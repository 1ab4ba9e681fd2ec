"""Typing errors as fingers make them: in the cases of the behavioural suite, and in training texts."""
