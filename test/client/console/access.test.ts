/** The console for who uses it by keyboard or by ear, in a real browser on a real cluster. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Locator } from 'playwright-core';
import t from 'tap';
import { connectLab } from '../../../client/sdk/index.ts';
import { noBrowser } from '../../fixtures/browser.ts';
import { openConsole, payment, type Tab } from '../../fixtures/console.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds serious or critical on the view as it is: the rule, and where. */
async function findings({ page }: Tab, options: object = {}): Promise<string[]> {
  if (!(await page.evaluate<boolean>('"axe" in window'))) await page.evaluate(axe);
  return page.evaluate(`axe.run(${JSON.stringify(options)}).then(({ violations }) =>
    violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) => nodes.map(({ target }) => id + ' at ' + target.join(' '))))`);
}

const hasFocus = (element: Element) => element.matches(':focus');

/** Nothing else depends on the colours. */
const colours = { runOnly: ['color-contrast'] };

void t.test('the console is for everybody', { skip: noBrowser }, async (t) => {
  const { address, openTab } = await openConsole(t, { UNANIMOUS_VOTE_TIMEOUT_MS: '300000' });
  const tab = await openTab();

  await t.test('the keyboard is enough to send a transfer', async (t) => {
    const { keyboard } = tab.page;
    const focused = () => tab.page.locator(':focus');
    await tab.heading('Overview', 1).waitFor();
    await keyboard.press('Tab');
    t.equal(await focused().textContent(), 'Skip to the content');
    await keyboard.press('Enter');
    t.equal(await focused().getAttribute('id'), 'main', 'the content has the focus');
    await tab.heading('Overview', 1).waitFor();

    await tab.page.reload();
    await tab.heading('Overview', 1).waitFor();
    /** Goes on from control to control until it is there. */
    const reach = async (control: Locator) => {
      for (let left = 40; !(await control.evaluate(hasFocus)); left -= 1) {
        if (left === 0) throw new Error(`${await control.textContent()} is not reached`);
        await keyboard.press('Tab');
      }
    };
    await reach(tab.page.getByRole('link', { name: 'Transfers', exact: true }));
    await keyboard.press('Enter');
    await reach(tab.page.locator('form').getByLabel('From'));
    for (const text of [payment.from, payment.to, payment.amount]) {
      await keyboard.type(text);
      await keyboard.press('Tab');
    }
    await keyboard.press('Enter');
    await tab.reads(/it happened, everywhere/);
    const diagram = tab.page.getByRole('link', { name: /^Its diagram/ });
    await reach(diagram);
    await keyboard.press('Enter');
    await tab.drawing(/is committed/).waitFor();
    t.strictSame(tab.trouble(), []);
  });

  await t.test('a coordinator without a lab has the rest', async (t) => {
    const { nodes } = await connectLab(address).look();
    const coordinator = nodes.find(({ role }) => role === 'coordinator');
    const other = await openTab(coordinator?.address);
    await other.reads('✓ conserved');
    const views = other.page.getByRole('navigation', { name: 'Views' });
    t.match(await views.textContent(), /Overview.*Keys/);
    t.notMatch(await views.textContent(), /Lab/);
    await other.page.goto(`${coordinator?.address}/console/#/lab`);
    await other.reads(/^There is no lab here/);
    t.strictSame(other.trouble(), []);
    await other.page.close();
  });

  await t.test('axe finds nothing serious on any view, light or dark', async (t) => {
    const look = async (view: string) => {
      await tab.page.emulateMedia({ colorScheme: 'light' });
      t.strictSame(await findings(tab), [], `${view}, light`);
      await tab.page.emulateMedia({ colorScheme: 'dark' });
      t.strictSame(await findings(tab, colours), [], `${view}, dark`);
    };
    await look('One transfer');
    await tab.open('Overview');
    await tab.reads('✓ conserved');
    await look('Overview');
    await tab.send({ ...payment, amount: '5000' });
    await tab.reads('The answer of the API: 422');
    await look('Transfers');
    await tab.page.getByRole('link', { name: /^Its diagram/ }).click();
    await tab.reads('Why it was aborted:');
    await look('One that was aborted');
    await tab.open('Accounts');
    await tab.page.getByRole('link', { name: 'alice' }).click();
    await tab.heading('bank-a/alice', 1).waitFor();
    await tab.reads('975.00 USD');
    await look('One account');
    await tab.open('Accounts');
    await tab.page.getByRole('link', { name: 'bob' }).waitFor();
    await look('Accounts');
    await tab.open('Keys');
    await look('Keys');

    await tab.open('Lab');
    await tab.does((lab) => lab.button('Pause bank-a').click(), /^bank-a is paused/);
    await look('Lab');
    await tab.send(payment);
    await tab.open('In doubt');
    await tab.page.getByRole('link', { name: /^Look at .* at bank-b$/ }).waitFor();
    await look('In doubt');
    await tab.page.getByRole('link', { name: /^Look at .* at bank-b$/ }).click();
    await tab.heading('Settle it by hand', 2).waitFor();
    await look('A branch');
    await tab.page.goto(`${address}/console/#/nowhere`);
    await tab.heading('Nothing is at #/nowhere', 1).waitFor();
    await look('Nowhere');
  });
});
