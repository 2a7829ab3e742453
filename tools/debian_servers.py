"""Prometheus and Alertmanager, and the Kafka client kcat, from Debian's packages (tools/debian_packages.py), for the tests.

Debian's Alertmanager reads its built-in templates from /usr/share/prometheus/alertmanager, which an unpacked one does not have.
In the unpacked copy that path is therefore made relative (the same number of bytes), and `bin/prometheus-alertmanager` starts it
in the folder that the path is relative to. Nothing else is changed. `bin/kcat` finds kcat's libraries where they were unpacked.
"""

import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.debian_packages import Parcel, ServersError, fetch, run, script

__all__ = ["KCAT", "SERVERS", "Servers", "ServersError", "kcat", "servers"]

_TEMPLATES = (b"/usr/share/prometheus/alertmanager", b"usr//share/prometheus/alertmanager")


@dataclass(frozen=True)
class Servers:
    """Programs to run, each checked; paths in their arguments must be absolute."""

    prometheus: Path
    promtool: Path
    alertmanager: Path
    amtool: Path


def servers(home: Path) -> Servers:
    """The programs under `home`/debian; fetched first where they are not there (about 10 s), otherwise 0.5 s.

    Where apt-get cannot give them, those on the PATH serve. ServersError: neither, or a file that is not the one that was unpacked.
    """
    return SERVERS.programs(home, _programs, _on_path)


def kcat(home: Path) -> Path:
    """The client kcat under `home`/debian-kcat, as `servers`; where apt-get cannot give it, one on the PATH serves."""
    return KCAT.programs(home, lambda folder: folder / "bin/kcat", lambda: Path(found) if (found := shutil.which("kcat")) else None)


def _programs(folder: Path) -> Servers:
    programs = folder / "usr/bin"
    return Servers(programs / "prometheus", programs / "promtool", folder / "bin/prometheus-alertmanager", programs / "amtool")


def _on_path() -> Servers | None:
    """What somebody installed, under Debian's name of Alertmanager or its own."""
    names = ("prometheus", "promtool", "prometheus-alertmanager", "amtool")
    found = [shutil.which(name) or shutil.which(name.removeprefix("prometheus-")) for name in names]
    return Servers(*(Path(each) for each in found if each)) if all(found) else None


def _finish_servers(folder: Path) -> Sequence[Path]:
    """Have Alertmanager find its templates in the folder where it was unpacked."""
    program = folder / "usr/bin/prometheus-alertmanager"
    program.write_bytes(program.read_bytes().replace(*_TEMPLATES))
    script(folder / "bin/prometheus-alertmanager", 'cd "$(dirname "$0")/.." && exec usr/bin/prometheus-alertmanager "$@"')
    for name in ("usr/bin/prometheus", "usr/bin/promtool", "bin/prometheus-alertmanager", "usr/bin/amtool"):
        run([str(folder / name), "--version"])
    templates = folder.glob("usr/share/prometheus/alertmanager/*.tmpl")
    return [*(folder / "usr/bin").iterdir(), *(folder / "bin").iterdir(), *templates]


def _finish_kcat(folder: Path) -> Sequence[Path]:
    """Have kcat find its libraries, which lie in a folder that is named after the machine's architecture."""
    start = folder / "bin/kcat"
    libraries = next(folder.glob("usr/lib/*/librdkafka.so.1")).parent
    here = libraries.relative_to(folder)
    script(start, f'root="$(dirname "$0")/.."\nLD_LIBRARY_PATH="$root/{here}" exec "$root/usr/bin/kcat" "$@"')
    run([str(start), "-V"])
    return [start, folder / "usr/bin/kcat", *(each for each in libraries.iterdir() if each.is_file())]


SERVERS = Parcel(
    names=("prometheus", "prometheus-alertmanager"),
    folder="debian",
    finish=_finish_servers,
    what="Prometheus and Alertmanager",
    elsewhere="install both, so that prometheus, promtool, alertmanager and amtool are on the PATH",
)
KCAT = Parcel(
    names=("kcat", "librdkafka1", "libyajl2", "liblz4-1", "libsasl2-2"),
    folder="debian-kcat",
    finish=_finish_kcat,
    what="The Kafka client kcat",
    elsewhere="install kcat, so that it is on the PATH",
)


if __name__ == "__main__":
    sys.exit(fetch(servers, kcat))
