"""The same with await, made by scripts/async_jobs.py."""
