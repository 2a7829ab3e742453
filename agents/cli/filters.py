"""Filters of an HTML page by style sheet alone (`:has()`), so that the page needs no script: language, and who or what is named.

Names and languages stand in the style sheet as numbers, never as text of the page.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from agents.cli.marks import escaped
from pipeline.events import Comment, Enriched, Entity

_MOST_NAMES = 200
Name = tuple[str, str, str | None]


def name_of(entity: Entity) -> Name:
    """What tells one person, organisation or place from another: type, name, id."""
    return (str(entity.type), entity.name, entity.id)


def choice(label: str, prefix: str, options: Mapping[str, str]) -> str:
    """Make a menu of classes and what they are called, below one that shows everything."""
    listed = "".join(f'<option value="{each}">{escaped(called)}' for each, called in options.items())
    return f'<label>{label} <select id="only-{prefix}"><option value="">all{listed}</select></label>'


def hiding(prefix: str, classes: Iterable[str], what: str) -> str:
    """Make the rules that hide each `what` without the class chosen in a menu."""
    return "".join(
        f'main:has(#only-{prefix} option[value="{each}"]:checked) {what}:not(.{each}){{display:none}}' for each in classes
    )


class Filter:
    """The languages and names of a page, numbered: the most frequent first."""

    def __init__(self, languages: Counter[str], names: Counter[Name]) -> None:
        self._languages = {tag: f"l{number}" for number, (tag, _) in enumerate(languages.most_common(), 1)}
        self._names = {name: f"n{number}" for number, (name, _) in enumerate(names.most_common(_MOST_NAMES), 1)}
        self._counts = (languages, names)

    @classmethod
    def of_page(cls, page: Enriched) -> "Filter":
        """Collect what can be asked of the comments of a page."""
        named = Counter(name for comment in page.comments for name in {name_of(each) for each in comment.entities})
        return cls(Counter(comment.language.tag for comment in page.comments), named)

    def of(self, entity: Entity) -> str:
        """The class of an entity; empty where no comment names it."""
        return self._names.get(name_of(entity), "")

    def classes(self, comment: Comment) -> list[str]:
        """The classes of a comment: its language, and whom it names."""
        names = {self.of(each): None for each in comment.entities}
        return [self._languages[comment.language.tag], *filter(None, names)]

    def controls(self) -> str:
        """Two menus; what they hide comes back when `all` is chosen."""
        languages, names = self._counts
        spoken = {code: f"{tag} ({languages[tag]})" for tag, code in self._languages.items()}
        named = {
            code: f"{name[1]} ({names[name]})" for name, code in sorted(self._names.items(), key=lambda each: each[0][1].casefold())
        }
        menus = choice("Language", "l", spoken) + choice("Names", "n", named)
        return f'<div class="filter" role="group" aria-label="Show only comments with">{menus}</div>'

    def style(self) -> str:
        """The rules behind the menus: hide the other comments, and light up the name that was chosen."""
        lit = "".join(
            f'main:has(option[value="{each}"]:checked) mark.{each}{{background:var(--quote)}}' for each in self._names.values()
        )
        return hiding("l", self._languages.values(), ".comment") + hiding("n", self._names.values(), ".comment") + lit
