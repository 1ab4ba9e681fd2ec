"""The sessions of noxfile.py that are not called every day, and what all sessions share."""
