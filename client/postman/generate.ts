/** Writes the collection and the environment: `npm run generate`, from the top folder. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { postmanFiles } from './collection.ts';

for (const [name, text] of postmanFiles()) writeFileSync(join('client', 'postman', name), text);
