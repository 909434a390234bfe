import t from 'tap';
import { Tracer, type Phase } from '../../coordinator/trace.ts';

/** A tracer whose clock the test moves. */
function tracing(phase: Phase = 'vote') {
  const time = { ms: 0 };
  const tracer = new Tracer({ now: () => time.ms }, 0, phase);
  const after = (ms: number) => {
    time.ms += ms;
    return tracer;
  };
  return { tracer, after };
}

void t.test('an exchange is measured from its first attempt to its first usable answer', (t) => {
  const { tracer, after } = tracing();
  after(1.234).sent('vote', 'bank-a');
  after(2).sent('vote', 'bank-a');
  after(1).sent('vote', 'bank-a');
  after(0.5).replied('vote', 'bank-a', 0.3333);
  after(4).replied('vote', 'bank-a', 9);
  const exchange = { sentMs: 1.23, attempts: 3, lastMs: 4.23, repliedMs: 4.73, forcedMs: 0.33 };
  t.strictSame(tracer.current, { ms: 8.73, with: { 'bank-a': exchange } });
  t.end();
});

void t.test('an answer that nobody waits for any more is not part of the story', (t) => {
  const { tracer, after } = tracing();
  after(1).sent('vote', 'bank-a');
  tracer.replied('vote', 'bank-b', 1);
  const votes = after(1).decided();
  t.strictSame(votes, { ms: 2, with: { 'bank-a': { sentMs: 1 } } });
  tracer.sent('decision', 'bank-a');
  after(1).replied('vote', 'bank-a', 1);
  after(1).sent('vote', 'bank-a');
  t.strictSame(tracer.current.with, { 'bank-a': { sentMs: 2 } });
  t.end();
});

void t.test('inquiries belong to the phase in which they come', (t) => {
  const { tracer, after } = tracing();
  t.notOk('inquiries' in tracer.current, 'none');
  after(1).inquired('bank-a');
  after(1).inquired('bank-b');
  after(1).inquired('bank-b');
  after(1).inquired('bank-b');
  const early = { 'bank-a': { sentMs: 1 }, 'bank-b': { sentMs: 2, attempts: 3, lastMs: 4 } };
  t.strictSame(tracer.decided().inquiries, early);
  t.notOk('inquiries' in tracer.current);
  after(1).inquired('bank-a');
  t.strictSame(tracer.current.inquiries, { 'bank-a': { sentMs: 5 } });
  t.end();
});

void t.test('the forced write of a decision is known after it', (t) => {
  const { tracer, after } = tracing();
  const votes = after(5).decided();
  after(0.75).forced(votes);
  t.strictSame(tracer.current, { ms: 5.75, forcedMs: 0.75, with: {} });
  t.end();
});

void t.test('after a restart the decision is the phase that is under way', (t) => {
  const { tracer, after } = tracing('decision');
  after(1).sent('decision', 'bank-a');
  t.strictSame(tracer.current.with, { 'bank-a': { sentMs: 1 } });
  t.end();
});
