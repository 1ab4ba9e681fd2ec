"""The tokenizer of a model: that it is there, knows the words, fits the model, and is saved as it was."""
