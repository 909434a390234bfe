/** A process that attacks, so that the honest client has one for itself: main.ts starts it. */
import { abuses } from './abuses.ts';
import { attack, Stop } from './attack.ts';

const [name, port, connections, gapMs] = process.argv.slice(2);
const abuse = abuses.find((one) => one.name === name);
if (!abuse) throw new Error(`there is no abuse "${name}"`);
const stop = new Stop();
process.send?.('ready');
process.once('message', () => {
  stop.ask();
});
// Whoever started it is gone.
process.once('disconnect', () => process.exit(1));
const numbers = { port: Number(port), connections: Number(connections), gapMs: Number(gapMs) };
const tally = await attack(abuse, { ...numbers, dripMs: 500 }, stop);
process.removeAllListeners('disconnect');
process.send?.(tally);
process.disconnect();
