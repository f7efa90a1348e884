"""What the wire is made of."""
