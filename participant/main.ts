import {
  makeLogger,
  readNodeSettings,
  serve,
  type NodeOptions,
  type RunningNode,
} from '../http/node.ts';
import { stopServer } from '../http/shutdown.ts';
import { openTransport } from '../http/transport.ts';
import { systemClock } from '../log/clock.ts';
import { systemDisk } from '../log/disk.ts';
import { openStore } from '../log/store.ts';
import { participantSettings } from './config.ts';
import { participantExamples } from './examples.ts';
import { Inquiry } from './inquiry.ts';
import { Participant } from './participant.ts';
import { owed } from './protocol.ts';
import { Registration } from './registration.ts';
import { participantRoutes } from './routes.ts';

/**
 * Runs a participant: store, replay, HTTP, then registration and inquiries.
 * @throws {Error} whose message says in plain words why this node cannot start
 */
export async function runParticipant(options: NodeOptions): Promise<RunningNode> {
  const { settings, keys } = readNodeSettings(participantSettings, options);
  const logger = makeLogger(settings.logLevel, 'participant');
  const onFailure = (error: Error) => {
    options.onFatal(error);
  };
  const pid = process.pid;
  const role = 'participant';
  const store = await openStore({ folder: settings.data, role, disk: systemDisk, pid });
  const transport = openTransport();
  try {
    const clock = systemClock;
    const participant = await Participant.open({
      store,
      clock,
      limits: settings,
      logger,
      onFailure,
    });
    const replayed = participant.signature.sequence;
    const outgoing = {
      participant,
      transport,
      coordinator: settings.coordinator.replace(/\/$/, ''),
      key: keys?.participant,
      clock,
      random: Math.random,
      limits: settings,
      logger,
    };
    const inquiry = new Inquiry({ ...outgoing, onFailure });
    participant.onPrepared((branch) => {
      inquiry.watch(branch);
      registration.meet(branch.peers);
    });
    const isReady = () => participant.isConfirmed;
    const handlers = participantRoutes(participant, isReady);
    const examples = () => participantExamples(participant);
    const { app, address } = await serve(role, settings, { handlers, keys, logger, examples });
    const registration: Registration = new Registration({
      ...outgoing,
      address: (settings.advertise ?? address).replace(/\/$/, ''),
      name: settings.name,
      replayed,
      onFailure,
    });
    for (const branch of owed(participant.state)) inquiry.ask(branch);
    await registration.register();
    return {
      address,
      async stop() {
        registration.stop();
        inquiry.stop();
        await stopServer(app, { graceMs: settings.shutdownMs });
        await participant.close();
        await transport.close();
        await store.close();
      },
    };
  } catch (error) {
    await transport.close();
    await store.close();
    throw error;
  }
}
