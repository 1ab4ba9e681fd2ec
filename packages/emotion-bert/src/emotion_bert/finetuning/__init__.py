"""Fine-tune a checkpoint, or several, and write run folders; go on after an interruption."""
