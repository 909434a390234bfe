import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The program that every node runs: this one, from sources or built. */
export const mainModule = (): string => moduleHere('main');

/** The program that runs a PostgreSQL. */
export const postgresModule = (): string => moduleHere('postgres/main');

function moduleHere(name: string): string {
  const file = fileURLToPath(import.meta.url);
  return fileURLToPath(new URL(`${name}${extname(file)}`, import.meta.url));
}
