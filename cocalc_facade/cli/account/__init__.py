"""The account: who one is, keys, and money."""
