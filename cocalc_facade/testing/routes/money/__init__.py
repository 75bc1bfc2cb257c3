"""Purchases, the cart, licenses and the old payment routes."""
