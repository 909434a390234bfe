/** The generated code is what the contract gives today. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient } from '@hey-api/openapi-ts';
import t from 'tap';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const generated = join(root, 'client/sdk/generated');
const marker = '// Generated from openapi.yaml by `npm run generate`. Do not edit.\n';

function filesIn(folder: string): Map<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => name.endsWith('.ts')).sort();
  return new Map(files.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

void t.test('generated/ is fresh: `npm run generate` would change nothing', async (t) => {
  const fresh = join(t.testdir(), 'generated');
  const { default: config } = await import(join(root, 'client/sdk/openapi-ts.config.js'));
  const input = join(root, config.input);
  const logs = { level: 'silent', file: false } as const;
  await createClient({ ...config, input, logs, output: { ...config.output, path: fresh } });
  const [wanted, found] = [filesIn(fresh), filesIn(generated)];
  t.ok(found.size > 5);
  t.strictSame([...found.keys()], [...wanted.keys()]);
  for (const [name, text] of wanted) t.equal(found.get(name), text, name);
});

void t.test('every generated file says that it is generated', async (t) => {
  for (const [name, text] of filesIn(generated)) t.ok(text.startsWith(marker), name);
  const attributes = readFileSync(join(root, '.gitattributes'), 'utf8');
  t.match(attributes, 'client/sdk/generated/** linguist-generated');
});
