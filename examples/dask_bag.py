"""Enrich an archive of pages on Dask: JSON Lines of raw articles in, JSON Lines of articles with their comments out.

    python examples/dask_bag.py 'crawl/*.jsonl' enriched/

Each process of Dask loads the models once and keeps them for every partition that it is given.
"""

import sys
from collections.abc import Iterable, Iterator
from functools import cache

import dask.bag

from pipeline import InvalidEvent, Pipeline, decode_raw, encode, load_pipeline, process


@cache
def models() -> Pipeline:
    """The models of this process."""
    return load_pipeline()


def enrich(lines: Iterable[str]) -> Iterator[str]:
    """The answers to a partition of raw articles, in order; a line that is none of them gives its reason."""
    for line in lines:
        try:
            yield encode(process(decode_raw(line.encode()), models())[0]).decode()
        except InvalidEvent as error:
            yield f'{{"error": "{error.reason}"}}'


def main(source: str, target: str) -> None:
    """Enrich what `source` (a glob) names into the folder `target`, a file for each partition."""
    pages = dask.bag.read_text(source)
    pages.map_partitions(enrich).to_textfiles(f"{target}/*.jsonl")


if __name__ == "__main__":
    main(*sys.argv[1:])
