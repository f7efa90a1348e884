"""What a caller of the producer meets: submitting, cancelling, retrying, resolving."""
