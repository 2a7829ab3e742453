import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from pipeline.split import register
from pipeline.split.certainty import CERTAINTY, certainty
from pipeline.split.comments import comments as find_comments
from pipeline.split.headers import read
from pipeline.split.layout import Layout, Segment
from pipeline.split.lines import cut
from pipeline.split.plain import openings, split_text
from pipeline.split.weights import weights

SAMPLE = (Path(__file__).parents[2] / "data" / "page.txt").read_text(encoding="utf-8")
NOW = datetime(2025, 6, 15, 12, 0, tzinfo=UTC)

ARTICLE = """Le conseil des ministres a adopté mercredi le budget de l’État pour 2025, en hausse de 4,2 % selon le communiqué.
« Nous avons privilégié les dépenses de santé et d’éducation », a déclaré le ministre des Finances à l’issue de la réunion.
Le texte sera examiné par l’Assemblée nationale au cours de la session qui s’ouvre lundi prochain, a précisé la même source.
Les recettes attendues s’élèvent à 2 400 milliards de francs CFA, dont une part importante provient des douanes et des mines.
Avec l’AFP"""

HEADED = (
    ARTICLE
    + """
3 commentaires
Awa Traoré
12 juin 2025 à 14h05
Merci pour cet article. Et les salaires alors ?
On attend depuis mars !!!
Répondre
Moussa
il y a 3 jours
@Awa Traoré patience ma soeur, ça va venir
Répondre
patriote223
13/06/2025 09:12
TOUJOURS LES MEMES PROMESSES
Répondre
Laisser un commentaire
Votre adresse e-mail ne sera pas publiée."""
)


ODD = ["", " \n\t\n", "x", "\ud800\n\udfff", "\x00\n\u202e", "\n" * 1000, "a" * 5000, "12 commentaires", "Répondre\nRépondre"]


def comments(layout: Layout) -> list[Segment]:
    return [segment for segment in layout.segments if segment.kind == "comment"]


def texts(layout: Layout) -> list[str]:
    return [layout.text[segment.start : segment.end] for segment in comments(layout)]


@pytest.mark.parametrize("with_source", [True, False])
def test_the_comments_of_the_sample_page_begin_after_its_article(with_source):
    page = SAMPLE if with_source else "\n".join(line for line in SAMPLE.split("\n") if not line.startswith("Source:"))
    layout = split_text(page)
    assert texts(layout)[0].startswith("Sangare c’ est une malediction")
    assert layout.segments[0].kind == "article"
    assert ("Source:" in page[: layout.segments[0].end]) == with_source


def test_the_source_line_is_the_strongest_reason_on_the_sample_page():
    layout = split_text(SAMPLE)
    assert layout.evidence[0].name == "after_source_line"
    assert len(layout.evidence) <= 12
    assert [abs(item.weight) for item in layout.evidence] == sorted((abs(item.weight) for item in layout.evidence), reverse=True)


def test_the_certain_comments_of_the_sample_page_are_found_and_few_are_made_up():
    found = texts(split_text(SAMPLE))
    certain = [
        "Sangare c’",
        "C est bien",
        "“Selon l’agence",
        "Poutine fait",
        "******E PAIN",
        "To our reliable",
        "La russie affirme",
    ]
    assert sum(any(text.startswith(start) for text in found) for start in certain) >= 6
    assert len(found) <= 18


def test_author_and_date_lines_are_chrome_and_give_author_date_and_reply():
    layout = split_text(HEADED, now=NOW)
    assert layout.method == "plain_headers"
    assert texts(layout) == [
        "Merci pour cet article. Et les salaires alors ?\nOn attend depuis mars !!!",
        "@Awa Traoré patience ma soeur, ça va venir",
        "TOUJOURS LES MEMES PROMESSES",
    ]
    first, second, third = comments(layout)
    assert [segment.author and (segment.author.name, segment.author.source) for segment in (first, second, third)] == [
        ("Awa Traoré", "header"),
        ("Moussa", "header"),
        ("patriote223", "header"),
    ]
    assert first.published_at == datetime(2025, 6, 12, 14, 5, tzinfo=UTC)
    assert second.published_at == datetime(2025, 6, 12, 12, 0, tzinfo=UTC)
    assert third.published_at == datetime(2025, 6, 13, 9, 12, tzinfo=UTC)
    assert [segment.reply_to for segment in (first, second, third)] == [None, 0, None]


def test_a_family_name_of_one_letter_is_part_of_an_author_line():
    """Otherwise the line of the name is taken for a comment, and those of the page's other authors with it."""
    page = HEADED.replace("Awa Traoré\n", "Awa T.\n")
    assert texts(split_text(page, now=NOW)) == texts(split_text(HEADED, now=NOW))
    assert comments(split_text(page, now=NOW))[0].author is not None


BYLINE = "Posted Aug 9th 2012 1:50PM by Awa Traoré"


