"""What is known of runs beyond one score: what they are worth on other data, and how they behave."""
