"""The document around the HTML of `vigie inspect`, and its style sheet: light and dark, phone and paper."""

from agents.cli.marks import escaped

STYLE = """
:root { color-scheme: light dark; --ink: #1c1b1a; --paper: #fdfcfa; --soft: #67625c; --line: #ddd8d0; --quote: #fff0c2;
  --PER: #8a1c7c; --ORG: #00617a; --LOC: #2c6618; --alarm: #a3261b; --for: #2c6618; --against: #a3261b; }
@media (prefers-color-scheme: dark) { :root { --ink: #ece8e1; --paper: #1a1918; --soft: #a8a199; --line: #3b3835; --quote: #4a3d14;
  --PER: #f0a5e4; --ORG: #7fd3ea; --LOC: #a6d98f; --alarm: #ff9a8d; --for: #8cc777; --against: #f08b7e; } }
* { box-sizing: border-box; }
body { font: 17px/1.6 Georgia, "Noto Serif", "DejaVu Serif", serif; color: var(--ink); background: var(--paper); margin: 0; }
main { max-width: 44rem; margin: 0 auto; padding: 2rem 1.2rem 4rem; }
h1 { font-size: 1.65rem; line-height: 1.25; margin: 0 0 .6rem; overflow-wrap: anywhere; }
h2 { font: 600 1.05rem/1.4 system-ui, sans-serif; margin: 2.6rem 0 .8rem; padding-top: .8rem; border-top: 1px solid var(--line); }
a { color: inherit; }
.facts, .legend, table, .alert { font: .85rem/1.5 system-ui, sans-serif; }
.facts { color: var(--soft); margin: 0 0 .6rem; overflow-wrap: anywhere; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; padding: 0; margin: 0 0 1.6rem; }
.body p { margin: 0 0 .7rem; white-space: pre-wrap; overflow-wrap: anywhere; }
h3 { font: 600 .85rem/1.5 system-ui, sans-serif; color: var(--soft); margin: 0; float: left; padding-right: .8rem; }
:focus-visible { outline: 2px solid var(--ORG); outline-offset: 2px; }
.skip { position: absolute; left: -99rem; } .skip:focus { left: 1rem; top: .5rem; background: var(--paper); padding: .3rem; }
.boundary { font: .85rem/1.5 system-ui, sans-serif; text-align: center; border-bottom: 2px dotted var(--alarm);
  line-height: 0; margin: 2.4rem 0 0; }
.boundary a { background: var(--paper); padding: 0 .8rem; color: var(--soft); }
.filter { font: .85rem/1.5 system-ui, sans-serif; display: flex; flex-wrap: wrap; gap: .4rem 1.2rem; margin: 0 0 1.4rem; }
.filter select { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--soft);
  padding: .15rem .3rem; max-width: 16rem; }
.reply { margin-left: 1.5rem; }
.wide { max-width: 60rem; }
.comment { border-left: 3px solid var(--line); padding-left: 1rem; margin: 0 0 1.4rem; }
.comment .body p { margin-bottom: .3rem; }
.comment b { color: var(--ink); }
.flag { border: 1px solid var(--line); border-radius: 3px; padding: 0 .35rem; }
mark { background: none; color: inherit; --rule: 2px solid; }
mark.PER { --kind: var(--PER); } mark.ORG { --kind: var(--ORG); --rule: 3px double; }
mark.LOC { --kind: var(--LOC); --rule: 2px dashed; }
mark:not(:has(a)), mark a { border-bottom: var(--rule) var(--kind); text-decoration: none; }
.quoted, .quote { background: var(--quote); border-radius: 2px; }
.quoted, .comment { scroll-margin-top: 2rem; }
.quoted:target { outline: 2px solid var(--alarm); }
.mask { color: var(--soft); text-decoration: none; }
.alert { border: 1px solid var(--line); border-left: 4px solid var(--alarm); padding: .6rem 1rem; margin: 0 0 1rem; }
.alert.info { border-left-color: var(--ORG); }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .25rem .8rem .25rem 0; font-weight: normal; }
thead th { color: var(--soft); border-bottom: 1px solid var(--line); }
small { color: var(--soft); }
.evidence th { width: 14rem; } .evidence td { width: 4rem; font-variant-numeric: tabular-nums; } .evidence .bar { width: auto; }
.bar i { display: block; height: .7rem; margin-top: .3rem; border-radius: 2px; }
.for { background: var(--for); }
.against { background: repeating-linear-gradient(135deg, var(--against) 0 3px, transparent 3px 6px); }
.index td { border-bottom: 1px solid var(--line); } .index td:first-child { overflow-wrap: anywhere; }
@media (max-width: 40rem) { .index :is(th, td):is(:nth-child(4), :nth-child(6)) { display: none; } }
@media print { .filter, nav, .boundary { display: none; }
  body { background: none; color: #000; font-size: 11pt; } .comment, .alert { break-inside: avoid; } }
"""


def document(title: str, content: str, tag: str, style: str = "") -> str:
    """Put content into a document that may run and load nothing; `style` is added to the style sheet."""
    policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    return (
        f'<!doctype html><html lang="{escaped(tag)}"><head><meta charset="utf-8"><title>{escaped(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f"<style>{STYLE}{style}</style></head><body>{content}</body></html>\n"
    )
