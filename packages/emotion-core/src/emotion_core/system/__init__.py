"""What the operating system gives: files that one process at a time writes, hashes, processes, the machine."""
