"""Datasets and vectors that have a name: their manifests, and how they are fetched and compared with them."""
