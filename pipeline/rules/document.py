"""A document as watch rules see it: an article with its headline, or a comment; and whether a rule's tree holds on it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from urllib.parse import urlsplit

from pipeline.events import Article, Comment, Entity, Publisher
from pipeline.rules.names import Hashes, NameTable
from pipeline.rules.tree import And, Atom, Key, Listed, Near, Node, Not, Or, leaves
from pipeline.rules.words import Automaton, Words, key, windows, words

HEADLINE, TEXT = 0, 1
MAX_HITS = 100  # of one key; the first ones in the document
_MAX_NAME = 20  # words of an author's name that are looked at

Hit = tuple[int, int, int]  # HEADLINE or TEXT, start, end (code points into it)
Found = tuple[Hit, str]  # with the term that the rule asks for
Places = defaultdict[Key, list[int]]  # the indexes of the words where a word stands


@dataclass(frozen=True, slots=True)
class Source:
    """What there is to know of a document: (headline, text), the entities of each, and its facts."""

    texts: tuple[str, str]
    entities: tuple[tuple[Entity, ...], tuple[Entity, ...]]
    facts: frozenset[Key]


def _no_places() -> tuple[Places, Places]:
    return defaultdict(list), defaultdict(list)


@dataclass(slots=True)
class Document:
    """What rules ask for and this document has; a key without hits is a fact about the whole of it."""

    hits: dict[Key, list[Hit]] = field(default_factory=lambda: defaultdict(list))
    listed: dict[Key, list[Found]] = field(default_factory=lambda: defaultdict(list))
    words: list[Words] = field(default_factory=list)
    places: tuple[Places, Places] = field(default_factory=_no_places)

    def add(self, found: Key, hit: Hit) -> None:
        """Note a hit of a key."""
        hits = self.hits[found]
        if len(hits) < MAX_HITS:
            hits.append(hit)

    def add_listed(self, found: Key, hit: Hit, term: str) -> None:
        """Note a hit of one of the names that a rule lists; `found` is the list's key."""
        self.hits.setdefault(found, [])
        listed = self.listed[found]
        if len(listed) < MAX_HITS:
            listed.append((hit, term))


class Reader:
    """Finds what a set of rules asks for: `trees`, and the entities that they list, by the keys of their lists."""

    def __init__(self, trees: Iterable[Node], lists: Mapping[Key, tuple[Sequence[str], Hashes]]) -> None:
        self._lists, self._names = tuple(lists), NameTable(tuple(lists.values()))
        atoms = {leaf for tree in trees for leaf in leaves(tree)}
        self._near = frozenset(key for leaf in atoms if isinstance(leaf, Near) for key in leaf.keys)
        self._wanted = self._near.union(leaf.key for leaf in atoms if isinstance(leaf, Atom))
        self._automaton = Automaton(value for field, value in self._wanted if field == "text")

    def read(self, source: Source) -> Document:
        """Find everything that a rule asks for in a document: one pass over its text."""
        document = Document()
        for part in (HEADLINE, TEXT):
            self._find_words(document, part, source.texts[part])
            for entity in sorted(source.entities[part], key=lambda entity: entity.start):
                hit = (part, entity.start, entity.end)
                names = {key(name) for name in (entity.id or "", entity.name, entity.surface)}
                for found in self._wanted.intersection({("type", key(entity.type)), *(("entity", name) for name in names)}):
                    document.add(found, hit)
                for number, term in chain.from_iterable(map(self._names.find, names)):
                    document.add_listed(self._lists[number], hit, term)
        for fact in source.facts & self._wanted:
            document.hits[fact] = []
        return document

    def _find_words(self, document: Document, part: int, text: str) -> None:
        cut = words(text)
        document.words.append(cut)
        for phrase, first, length in self._automaton.find(cut):
            found = ("text", phrase)
            document.add(found, (part, cut.spans[first][0], cut.spans[first + length - 1][1]))
            if found in self._near:
                document.places[part][found].append(first)


def holds(node: Node, document: Document) -> list[Found] | None:
    """What in the document makes a tree hold; None where it does not hold. A fact about the whole document adds nothing."""
    match node:
        case Atom():
            hits = document.hits.get(node.key)
            return None if hits is None else [(hit, node.term) for hit in hits]
        case Listed():
            return document.listed.get(node.key)
        case Near():
            return _near(node, document) or None
        case Not():
            return [] if holds(node.part, document) is None else None
        case And():
            return _all(holds(part, document) for part in node.parts)
        case Or():
            held = [found for part in node.parts if (found := holds(part, document)) is not None]
            return list(chain.from_iterable(held)) if held else None


def _all(results: Iterable[list[Found] | None]) -> list[Found] | None:
    found: list[Found] = []
    for result in results:
        if result is None:
            return None
        found += result
    return found


def _near(node: Near, document: Document) -> list[Found]:
    needed = Counter(node.keys)
    found: list[Found] = []
    for part, places in enumerate(document.places):
        if all(key in places for key in needed):
            spans = document.words[part].spans
            ordered = sorted((place, key) for key in needed for place in places[key])
            for first, last in windows(ordered, needed, node.distance):
                found.append(((part, spans[first][0], spans[last][1]), node.term))
                if len(found) == MAX_HITS:
                    return found
    return found


# --- what there is to know of an article or a comment ---------------------------------------------------------------


def page_facts(article: Article) -> frozenset[Key]:
    """What holds for a page's article and comments alike: its publisher, by name, domain and parent domains, and its country."""
    publisher = article.publisher or Publisher()
    domain = publisher.domain or urlsplit(article.canonical_url).hostname or ""
    labels = domain.strip(".").split(".")
    names = [publisher.name or "", *(".".join(labels[first:]) for first in range(max(1, len(labels) - 1)))]
    return frozenset({("country", key(publisher.country or "")), *(("publisher", key(name)) for name in names)})


def of_article(article: Article, page: frozenset[Key]) -> Source:
    """The article together with its headline; `page` as page_facts gives it."""
    return Source(
        texts=(article.headline or "", article.body),
        entities=(article.headline_entities, article.entities),
        facts=page | _own_facts("article", article.language.tag, article.author),
    )


def of_comment(comment: Comment, page: frozenset[Key]) -> Source:
    """A comment of the page."""
    return Source(
        texts=("", comment.text),
        entities=((), comment.entities),
        facts=page | _own_facts("comment", comment.language.tag, comment.author.name if comment.author else None),
    )


def _own_facts(origin: str, tag: str, author: str | None) -> frozenset[Key]:
    """Origin, language, and the author by every run of words in the name: "Koné" and "Moussa Koné" are both he."""
    name = key(author or "").split()[:_MAX_NAME]
    runs = (" ".join(name[first:last]) for first in range(len(name)) for last in range(first + 1, len(name) + 1))
    return frozenset({("origin", origin), ("lang", key(tag)), *(("author", run) for run in runs)})
