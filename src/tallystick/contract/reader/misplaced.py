"""References in the place of a mapping, which OpenAPI does not know and bundlers follow."""

from __future__ import annotations

from tallystick.contract.reader.findings import Findings
from tallystick.contract.reader.references import Node, References, Unresolved


def follow_mapping(node: Node, references: References, findings: Findings) -> Node:
    """Return a node's mapping, its own or by reference; an empty one for a reference to nowhere."""
    if node.reference is None:
        return node
    try:
        found = references.follow(node)
    except Unresolved as error:
        findings.refuse(node, error.rule, str(error))
        return Node(node.file, node.steps, {})
    findings.warn(node, "ref-misplaced", "is no place for a $ref: it is followed")
    return found


def find_components(root: Node, kind: str, references: References, findings: Findings) -> Node:
    """Return the components of one kind in a document; an empty mapping for none."""
    node = root
    for step in ("components", kind):
        if not isinstance(node.value, dict) or step not in node.value:
            return Node(root.file, root.steps, {})
        node = follow_mapping(node.child(step), references, findings)
    return node
