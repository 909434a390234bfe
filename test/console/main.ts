/** The command: `npm run console-load`. */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openBrowser, openPage } from '../fixtures/browser.ts';
import { program } from '../fixtures/cluster.ts';
import { Tab } from '../fixtures/console.ts';
import { labOf, startUp } from '../fixtures/up.ts';
import { underLoad } from './load.ts';
import { takePictures } from './pictures.ts';

const help = `npm run console-load -- [options]

Watches the console in a real browser while the lab of unanimous up makes transfers, and prints how
many there were, the longest task of the page, and its memory.

  --minutes M        how long (10)
  --rate N           transfers a second that the lab is told to make (1000)
  --pictures FOLDER  takes pictures of the main views instead, as docs/console has them
  --help             this text

Exit code: 0 if no task took more than 200 ms and the memory stayed within bounds; else 1.`;

const print = (line: string) => process.stdout.write(`${line}\n`);

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '10' },
      rate: { type: 'string', default: '1000' },
      pictures: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const [minutes, rate] = [Number(values.minutes), Number(values.rate)];
  if (values.help) {
    print(help);
    return 0;
  }
  if (!(minutes > 0) || !(rate > 0 && rate <= 2_000)) {
    throw new Error(`--minutes ${values.minutes} must be above 0, --rate ${values.rate} 1 to 2000`);
  }
  if (!existsSync(program)) throw new Error(`${program} is missing: npm run build makes it`);
  const endings: (() => unknown)[] = [];
  const t = { teardown: (end: () => unknown) => endings.unshift(end) };
  const folder = mkdtempSync(join(tmpdir(), 'unanimous-console-'));
  t.teardown(() => {
    rmSync(folder, { recursive: true });
  });
  try {
    const { said } = startUp(t, join(folder, 'data'), { UNANIMOUS_VOTE_TIMEOUT_MS: '300000' });
    const browser = await openBrowser(t);
    const address = await labOf(said);
    const { page, trouble } = await openPage(browser, `${address}/console/`);
    const tab = new Tab(page, trouble);
    if (values.pictures === undefined) return await underLoad(tab, { minutes, rate, print });
    mkdirSync(values.pictures, { recursive: true });
    await takePictures(tab, values.pictures);
    return 0;
  } finally {
    for (const end of endings) await end();
  }
}

process.exitCode = await main();
