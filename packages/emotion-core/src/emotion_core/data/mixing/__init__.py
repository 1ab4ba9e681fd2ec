"""Several sources of training texts as one dataset."""
