"""The command line: commands and options, nothing else."""
