"""Templates and settings of the client stubs, a folder a language."""
