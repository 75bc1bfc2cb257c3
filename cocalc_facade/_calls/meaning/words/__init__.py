"""What the server's own phrases mean, on the routes that say them."""
