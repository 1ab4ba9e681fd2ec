"""How a classifier behaves on cases that were written for one capability each."""
