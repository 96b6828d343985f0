import type { Config } from '../../settings/config.ts';
import { openEdge } from '../../edge/edge.ts';
import { OPEN_IDENTITY } from '../../identity/identity.ts';
import { createHealthApp } from '../../http/app.ts';
import { closeConnections, listen, stopListening } from '../../http/listen.ts';
import { ownMessages } from '../../http/messages.ts';
import { createHttpServer } from '../../http/server.ts';
import type { Backends } from '../adapters/backends.ts';
import type { ShutdownSteps } from '../adapters/shutdown.ts';
import { healthOf } from './health.ts';
import type { SignersPart } from './signers-part.ts';

/** Serves `/health` and `/ready` of a worker. @returns its URL; null without `HEALTH_PORT` */
export async function startHealthServer(
  config: Config,
  backends: Backends,
  stops: ShutdownSteps,
  signers: SignersPart,
): Promise<string | null> {
  if (config.HEALTH_PORT === undefined) return null;
  let shuttingDown = false;
  const role = { connections: () => ({}), isShuttingDown: () => shuttingDown };
  const health = healthOf(config, backends, role, signers);
  const { log } = backends;
  // Monitors reach this port directly: PUBLIC_URL is where the apis are.
  const edge = openEdge(
    { publicUrl: null, allowedOrigins: [], hostCheck: 'any', shareHides: [] },
    OPEN_IDENTITY,
    log,
  );
  const messages = ownMessages();
  const settings = { messages, keepAliveMs: config.HTTP_KEEP_ALIVE_MS };
  const server = createHttpServer(createHealthApp({ edge, messages, health, log }), edge, settings);
  stops.push(() => closeConnections(server));
  const url = await listen(server, config.HOST, config.HEALTH_PORT);
  stops.push(() => {
    shuttingDown = true;
    stopListening(server);
    return Promise.resolve();
  });
  return url;
}
