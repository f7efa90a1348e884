"""Tests of the producer that need no part but itself."""
