"""The compiled contract: from the YAML to answers. It knows no API."""
