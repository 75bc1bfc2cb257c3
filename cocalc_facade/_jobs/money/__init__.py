"""What is bought, what it cost, and licences."""
