"""Words among the values of a list's parameters, with a meaning of their own."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import Any

from tallystick.apis.generic.list_filters import ListWords
from tallystick.apis.generic.list_query import counts_from_one, counts_from_zero
from tallystick.contract.declared_examples import declared_examples
from tallystick.contract.document import Document
from tallystick.contract.page_names import named_parts
from tallystick.contract.schema_shape import SchemaShape

_ALL = ("all", "any")
"""Words of a parameter that wants every item, as ``state=all`` does."""


def read_words(document: Document, operation: Mapping[str, Any]) -> ListWords:
    """Return what values of the parameters of a list's operation mean."""
    defaults, alls, examples = {}, set(), set()
    first_page, first_offset = 1, 0
    parameters = map(document.resolve, operation.get("parameters", ()))
    parts = (named_parts(each, document.content) for each in parameters)
    for parameter in chain.from_iterable(parts):
        shape = SchemaShape(parameter.get("schema", {}), document.content)
        if parameter["in"] == "query" and "default" in shape.keywords:
            defaults[parameter["name"]] = shape.keywords["default"]
        if counts_from_zero(parameter["name"], shape.keywords):
            first_page = 0
        if counts_from_one(parameter["name"], shape.keywords):
            first_offset = 1
        words = shape.keywords.get("enum", ())
        alls |= {(parameter["name"], word) for word in _ALL if word in words}
        shown = declared_examples(parameter, shape.keywords)
        examples |= {(parameter["name"], str(each)) for each in shown}
    return ListWords(defaults, frozenset(alls), first_page, first_offset, frozenset(examples))
