/** Tells what has happened in one line. */
import type { Signal } from './signals.ts';
import type { Happening, Successor, World } from './world.ts';

export function describe(world: World, { happening, step }: Successor): string {
  const sent = step.signals.map((signal) => told(world.signals.item(signal)));
  const what = sent.length > 0 ? ` → ${[...new Set(sent)].join('; ')}` : '';
  return `${who(world, happening)} ${event(world, happening)}${what}`;
}

function who(world: World, { at, event }: Happening): string {
  if (at !== 'coordinator') return world.participants[at]?.name ?? `${at}`;
  if (world.settings.processes === 1) return at;
  return 'process' in event ? `process ${event.process + 1}` : 'another process';
}

function event(world: World, { event: it }: Happening): string {
  switch (it.type) {
    case 'begin':
      return `begins request ${it.request + 1}`;
    case 'reply':
      return `hears: ${told(world.signals.item(it.signal))}`;
    case 'expire':
      return `gives up waiting for ${it.id}`;
    case 'force':
      return 'forces what waits';
    case 'crash':
      return `crashes, keeps ${it.kept} records that were not forced, and starts`;
    case 'take':
      return 'takes the store';
    case 'ask':
      return `is asked about ${it.id} by ${it.by}`;
    case 'asked':
      return `is asked about ${it.id} by its peer ${it.by}`;
    case 'mark':
      return 'sends its watermark';
    case 'resend':
      return 'sends again what it owes';
    case 'signal': {
      const disk = it.isStorageLow ? ', with its disk full' : '';
      return `gets: ${told(world.signals.item(it.signal))}${disk}`;
    }
    case 'serve':
      return `shows its balances as of ${it.timestamp}`;
  }
}

function told(signal: Signal): string {
  switch (signal.kind) {
    case 'request': {
      const { type, id, coordinator } = signal.request;
      return `${type} ${id} to ${signal.to} (epoch ${coordinator.epoch})`;
    }
    case 'reply': {
      const { from, re, id, reply } = signal;
      const { id: _, ...said } = reply;
      return `${from} to ${re} ${id}: ${Object.values(said).map(String).join(' ')}`;
    }
    case 'decision': {
      const { to, id, timestamp } = signal;
      return `${id} has ${timestamp === undefined ? 'aborted' : 'committed'}, to ${to}`;
    }
    case 'told':
      return `the client hears that ${signal.id} has ${signal.state}`;
    case 'watermark': {
      const { epoch, seq, except } = signal.watermark;
      return `watermark ${epoch}-${seq} except [${except.join(', ')}]`;
    }
  }
}
