/** The production machines that the model drives: as they are, or with a mistake in them. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as coordinator from '../../coordinator/protocol.ts';
import * as restored from '../../coordinator/restored.ts';
import * as applying from '../../participant/apply.ts';
import * as ledger from '../../participant/ledger.ts';
import * as participant from '../../participant/protocol.ts';
import * as state from '../../participant/state.ts';
import * as watermark from '../../participant/watermark.ts';

export interface Machines {
  readonly coordinator: typeof coordinator;
  readonly restored: typeof restored;
  readonly participant: typeof participant;
  readonly applying: typeof applying;
  readonly ledger: typeof ledger;
  readonly state: typeof state;
  readonly watermark: typeof watermark;
}

export const production: Machines = {
  coordinator,
  restored,
  participant,
  applying,
  ledger,
  state,
  watermark,
};

/** The machines of a copy of the source. */
export async function machinesIn(folder: string): Promise<Machines> {
  const load = (file: string) => import(pathToFileURL(join(folder, file)).href);
  return {
    coordinator: (await load('coordinator/protocol.ts')) as typeof coordinator,
    restored: (await load('coordinator/restored.ts')) as typeof restored,
    participant: (await load('participant/protocol.ts')) as typeof participant,
    applying: (await load('participant/apply.ts')) as typeof applying,
    ledger: (await load('participant/ledger.ts')) as typeof ledger,
    state: (await load('participant/state.ts')) as typeof state,
    watermark: (await load('participant/watermark.ts')) as typeof watermark,
  };
}
