"""The files that hold the splits of a dataset: found in a folder by their names, and read."""
