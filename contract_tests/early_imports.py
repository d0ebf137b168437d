"""Imports of what Schemathesis would load in its threads, among Hypothesis' work.

Hypothesis changes Python's limit of recursions meanwhile. Python 3.11 can then fail to parse a
module, as pytest does with each one of a plug-in: ``AST constructor recursion depth mismatch``.
Forty modules take a twentieth of a second.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import walk_packages

for _package in (
    "hypothesis.strategies._internal",
    "schemathesis.engine",
    "schemathesis.generation",
    "schemathesis.specs.openapi",
):
    for _module in walk_packages(import_module(_package).__path__, f"{_package}."):
        import_module(_module.name)
