"""Near duplicates: pairs of texts that are not the same and share most of their short sequences of letters."""
