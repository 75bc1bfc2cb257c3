"""What `scripts/bench.py` measures: one row of its table is one function in one of these files."""
