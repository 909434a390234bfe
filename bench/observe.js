/**
 * Loaded into a node before its program (`--import`), which knows nothing of this. Counts its
 * forced writes, and says how many in `$OBSERVED.forces`, ten times a second. Profiles its CPU from
 * one SIGUSR2 to the next, into `$OBSERVED.cpuprofile`.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { Session } from 'node:inspector';
import process from 'node:process';
import { setInterval } from 'node:timers';

// Whoever reads it meanwhile has all of it.
function put(end, text) {
  const file = `${process.env.OBSERVED}.${end}`;
  writeFileSync(`${file}.tmp`, text);
  renameSync(`${file}.tmp`, file);
}

let forces = 0;
let said = -1;
// Nothing exports the class of file handles, but one that is open has it.
const handle = await open(process.execPath);
const prototype = Object.getPrototypeOf(handle);
await handle.close();
for (const name of ['sync', 'datasync']) {
  const force = prototype[name];
  prototype[name] = function () {
    forces += 1;
    return force.call(this);
  };
}
setInterval(() => {
  if (forces === said) return;
  said = forces;
  put('forces', String(forces));
}, 100).unref();
put('forces', '0');

let session;
process.on('SIGUSR2', () => {
  if (session === undefined) {
    session = new Session();
    session.connect();
    session.post('Profiler.enable');
    session.post('Profiler.start');
    return;
  }
  const ending = session;
  session = undefined;
  ending.post('Profiler.stop', (error, stopped) => {
    if (error) throw error;
    put('cpuprofile', JSON.stringify(stopped.profile));
    ending.disconnect();
  });
});
