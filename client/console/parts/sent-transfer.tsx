import { money } from '../../cli/amounts.ts';
import type { Outcome } from '../../sdk/index.ts';
import { keys, origin } from '../api.ts';
import { curlOf, sdkOf } from '../equivalents.ts';
import { hrefOf } from '../router.ts';
import type { Answer, Attempt, Result } from '../attempt.ts';
import { Copy } from './copy.tsx';
import { Problem } from './problem.tsx';

/** What became of a transfer that was sent, and how to send it from elsewhere. */
export function SentTransfer({ attempt, result }: { attempt: Attempt; result: Result }) {
  const { request, idempotencyKey } = attempt;
  const keyed = keys.value.client !== undefined;
  const sent = { origin, request, idempotencyKey, keyed };
  return (
    <section class="card sent" aria-labelledby="sent">
      <h3 id="sent">
        {money(request.amount, request.currency)} from {request.from} to {request.to}
      </h3>
      {'error' in result ? (
        <Problem error={result.error} what="Nothing was sent on its way." />
      ) : (
        <Told outcome={result.outcome} />
      )}
      {result.answer && <AsAnswered answer={result.answer} />}
      <details>
        <summary>The same from elsewhere</summary>
        <Copy title="curl" text={curlOf(sent)} />
        <Copy title="Client library" text={sdkOf(sent)} />
        <p class="quiet">
          Under the same idempotency key it is the same transfer, however often it is sent.
        </p>
      </details>
    </section>
  );
}

function Told({ outcome }: { readonly outcome: Outcome }) {
  if (outcome.state === 'unknown') {
    return (
      <p class="wait" role="status">
        <strong>Not known yet:</strong> {outcome.error.message}. Send it again unchanged: it goes
        under the same key, so it cannot happen twice.
      </p>
    );
  }
  return (
    <p role="status">
      <Words outcome={outcome} />{' '}
      <a href={hrefOf('transfers', outcome.id)}>Its diagram: {outcome.id}</a>
    </p>
  );
}

function Words({ outcome }: { readonly outcome: Exclude<Outcome, { state: 'unknown' }> }) {
  switch (outcome.state) {
    case 'committed':
      return (
        <>
          <strong class="good">✓ Committed:</strong> it happened, everywhere
          {outcome.applied
            ? ', and every participant has confirmed it.'
            : '; not every participant has confirmed it yet.'}
        </>
      );
    case 'aborted':
      return (
        <>
          <strong class="bad">✕ Aborted:</strong> nothing was moved, and nothing ever will be under
          this key. {outcome.title}: {outcome.detail}.
        </>
      );
    case 'preparing':
      return <strong class="wait">… Not decided yet.</strong>;
  }
}

function AsAnswered({ answer: { status, body } }: { readonly answer: Answer }) {
  return (
    <details open>
      <summary>The answer of the API: {status}</summary>
      <pre tabIndex={0}>{indented(body)}</pre>
    </details>
  );
}

/** As it came, if it is no JSON. */
function indented(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), undefined, 2);
  } catch {
    return body;
  }
}
