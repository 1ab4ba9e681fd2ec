"""What the operating system gives: files written aside, guards of outputs, hashes, processes, the machine."""
