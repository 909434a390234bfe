/** The lab in a real browser: a cut link, and scenarios that play by their buttons. */
import t from 'tap';
import { noBrowser } from '../../fixtures/browser.ts';
import { answered, openConsole, payment, type Tab } from '../../fixtures/console.ts';

/**
 * As their buttons say, how their last transfer ends, and how many states of diagrams are seen at
 * least: without a fault, a transfer may have ended before anybody looks.
 */
const originals = [
  { title: 'Coordinator fails before prepare', ends: 'aborted', least: 2 },
  { title: 'Participant fails to vote', ends: 'committed', least: 3 },
  { title: 'Participant votes no', ends: 'aborted', least: 1 },
  { title: 'All vote yes', ends: 'committed', least: 1 },
];

/** Gathers what a diagram has said, from now on. */
async function watchDiagrams({ page }: Tab): Promise<() => Promise<string[]>> {
  await page.evaluate(`(() => {
    window.said = new Set();
    window.watching?.disconnect();
    window.watching = new MutationObserver(() => {
      for (const one of document.querySelectorAll('[aria-label^="Sequence diagram"]')) {
        said.add(one.getAttribute('aria-label'));
      }
    });
    watching.observe(document.body, { subtree: true, childList: true, attributes: true });
  })()`);
  return () => page.evaluate('[...said]');
}

void t.test('the lab shows what faults lead to', { skip: noBrowser }, async (t) => {
  const { openTab } = await openConsole(t, { UNANIMOUS_VOTE_TIMEOUT_MS: '3000' });
  const tab = await openTab();

  await t.test(
    'where a link is cut, the votes are missed in time, and it is told why',
    async (t) => {
      await tab.open('Lab');
      const cut = tab.link('coordinator', 'bank-b').getByLabel('Cut');
      await tab.does(() => cut.check(), 'Changed the link from coordinator to bank-b.');
      await tab.drawing(/The link from coordinator to bank-b is cut/).waitFor();
      await tab.send(payment);
      await tab.reads(/nothing was moved, and nothing ever will be under this key/);
      await tab.page.getByRole('link', { name: /^Its diagram/ }).click();
      await tab.reads(/No vote of bank-b was counted before the deadline/);
      await tab.open('Lab');
      await tab.does((lab) => lab.button('Heal everything').click(), /^No link has a fault/);
      await tab.drawing(/No link has a fault/).waitFor();
      await tab.open('Overview');
      await tab.reads('✓ Nothing: all nodes answer, and nobody waits.');
      await tab.send(payment);
      await tab.reads(/it happened, everywhere/);
      const cutOff = answered(503, '/participants/bank-b/accounts');
      t.strictSame(tab.trouble(cutOff, answered(422, '/transfers')), []);
    },
  );

  await t.test('a scenario plays step by step', async (t) => {
    await tab.open('Lab');
    await tab.button('All vote yes').click();
    await tab.reads('It waits for you before its next step.');
    t.equal(await tab.drawing(/^Sequence/).count(), 0, 'nothing has happened yet');
    const steps = tab.page.getByRole('log').getByRole('listitem');
    const before = await steps.count();
    await tab.button('Next step').click();
    await steps.nth(before).waitFor();
    await tab.button('Play on').click();
    await tab.drawing(/is committed: 1\d steps/).waitFor();
    await tab.reads(/^Passed: all of its \d+ facts were found to be true/);
    await tab.button('Put away').click();
    await tab.page.getByRole('log').waitFor({ state: 'detached' });
    t.strictSame(tab.trouble(), []);
  });

  await tab.page.getByLabel('Wait before each step').uncheck();
  for (const { title, ends, least } of originals) {
    await t.test(`it plays: ${title}`, async (t) => {
      const said = await watchDiagrams(tab);
      await tab.button(title).click();
      await tab.heading(title, 3).waitFor();
      await tab.reads(/^Passed: all of its \d+ facts were found to be true/);
      await tab.drawing(new RegExp(`is ${ends}`)).waitFor();
      t.ok((await said()).length >= least, 'the diagram has moved');
      await tab.button('Put away').click();
      await tab.page.getByRole('log').waitFor({ state: 'detached' });
      t.strictSame(tab.trouble(), []);
    });
  }
});
