"""Make a trained recurrent network smaller and independent of TensorFlow: its techniques."""
