/** How orders went through a version of the machine. */
import type { ReadMachineStats } from '../../orders/reading/read-machine-stats.ts';
import { machineStatsSchema } from '../../protocol/machine-stats.ts';
import { statsQuerySchema } from '../../protocol/requests.ts';
import { getRoute, type Route } from '../route.ts';
import { machinePathSchema, type FindMachine } from './machines.ts';

export interface MachineStatsRoutesDeps {
  readonly machineStats: ReadMachineStats;
  readonly findMachine: FindMachine;
}

export function machineStatsRoutes(deps: MachineStatsRoutesDeps): readonly Route[] {
  const { machineStats, findMachine } = deps;
  return [
    getRoute({
      path: '/api/machines/:version/stats',
      summary: 'Read how orders went through a version of the machine',
      access: 'watch',
      params: machinePathSchema,
      query: statsQuerySchema,
      answers: { 200: machineStatsSchema },
      errors: ['not_found', 'store_unavailable'],
      handle: async ({ params: { version }, query: { since, until, orders } }, { owner }) => {
        findMachine(version);
        const body = await machineStats({
          owner,
          version,
          orders,
          ...(since === undefined ? {} : { since }),
          ...(until === undefined ? {} : { until }),
        });
        return { status: 200, body };
      },
    }),
  ];
}
