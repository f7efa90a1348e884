"""Tests of the reading of job rows."""
