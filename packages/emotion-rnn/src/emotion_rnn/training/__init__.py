"""Train one network and write its run folder."""
