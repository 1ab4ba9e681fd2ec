"""What the command line offers for a search, stated without importing Optuna."""

SAMPLERS = ("grid", "tpe")
PRUNERS = ("none", "median", "hyperband")
