"""Who the key speaks for, its keys, and the addresses of accounts."""
