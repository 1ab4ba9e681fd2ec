"""How well a run tells texts without emotion from others."""
