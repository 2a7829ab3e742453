// What AsyncAPI's own parser says of the document on standard input: one diagnostic a line; exit 1 where it has errors.
import { readFileSync } from 'node:fs';
import { Parser, DiagnosticSeverity } from '@asyncapi/parser';

const { document, diagnostics } = await new Parser().parse(readFileSync(0, 'utf8'));
for (const each of diagnostics) {
  console.log(`${DiagnosticSeverity[each.severity]} ${each.code} ${each.path.join('.')}: ${each.message}`);
}
if (document === undefined || diagnostics.some((each) => each.severity === DiagnosticSeverity.Error)) {
  process.exitCode = 1;
} else {
  const topics = document.channels().all().map((channel) => channel.address());
  console.log(`valid: AsyncAPI ${document.version()}, ${topics.join(' ')}`);
}
