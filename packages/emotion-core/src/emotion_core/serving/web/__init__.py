"""What the service answers to which request over HTTP."""
