"""Preflight: everything about a file of jobs that can be known before it is published."""
