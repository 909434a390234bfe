/** The packed package, as a project that installs it compiles against it and runs. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import t from 'tap';
import { plainEnv, startCluster } from '../../fixtures/cluster.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const tsc = join(root, 'node_modules/typescript/bin/tsc');

const program = `
import { ApiError, connect, connectParticipant, type Outcome } from 'unanimous';

const [coordinator = '', bank = ''] = process.argv.slice(2);
const unanimous = connect(coordinator);
const outcome: Outcome = await unanimous.transfer({
  from: 'bank-a/main',
  to: 'bank-b/main',
  amount: 2500,
  currency: 'USD',
});
switch (outcome.state) {
  case 'committed':
    console.log('committed', outcome.applied, outcome.legs.length);
    break;
  case 'preparing':
  case 'aborted':
    console.log(outcome.state, outcome.id);
    break;
  case 'unknown':
    console.log(outcome.error.message, outcome.idempotencyKey);
}
for await (const { id, state } of unanimous.transfers()) console.log(typeof id, state);
const { posted } = await connectParticipant(bank).account('main');
console.log('posted', posted);
try {
  await unanimous.getTransfer('nothing');
} catch (error) {
  if (error instanceof ApiError) console.log(error.code, error.definite);
}
`;

const manifest = { name: 'shop', private: true, type: 'module' };

const compilerOptions = {
  target: 'es2022',
  module: 'nodenext',
  moduleResolution: 'nodenext',
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
  types: ['node'],
  typeRoots: [join(root, 'node_modules/@types')],
};

void t.test('a project that installs the tarball compiles strictly and runs', async (t) => {
  const project = mkdtempSync(join(tmpdir(), 'unanimous-consumer-'));
  t.teardown(() => {
    rmSync(project, { recursive: true });
  });
  const run = async (program: string, args: string[], cwd = project) => {
    const { stdout } = await promisify(execFile)(program, args, { cwd, env: plainEnv });
    return stdout.trim();
  };
  // Without its scripts: other tests run what is built.
  const packed = ['pack', '--ignore-scripts', '--silent', '--pack-destination', project];
  const tarball = await run('npm', packed, root);
  writeFileSync(join(project, 'package.json'), JSON.stringify(manifest));
  const quietly = ['--prefer-offline', '--no-audit', '--no-fund', '--silent'];
  await run('npm', ['install', '--omit=dev', ...quietly, `./${tarball}`]);
  writeFileSync(join(project, 'shop.ts'), program);
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
  await run(process.execPath, [tsc]);

  const cluster = await startCluster(t);
  const addresses = [cluster.coordinator.address, cluster.node('bank-b').address];
  t.strictSame((await run(process.execPath, ['shop.js', ...addresses])).split('\n'), [
    'committed true 1',
    'string committed',
    'posted 102500',
    'invalid-request true',
  ]);

  await run(process.execPath, [
    '--input-type=module',
    '-e',
    `
    const { runCoordinator } = await import('unanimous/coordinator');
    const { runParticipant } = await import('unanimous/participant');
    if (!runCoordinator || !runParticipant) process.exit(1);
  `,
  ]);
  const buildInfo = 'node_modules/unanimous/dist/client/sdk/tsconfig.tsbuildinfo';
  t.notOk(existsSync(join(project, buildInfo)), 'what only the build needs is not in it');
});
