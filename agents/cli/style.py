"""The style sheet of `vigie inspect --html`: light and dark, phone and paper."""

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
.comment { border-left: 3px solid var(--line); padding-left: 1rem; margin: 0 0 1.4rem; }
.comment .body p { margin-bottom: .3rem; }
.comment b { color: var(--ink); }
.flag { border: 1px solid var(--line); border-radius: 3px; padding: 0 .35rem; }
mark { background: none; color: inherit; border-bottom: 2px solid; }
mark.PER { border-color: var(--PER); } mark.ORG { border-color: var(--ORG); } mark.LOC { border-color: var(--LOC); }
mark.ORG { border-bottom-style: double; border-bottom-width: 3px; } mark.LOC { border-bottom-style: dashed; }
.quoted, .quote { background: var(--quote); border-radius: 2px; }
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
.index td { border-bottom: 1px solid var(--line); }
@media print { body { background: none; color: #000; font-size: 11pt; } .comment, .alert { break-inside: avoid; } }
"""
