"""Graphs in ONNX: what feeds them, what starts them, and the classifier that both make."""
