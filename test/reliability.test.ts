import { existsSync, readFileSync } from 'node:fs';
import t from 'tap';
import ts from 'typescript';
import { scenarios } from '../client/scenarios/index.ts';

const root = new URL('../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const page = read('docs/RELIABILITY.md');

/** The rows of the table of faults: their numbers, and the tests that each of them names. */
const rows = [...page.matchAll(/^\| (\d+) \| .* \| ([^|]*) \|$/gm)].map(
  ([, number, tests = '']) => ({
    number: Number(number),
    tests: [...tests.matchAll(/`([^`]+)` “([^”]+)”/g)].map(([, file = '', title = '']) => ({
      file,
      title,
    })),
  }),
);

/** The titles of the tests in a file; what a template puts in is any text. */
function titlesIn(path: string): RegExp[] {
  const titles: RegExp[] = [];
  const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const patternOf = (node: ts.Expression | undefined): string | undefined => {
    if (node === undefined) return undefined;
    if (ts.isStringLiteralLike(node)) return literal(node.text);
    if (!ts.isTemplateExpression(node)) return undefined;
    const spans = node.templateSpans.map(({ expression, literal: { text } }) => {
      const isScenario = expression.getText() === 'scenario.name';
      const names = scenarios.map(({ name }) => name).join('|');
      return `(?:${isScenario ? names : '\\w[^ ]*'})${literal(text)}`;
    });
    return literal(node.head.text) + spans.join('');
  };
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && /^(t|tap)\.test$/.test(node.expression.getText())) {
      const pattern = patternOf(node.arguments[0]);
      if (pattern !== undefined) titles.push(new RegExp(`^${pattern}$`));
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, read(path), ts.ScriptTarget.Latest, true));
  return titles;
}

void t.test('every fault is there, once, in order', async (t) => {
  const wanted = Array.from({ length: 50 }, (_, index) => index + 1);
  t.strictSame(
    rows.map(({ number }) => number),
    wanted,
  );
});

void t.test('every fault names a test, and every test that is named exists', async (t) => {
  const known = new Map<string, RegExp[]>();
  for (const { number, tests } of rows) {
    t.ok(tests.length > 0, `row ${number} names a test`);
    for (const { file, title } of tests) {
      if (!existsSync(new URL(file, root))) {
        t.fail(`row ${number}: there is no ${file}`);
        continue;
      }
      const titles = known.get(file) ?? titlesIn(file);
      known.set(file, titles);
      t.ok(
        titles.some((one) => one.test(title)),
        `row ${number}: ${file} has no test "${title}"`,
      );
    }
  }
});

void t.test('every file of tests that the page names exists', async (t) => {
  const named = [...page.matchAll(/`(test\/[\w/.-]+\.ts)`/g)].map(([, file = '']) => file);
  t.ok(named.length > 40);
  for (const file of new Set(named)) t.ok(existsSync(new URL(file, root)), file);
});
