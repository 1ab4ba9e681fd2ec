"""Where texts and labels come from: datasets, readers, cleaning, splits and audit."""
