"""How much a run may send."""

from __future__ import annotations

from enum import StrEnum

from tallystick.contract_tests import contract


class Budget(StrEnum):
    """About 30 seconds, 3 minutes and 15 minutes for one API."""

    QUICK = "quick"
    NORMAL = "normal"
    THOROUGH = "thorough"

    def examples(self, api: str) -> int:
        """How many examples of each kind each operation gets."""
        operations = sum(operation.api == api for operation in contract.operations())
        return max(_LEAST, _EXAMPLES[self] // max(operations, 1))


_EXAMPLES = {Budget.QUICK: 1_500, Budget.NORMAL: 10_000, Budget.THOROUGH: 50_000}
_LEAST = 10
