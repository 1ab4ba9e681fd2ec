"""What classifiers are worth on data that are not their own."""
