"""Write docs/metrics.md from where the metrics are declared."""

from pathlib import Path

from agents.metrics.table import markdown

PAGE = Path(__file__).parents[1] / "docs" / "metrics.md"

if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(markdown(), encoding="utf-8")
    print(f"wrote {PAGE}")
