"""The article's own text, once the comments are cut out of the tree."""

from resiliparse.extract.html2text import extract_plain_text
from selectolax.lexbor import LexborHTMLParser

from pipeline.split.html_dom import squeeze


def extract(page: LexborHTMLParser) -> list[str]:
    """The lines of the article, furniture left out; empty for a page without text."""
    html = page.html or ""
    text = extract_plain_text(
        html, main_content=True, comments=True, alt_texts=False, links=False, form_fields=False, noscript=False
    )
    return [line for line in map(squeeze, text.splitlines()) if line]
