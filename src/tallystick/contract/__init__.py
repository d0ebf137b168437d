"""The compiled contract: from the YAML to answers. It knows no API."""

import warnings

# Connexion imports Starlette's test client, which warns of the library that it would rather use.
warnings.filterwarnings("ignore", message="Using `httpx` with `starlette.testclient`")
