"""From a raw text to the ids that a model reads: what is cut off, what is filled up, and in which tokens or words."""
