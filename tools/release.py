"""Builds everything that a release has into a folder, from the newest commit alone.

Run it by `make release`. The folder gets `pypi` with the packages to publish, `clients` with the
Python client of each API, a software bill of materials and the checksums of all these files.
"""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from hashlib import sha256
from pathlib import Path

from tools.release_check import check_installation, install_wheel

ROOT = Path(__file__).parents[1]
CHECKSUMS = "SHA256SUMS"
PACKAGES = (".", "pytest-tallystick")
"""The folders of the packages that PyPI has."""


class NotReleasable(Exception):
    """The release can't be built; the message says why."""


def main() -> None:
    """Build twice, compare, check what was built, and write bill and checksums."""
    out, tools = Path(sys.argv[1]), Path(sys.argv[2])
    try:
        build_release(out, tools)
    except NotReleasable as error:
        sys.exit(f"release: {error}")


def build_release(out: Path, tools: Path) -> None:
    """Fill the folder, by the programs in the folder `tools`; raise `NotReleasable`."""
    if run("git", "status", "--porcelain", cwd=ROOT):
        raise NotReleasable("commit your changes first: the newest commit is built")
    shutil.rmtree(out, ignore_errors=True)
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        for target in (out, work / "again"):
            build_all(clone_commit(work / f"{target.name}-clone"), target)
        compare_builds(out, work / "again")
        run(str(tools / "twine"), "check", "--strict", *map(str, list_packages(out)))
        python = install_wheel(find_wheel(out), ROOT / "requirements.txt", work / "installed")
        check_installation(python, work / "world")
        write_bill(out, python, tools)
    write_checksums(out)


def clone_commit(folder: Path) -> Path:
    """Return a folder with a clone of the newest commit, and nothing else."""
    run("git", "clone", "--quiet", str(ROOT), str(folder))
    return folder


def build_all(clone: Path, out: Path) -> None:
    """Build all packages of a clone into a folder."""
    epoch = commit_time(clone)
    for folder in PACKAGES:
        build_package(clone / folder, out / "pypi", epoch)
    generate_clients(clone / "build/clients", package_version(clone))
    for client in sorted((clone / "build/clients").iterdir()):
        build_package(client, out / "clients", epoch)


def commit_time(clone: Path) -> int:
    """Return the time of a clone's commit in seconds since 1970."""
    return int(run("git", "log", "-1", "--format=%ct", cwd=clone))


def package_version(clone: Path) -> str:
    """Return the version of the project."""
    project = tomllib.loads((clone / "pyproject.toml").read_text("utf-8"))["project"]
    return str(project["version"])


def build_package(folder: Path, out: Path, epoch: int) -> None:
    """Build the sdist of a package, and its wheel from that sdist."""
    with tempfile.TemporaryDirectory() as name:
        uv_build("--sdist", folder, Path(name), epoch)
        [made] = Path(name).glob("*.tar.gz")
        out.mkdir(parents=True, exist_ok=True)
        sdist = out / made.name
        rewrite_archive(made, sdist, epoch)
    uv_build("--wheel", sdist, out, epoch)
    (out / ".gitignore").unlink(missing_ok=True)


def uv_build(kind: str, source: Path, out: Path, epoch: int) -> None:
    """Build one archive without a registry."""
    here = ("--offline", "--no-build-isolation", "--python", sys.executable)
    command = (sys.executable, "-m", "uv", "build", "--quiet", kind, *here)
    run(*command, "--out-dir", str(out), str(source), epoch=epoch)


def rewrite_archive(source: Path, target: Path, epoch: int) -> None:
    """Write a `.tar.gz` anew, with one time, one owner and one order of its files."""
    with (
        tarfile.open(source) as old,
        target.open("wb") as file,
        gzip.GzipFile(filename="", fileobj=file, mode="wb", mtime=epoch) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as new,
    ):
        for member in sorted(old.getmembers(), key=lambda member: member.name):
            content = old.extractfile(member)
            member.mtime, member.mode = epoch, 0o755 if member.isdir() else 0o644
            member.uid = member.gid = 0
            member.uname = member.gname = ""
            member.pax_headers = {}
            new.addfile(member, content)


def generate_clients(out: Path, version: str) -> None:
    """Write the Python client of each API as a package; this takes Java."""
    from tallystick import clients

    out.mkdir(parents=True)
    clients.generate_packages(
        [
            clients.ClientPackage(
                "python",
                clients.read_document(api),
                out / api,
                f"tallystick-{api.replace('_', '-')}-client",
                version,
            )
            for api in clients.list_apis()
        ]
    )


def list_packages(out: Path) -> list[Path]:
    """Return all sdists and wheels of a release, in order."""
    return sorted(file for file in out.glob("*/*") if file.suffix in {".gz", ".whl"})


def find_wheel(out: Path) -> Path:
    """Return the wheel of the program itself."""
    [wheel] = (out / "pypi").glob("tallystick-*.whl")
    return wheel


def compare_builds(first: Path, second: Path) -> None:
    """Return if two builds are the same in every byte; raise `NotReleasable`."""
    for file in list_packages(first):
        if file.read_bytes() != (second / file.relative_to(first)).read_bytes():
            raise NotReleasable(f"two builds of {file.name} differ")


def write_bill(out: Path, python: Path, tools: Path) -> None:
    """Write what an installation consists of, as CycloneDX."""
    bill = out / f"{find_wheel(out).name.rpartition('-py3')[0]}.cdx.json"
    command = (str(tools / "cyclonedx-py"), "environment", "--output-reproducible")
    project = ("--pyproject", str(ROOT / "pyproject.toml"))
    run(*command, *project, "--output-file", str(bill), str(python))


def write_checksums(out: Path) -> None:
    """Write the SHA-256 of each file by its name, as `sha256sum --check` reads them.

    Downloads lie in one folder, so folders are left out.
    """
    files = sorted(file for file in out.rglob("*") if file.is_file() and file.name != CHECKSUMS)
    lines = [f"{sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files]
    (out / CHECKSUMS).write_text("".join(lines), encoding="utf-8")


def run(*command: str, cwd: Path = ROOT, epoch: int | None = None) -> str:
    """Return what a command prints; raise `NotReleasable` with its words when it fails."""
    env = os.environ | ({} if epoch is None else {"SOURCE_DATE_EPOCH": str(epoch)})
    done = subprocess.run(
        command, cwd=cwd, env=env, capture_output=True, text=True, timeout=600, check=False
    )
    if done.returncode:
        raise NotReleasable(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout.strip()


if __name__ == "__main__":
    main()
