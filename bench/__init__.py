"""Speed, scale and retrieval benchmarks; run one with `python -m bench NAME`."""
