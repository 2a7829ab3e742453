"""The dashboard `quality`: what is found in the pages, so that a site that changes its layout is seen the same day."""

from grafana_foundation_sdk.models.dashboard import Dashboard

from tools.dashboards.panels import JOB, Panels, board, choice, lines, mean, mean_and_most, per_second, share

PUBLISHERS = f'{JOB}, publisher=~"$publisher"'


def _share_of_pages_at_most(confidence: float) -> str:
    within = f'rate(vigie_split_confidence_ratio_bucket{{{JOB}, le="{confidence:g}"}}[$__rate_interval])'
    return f"sum({within}) / sum(rate(vigie_split_confidence_ratio_count{{{JOB}}}[$__rate_interval]))"


def _split() -> Panels:
    """How pages are split."""
    return (
        lines(
            "How pages are split",
            "Share of the pages split by each method. A site that changes its layout moves it.",
            "percentunit",
            (share("vigie_split_pages_total", "method"), "{{method}}"),
            stacked=True,
        ),
        lines(
            "Confidence of the split",
            "vigie's own estimate that the boundary between article and comments is exact: mean, and the share of "
            "pages at most 0.5.",
            "percentunit",
            (mean("vigie_split_confidence_ratio"), "mean"),
            (
                _share_of_pages_at_most(0.5),
                "pages at most 0.5",
            ),
        ),
        lines(
            "Comments per article",
            "Mean and 99th percentile. A collapse means that comments are no longer found.",
            "short",
            *mean_and_most("vigie_article_comments"),
        ),
    )


def _publishers() -> Panels:
    """The same for the publishers that are watched."""
    return (
        lines(
            "Comments per article, by publisher",
            "Mean of 6 hours, for the publishers named in VIGIE_METRIC_PUBLISHERS. Alarm: under a third of the week before.",
            "short",
            ('vigie:publisher_article_comments:mean6h{publisher=~"$publisher"}', "{{publisher}}"),
        ),
        lines(
            "Confidence of the split, by publisher",
            "Mean. A new layout lowers it.",
            "percentunit",
            (
                mean("vigie_publisher_split_confidence_ratio", PUBLISHERS, "publisher"),
                "{{publisher}}",
            ),
        ),
        lines(
            "Pages by publisher and method",
            "A publisher whose pages go from one method to another has changed its layout.",
            "cps",
            (per_second("vigie_publisher_pages_total", PUBLISHERS, "publisher, method"), "{{publisher}}: {{method}}"),
        ),
    )


def _findings() -> Panels:
    """Languages and entities."""
    return (
        lines(
            "Languages",
            "Articles and comments by language; und could not be told, other is known to be none of those that vigie reads.",
            "cps",
            (per_second("vigie_language_documents_total", JOB, "origin, language"), "{{origin}}: {{language}}"),
        ),
        lines(
            "Share of und",
            "Documents of the last hour whose language could not be told. Alarm: over twice the week before.",
            "percentunit",
            ("vigie:und_documents:ratio1h", "{{origin}}"),
        ),
        lines(
            "Entities by type",
            "Persons, organisations and places tagged in headlines, articles and comments.",
            "cps",
            (per_second("vigie_tagged_entities_total", JOB, "type"), "{{type}}"),
        ),
        lines(
            "Entities in 1,000 characters",
            "Of the last hour. A collapse means that tagging, splitting or what the crawlers send has changed.",
            "short",
            ("vigie:tagged_entities:per_1000_characters1h", "entities"),
        ),
        lines(
            "Characters analysed",
            "Headlines and bodies, and comments.",
            "cps",
            (per_second("vigie_read_characters_total", JOB, "origin"), "{{origin}}"),
        ),
    )


def build() -> Dashboard:
    """Make the dashboard."""
    return board(
        "quality",
        "What the analysis finds: splits, comments, languages, entities, by publisher where one is watched.",
        {"Splitting": _split(), "Publishers": _publishers(), "Languages and entities": _findings()},
        variables=[choice("publisher", "publisher", f"vigie_publisher_pages_total{{{JOB}}}")],
    )
