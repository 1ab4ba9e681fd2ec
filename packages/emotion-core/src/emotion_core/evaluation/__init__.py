"""How good predictions are: metrics, intervals, calibration, and the figures of one run."""
