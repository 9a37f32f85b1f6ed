"""Benefits: subsidy rules read from clauses."""

from index.benefits.extract import extract
from index.benefits.sources import supporting_paths

__all__ = ["extract", "supporting_paths"]
