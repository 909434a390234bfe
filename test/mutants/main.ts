/** `npm run mutants`: makes each mistake in a copy of the source, and sees who notices it. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mutantFolder } from '../fixtures/mutant.ts';
import { directEntrance } from '../simulation/entrance.ts';
import { programIn } from '../simulation/program.ts';
import { simulate } from '../simulation/simulation.ts';
import { nodeMutants, type NodeMutant } from './node-mutants.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Inside the repository, so that packages are found; tap ignores it. */
const place = join(root, '.tap', 'mutants');
/** A mutant that so many seeds do not show is one that the simulation does not notice. */
const mostSeeds = 20_000;

async function simulated(mutant: NodeMutant): Promise<string | undefined> {
  const program = await programIn(await mutantFolder(place, mutant));
  const entrance = directEntrance();
  for (let seed = 1; seed <= mostSeeds; seed++) {
    const audited = seed % 5 === 0;
    const { flaw } = await simulate(seed, { entrance, program, audited });
    if (flaw === undefined) continue;
    const { flaw: own } = await simulate(seed, { entrance, audited });
    if (own !== undefined) throw new Error(`seed ${seed} fails without any mistake: ${own}`);
    return `seed ${seed}: ${flaw}`;
  }
  return undefined;
}

/** What fails of the test on the copy; undefined if it passes. */
async function tested(mutant: NodeMutant): Promise<string | undefined> {
  const folder = await mutantFolder(place, mutant);
  for (const part of ['test', 'client', 'openapi.yaml', 'package.json', 'tsconfig.json', 'dist']) {
    cpSync(join(root, part), join(folder, part), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  // Some mistakes make a loop that never ends.
  const options = ['--reporter=tap', '--disable-coverage', '--timeout=180'];
  const args = ['tap', 'run', ...options, mutant.by];
  const { stdout, status } = spawnSync('npx', args, { cwd: folder, encoding: 'utf8' });
  const [failed] = /^ +not ok \d+ - .*$/m.exec(stdout) ?? [];
  if ((failed === undefined) === (status === 0)) return failed?.trim();
  throw new Error(`${mutant.by} did not run as a test: ${stdout.slice(-1_000)}`);
}

/** A copy without a mistake: what fails there, for whatever it lacks, notices nothing. */
async function checkCopy(by: string): Promise<void> {
  const file = 'coordinator/coordinator.ts';
  const whole = await readFile(join(root, file), 'utf8');
  const failed = await tested({ by, name: 'no mistake', file, from: whole, to: whole });
  if (failed !== undefined) throw new Error(`${by} fails without any mistake: ${failed}`);
}

mkdirSync(place, { recursive: true });
Error.stackTraceLimit = 0;
const wanted = process.argv[2] ?? '';
let missed = 0;
const mutants = nodeMutants.filter(({ name }) => name.includes(wanted));
const tests = new Set(mutants.map(({ by }) => by).filter((by) => by !== 'simulation'));
for (const by of tests) await checkCopy(by);
process.stdout.write(`${tests.size} tests pass without a mistake\n`);
for (const mutant of mutants) {
  const seen = await (mutant.by === 'simulation' ? simulated(mutant) : tested(mutant));
  if (seen === undefined) missed += 1;
  const verdict = seen === undefined ? 'MISSED' : 'noticed';
  process.stdout.write(`${verdict}: ${mutant.name} (${mutant.by}) ${seen ?? ''}\n`);
}
rmSync(place, { recursive: true, force: true });
process.exitCode = missed === 0 ? 0 : 1;
