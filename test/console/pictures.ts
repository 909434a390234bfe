/** Pictures of the main views, with something in them. */
import { join } from 'node:path';
import { payment, type Tab } from '../fixtures/console.ts';

/** Pixels. */
const width = 1280;

/** Takes them while a small load is under way, and one transfer is in doubt. */
export async function takePictures(tab: Tab, folder: string): Promise<void> {
  const { page } = tab;
  await page.setViewportSize({ width, height: 900 });
  const take = async (name: string, height: number) => {
    await page.setViewportSize({ width, height });
    await page.evaluate('document.activeElement?.blur(); scrollTo(0, 0)');
    await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' });
  };
  await tab.open('Lab');
  const load = page.getByRole('spinbutton', { name: 'Transfers per second' });
  await load.fill('40');
  await load.press('Enter');
  await tab.send(payment);
  await tab.reads(/it happened, everywhere/);
  await page.getByRole('link', { name: /^Its diagram/ }).click();
  await tab.reads('applied everywhere');
  await take('transfer', 1_000);
  await tab.open('Overview');
  await tab.reads('✓ conserved');
  // So much of the charts, and a while to fill them. Milliseconds.
  await page.waitForTimeout(40_000);
  await take('overview', 960);
  await tab.send({ ...payment, amount: '12.50' });
  await tab.reads(/it happened, everywhere/);
  await take('transfers', 1_200);
  await tab.open('Accounts');
  await page.getByRole('link', { name: 'bob' }).waitFor();
  await take('accounts', 520);
  await tab.open('Lab');
  await load.fill('0');
  await load.press('Enter');
  const cut = tab.link('coordinator', 'bank-a').getByLabel('Cut');
  await tab.does(() => cut.check(), 'Changed the link from coordinator to bank-a.');
  await take('lab', 1_000);
  await tab.does((lab) => lab.button('Heal everything').click(), /^No link has a fault/);
  await tab.open('Overview');
  await tab.reads('✓ Nothing: all nodes answer, and nobody waits.');
  await tab.open('Lab');
  await tab.does((lab) => lab.button('Pause bank-a').click(), /^bank-a is paused/);
  await tab.send(payment);
  await tab.open('In doubt');
  await page.getByRole('link', { name: /^Look at .* at bank-b$/ }).waitFor();
  await take('in-doubt', 640);
}
