import type { LabLoad as Load } from '../../sdk/index.ts';
import { lab } from '../lab.ts';
import { counted, grouped } from '../lab-words.ts';
import { Slider } from './slider.tsx';

/** The most that the lab makes, in a second. */
const mostTransfers = 2_000;

/** How much load there is, and what comes of it. */
export function LabLoad({ load }: { readonly load: Load }) {
  const rates = lab.rates.value;
  return (
    <section aria-labelledby="lab-load">
      <h2 id="lab-load">Load</h2>
      <div class="card lab-load">
        <div>
          <Slider
            label="Transfers per second"
            value={load.transfersPerSecond}
            most={mostTransfers}
            step={10}
            onSet={(rate) => {
              void lab.setLoad(rate);
            }}
          />
          <p class="quiet">
            Clients move small amounts between bank-a/alice and bank-b/bob, and wait for no answer
            before they send more.
          </p>
          <p>
            {load.p99Ms === null ? (
              'No request has been answered yet.'
            ) : (
              <>
                p99: <strong>{load.p99Ms} ms</strong> (99 % of the last requests were answered in
                less)
              </>
            )}
          </p>
        </div>
        <table>
          <caption class="hidden">What has come of the load</caption>
          <thead>
            <tr>
              <th scope="col">Transfers</th>
              <th scope="col" class="amount">
                Per second
              </th>
              <th scope="col" class="amount">
                In all
              </th>
            </tr>
          </thead>
          <tbody>
            {counted.map((of) => (
              <tr key={of}>
                <th scope="row">{of}</th>
                <td class="amount">{rates ? grouped(rates[of]) : '…'}</td>
                <td class="amount">{grouped(load[of])}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
