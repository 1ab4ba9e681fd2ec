"""The run folder: how it is written, read, verified and described."""
