"""From an answer to typed objects, and what departs from the schema on the way."""
