/** How orders went through a version of the machine. */
import type { OrderAccess } from '../../edge/order-access.ts';
import type { ReadMachineStats } from '../../orders/read-machine-stats.ts';
import { machineStatsSchema } from '../../protocol/machine-stats.ts';
import { statsQuerySchema } from '../../protocol/requests.ts';
import { getRoute, type Route } from '../route.ts';
import { machinePathSchema, type FindMachine } from './machines.ts';

export interface MachineStatsRoutesDeps {
  readonly machineStats: ReadMachineStats;
  readonly access: Pick<OrderAccess, 'ownerOf'>;
  readonly findMachine: FindMachine;
}

export function machineStatsRoutes(deps: MachineStatsRoutesDeps): readonly Route[] {
  const { machineStats, access, findMachine } = deps;
  return [
    getRoute({
      path: '/api/machines/:version/stats',
      summary: 'Read how orders went through a version of the machine',
      params: machinePathSchema,
      query: statsQuerySchema,
      answers: { 200: machineStatsSchema },
      errors: ['not_found', 'store_unavailable'],
      handle: async ({ params: { version }, query: { since, until, orders } }, req) => {
        findMachine(version);
        const body = await machineStats({
          owner: access.ownerOf(req),
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
