"""`dropline campaign report`: what became of a campaign, as a table, CSV, JSON or a page."""
