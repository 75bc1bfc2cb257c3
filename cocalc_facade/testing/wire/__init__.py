"""What goes over the wire: requests, answers, and the forms that values have in them."""
