"""Make agents/broker/sha256sums.txt anew, after a change of agents/broker/pom.xml: python -m tools.broker_sums.

Maven checks each jar against the repository's own checksums while it fetches; read the difference before committing it.
"""

import sys
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from agents.broker.maven import copy_jars

_PACKAGE = Path(__file__).resolve().parents[1] / "agents" / "broker"


def main() -> int:
    """Fetch, hash, write."""
    with TemporaryDirectory() as scratch:
        folder = Path(scratch) / "jars"
        copy_jars(_PACKAGE / "pom.xml", folder, lambda name: print("fetched", name))
        jars = sorted(folder.rglob("*.jar"))
        lines = [f"{sha256(jar.read_bytes()).hexdigest()}  {jar.relative_to(folder)}\n" for jar in jars]
    (_PACKAGE / "sha256sums.txt").write_text("".join(lines), "utf-8")
    print(f"{len(lines)} jars")
    return 0


if __name__ == "__main__":
    sys.exit(main())
