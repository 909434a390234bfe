/** Explores every state of a model, for as long as that takes: `--help` says how. */
import { parseArgs } from 'node:util';
import { explore, type Progress } from './explorer.ts';
import { production } from './machines.ts';
import { mixed, onePhase, oneTransfer, repeated, twoTransfers, type Settings } from './settings.ts';
import { World } from './world.ts';

const help = `Explores every state of a small cluster of the production machines.

  node --import tsx test/model/main.ts [flags]

  --participants N          1 to 4 (2); with 1 the transfer commits in one phase
  --transfers N             1 or 2 (1); 2 only with 2 participants
  --mixed                   the second transfer has one participant and one phase
  --repeated                the second transfer is the first one again, under one key
  --processes N             1 to 3 of the coordinator, on one store (1)
  --coordinator-crashes N   0 to 4 (1); with several processes, another takes the store
  --participant-crashes N   0 to 4, of all participants together (1)
  --watermarks WHEN         always, late (once nothing is under way) or never (late)
  --no-full-disk            no participant is ever out of room
  --keep-all                keeps on the network what makes no difference any more
  --most N                  visits no more states than this, the nearest ones
  --help

Exits with 1 and the shortest story when a rule is broken.
`;

class UsageError extends Error {}

function settingsOf(args: string[]) {
  const { values } = parseArgs({
    args,
    options: {
      participants: { type: 'string', default: '2' },
      transfers: { type: 'string', default: '1' },
      mixed: { type: 'boolean', default: false },
      repeated: { type: 'boolean', default: false },
      processes: { type: 'string', default: '1' },
      'coordinator-crashes': { type: 'string', default: '1' },
      'participant-crashes': { type: 'string', default: '1' },
      watermarks: { type: 'string', default: 'late' },
      'no-full-disk': { type: 'boolean', default: false },
      'keep-all': { type: 'boolean', default: false },
      most: { type: 'string', default: `${Number.MAX_SAFE_INTEGER}` },
      help: { type: 'boolean', default: false },
    },
  });
  const participants = wholeOf('participants', values.participants, 1, 4);
  const transfers = wholeOf('transfers', values.transfers, 1, 2);
  const coordinatorCrashes = wholeOf('coordinator-crashes', values['coordinator-crashes'], 0, 4);
  const participantCrashes = wholeOf('participant-crashes', values['participant-crashes'], 0, 4);
  if (transfers === 2 && participants !== 2) {
    throw new UsageError('--transfers 2 needs --participants 2');
  }
  const { watermarks: forgets } = values;
  if (forgets !== 'always' && forgets !== 'late' && forgets !== 'never') {
    throw new UsageError(`--watermarks is always, late or never, not ${forgets}`);
  }
  if (values.mixed && values.repeated) throw new UsageError('--mixed is not --repeated');
  const different = values.mixed ? mixed : twoTransfers;
  const two = values.repeated ? repeated : different;
  const several = () => oneTransfer(participants, coordinatorCrashes, participantCrashes);
  const alone = participants === 1 ? onePhase(coordinatorCrashes, participantCrashes) : several();
  const model = transfers === 2 ? two(coordinatorCrashes, participantCrashes) : alone;
  const storageLow = model.storageLow && !values['no-full-disk'];
  const processes = wholeOf('processes', values.processes, 1, 3);
  const keepsAll = values['keep-all'];
  const settings: Settings = { ...model, processes, forgets, storageLow, keepsAll };
  const most = wholeOf('most', values.most, 1, Number.MAX_SAFE_INTEGER);
  return { settings, most, help: values.help };
}

function wholeOf(flag: string, value: string, least: number, most: number): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  throw new UsageError(`--${flag} is a whole number from ${least} to ${most}, not ${value}`);
}

function report({ states, transitions, depth, waiting }: Progress, since: number): string {
  const seconds = ((performance.now() - since) / 1000).toFixed(1);
  const megabytes = Math.round(process.memoryUsage().rss / 1e6);
  const found = `${states} states, ${transitions} transitions, depth ${depth}`;
  return `${found}, ${waiting} waiting, ${seconds} s, ${megabytes} MB`;
}

function main(args: string[]): number {
  const { settings, most, help: wantsHelp } = settingsOf(args);
  if (wantsHelp) {
    process.stdout.write(help);
    return 0;
  }
  const since = performance.now();
  let last = since;
  let opposed = 0;
  const world = new World(production, settings);
  const exploration = explore(world, {
    most,
    onState: ({ coordinator }) => {
      if (world.factsOfCoordinator(coordinator).opposed !== 0) opposed += 1;
    },
    onProgress: (progress) => {
      if (performance.now() - last < 1_000) return;
      last = performance.now();
      process.stdout.write(`${report(progress, since)}\n`);
    },
  });
  process.stdout.write(`${report(exploration, since)}\n`);
  if (settings.processes > 1) {
    process.stdout.write(`in ${opposed} of them processes have decided both ways, in memory\n`);
  }
  const { violation, story, waiting } = exploration;
  if (violation) {
    process.stdout.write(
      `${story.join('\n')}\nviolation: ${violation.rule}: ${violation.detail}\n`,
    );
    return 1;
  }
  process.stdout.write(waiting > 0 ? 'no violation so far, not all visited\n' : 'no violation\n');
  return 0;
}

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  const isParsing = error instanceof TypeError && 'code' in error;
  if (!(error instanceof UsageError) && !isParsing) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
