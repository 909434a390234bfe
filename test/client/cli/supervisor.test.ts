import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { SupervisedNode } from '../../../client/cli/supervisor.ts';
import { eventually } from '../../fixtures/cluster.ts';
import { fakeIo } from '../../fixtures/fake-io.ts';

/** It listens as soon as there is a file `go`, and while it does there is a file `there`. */
const needed = `
  const { existsSync, writeFileSync } = require('node:fs');
  const look = setInterval(() => {
    if (!existsSync('go')) return;
    clearInterval(look);
    writeFileSync('there', '');
    process.send({ address: 'http://127.0.0.1:9' });
    setInterval(() => undefined, 1000);
  }, 5);`;

/** It cannot start without that file, and counts how often it has tried. */
const needing = `
  const { appendFileSync, existsSync } = require('node:fs');
  appendFileSync('tries', '.');
  if (!existsSync('there')) {
    console.error('what it needs is away');
    process.exit(1);
  }
  process.send({ address: 'http://127.0.0.1:9' });
  setInterval(() => undefined, 1000);`;

/** A node, and what it needs, both running; what has ended for good is in `fatal`. */
async function supervised(t: Test) {
  const folder = t.testdir({
    'needed.cjs': `process.chdir(__dirname);${needed}`,
    'needing.cjs': `process.chdir(__dirname);${needing}`,
    go: '',
  });
  const { io, said } = fakeIo();
  const fatal: string[] = [];
  const make = (name: string, needs?: SupervisedNode) => {
    const spec = { name, module: join(folder, `${name}.cjs`), args: [], port: 0, env: {} };
    return new SupervisedNode({ ...spec, ...(needs && { needs }) }, io, ({ message }) => {
      fatal.push(message);
    });
  };
  const other = make('needed');
  const node = make('needing', other);
  t.teardown(() => Promise.all([node.stop(), other.stop()]));
  await other.start();
  await node.start();
  const tries = () => readFileSync(join(folder, 'tries'), 'utf8').length;
  /** What is needed is killed, and does not come back before `go`. */
  const takeAway = async () => {
    rmSync(join(folder, 'go'));
    await other.kill();
    await eventually('it is away', () => other.state === 'starting');
    rmSync(join(folder, 'there'));
  };
  const go = () => {
    writeFileSync(join(folder, 'go'), '');
  };
  return { node, other, fatal, said, tries, takeAway, go, there: join(folder, 'there') };
}

void t.test('a node whose start fails while what it needs is away waits for that', async (t) => {
  const { node, fatal, said, tries, takeAway, go } = await supervised(t);
  await takeAway();
  await node.kill();
  await eventually('it has tried', () => tries() === 2);
  go();
  await eventually('it runs again', () => node.state === 'running');
  t.strictSame(fatal, []);
  t.equal(node.restarts, 1);
  t.match(said.err.join('\n'), /needing is back/);
});

void t.test('where that runs, exit code 1 is its own word', async (t) => {
  const { node, fatal, there } = await supervised(t);
  rmSync(there);
  await node.kill();
  await eventually('it is given up', () => fatal.length > 0);
  t.strictSame(fatal, ['needing cannot start: what it needs is away']);
});

void t.test('one that waits can be stopped', async (t) => {
  const { node, fatal, tries, takeAway, go, there } = await supervised(t);
  await takeAway();
  await node.kill();
  await eventually('it has tried in vain', () => tries() === 2 && node.pid === undefined);
  // What its process has said is read to the end before it waits.
  for (let turn = 0; turn < 100; turn += 1) await new Promise(setImmediate);
  await node.stop();
  t.equal(node.state, 'stopped');
  go();
  await eventually('what it needed is back', () => existsSync(there));
  t.equal(tries(), 2, 'and it is not started any more');
  t.strictSame(fatal, []);
});
