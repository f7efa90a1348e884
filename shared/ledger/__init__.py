"""The ledger: SQL is the truth; tables are private here and every method is one transaction."""

from shared.ledger.ledger import Ledger

__all__ = ["Ledger"]
