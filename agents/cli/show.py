"""Events as a person reads them: the article, its comments in their places, names coloured by type, reasons beside decisions."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text

from agents.cli.address import readable
from agents.cli.marks import excerpt, texts_of
from pipeline.events import Alert, Article, Comment, Entity, Language, Quote, Span

STYLES = {"PER": "bold magenta", "ORG": "bold cyan", "LOC": "bold green"}
_QUOTE = "italic dim"
_REASONS = 6
_MASK = "dim strike"
_CONTROLS = {"Cc", "Cf", "Zl", "Zp", "Cs"}  # escapes, bidi overrides, line separators, halves of characters


def legend() -> Text:
    """Say which colour is which type of entity."""
    return Text.assemble(
        ("person ", STYLES["PER"]), ("organisation ", STYLES["ORG"]), ("place ", STYLES["LOC"]), ("quotes the article", _QUOTE)
    )


def marked(
    text: str, entities: Iterable[Entity] = (), quotes: Iterable[Quote] = (), masks: Iterable[Span] = (), *, most: int | None = None
) -> Text:
    """Style a text by its spans; control characters are shown as blanks so that no page can drive the terminal."""
    shown = Text("\n".join(map(printable, text.split("\n"))))
    for quote in quotes:
        shown.stylize(_QUOTE, quote.start, quote.end)
    for mask in masks:
        shown.stylize(_MASK, mask.start, mask.end)
    for entity in entities:
        shown.stylize(STYLES[entity.type], entity.start, entity.end)
    if most is not None and len(shown) > most:
        left = len(shown) - most
        shown = shown[:most]
        shown.append(f" … ({left:,} more characters)", "dim")
    return shown


def language(found: Language) -> str:
    """Write a language with its probability."""
    return f"{found.tag} {found.confidence:.0%}"


def names(entities: Iterable[Entity]) -> Text:
    """List the distinct names of entities by type, with their ids where known."""
    grouped: dict[str, dict[str, str | None]] = defaultdict(dict)
    for entity in entities:
        grouped[entity.type].setdefault(entity.name, entity.id)
    lines = []
    for kind, style in STYLES.items():
        if kind in grouped:
            listed = ", ".join(name + (f" ({qid})" if qid else "") for name, qid in grouped[kind].items())
            lines.append(Text.assemble((f"{kind} ", style), printable(listed)))
    return Text("\n").join(lines)


def article(event: Article, *, most: int | None = None, evidence: bool = True) -> RenderableType:
    """Lay out an article: its headline, what was decided and why, its body (`most` code points of it) and whom it names."""
    facts = [
        f"language {language(event.language)}",
        f"split {event.split.method} {event.split.confidence:.0%}",
        f"{event.comment_count} comments",
    ]
    facts += [f"source {source.name}" + (f" <{source.url}>" if source.url else "") for source in event.info_sources]
    rows: list[RenderableType] = [Text(printable(" · ".join(facts)), "dim")]
    if evidence and event.split.evidence:
        reasons = ", ".join(f"{each.name} {each.weight:+.1f}" for each in event.split.evidence[:_REASONS])
        rows.append(Text(printable(f"boundary because of: {reasons}"), "dim"))
    if event.headline:
        rows.append(Text.assemble("\n", marked(event.headline, event.headline_entities)))
    rows += [Text(""), marked(event.body, event.entities, most=most), Text(""), names([*event.headline_entities, *event.entities])]
    return Panel(Group(*rows), title=Text(f"article  {printable(readable(event.url))}"), title_align="left", border_style="blue")


def comment(event: Comment, numbers: dict[str, int], *, most: int | None = None) -> RenderableType:
    """Lay out a comment under its number, with author, language and flags."""
    facts = [f"#{event.position + 1}"]
    if event.author:
        facts.append(f"{event.author.name} ({event.author.source})")
    if event.published_at:
        facts.append(event.published_at.strftime("%Y-%m-%d %H:%M"))
    facts.append(language(event.language))
    if event.reply_to in numbers:
        facts.append(f"replies to #{numbers[event.reply_to]}")
    if event.flags.all_caps:
        facts.append("all capitals")
    if event.flags.masked_profanity:
        facts.append("masked words")
    if event.quotes:
        facts.append("quotes the article")
    body = marked(event.text, event.entities, event.quotes, event.flags.masked_profanity, most=most)
    return Group(Text(printable("  ".join(facts)), "bold"), Padding(body, (0, 0, 1, 3)))


def comments(events: Sequence[Comment], *, most: int | None = None) -> RenderableType:
    """Lay out the comments of a page in their order."""
    ordered = sorted(events, key=lambda each: each.position)
    numbers = {each.id: each.position + 1 for each in ordered}
    return Group(*(comment(each, numbers, most=most) for each in ordered))


def alert(event: Alert, comment: int | None = None, texts: Iterable[str] = ()) -> RenderableType:
    """Lay out an alert: the rule, where it fired (the number of the comment and the texts, where they are known), and on what."""
    where = f"comment {comment}" if comment else f"the {event.origin}"
    terms = ", ".join(dict.fromkeys(printable(match.surface) for match in event.matches))
    head = Text.assemble(
        (f"{event.rule.severity.upper()} ", "bold red"), (printable(event.rule.name), "bold"), f"  in {where}: {terms}"
    )
    return Panel(
        Group(head, marked(excerpt(event.snippet, texts)), Text(printable(readable(event.article_url)), "dim")),
        title="alert",
        title_align="left",
        border_style="red",
    )


def alerts(found: Article, below: Sequence[Comment], raised: Iterable[Alert]) -> Iterator[RenderableType]:
    """Lay out the alerts of a page, each with its place and the words around it."""
    numbers, texts = {each.id: each.position + 1 for each in below}, texts_of(found, below)
    for each in raised:
        yield alert(each, numbers.get(each.document_id), texts.get(each.document_id, ()))


def page(console: Console, found: Article, below: Sequence[Comment], raised: Sequence[Alert], *, most: int | None = None) -> None:
    """Print a page whole: article, comments, alerts."""
    console.print(article(found, most=most))
    console.print(comments(below, most=most))
    for shown in alerts(found, below, raised):
        console.print(shown)


def printable(text: str) -> str:
    """Replace what could drive a terminal by blanks."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(" " if unicodedata.category(char) in _CONTROLS else char for char in text)
