"""Predict texts, tables and files with any classifier."""
