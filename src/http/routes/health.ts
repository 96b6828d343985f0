/** `/health`: is this process alive, and what of it works. `/ready`: may it be sent requests. */
import { Router } from 'express';
import { FillstreamError } from '../../errors.ts';
import type { Clock } from '../../runtime/time.ts';
import { otherMethods } from './methods.ts';
import { timedProbe, type Probe } from '../probes.ts';
import { sendJson } from '../../edge/send.ts';

export interface HealthDeps {
  /** By the name of the part; `store` among them decides readiness. */
  readonly probes: Readonly<Record<string, Probe>> & { readonly store: Probe };
  /** How many connections there are, by transport. */
  readonly connections: () => Readonly<Record<string, number>>;
  readonly isShuttingDown: () => boolean;
  readonly version: string;
  readonly clock: Clock;
  /** How long a part may take to answer. */
  readonly probeLimitMs: number;
}

export function healthRoutes(deps: HealthDeps): Router {
  const { clock, connections, isShuttingDown, version, probeLimitMs } = deps;
  const startedAt = clock.now();
  const parts = Object.entries(deps.probes).map(
    ([name, probe]) => [name, timedProbe(probe, probeLimitMs)] as const,
  );
  const store = timedProbe(deps.probes.store, probeLimitMs);
  const router = Router({ caseSensitive: true });

  router
    .route('/health')
    .get(async (_req, res) => {
      const health = await Promise.all(parts.map(async ([name, ask]) => [name, await ask()] as const));
      const ok = health.every(([, { status }]) => status === 'ok');
      sendJson(res, 200, {
        status: ok ? 'ok' : 'degraded',
        parts: Object.fromEntries(health),
        connections: connections(),
        uptimeSeconds: Math.floor((clock.now() - startedAt) / 1000),
        version,
      });
    })
    .all(otherMethods('GET, HEAD'));

  router
    .route('/ready')
    .get(async (_req, res) => {
      if (isShuttingDown()) {
        throw new FillstreamError('shutting_down', 'This server takes no new requests', {
          retryAfterSeconds: 1,
        });
      }
      const { status } = await store();
      if (status === 'down') {
        throw new FillstreamError('store_unavailable', 'The store does not answer', { retryAfterSeconds: 1 });
      }
      sendJson(res, 200, { status: 'ready' });
    })
    .all(otherMethods('GET, HEAD'));

  return router;
}
