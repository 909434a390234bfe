/** What a person sees of transfers and faults, in a real browser on a real cluster. */
import { join } from 'node:path';
import t from 'tap';
import { readKeyFile } from '../../../http/key-file.ts';
import { sentKeys } from '../../../http/keys.ts';
import { noBrowser } from '../../fixtures/browser.ts';
import { answered, openConsole, payment } from '../../fixtures/console.ts';

// The votes have all the time that a person needs: only a person ends what is waited for.
const settings = { UNANIMOUS_VOTE_TIMEOUT_MS: '300000' };

/** The same of a coordinator that is away: its answers break off, or do not come. */
const coordinatorAway = [/net::ERR_(INCOMPLETE_CHUNKED_ENCODING|EMPTY_RESPONSE)\b/];

void t.test('the console shows transfers and faults', { skip: noBrowser }, async (t) => {
  const { data, openTab } = await openConsole(t, settings);
  const tab = await openTab();
  const bench = await openTab();
  await bench.open('Lab');

  await t.test('a first transfer is sent, answered, drawn, and counted', async (t) => {
    await tab.open('Overview');
    await tab.reads(/In the last ten seconds: 0 committed/);
    const counted = tab.reads(/In the last ten seconds: 0\.1 committed/);
    const other = await openTab();
    await other.send(payment);
    await other.reads(/it happened, everywhere, and every participant has confirmed it/);
    await other.reads('The answer of the API: 201');
    await other.page.getByRole('link', { name: /^Its diagram/ }).click();
    await other.reads('applied everywhere');
    await other.drawing(/is committed: 1\d steps between 4 nodes/).waitFor();
    await counted;
    await tab.page.getByRole('row', { name: 'USD 2000.00 USD ✓ conserved' }).waitFor();
    t.strictSame([...tab.trouble(), ...other.trouble()], []);
    await other.page.close();
  });

  await t.test('an abort for want of funds is explained in words', async (t) => {
    await tab.send({ ...payment, amount: '5000' });
    await tab.reads(/nothing was moved, and nothing ever will be under this key/);
    await tab.reads('The answer of the API: 422');
    await tab.page.getByRole('link', { name: /^Its diagram/ }).click();
    await tab.drawing(/is aborted/).waitFor();
    await tab.reads(/bank-a voted no/);
    await tab.reads('Why it was aborted:');
    t.strictSame(tab.trouble(answered(422, '/transfers')), []);
  });

  await t.test('who dies in doubt is in doubt again, and commits in the end', async (t) => {
    await bench.does((lab) => lab.button('Pause bank-a').click(), /^bank-a is paused/);
    await tab.send(payment);
    await tab.page.getByRole('row', { name: /preparing/ }).waitFor();
    await tab.openNewest();
    await tab.drawing(/is preparing: .*; 1 in doubt$/).waitFor();
    await tab.reads(/bank-b voted yes: in doubt until the decision is heard/);
    await bench.does((lab) => lab.button('Kill bank-b').click(), /^bank-b was killed/);
    await bench.reads('started again 1 ×');
    await tab.drawing(/is preparing: .*; 1 in doubt$/).waitFor();
    await bench.does((lab) => lab.button('Resume bank-a').click(), /^bank-a goes on/);
    await tab.reads('applied everywhere');
    await tab.drawing(/is committed: \d+ steps between 4 nodes, told below as a list$/).waitFor();
    const isDead = answered(503, '/participants/bank-b/branches');
    t.strictSame([...tab.trouble(isDead), ...bench.trouble()], []);
  });

  await t.test('a coordinator that dies is missed, and nothing is when it is back', async (t) => {
    await tab.open('Transfers');
    await bench.does((lab) => lab.button('Kill coordinator').click(), /^coordinator was killed/);
    await bench.does((lab) => lab.button('Stop coordinator').click(), /^coordinator is stopped/);
    await tab.reads(/^The coordinator does not answer: .* goes on where it was/);
    await tab.send({ ...payment, amount: '7' });
    await tab.button('Under way…').waitFor();
    await bench.does((lab) => lab.button('Start coordinator').click(), /^coordinator is being/);
    await tab.reads(
      /^The coordinator was restarted\. This page follows it again .*nothing was lost/,
    );
    await tab.reads(/it happened, everywhere/);
    await tab.page.getByRole('row', { name: /committed 7\.00 USD/ }).waitFor();
    t.equal(await tab.page.getByRole('row', { name: /committed 25\.00 USD/ }).count(), 2);
    t.equal(await tab.page.getByText(/^The coordinator does not answer/).count(), 0);
    t.strictSame([...tab.trouble(...coordinatorAway), ...bench.trouble(...coordinatorAway)], []);
  });

  await t.test('an operator settles what is in doubt, and makes the damage right', async (t) => {
    const cut = (from: string, to: string) =>
      bench.does(
        (lab) => lab.link(from, to).getByLabel('Cut').check(),
        `Changed the link from ${from} to ${to}.`,
      );
    await cut('coordinator', 'bank-a');
    await tab.send({ ...payment, amount: '10.00' });
    await tab.page.getByRole('row', { name: /preparing/ }).waitFor();
    await tab.open('In doubt');
    const look = tab.page.getByRole('link', { name: /^Look at .* at bank-b$/ });
    const [, id = ''] =
      /^Look at it: (\S+)/.exec((await look.getAttribute('aria-label')) ?? '') ?? [];
    await look.click();

    await tab.heading(`${id} at bank-b`, 1).waitFor();
    await tab.reads(/The coordinator has not decided yet;.* Do not settle it meanwhile/);
    await tab.reads(/This is a guess at the decision, made for bank-b alone/);
    await tab.page.getByRole('radio', { name: 'commit: books it here at once' }).check();
    await tab.page.getByLabel('Why, for the record').fill('bob waits at the counter');
    const { operator } = sentKeys(readKeyFile(join(data, 'keys.json')));
    await tab.page.getByLabel('The operator’s key').fill(operator);
    const confirmed = tab.page.getByLabel('To confirm, type the transfer’s id');
    await confirmed.fill('yes');
    await tab.button('Settle it at bank-b').click();
    const wrong = (input: HTMLElement) =>
      input instanceof HTMLInputElement && input.validationMessage;
    t.equal(await confirmed.evaluate(wrong), `It is not ${id}.`, 'not by a slip');
    await confirmed.fill(id);
    await tab.button('Settle it at bank-b').click();
    await tab.reads(/^bank-b has committed it by hand, and that is on its disk/);

    await cut('coordinator', 'bank-b');
    await cut('bank-b', 'coordinator');
    await tab.page.getByRole('link', { name: 'the whole transfer' }).click();
    await tab.button('Cancel…').click();
    await tab.button('Abort it').click();
    await tab.drawing(/is aborted/).waitFor();
    await tab.open('In doubt');
    await tab.reads(/^bank-b cannot be asked/);
    await bench.does((lab) => lab.button('Heal everything').click(), /^No link has a fault/);
    await tab.heading('Damage that has to be made right', 2).waitFor();
    await tab.reads('has 10.00 USD too much');

    await tab.open('Overview');
    await tab.reads(`The books of bank-b are wrong by transfer ${id}`);
    await tab.page.getByRole('link', { name: 'Make it right' }).click();
    await tab.page.getByRole('link', { name: `${id} at bank-b` }).click();
    await tab.page.getByRole('radio', { name: 'Book it here: bob -10.00 USD' }).check();
    await tab.page.getByLabel('Why, for the record').fill('taken back at the counter');
    await tab.button('Dismiss the report').click();
    await tab.reads(/^The report is dismissed\. What was missing is booked/);
    await tab.open('Overview');
    await tab.reads('✓ Nothing: all nodes answer, and nobody waits.');
    await tab.page.getByRole('row', { name: 'USD 2000.00 USD ✓ conserved' }).waitFor();
    const cancelled = answered(422, '/transfers');
    // Whoever takes long here is asked again, under its key, while it is still under way.
    const underWay = answered(409, '/transfers');
    const away = answered(503, '/participants/bank-[ab]/branches');
    t.strictSame(tab.trouble(cancelled, underWay, away), []);
    t.strictSame(bench.trouble(), []);
  });
});
