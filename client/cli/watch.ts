/** The command that follows what happens. */
import type { Command } from 'commander';
import type { Event } from '../sdk/index.ts';
import { addShared, coordinatorOf, type ClientOptions } from './client-command.ts';
import { jsonLine, type Io, type Look } from './io.ts';
import { oneLine } from './table.ts';
import { describeLeg } from './transfers.ts';

interface WatchOptions extends ClientOptions {
  readonly after?: string;
}

/** Adds `watch`. */
export function addWatchCommand(program: Command, io: Io): void {
  const command = program
    .command('watch')
    .description('follow transfers as they happen, until Ctrl-C')
    .option(
      '--after <event>',
      'begin behind this event; 0: with the first one ever (default: now)',
    );
  addShared(command, io, 'watch', 'watch --after 0 --json').action((options: WatchOptions) =>
    watch(options, io),
  );
}

async function watch(options: WatchOptions, io: Io): Promise<void> {
  const unanimous = coordinatorOf(options);
  const stop = new AbortController();
  void io.untilStopped().then(() => {
    stop.abort();
  });
  let epoch: number | undefined;
  try {
    for await (const event of unanimous.events({ after: options.after, signal: stop.signal })) {
      if (io.isOutClosed()) return;
      if (options.json) io.out(jsonLine(event));
      if (event.type === 'connected') {
        io.err(greeting(event, epoch));
        epoch = event.epoch;
      } else if (!options.json) io.out(describeEvent(event), lookOf(event));
    }
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  }
}

type Connected = Event & { type: 'connected' };

function greeting({ store, epoch }: Connected, before: number | undefined): string {
  if (before === undefined) return `following coordinator ${store}; Ctrl-C ends it`;
  const why = before === epoch ? 'the connection was lost' : 'the coordinator was restarted';
  return `following again (${why}); nothing was missed`;
}

function lookOf(event: Event): Look {
  if (event.type === 'ended' && event.damage) return 'bad';
  if (event.type !== 'decided') return 'plain';
  return event.state === 'committed' ? 'good' : 'bad';
}

/** One line: the time of day in UTC, the transfer or participant, and what happened to it. */
export function describeEvent(event: Exclude<Event, Connected>): string {
  const line = (about: string, what: string, more = '') =>
    `${event.at.slice(11, 23)}  ${about}  ${what.padEnd(10)} ${more}`.trimEnd();
  switch (event.type) {
    case 'begun': {
      const { id, legs, reference, reverses } = event;
      const back = reverses === undefined ? '' : `, reverses ${reverses}`;
      const label = (reference === undefined ? '' : ` (${oneLine(reference)})`) + back;
      return line(id, 'begun', legs.map(describeLeg).join(', ') + label);
    }
    case 'decided': {
      const noes = event.participants.filter(({ vote }) => vote === 'no');
      const who = noes.map(({ name, account }) => (account ? `${name}/${account}` : name));
      const by = who.length === 0 ? '' : ` (${who.join(', ')})`;
      return line(event.id, event.state, (event.reason ?? '') + by);
    }
    case 'ended': {
      const where = Object.keys(event.damage ?? {}).join(', ');
      const wrong = where === '' ? '' : `; damage at ${where}`;
      return line(event.id, 'ended', `confirmed by everyone${wrong}`);
    }
    case 'registered':
      return line(event.name, 'registered', `at ${event.address}`);
  }
}
