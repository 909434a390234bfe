import { existsSync } from 'node:fs';
import t from 'tap';
import { mutatedText } from '../fixtures/mutant.ts';
import { nodeMutants } from './node-mutants.ts';

void t.test(
  'each mistake can still be made, in one place, and somebody looks for it',
  async (t) => {
    for (const mutant of nodeMutants) {
      const { name, by, to } = mutant;
      t.ok((await mutatedText(mutant)).includes(to), name);
      t.ok(by === 'simulation' || existsSync(by), `${name}: ${by}`);
    }
    t.equal(new Set(nodeMutants.map(({ name }) => name)).size, nodeMutants.length);
  },
);
