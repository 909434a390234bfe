import { lab } from '../lab.ts';
import { healingOf, isHealed } from '../lab-words.ts';
import { LabLinks } from '../parts/lab-links.tsx';
import { LabLoad } from '../parts/lab-load.tsx';
import { LabNodes } from '../parts/lab-nodes.tsx';
import { LabPicture } from '../parts/lab-picture.tsx';
import { LabScenarios } from '../parts/lab-scenarios.tsx';
import { Problem } from '../parts/problem.tsx';
import { hrefOf } from '../router.ts';

/** The cluster of this machine, and everything that can be done to it from outside. */
export function Lab() {
  return (
    <>
      <h1>Lab</h1>
      {lab.isHere.value === false ? <NoLab /> : <Bench />}
    </>
  );
}

function NoLab() {
  return (
    <p>
      There is no lab here: only a cluster that was started by <code>unanimous up</code> has one, on
      its own machine. Run <code>unanimous up --open</code> for a cluster to break.
    </p>
  );
}

function Bench() {
  const view = lab.view.value;
  const away = lab.away.value;
  return (
    <>
      <p class="lab-intro">
        Break what you like. Everything here is made from outside the nodes, by the process that
        runs them: signals to their processes, and proxies on the ways between them. Nothing can be
        lost: whatever you do, each transfer is committed everywhere or aborted everywhere in the
        end, and the totals on the <a href={hrefOf()}>overview</a> stay as they are.
      </p>
      {away && <Problem error={away} tried="reading" what="The lab could not be looked at." />}
      {view && (
        <>
          <div class="lab-cluster">
            <section aria-labelledby="lab-cluster">
              <h2 id="lab-cluster">Cluster</h2>
              <LabPicture view={view} />
              <HealAll isHealed={isHealed(healingOf(view))} />
            </section>
            <div>
              <LabNodes nodes={view.nodes} />
              <LabLinks links={view.links} />
            </div>
          </div>
          <LabLoad load={view.load} />
          <LabScenarios />
        </>
      )}
      {!view && !away && <p class="late">Looking at the lab …</p>}
      <Answers />
    </>
  );
}

function HealAll({ isHealed: isWell }: { readonly isHealed: boolean }) {
  return (
    <button
      type="button"
      class="main"
      aria-disabled={isWell}
      onClick={() => {
        if (!isWell) void lab.heal();
      }}
    >
      Heal everything
    </button>
  );
}

/** What has come of the last button, wherever that was on the page. */
function Answers() {
  const [said, trouble] = [lab.said.value, lab.trouble.value];
  return (
    <div class="lab-said">
      <p role="status">{said !== '' && <span key={said}>{said}</span>}</p>
      {trouble && <Problem error={trouble.error} what={trouble.what} />}
    </div>
  );
}
