"""Scripts that tune the bundled embedding model."""
