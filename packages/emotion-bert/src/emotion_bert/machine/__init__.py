"""What this machine can compute with: devices, number formats, processes, installed packages."""
