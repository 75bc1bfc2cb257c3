"""Compute servers and cloud file systems, with no cloud behind them: `onprem` servers are rows in a table."""
