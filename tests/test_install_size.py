"""An installation is what each user needs; the rest is an extra."""

from __future__ import annotations

from importlib.metadata import Distribution
from pathlib import Path

from project import PYPROJECT, ROOT
from requirements import installed_by

MOST_BYTES = 110_000_000
"""Of all files of a new environment, without the bytecode that Python makes of them."""

BASE = """
aiohappyeyeballs aiohttp aiosignal alembic anyio asgiref attrs certifi cffi charset-normalizer click
connexion cronsim cryptography frozenlist h11 httpcore httptools httpx idna inflection jinja2
jsonschema jsonschema-rs jsonschema-specifications lark mako markdown-it-py markupsafe mdurl
multidict orjson prometheus-client propcache pycparser pygments python-dotenv python-jsonpath
python-multipart pyyaml referencing requests rich rpds-py rstr sqlalchemy standardwebhooks starlette
typing-extensions tzdata urllib3 uvicorn uvloop werkzeug yarl
"""
"""The distributions that `pip install tallystick` installs on Linux."""

EXTRAS = {
    "postgresql": {"psycopg", "psycopg-binary"},
    "encodings": {"brotli", "zstandard"},
    "brokers": {"aio-pika", "aiokafka"},
    "notify": {"apprise"},
    "otel": {"opentelemetry-sdk", "opentelemetry-exporter-otlp-proto-http"},
    "contract": {"hypothesis", "openapi-spec-validator", "pytest", "schemathesis"},
    "clients": {"openapi-generator-cli"},
}
"""What each extra brings, among other packages, and the base does without."""


def test_the_base_is_these_distributions_and_no_other() -> None:
    assert sorted(installed_by(PYPROJECT["project"]["dependencies"])) == BASE.split()


def test_the_base_is_small() -> None:
    others = installed_by(PYPROJECT["project"]["dependencies"])
    assert sum(map(size, others.values())) + own_size() <= MOST_BYTES


def test_an_extra_brings_what_the_base_does_without() -> None:
    extras = PYPROJECT["project"]["optional-dependencies"]
    brought = {name: set(installed_by(wanted)) for name, wanted in extras.items()}
    assert brought.keys() == EXTRAS.keys()
    for name, packages in EXTRAS.items():
        assert packages <= brought[name] - set(BASE.split())


def size(package: Distribution) -> int:
    """The bytes of its files, as its wheel lists them."""
    files = package.files or ()
    assert files, package.name
    return sum(file.size or 0 for file in files if file.suffix != ".pyc")


def own_size() -> int:
    """The bytes of our own files, without bytecode."""
    folders = PYPROJECT["tool"]["setuptools"]["package-dir"].values()
    files = [file for folder in folders for file in (ROOT / folder).rglob("*") if file.is_file()]
    return sum(file.stat().st_size for file in files if is_installed(file))


def is_installed(file: Path) -> bool:
    """Whether a file of our source folders is a part of the wheel."""
    return "__pycache__" not in file.parts and file.name != "api.txt"
