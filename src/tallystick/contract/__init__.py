"""The compiled contract: from the YAML to answers. It knows no API."""

import warnings

# Connexion imports starlette's test client, which then speaks to Connexion's authors.
warnings.filterwarnings("ignore", message="Using `httpx` with `starlette.testclient`")
