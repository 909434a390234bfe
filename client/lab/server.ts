import { defaultHttpLimits } from '../../http/limits.ts';
import { makeLogger } from '../../http/node.ts';
import { buildServer } from '../../http/server.ts';
import { SettingsError } from '../../http/settings-error.ts';
import { stopServer } from '../../http/shutdown.ts';
import { connect } from '../sdk/index.ts';
import type { Lab } from './lab.ts';
import { labRoutes } from './routes.ts';

export interface LabServerOptions {
  /** 0 takes a free one. */
  readonly port: number;
  /** Of clients, for the load. */
  readonly key: string;
  /** Gets what goes wrong here, a line of JSON at a time. */
  readonly log: (line: string) => void;
}

export interface LabServer {
  /** `http://127.0.0.1:7703` */
  readonly address: string;
  close(): Promise<void>;
}

/** The lab can be reached from this machine only: nobody is asked for a key. */
const host = '127.0.0.1';

/** How long requests under way may take when the lab is closed. Milliseconds. */
const graceMs = 1_000;

/**
 * Serves the lab, and passes on to the coordinator whatever else is asked for, by the link that
 * clients have.
 * @throws {SettingsError} if the port is taken
 */
export async function serveLab(lab: Lab, { port, key, log }: LabServerOptions): Promise<LabServer> {
  const app = await buildServer({
    role: 'lab',
    handlers: labRoutes(lab),
    keys: null,
    loopback: true,
    limits: defaultHttpLimits,
    logger: makeLogger('warn', 'lab', {
      write: (line) => {
        log(line.trimEnd());
      },
    }),
    elsewhere(request, response) {
      // That the page is ours was seen here; the coordinator would see another port.
      delete request.headers.origin;
      lab.passOn(request, response);
    },
  });
  try {
    await app.listen({ port, host });
  } catch (error) {
    await app.close();
    const reason = error instanceof Error ? error.message : String(error);
    throw new SettingsError(`the lab cannot listen on ${host}:${port}: ${reason}`);
  }
  const bound = app.server.address();
  if (typeof bound !== 'object' || bound === null) throw new Error('a server has an address');
  const address = `http://${host}:${bound.port}`;
  lab.useClient(connect(address, { key }));
  return {
    address,
    close: () => stopServer(app, { graceMs }),
  };
}
