import type { Config } from '../../settings/config.ts';
import { createHealthApp } from '../../http/app.ts';
import { closeConnections, listen, stopListening } from '../../http/listen.ts';
import { createHttpServer } from '../../http/server.ts';
import type { Backends } from '../adapters/backends.ts';
import type { ShutdownSteps } from '../adapters/shutdown.ts';
import { healthOf } from './health.ts';

/** `/health` and `/ready` of a worker, for whoever restarts it. @returns where; null without `HEALTH_PORT` */
export async function startHealthServer(
  config: Config,
  backends: Backends,
  stops: ShutdownSteps,
): Promise<string | null> {
  if (config.HEALTH_PORT === undefined) return null;
  let shuttingDown = false;
  const health = healthOf(config, backends, { connections: () => ({}), isShuttingDown: () => shuttingDown });
  const server = createHttpServer(createHealthApp({ health, log: backends.log }));
  stops.push(() => closeConnections(server));
  const url = await listen(server, config.HOST, config.HEALTH_PORT);
  stops.push(() => {
    shuttingDown = true;
    stopListening(server);
    return Promise.resolve();
  });
  return url;
}
