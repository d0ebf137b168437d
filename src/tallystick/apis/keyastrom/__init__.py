"""Events on monitored entities: selectors, problems that open and close, tokens with scopes."""
