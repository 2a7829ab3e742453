"""PostgreSQL from Debian's packages (tools/debian_packages.py), for the tests of the archive.

It finds its files by where it lies itself, and its libraries, which lie in a folder named after the machine's architecture, by
`bin/initdb` and `bin/postgres`, which start the programs with LD_LIBRARY_PATH. Both refuse to run as root.
"""

import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.debian_packages import Parcel, fetch, run, script

_PROGRAMS = ("initdb", "postgres")
_INSTALLED = "/usr/lib/postgresql"


@dataclass(frozen=True)
class Postgres:
    """Programs to run, each checked."""

    initdb: Path
    postgres: Path


def _finish(folder: Path) -> Sequence[Path]:
    programs = next(folder.glob("usr/lib/postgresql/*/bin")).relative_to(folder)
    libraries = next(folder.glob("usr/lib/*/libpq.so.5")).parent
    for name in _PROGRAMS:
        start = folder / "bin" / name
        here = libraries.relative_to(folder)
        root = f'root="$(cd "$(dirname "$0")/.." && pwd)"\nexport LD_LIBRARY_PATH="$root/{here}"'
        script(start, f'{root}\nexec "$root/{programs}/{name}" "$@"')
        run([str(start), "--version"])
    return [*(folder / "bin").iterdir(), *(folder / programs).iterdir(), *(each for each in libraries.iterdir() if each.is_file())]


POSTGRES = Parcel(
    names=(
        "postgresql-15", "libpq5", "libicu72", "libldap-2.5-0", "libsasl2-2", "libxml2", "libxslt1.1", "libgssapi-krb5-2",
        "libkrb5-3", "libk5crypto3", "libkrb5support0", "libkeyutils1", "libcom-err2",
    ),
    folder="debian-postgres",
    finish=_finish,
    what="PostgreSQL",
    elsewhere="install PostgreSQL, so that initdb and postgres are on the PATH or in /usr/lib/postgresql",
)  # fmt: skip


def postgres(home: Path) -> Postgres:
    """The programs under `home`/debian-postgres; fetched first where they are not there (27 MB).

    Where apt-get cannot give them (another release of Debian has another version), those that are installed serve.
    ServersError: neither.
    """
    return POSTGRES.programs(home, lambda folder: Postgres(folder / "bin/initdb", folder / "bin/postgres"), _installed)


def _installed() -> Postgres | None:
    """Programs on the PATH, or of the newest version in Debian's folder."""
    folders = sorted(Path(_INSTALLED).glob("*/bin"), key=lambda each: each.parent.name.zfill(3))
    path = os.pathsep.join([os.environ.get("PATH", ""), *map(str, reversed(folders))])
    found = [shutil.which(name, path=path) for name in _PROGRAMS]
    return Postgres(*(Path(each) for each in found if each)) if all(found) else None


if __name__ == "__main__":
    sys.exit(fetch(postgres))
