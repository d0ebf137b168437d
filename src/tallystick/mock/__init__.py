"""The mock and the proxy: the service with rules, faults, a journal and snapshots for testers."""
