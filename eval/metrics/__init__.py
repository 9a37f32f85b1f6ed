"""Metrics of an evaluation run, computed from the records without a language model."""
