"""The command line of `charon exec` is read by itself."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from charon_runs import Cron
from tallystick.mock.client import Tallystick

OWN = [sys.executable, "-m", "tallystick", "charon", "exec"]


@pytest.mark.parametrize(
    "words", [[], ["slug"], ["slug", "--"], ["slug", "--unknown", "--", "true"], ["--", "true"]]
)
def test_what_can_t_be_read_ends_with_2_and_says_why(words: list[str]) -> None:
    ran = subprocess.run([*OWN, *words], capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 2
    assert "tallystick charon exec: error: " in ran.stderr


def test_a_command_without_dashes_may_stand_without_them(cron: Cron) -> None:
    own = [*OWN, "--url", cron.server.url, "--key", "dev-charon-key", cron.slug, "echo", "ran"]
    ran = subprocess.run(own, capture_output=True, timeout=60, check=True)
    assert ran.stdout == b"ran\n"
    assert cron.said() == ["ran"]


def test_the_program_s_other_way_in_reads_the_same(cron: Cron) -> None:
    way = "import sys; from tallystick.cli import main; sys.exit(main())"
    own = [sys.executable, "-c", way, "charon", "exec", cron.slug, "--url", cron.server.url]
    words = ["--key", "dev-charon-key", "--", "sh", "-c", 'printf "%s|" "$@"', "sh", "--", "-h"]
    ran = subprocess.run([*own, *words], capture_output=True, timeout=60, check=True)
    assert ran.stdout == b"--|-h|"


def test_a_ca_of_one_s_own_is_trusted_by_the_environment(
    start_tallystick: Callable[..., Tallystick],
) -> None:
    mock = start_tallystick("--tls")
    own = [*OWN, "--strict", "--url", mock.url, "--key", "dev-charon-key", "nightly-report"]
    trusting = {**os.environ, "SSL_CERT_FILE": str(mock.ca)}
    codes = [
        subprocess.run([*own, "--", "true"], env=env, timeout=60, check=False).returncode
        for env in (None, trusting)
    ]
    assert codes == [69, 0]
