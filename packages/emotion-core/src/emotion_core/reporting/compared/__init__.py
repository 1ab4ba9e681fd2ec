"""What a comparison is about, read from the folders that it names."""
