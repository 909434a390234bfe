import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { openPage } from '../../../client/cli/open-page.ts';
import { eventually } from '../../fixtures/cluster.ts';
import { browser, pathWith } from '../../fixtures/fake-browser.ts';
import { fakeIo } from '../../fixtures/fake-io.ts';

const page = 'http://127.0.0.1:7703/console';

/** Opens the page as if these were set in the environment. */
function openWith(t: Test, env: Record<string, string>): string[] {
  const before = { ...process.env };
  Object.assign(process.env, env);
  t.teardown(() => {
    process.env = before;
  });
  const { io, said } = fakeIo();
  openPage(page, io);
  return said.err;
}

void t.test('a page is opened in the browser', async (t) => {
  const folder = t.testdir(browser);
  const opened = join(folder, 'opened');
  const said = openWith(t, { PATH: pathWith(folder), OPENED: opened });
  const text = await eventually('it was told', () => {
    return existsSync(opened) && readFileSync(opened, 'utf8');
  });
  t.equal(text, `${page}\n`);
  t.strictSame(said, []);
});

void t.test('where there is no browser, it is said where the page is', async (t) => {
  const none = openWith(t, { PATH: t.testdir() });
  const [line] = await eventually('it is said', () => none.length > 0 && none);
  t.match(line, /^no browser could be opened \(.*ENOENT\); the page is at http:.*\/console$/);
});

void t.test('a browser that cannot start is no browser', async (t) => {
  const folder = t.testdir(browser);
  const said = openWith(t, { PATH: pathWith(folder), OPENED: join(folder, 'none', 'opened') });
  const [line] = await eventually('it is said', () => said.length > 0 && said);
  t.match(line, /open ended with exit code \d+\); the page is at http/);
});
