"""Watch rules, and names to watch, from files while pages flow: swapped whole, between batches, and no page lost to it."""

from collections import defaultdict
from pathlib import Path

import pytest

from tests.fixtures.kafka import Spines
from tests.fixtures.reader import faults, until
from tests.fixtures.spine import page, urls

pytestmark = pytest.mark.broker

MANY = 3_500  # take some 1.5 s of CPU to compile, more than the worker of the test gives a page


def rules(*pairs: tuple[str, str], fillers: int = 0) -> str:
    tables = [*pairs, *((f"filler-{number}", f'"mot{number} rare" OR autre{number}*') for number in range(fillers))]
    return "".join(f"[[rules]]\nid = '{name}'\nquery = '''{query}'''\n" for name, query in tables)


async def test_a_swap_is_atomic_and_costs_no_page(make_spine: Spines, tmp_path: Path):
    """Both rules of a file fire on every page, in their old or in their new version, never mixed; the time that thousands of
    rules take to compile at start and at the swap is no page's."""
    path = tmp_path / "rules.toml"
    path.write_text(rules(("a", "Bamako"), ("b", "Lavrov"), fillers=MANY), encoding="utf-8")
    spine = await make_spine(VIGIE_PAGE_TIMEOUT="1", VIGIE_RULES_FILE=str(path), VIGIE_BATCH_RECORDS="10").create()
    worker = await spine.worker().ready()
    pages = urls(80)
    async with spine.reader() as reader:
        await spine.send(*(page(url) for url in pages[:40]))
        await reader.until(lambda _: len(reader.records["articles.enriched"]) >= 15, "some articles")
        fresh = path.with_suffix(".new")
        fresh.write_text(rules(("a", "Bamako AND Lavrov"), ("b", "Lavrov AND Bamako"), fillers=MANY + 1), encoding="utf-8")
        fresh.replace(path)
        await until(lambda: worker.logged("rules.changed"), "the worker took the change", 60)
        await spine.send(*(page(url) for url in pages[40:]))
        await reader.until(lambda _: len(reader.records["articles.enriched"]) >= len(pages), "every article", 90)
        await reader.rest()
        assert faults(reader, pages) == {}
        assert reader.records["articles.dead-letter"] == []
        alerts = reader.events("alerts")
    versions: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for alert in alerts:
        versions[alert["article_url"]][alert["rule"]["id"]] = alert["rule"]["version"]
    assert versions.keys() == set(pages)
    sets = {tuple(sorted(each.items())) for each in versions.values()}
    assert len(sets) == 2
    assert {len(each) for each in sets} == {2}
    assert {tuple(sorted(versions[url].items())) for url in pages[40:]} < sets
    old, new = (dict(each) for each in sets)
    assert all(old[name] != new[name] for name in "ab")
    assert await worker.stop() == 0


async def test_a_file_with_a_fault_ends_the_start_and_later_leaves_the_rules_in_force(make_spine: Spines, tmp_path: Path):
    path = tmp_path / "rules.toml"
    path.write_text(rules(("a", "Bamako Lavrov")), encoding="utf-8")
    spine = await make_spine(VIGIE_RULES_FILE=str(path)).create()
    refused = spine.worker()
    assert await refused.ended(30) == 1
    assert "rule 'a': two terms stand side by side" in refused.said
    path.write_text(rules(("a", "Bamako")), encoding="utf-8")
    worker = await spine.worker().ready()
    path.write_text(rules(("a", "Bamako~")), encoding="utf-8")
    await until(lambda: worker.logged("rules.refused"), "the worker refused the change", 30)
    async with spine.reader("alerts") as reader:
        (url,) = urls(1)
        await spine.send(page(url))
        await reader.until(lambda _: reader.records["alerts"], "the alert of the rule before")
        assert {alert["rule"]["id"] for alert in reader.events("alerts")} == {"a"}
    assert await worker.stop() == 0


async def test_names_to_watch_raise_alerts_under_the_users_ids_and_a_change_is_taken(make_spine: Spines, tmp_path: Path):
    rules_file, names = tmp_path / "rules.toml", tmp_path / "names.jsonl"
    rules_file.write_text(rules(("mine", "entity:own-1"), ("other", "entity:own-2")), encoding="utf-8")
    names.write_text('{"id": "own-1", "type": "PER", "name": "Lavrov"}\n')
    spine = await make_spine(VIGIE_RULES_FILE=str(rules_file), VIGIE_WATCH_LIST=str(names)).create()
    worker = await spine.worker().ready()
    first, second = urls(2)
    async with spine.reader("alerts") as reader:
        await spine.send(page(first))
        await reader.until(lambda _: reader.records["alerts"], "the alert on the first name")
        names.write_text('{"id": "own-2", "type": "PER", "name": "Lavrov"}\n')
        await until(lambda: worker.logged("names.changed"), "the worker took the change", 30)
        await spine.send(page(second))
        await reader.until(lambda _: len({each["article_url"] for each in reader.events("alerts")}) == 2, "the alert on the other")
        assert {(each["article_url"], each["rule"]["id"]) for each in reader.events("alerts")} == {
            (first, "mine"),
            (second, "other"),
        }
    assert await worker.stop() == 0
