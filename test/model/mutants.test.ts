import t, { type Test } from 'tap';
import { mutantFolder, type Mutant } from '../fixtures/mutant.ts';
import { explore } from './explorer.ts';
import { harmlessMutants, machineMutants } from './machine-mutants.ts';
import { machinesIn } from './machines.ts';
import { models, type ModelName } from './settings.ts';
import { World } from './world.ts';

/** Far enough for every mistake that is listed. */
const nearest = 8_000;

const unresolved = 'everything is resolved once faults end';

for (const mutant of machineMutants) {
  const { name, model, rule } = mutant;
  void t.test(`"${name}" breaks "${rule}" in the model "${model}"`, async (t) => {
    const { violation, story } = await explored(t, mutant, model, rule === unresolved);
    t.equal(violation?.rule, rule, violation?.detail ?? 'nothing is noticed');
    t.ok(story.length > 0);
  });
}

for (const mutant of harmlessMutants) {
  void t.test(`"${mutant.name}" breaks nothing: ${mutant.because}`, async (t) => {
    const { violation, story, waiting } = await explored(t, mutant, mutant.model, true);
    t.equal(violation, undefined, story.join('\n'));
    t.equal(waiting, 0, 'all states are visited');
  });
}

void t.test('mistakes have different names', (t) => {
  const names = [...machineMutants, ...harmlessMutants].map(({ name }) => name);
  t.equal(new Set(names).size, names.length);
  t.end();
});

/** Nothing is taken off the network: that it makes no difference holds for production only. */
async function explored(t: Test, mutant: Mutant, model: ModelName, resolves: boolean) {
  const machines = await machinesIn(await mutantFolder(t, mutant));
  const world = new World(machines, { ...models[model], keepsAll: true });
  return explore(world, { most: nearest, resolves });
}
