"""Accounts, their keys, how they sign in, and their messages."""
