import type { LabLink, LinkFaults } from '../../sdk/index.ts';
import { lab } from '../lab.ts';
import { Slider } from './slider.tsx';

/** The longest delay of a link. Milliseconds. */
const mostDelayMs = 5_000;

/** The links between the nodes, and what becomes of requests on them. */
export function LabLinks({ links }: { readonly links: readonly LabLink[] }) {
  return (
    <section aria-labelledby="lab-links">
      <h2 id="lab-links">Links</h2>
      <p class="quiet">
        Each link carries requests one way, and their replies back. Dropped requests have no effect;
        requests whose replies are dropped do have one, and only the sender does not hear of it.
      </p>
      <div class="cards">
        {links.map((link) => (
          <LinkCard key={`${link.from} ${link.to}`} link={link} />
        ))}
      </div>
    </section>
  );
}

const drops = ['nothing', 'requests', 'replies'] as const;

function LinkCard({ link }: { readonly link: LabLink }) {
  const { from, to, delayMs, drop } = link;
  const set = (changed: Partial<LinkFaults>) => {
    void lab.setLink(link, changed);
  };
  return (
    <fieldset class="card lab-card">
      <legend>
        {from} <span aria-hidden="true">→</span>
        <span class="hidden">to</span> {to}
      </legend>
      <Slider
        label="Delay, ms"
        value={delayMs}
        most={mostDelayMs}
        step={50}
        onSet={(ms) => {
          set({ delayMs: ms });
        }}
      />
      <div class="lab-faults">
        <label>
          Drop{' '}
          <select
            value={drop}
            onChange={({ currentTarget: { value } }) => {
              const chosen = drops.find((one) => one === value);
              if (chosen) set({ drop: chosen });
            }}
          >
            {drops.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
        <Switch
          label="Duplicate"
          isOn={link.duplicate}
          onSet={(duplicate) => {
            set({ duplicate });
          }}
        />
        <Switch
          label="Cut"
          isOn={link.cut}
          onSet={(cut) => {
            set({ cut });
          }}
        />
      </div>
    </fieldset>
  );
}

interface SwitchProps {
  readonly label: string;
  readonly isOn: boolean;
  readonly onSet: (isOn: boolean) => void;
}

function Switch({ label, isOn, onSet }: SwitchProps) {
  return (
    <label>
      <input
        type="checkbox"
        checked={isOn}
        onChange={({ currentTarget }) => {
          onSet(currentTarget.checked);
        }}
      />{' '}
      {label}
    </label>
  );
}
