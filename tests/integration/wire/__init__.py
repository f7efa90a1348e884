"""The wire against real sockets."""
