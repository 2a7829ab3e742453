"""Watch rules against documents: which rules fire on an article or a comment, and where.

Every rule becomes one tree: its query or one of its entities, and its filters. One pass finds what all rules ask for in a document;
the tree of a rule is evaluated only where the document has one of the things that the rule cannot hold without, chosen to be what
the fewest rules ask for. A page thus costs what it holds, not how many rules there are.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pipeline.errors import InvalidRule
from pipeline.events import Alert, Article, Comment, Match, RuleRef, WatchRule
from pipeline.ids import alert_id, digest, rule_version
from pipeline.rules.document import HEADLINE, TEXT, Document, Found, Reader, Source, holds, of_article, of_comment, page_facts
from pipeline.rules.names import Hashes, hashes_of
from pipeline.rules.query import parse
from pipeline.rules.tree import And, Atom, Key, Listed, Node, Or, anchors, keys
from pipeline.rules.words import key, keys_of

MAX_MATCHES = 100  # of one alert; the first ones in the document
SNIPPET = 200  # code points


@dataclass(frozen=True, slots=True)
class _Rule:
    source: WatchRule
    ref: RuleRef
    tree: Node
    keys: frozenset[Key]
    hashes: Hashes  # of the entities that the rule lists


def check_rule(rule: WatchRule) -> None:
    """Raise InvalidRule if a rule cannot be evaluated as written; its `position` is a code point offset into the query."""
    _compile(rule)


def compile_rules(rules: Iterable[WatchRule], known: "RuleSet | None" = None) -> "RuleSet":
    """Make rules ready to run; disabled ones are left out, of two with one id the last counts.

    What `known` holds already is taken from there: of ten thousand rules one has changed. InvalidRule names the first rule that
    cannot be evaluated; `check_rule` tells beforehand.
    """
    before = known.compiled if known else {}
    compiled = []
    for rule in {rule.id: rule for rule in rules}.values():
        if rule.enabled:
            try:
                compiled.append(before.get(rule) or _compile(rule))
            except InvalidRule as error:
                raise InvalidRule(f"rule {rule.id!r}: {error.message}", error.position) from error
    return RuleSet(compiled)


def _compile(rule: WatchRule) -> _Rule:
    wanted: list[Node] = [] if rule.query is None else [parse(rule.query)]
    if rule.entities:
        wanted.append(Listed(("list", rule.id)))
    if not wanted:
        raise InvalidRule("the rule asks for nothing: give it a query, or entities (ids or names)")
    filters = (
        ("origin", "origins", rule.origins),
        ("lang", "languages", rule.languages),
        ("publisher", "publishers", rule.publishers),
    )
    parts = [wanted, *(_listed(field, name, values) for field, name, values in filters if values)]
    try:
        ref = RuleRef(id=rule.id, version=rule_version(rule), name=rule.name or rule.id, severity=rule.severity)
    except UnicodeEncodeError as error:
        raise InvalidRule("the rule holds half a character (a lone surrogate): write it again") from error
    either = [part[0] if len(part) == 1 else Or(tuple(part)) for part in parts]
    tree = either[0] if len(either) == 1 else And(tuple(either))  # walked for each document that touches the rule
    return _Rule(rule, ref, tree, frozenset(keys(tree)), _hashes(rule.entities))


def _hashes(entities: Sequence[str]) -> Hashes:
    names = keys_of(entities)
    if "" in names:
        raise _nameless("entities", entities[names.index("")])
    return hashes_of(names)


def _nameless(name: str, value: str) -> InvalidRule:
    return InvalidRule(f"{name} holds {value!r}, which has no letter or digit: leave it out")


def _listed(field: str, name: str, values: Iterable[str]) -> list[Node]:
    for value in values:
        if not key(value):
            raise _nameless(name, value)
    return [Atom((field, key(value)), value) for value in values]


class RuleSet:
    """Compiled rules. Never changes: another set of rules is another RuleSet, and a swap is one assignment."""

    def __init__(self, rules: Iterable[_Rule]) -> None:
        self._rules = tuple(sorted(rules, key=lambda rule: rule.ref.id))
        self.compiled = {rule.source: rule for rule in self._rules}
        lists = {("list", rule.ref.id): (rule.source.entities, rule.hashes) for rule in self._rules if rule.source.entities}
        self._reader = Reader((rule.tree for rule in self._rules), lists)
        self._touched: dict[Key, list[int]] = defaultdict(list)
        shares = Counter(asked for rule in self._rules for asked in rule.keys)
        for index, rule in enumerate(self._rules):
            for anchor in anchors(rule.tree, shares) or ():
                self._touched[anchor].append(index)
        # Hash of the ids and versions of the rules: the same for the same rules in any order.
        self.version = digest(*(part for rule in self._rules for part in (rule.ref.id, rule.ref.version)))

    def __len__(self) -> int:
        """How many rules are enabled."""
        return len(self._rules)

    def evaluate(self, article: Article, comments: Sequence[Comment]) -> tuple[Alert, ...]:
        """Alerts of a page: the article's (with its headline), then each comment's, in page order; each document's by rule id."""
        if not self._rules:
            return ()
        page = page_facts(article)
        alerts = [_alert(*fired, article, None) for fired in self._fired(of_article(article, page))]
        for comment in comments:
            alerts += [_alert(*fired, article, comment) for fired in self._fired(of_comment(comment, page))]
        return tuple(alerts)

    def _fired(self, source: Source) -> Iterator[tuple[RuleRef, list[Found], Source]]:
        document: Document = self._reader.read(source)
        for index in sorted({index for found in document.hits for index in self._touched.get(found, ())}):
            rule = self._rules[index]
            if (found := holds(rule.tree, document)) is not None:
                yield rule.ref, sorted(set(found))[:MAX_MATCHES], source


def _alert(rule: RuleRef, found: list[Found], source: Source, article: Article, comment: Comment | None) -> Alert:
    """One alert; its event time is the page's `fetched_at`, else when the comment, or the article, was published."""
    document = article if comment is None else comment
    part, start, end = found[0][0] if found else (TEXT, 0, 0)
    return Alert(
        id=alert_id(rule.id, rule.version, document.id),
        rule=rule,
        document_id=document.id,
        article_id=article.id,
        article_url=article.url,
        origin="article" if comment is None else "comment",
        matches=tuple(_match(hit, source) for hit in found),
        snippet=snippet(source.texts[part], start, end),
        event_time=article.fetched_at or document.published_at or article.published_at,
        language=document.language,
        publisher=article.publisher,
    )


def _match(found: Found, source: Source) -> Match:
    (part, start, end), term = found
    surface = source.texts[part][start:end]
    return Match(term=term, field="headline" if part == HEADLINE else "text", start=start, end=end, surface=surface)


def snippet(text: str, start: int, end: int) -> str:
    """About 200 code points of a text around a match, cut at white space where there is any; a longer match is cut as well."""
    room = max(0, SNIPPET - (end - start))
    first = max(0, min(start - room // 2, len(text) - SNIPPET))
    last = min(len(text), first + SNIPPET)
    if first and not text[first - 1].isspace():
        first = next((place for place in range(first, start) if text[place].isspace()), first)
    if last < len(text) and not text[last].isspace():
        floor = end if room else start
        last = next((place for place in range(last - 1, floor - 1, -1) if text[place].isspace()), last)
    return text[first:last].strip()
