"""What has a name: datasets and vectors, with their manifests and how they are fetched, and the ready model."""
