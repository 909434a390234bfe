/** docs/OPERATIONS.md: whether its commands exist, its links lead somewhere, and nothing lacks. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { parse } from 'yaml';
import { variableName } from '../http/setting-names.ts';
import { coordinatorSettings } from '../coordinator/config.ts';
import { participantSettings } from '../participant/config.ts';
import { commandsIn, refusalOf } from './fixtures/command-lines.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = readFileSync(join(root, 'docs', 'OPERATIONS.md'), 'utf8');

/** A list may hold a block: it is indented there. */
const blocks = [...page.matchAll(/^( *)```sh\n([^]*?)^\1```/gm)].map(([, , text = '']) => text);

/** A heading as GitHub makes an anchor of it. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w\s-]/g, '')
    .replaceAll(' ', '-');

const headings = [...page.matchAll(/^(##+) (.*)$/gm)].map(([, level = '', text = '']) => ({
  level: level.length,
  text,
}));
const anchors = headings.map(({ text }) => anchorOf(text));

void t.test('every command of the page is one, with options and settings that exist', async (t) => {
  const compose = parse(readFileSync(join(root, 'docs/operations/compose.yaml'), 'utf8'));
  let checked = 0;
  for (const words of blocks.flatMap(commandsIn)) {
    const line = words.join(' ');
    const at = words.findIndex((word) => word !== 'sudo');
    const [service = ''] = words.slice(words.indexOf('--rm') + 1);
    const inContainer = words[0] === 'docker' && words.includes('--rm');
    if (inContainer) t.ok(service in compose.services, `${service} is a service`);
    else if (words[at] !== 'unanimous') continue;
    const args = words.slice(inContainer ? words.indexOf(service) + 1 : at + 1);
    t.equal(await refusalOf(args), undefined, line);
    checked += 1;
  }
  t.ok(checked >= 30, `${checked} commands`);
  const known = [coordinatorSettings, participantSettings].flatMap(({ properties }) =>
    Object.keys(properties).map(variableName),
  );
  for (const [name] of page.matchAll(/\bUNANIMOUS_(?!KEY\b)\w+/g)) t.ok(known.includes(name), name);
});

void t.test('every link leads somewhere', async (t) => {
  const links = [...page.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
  t.ok(links.length > 30);
  for (const link of links) {
    const [path = '', anchor] = link.split('#');
    if (path === '') t.ok(anchors.includes(anchor ?? ''), link);
    else t.ok(existsSync(join(root, 'docs', path)), link);
  }
  t.equal(new Set(anchors).size, anchors.length, 'no two headings have one anchor');
});

void t.test(
  'every entry of the runbook says what is seen, what to do, and what never',
  async (t) => {
    const runbook = page.slice(page.indexOf('\n## 11. '));
    const entries = runbook.split(/^### /m).slice(1);
    t.ok(entries.length > 20, `${entries.length} entries`);
    for (const entry of entries) {
      const [title = ''] = entry.split('\n');
      const labels = [...entry.matchAll(/^- \*\*(\w+)\*\*: /gm)].map(([, label]) => label);
      t.strictSame(labels, ['Symptoms', 'Look', 'Do', 'Never'], title);
    }
  },
);

void t.test('every alert that has a runbook has its section in it', async (t) => {
  const files = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' });
  const rules = files
    .filter((name) => name.endsWith('.yaml') || name.endsWith('.yml'))
    .map((name) => readFileSync(join(root, 'docs', name), 'utf8'));
  for (const [, anchor = ''] of rules.join('\n').matchAll(/OPERATIONS\.md#([\w-]+)/g)) {
    t.ok(anchors.includes(anchor), anchor);
  }
});
