"""PostEverywhere's golden exchanges; names in the answers are those of its sheet."""

from tests.contract.golden.posteverywhere.exchanges import EXCHANGES
from tests.contract.golden.posteverywhere.shapes import FILE

PROVIDER = "posteverywhere"

__all__ = ["EXCHANGES", "FILE", "PROVIDER"]