def test_the_date_line_of_the_article_is_no_header_of_its_comments():
    bodies = ["Merci pour cet article.", "Et les salaires alors ?", "TOUJOURS LES MEMES PROMESSES", "Bravo à vous"]
    below = [line for at, body in enumerate(bodies) for line in (f"Moussa 1{at} juin 2025 à 14h05", body, "Répondre")]
    head, *rest = ARTICLE.split("\n")
    layout = split_text("\n".join([head, BYLINE, *rest, *below]))
    assert texts(layout) == bodies


def test_lines_of_author_and_time_on_the_boundary_are_in_no_comment():
    """They are of another form than the page's dates, and stand where the article ends."""
    lines = ["Friday, October 5, 2012", ARTICLE, "Posted by Awa at 9:00 PM", "Emily said...", "Just made up a batch of this!"]
    page = read(cut("\n".join([*lines, "October 9, 2012 3:04 PM"])))
    drafts = find_comments(page, register.describe(page), 6, weights().starts, None)
    assert [page.lines[draft.first].text for draft in drafts] == [lines[-1]]


def test_what_the_confidence_goes_by():
    page, none = read(cut("Un texte.\nRépondre\nUn autre.\nEncore un.")), 4
    decisions = openings(page)
    assert decisions.tolist() == [0, 2, 2, 3, none]
    scores = np.log(np.array([0.1, 0.2, 0.4, 0.2, 0.1]))
    found = dict(zip(CERTAINTY, certainty(page, scores, 2, decisions), strict=True))
    assert found["odds"] == pytest.approx(np.log(0.6 / 0.4), abs=1e-3)
    assert found["lead"] == pytest.approx(np.log(0.6 / 0.2), abs=1e-3)
    assert found["close"] == pytest.approx(1.0)
    assert found["furniture"] == 0.25
    assert found["no_comments"] == 0.0


def test_the_confidence_is_higher_where_author_lines_show_the_boundary():
    bare = "\n".join(line for line in HEADED.split("\n") if line in ARTICLE or line.startswith(("Merci", "On attend", "TOUJOURS")))
    assert split_text(HEADED).confidence > split_text(bare.replace("\nAvec l’AFP", "")).confidence


def test_a_page_is_split_alike_in_every_process():
    """Python's hashes of strings differ from process to process; nothing may hang on their order."""
    script = "import sys; from pipeline.split.plain import split_text; print(split_text(sys.stdin.read()))"
    tied = f"{ARTICLE}\n12 juin 2025\n14h05\nBravo à vous\n13 juin 2025\nMerci pour cet article.\n15h10\nEt alors ?"
    found = {
        subprocess.run(
            [sys.executable, "-c", script],
            input=tied,
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": str(seed)},
        ).stdout
        for seed in range(4)
    }
    assert len(found) == 1


def test_an_article_alone_has_no_comments():
    layout = split_text(ARTICLE)
    assert layout.method == "plain_none"
    assert {segment.kind for segment in layout.segments} == {"article"}
    assert layout.confidence > 0.6


def test_a_sign_off_names_the_author_and_stays_in_the_text():
    found = [segment for segment in comments(split_text(SAMPLE)) if segment.author]
    assert "Henry Author Price Jr aka Kankan" in {segment.author.name for segment in found if segment.author}
    assert all(segment.author.source == "sign_off" for segment in found if segment.author)


def test_a_relative_date_needs_a_clock():
    assert [segment.published_at for segment in comments(split_text(HEADED))][1] is None


@pytest.mark.parametrize("text", ODD)
def test_odd_pages_are_split_without_an_error(text: str):
    layout = split_text(text)
    assert layout.text == text
    assert 0.0 <= layout.confidence <= 1.0


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("Oui.", {"short_line"}),
        ("MERCI A VOUS TOUS", {"capitals", "short_line", "second_person", "opinion"}),
        ("p**** dormir !!! :-)", {"masked_word", "exclamation", "repeated_punctuation", "emoji", "lower_case_start", "short_line"}),
        ("Bravo 👏", {"emoji", "opinion", "short_line"}),
        ("@Awa l'or,cent 12,5 et 3.", {"address", "missing_space", "straight_quotes", "figures", "middle_line"}),
    ],
)
def test_the_marks_of_a_line(text: str, marks: set[str]):
    row = register.describe(read(cut(text)))[0]
    assert {name for name, value in zip(register.LINE_EVIDENCE, row, strict=True) if value} == marks


def test_a_line_that_stands_twice_is_described_alike_and_nothing_of_its_neighbours():
    alone, page = read(cut("Bravo :-)")), read(cut("x, \nBravo :-)\n.\nBravo :-)\n12)\na"))
    rows = register.describe(page)
    assert (rows[1] == register.describe(alone)[0]).all()
    assert (rows[3] == rows[1]).all()
    assert rows[4, register.COLUMN["list_item"]] == 0
