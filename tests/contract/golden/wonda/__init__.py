"""Wonda's golden exchanges; numbers in the names are sections of its sheet."""

from tests.contract.golden.wonda.afterwards import AFTERWARDS
from tests.contract.golden.wonda.publishing import PUBLISHING

PROVIDER = "wonda"
EXCHANGES = [*PUBLISHING, *AFTERWARDS]
