"""What the tools are: the methods and functions behind them, and what is said of these."""
