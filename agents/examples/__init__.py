"""What `vigie demo` publishes: the sample page, four pages written for it (invented news), three bad events and a watch rule."""

from importlib.resources import files

import orjson

_PAGES = files(__name__) / "pages"
_SITES = (
    ("sample.txt", "text/plain", "https://journal.example/mali/lavrov-diop", "Mali-Russie : entretien entre Lavrov et Diop", "ML"),
    ("marche.html", "text/html", "https://ouaga-matin.example/economie/marche-rouvert", None, "BF"),
    ("power.txt", "text/plain", "https://accra-post.example/business/power-cuts", "Power cuts return to Tema", "GH"),
    ("saison.txt", "text/plain", "https://journal.example/meteo/saison-des-pluies", "La saison des pluies s'annonce précoce", "ML"),
    ("pont.txt", "text/plain", "https://dakar-soir.example/societe/pont", "Le nouveau pont ouvert aux piétons", "SN"),
)
RULES = files(__name__) / "rules.toml"
BAD = (b'{"url": "https://journal.example/cut", "content": "cut off in the mid', b'{"url": "https://journal.example/empty"}',
       b'{"url": "not an address", "content": "Some text."}')  # fmt: skip


def pages() -> list[tuple[bytes, bytes]]:
    """Make the raw events of the good pages: key and value."""
    events = []
    for name, content_type, url, headline, country in _SITES:
        event = {
            "url": url,
            "content": (_PAGES / name).read_text(encoding="utf-8"),
            "content_type": content_type,
            "headline": headline,
            "fetched_at": "2026-11-23T08:00:00Z",
            "publisher": {"name": url.split("/")[2].split(".")[0], "domain": url.split("/")[2], "country": country},
            "crawler": {"name": "vigie demo", "version": "1"},
        }
        events.append((url.encode(), orjson.dumps(event)))
    return events
