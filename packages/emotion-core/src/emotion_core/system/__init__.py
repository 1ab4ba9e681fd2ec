"""What the operating system gives: files written aside, guards against overwriting, hashes, processes, the machine."""
