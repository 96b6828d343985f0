/** The route table of an api, to be read: its handlers handle nothing. */
import { machineRegistry } from '../../../machines/registry.ts';
import { machineCatalogue } from '../../../src/charts/machine-catalogue.ts';
import { apiRoutes } from '../../../src/http/app.ts';
import type { Route } from '../../../src/http/route.ts';
import { redactionOf } from '../../../src/protocol/redaction.ts';

const unused = () => Promise.reject(new Error('not used'));

export const ROUTES: readonly Route[] = apiRoutes({
  address: { origin: null, prefix: '', webSocketUrl: () => '' },
  orders: {
    submitOrder: unused,
    dryRun: unused,
    cancelOrder: unused,
    retryOrder: unused,
    inspection: unused,
    orders: { one: unused, list: unused, counts: unused, transitions: unused },
    access: { ticketFor: unused },
    redaction: redactionOf([]),
  },
  quotes: { quoteOrder: unused },
  access: { sessionFor: unused },
  shareOrders: { create: unused, list: unused, revoke: unused },
  operate: {
    cancel: unused,
    liftHold: unused,
    resumeSigner: unused,
    openOrder: unused,
    held: unused,
    workers: unused,
    signers: unused,
    audit: unused,
  },
  streams: { streams: { streamOrder: unused, streamOrders: unused } },
  health: {
    probes: { store: unused },
    connections: () => ({}),
    isShuttingDown: () => false,
    version: '',
    clock: { now: () => 0 },
    probeLimitMs: 1,
  },
  machines: machineCatalogue(machineRegistry, {}),
  machineStats: unused,
  chainFacts: () => {
    throw new Error('not used');
  },
});
