"""The plan: a campaign run ahead of time, by the real decisions, on a clock that nobody waits for.

What decides is what decides in the real run: `choose` of dispatch, the limiter (its twin in
memory), what follows from an attempt or a poll, the policies of retry and polling, a campaign's
rules. What is modelled is what they work on: rows, threads, and how long providers take.
"""
