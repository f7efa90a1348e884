"""The peers, run by an environment of their own (`requirements/peers.txt`): nothing of ours here.

Each job of a peer makes the same call with the same library and writes the rows that a job of
Dropline writes, in as many commits, straight through psycopg.
"""
