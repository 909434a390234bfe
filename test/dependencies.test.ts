/** Every library has its reason in CONTRIBUTING.md, and one version. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const contributing = read('CONTRIBUTING.md');
const manifest: Record<string, Record<string, string>> = JSON.parse(read('package.json'));

interface Row {
  readonly name: string;
  /** The version that the table gives a reason for; empty where any would do. */
  readonly version: string;
  readonly why: string;
}

/** The libraries of the table with this head, one or several in a row. */
function rowsUnder(head: string): Row[] {
  const [, table = ''] = contributing.split(`| ${head} | Why |\n|---|---|\n`);
  const lines = table.slice(0, table.indexOf('\n\n')).split('\n');
  return lines.flatMap((line) => {
    const [, names = '', why = ''] = /^\| (.*?) \| (.*) \|$/.exec(line) ?? [];
    return [...names.matchAll(/`([^`]+)`(?: ([\d.]+))?/g)].map(([, name = '', version = '']) => {
      return { name, version, why };
    });
  });
}

for (const [section, head] of [
  ['dependencies', 'Library'],
  ['devDependencies', 'For development'],
] as const) {
  const versions = manifest[section] ?? {};
  const rows = rowsUnder(head);

  void t.test(`each of ${section} has a line with its reason, and nothing else has`, async (t) => {
    t.ok(rows.length > 10, 'the table is found');
    t.strictSame(rows.map(({ name }) => name).sort(), Object.keys(versions).sort());
    for (const { name, why } of rows) t.ok(why.split(' ').length >= 2, `${name}: ${why}`);
  });

  void t.test(`each of ${section} is pinned to one version, the one of its reason`, async (t) => {
    for (const [name, version] of Object.entries(versions)) {
      t.match(version, /^\d+\.\d+\.\d+(-[\w.-]+)?$/, `${name} ${version}`);
    }
    for (const { name, version } of rows) {
      const pinned = versions[name] ?? '';
      const isSo = version === '' || pinned.startsWith(`${version}.`);
      t.ok(isSo, `${name} is ${pinned}, not ${version}`);
    }
  });
}
