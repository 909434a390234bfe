import t from 'tap';
import { help, parseCommand, UsageError } from './command.ts';
import { folderFaults } from './folder-bank.ts';
import { postgresFaults } from './postgres-attacks.ts';

const parse = (...args: string[]) => parseCommand(args, 7);

void t.test('a run has all faults and a drawn seed, unless it is told others', async (t) => {
  t.strictSame(parse('--minutes', '0.5'), {
    ...{ does: 'run', minutes: 0.5, seed: 7, folder: undefined },
    ...{ kinds: folderFaults, coordinators: undefined },
  });
  const flags = ['--minutes', '60', '--seed', '4294967295', '--folder', 'runs/1'];
  t.strictSame(parse(...flags, '--faults', 'kill, kill all,cut'), {
    ...{ does: 'run', minutes: 60, seed: 4_294_967_295, folder: 'runs/1' },
    ...{ kinds: ['kill', 'kill all', 'cut'], coordinators: undefined },
  });
  t.match(parse('--postgres', '--minutes', '1'), { kinds: postgresFaults, coordinators: 3 });
  const five = ['--postgres', '--coordinators', '5', '--minutes', '1'];
  t.match(parse(...five, '--faults', 'kill database'), {
    kinds: ['kill database'],
    coordinators: 5,
  });
});

void t.test('help and a check need nothing else', async (t) => {
  t.strictSame(parse('--help'), { does: 'help' });
  t.strictSame(parse('--check', 'history.jsonl'), { does: 'check', file: 'history.jsonl' });
  for (const kind of [...folderFaults, ...postgresFaults])
    t.ok(help.includes(kind), `help names: ${kind}`);
});

void t.test('a wrong command is told what may be there', async (t) => {
  const wrong = (args: string[], says: RegExp) => {
    t.throws(() => parse(...args), says, args.join(' '));
    t.throws(() => parse(...args), UsageError);
  };
  wrong([], /--minutes must be a number above 0, and is missing/);
  for (const minutes of ['0', 'soon', 'Infinity']) {
    wrong(['--minutes', minutes], new RegExp(`--minutes must be .* was ${minutes}`));
  }
  for (const seed of ['1.5', 'x', '4294967296']) {
    wrong(['--minutes', '1', '--seed', seed], new RegExp(`--seed must be .* was ${seed}`));
  }
  wrong(['--minutes', '1', '--faults', 'kill,flood'], /no "flood"; there are kill, kill two/);
  wrong(['--minutes', '1', '--faults', 'cut commits'], /no "cut commits"/);
  wrong(['--minutes', '1', '--postgres', '--faults', 'cut'], /no "cut"; there are kill coord/);
  wrong(['--minutes', '1', '--coordinators', '3'], /--coordinators goes with --postgres/);
  for (const many of ['0', 'ten', '10']) {
    const flags = ['--minutes', '1', '--postgres', '--coordinators', many];
    wrong(flags, new RegExp(`--coordinators must be .* was ${many}`));
  }
  wrong(['--minutes', '1', '--fast'], /--fast/);
  wrong(['--minutes'], /--minutes/);
  wrong(['now'], /now/);
});
