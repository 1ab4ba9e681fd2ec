"""The commands that are written once: those of several programs, and `serve`."""
