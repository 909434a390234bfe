import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The program that every node runs: this one, from sources or built. */
export function mainModule(): string {
  const file = fileURLToPath(import.meta.url);
  return fileURLToPath(new URL(`main${extname(file)}`, import.meta.url));
}
