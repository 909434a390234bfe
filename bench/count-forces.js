/**
 * Loaded into a node before its program (`--import`): counts its forced writes, and says how many
 * in a file, ten times a second. The program knows nothing of this.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import process from 'node:process';
import { setInterval } from 'node:timers';

const file = process.env.FORCES_FILE;
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
  // Whoever reads it meanwhile has the whole number.
  writeFileSync(`${file}.tmp`, String(forces));
  renameSync(`${file}.tmp`, file);
}, 100).unref();
writeFileSync(file, '0');
