/** `/health`: which parts of the process work. `/ready`: whether it takes requests. */
import { z } from 'zod';
import { FillstreamError } from '../../errors.ts';
import type { Clock } from '../../runtime/time.ts';
import { timedProbe, type Probe } from '../probes.ts';
import { getRoute, NO_PARAMETERS, type Route } from '../route.ts';

export interface HealthDeps {
  /** By the name of the part. The answer of `store` decides readiness. */
  readonly probes: Readonly<Record<string, Probe>> & { readonly store: Probe };
  /** How many connections are open, by transport. */
  readonly connections: () => Readonly<Record<string, number>>;
  readonly isShuttingDown: () => boolean;
  readonly version: string;
  readonly clock: Clock;
  /** How long a part may take to answer. */
  readonly probeLimitMs: number;
}

const partSchema = z.looseObject({ status: z.enum(['ok', 'degraded', 'down']) });

const healthViewSchema = z.object({
  status: z.enum(['ok', 'degraded']),
  parts: z.record(z.string(), partSchema),
  connections: z.record(z.string(), z.number().int()),
  uptimeSeconds: z.number().int(),
  version: z.string(),
});

/** Monitors may add a parameter against caches. */
const ANY_QUERY = z.looseObject({});

export function healthRoutes(deps: HealthDeps): readonly Route[] {
  const { clock, connections, isShuttingDown, version, probeLimitMs } = deps;
  const startedAt = clock.now();
  const parts = Object.entries(deps.probes).map(
    ([name, probe]) => [name, timedProbe(probe, probeLimitMs)] as const,
  );
  const askStore = timedProbe(deps.probes.store, probeLimitMs);

  return [
    getRoute({
      path: '/health',
      summary: 'Read which parts of the process work',
      access: 'public',
      params: NO_PARAMETERS,
      query: ANY_QUERY,
      answers: { 200: healthViewSchema },
      errors: [],
      handle: async () => {
        const health = await Promise.all(parts.map(async ([name, ask]) => [name, await ask()] as const));
        const isOk = health.every(([, { status }]) => status === 'ok');
        const body = {
          status: isOk ? 'ok' : 'degraded',
          parts: Object.fromEntries(health),
          connections: connections(),
          uptimeSeconds: Math.floor((clock.now() - startedAt) / 1000),
          version,
        };
        return { status: 200, body };
      },
    }),

    getRoute({
      path: '/ready',
      summary: 'Read whether the process takes requests',
      access: 'public',
      params: NO_PARAMETERS,
      query: ANY_QUERY,
      answers: { 200: z.object({ status: z.literal('ready') }) },
      errors: ['shutting_down', 'store_unavailable'],
      handle: async () => {
        if (isShuttingDown()) {
          throw new FillstreamError('shutting_down', 'This server takes no new requests', {
            retryAfterSeconds: 1,
          });
        }
        const { status } = await askStore();
        if (status === 'down') {
          throw new FillstreamError(
            'store_unavailable',
            'The store does not answer or refuses writes; /health says why',
            {
              retryAfterSeconds: 1,
            },
          );
        }
        return { status: 200, body: { status: 'ready' } };
      },
    }),
  ];
}
