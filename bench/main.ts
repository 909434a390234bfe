/** The command: `npm run bench`. */
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { program } from '../test/fixtures/cluster.ts';
import { compare } from './compare.ts';
import { onDatabase } from './database.ts';
import { grow } from './growth.ts';
import { machine } from './machine.ts';
import { overload } from './overload.ts';
import { profile } from './profile.ts';
import { recover } from './recovery.ts';
import { write, type Report } from './report.ts';
import { scale } from './scale.ts';

const help = `npm run bench -- [what] [options]

  compare     the same transfers through this program and what one would use instead (default)
  growth      many transfers through one cluster: what they leave behind
  postgres    all stores in one PostgreSQL, beside folders and two databases
  scale       one coordinator and 2, 4 and 8 participants
  recovery    many transfers in doubt, and a restart of all nodes
  overload    twice the rate that is possible
  profile     where the time of the nodes goes

  --seconds S     of one measurement (compare, postgres and scale 5, overload 20, profile 20)
  --rounds N      whose medians are given (compare, postgres, scale, overload: 5)
  --transfers N   growth: in all (1 000 000), a tenth at a time; recovery: in doubt (1 000,10 000)
  --keys          growth: each transfer brings an idempotency key
  --write         also puts the tables and charts into docs/PERFORMANCE.md
  --help          this text`;

const say = (line: string) => process.stderr.write(`${line}\n`);

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seconds: { type: 'string' },
      rounds: { type: 'string', default: '5' },
      transfers: { type: 'string' },
      keys: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(`${help}\n`);
    return;
  }
  if (!existsSync(program)) throw new Error(`${program} is missing: npm run build makes it`);
  const [what = 'compare'] = positionals;
  const seconds = (preset: number) => numberOf('--seconds', values.seconds, preset);
  const transfers = (preset: number) => numberOf('--transfers', values.transfers, preset);
  const rounds = numberOf('--rounds', values.rounds, 5);
  const folder = mkdtempSync(join(tmpdir(), 'unanimous-bench-'));
  // PostgreSQL runs as a user of its own where this one is root.
  chmodSync(folder, 0o755);
  const runs: Record<string, () => Promise<Report>> = {
    compare: () => compare({ folder, rounds, seconds: seconds(5), say }),
    postgres: () => onDatabase({ folder, rounds, seconds: seconds(5), say }),
    growth: () => grow({ folder, transfers: transfers(1_000_000), keyed: values.keys, say }),
    scale: () => scale({ folder, rounds, seconds: seconds(5), say }),
    recovery: () => recover({ folder, transfers: transfers(10_000), say }),
    overload: () => overload({ folder, rounds, seconds: seconds(20), say }),
    profile: () => profile({ folder, seconds: seconds(20), say }),
  };
  try {
    const run = runs[what];
    if (!run) throw new Error(`${what} is not among ${Object.keys(runs).join(', ')}`);
    const report = await run();
    const lines = [...report.lines, '', `On ${machine()}.`];
    for (const line of lines) process.stdout.write(`${line}\n`);
    if (values.write) write({ ...report, lines });
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

function numberOf(flag: string, text: string | undefined, preset: number): number {
  if (text === undefined) return preset;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new Error(`${flag} ${text} must be a whole number from 1 to 999 999 999`);
}

await main();
