"""The index of a folder of HTML pages: what is in them in all, and a row a page, to be narrowed by language."""

from collections import Counter
from collections.abc import Iterable

from agents.cli.address import readable
from agents.cli.filters import Name, choice, hiding, name_of
from agents.cli.marks import escaped
from agents.cli.style import document
from pipeline.enrich import mentions
from pipeline.events import Enriched

_MOST_NAMES = 30
_HEAD = "<thead><tr><th>page<th>language<th>comments<th>names<th>alerts<th>boundary</thead>"


class Index:
    """Rows of an index, and the counts above them."""

    def __init__(self) -> None:
        self._rows: list[str] = []
        self._languages: dict[str, str] = {}
        self._counts: Counter[str] = Counter()
        self._names: Counter[Name] = Counter()
        self._rules: Counter[str] = Counter()

    def add(self, address: str, page: Enriched) -> None:
        """Add a page that lies at `address`, relative to the index."""
        article = page.article
        tag = article.language.tag
        language = self._languages.setdefault(tag, f"l{len(self._languages) + 1}")
        found = [name_of(each) for each in mentions(page)]
        self._names.update(set(found))
        self._rules.update(alert.rule.name for alert in page.alerts)
        self._counts.update({"comments": len(page.comments), "alerts": len(page.alerts), "mentions of names": len(found)})
        title = escaped(article.headline or readable(article.url))
        self._rows.append(
            f'<tr class="{language}"><td><a href="{address}">{title}</a><td>{escaped(tag)}'
            f"<td>{len(page.comments)}<td>{len(set(found))}<td>{len(page.alerts)}<td>{article.split.confidence:.0%}"
        )

    def render(self) -> str:
        """Render the index as one HTML document."""
        facts = " · ".join(f"{count:,} {what}" for what, count in self._counts.items())
        rules = _listed("Alerts by rule", self._rules.most_common())
        names = _listed("Named in most pages", ((name[1], count) for name, count in self._names.most_common(_MOST_NAMES)))
        menu = choice("Language", "l", {code: tag for tag, code in self._languages.items()})
        content = (
            f'<main class="wide"><h1>{len(self._rows):,} pages</h1><p class="facts">{facts}</p>'
            f'<div class="filter" role="group" aria-label="Show only pages with">{menu}</div>'
            f'<table class="index">{_HEAD}<tbody>{"".join(self._rows)}</tbody></table>{rules}{names}</main>'
        )
        return document("vigie", content, "en", hiding("l", self._languages.values(), "tbody tr"))


def _listed(title: str, counts: Iterable[tuple[str, int]]) -> str:
    """What was counted under a title; nothing without any."""
    listed = ", ".join(f"{escaped(name)} <small>× {count}</small>" for name, count in counts)
    return f'<h2>{title}</h2><p class="facts">{listed}</p>' if listed else ""
