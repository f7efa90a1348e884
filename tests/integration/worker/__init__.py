"""The worker's pipeline, step by step."""
