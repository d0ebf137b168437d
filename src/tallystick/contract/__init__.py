"""Compiles the OpenAPI documents and answers requests by them, for any API."""

import warnings

# Connexion imports starlette's test client, which then speaks to Connexion's authors.
warnings.filterwarnings("ignore", message="Using `httpx` with `starlette.testclient`")
