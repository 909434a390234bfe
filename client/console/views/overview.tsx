import { useEffect } from 'preact/hooks';
import { Attention } from '../parts/attention.tsx';
import { KeysForm } from '../parts/keys-form.tsx';
import { MoneyCheck } from '../parts/money-check.tsx';
import { NodeCards } from '../parts/node-cards.tsx';
import { RateCharts } from '../parts/rate-charts.tsx';
import { keys } from '../api.ts';
import { reached } from '../nodes.ts';
import { followSnapshots } from '../snapshots.ts';

/** All there is at a glance, and first what somebody has to do something about. */
export function Overview() {
  const isRefused = reached.value.state === 'refused';
  useEffect(() => {
    const left = new AbortController();
    if (!isRefused) void followSnapshots(left.signal);
    return () => {
      left.abort();
    };
  }, [isRefused, keys.value]);
  return (
    <>
      <h1>Overview</h1>
      <Attention />
      {isRefused && <KeysForm />}
      <NodeCards />
      <RateCharts />
      <MoneyCheck />
    </>
  );
}
