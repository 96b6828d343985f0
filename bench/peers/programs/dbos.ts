/**
 * DBOS as its documents set it up: a workflow an order, an effect a step, its system database in Postgres. Nine checkpoints: the
 * start of the workflow, seven steps and its end. A transition is pushed after its checkpoint; a recovered workflow pushes all
 * of them again.
 */
import { randomUUID } from 'node:crypto';
import { DBOS } from '@dbos-inc/dbos-sdk';
import { ACCEPTED, ENDED, TRANSITIONS, type OrderTerms } from './order-work.ts';
import { serveOrders, setting, Watchers } from './serve-orders.ts';

const watchers = new Watchers();

const execute = DBOS.registerWorkflow(
  async (orderId: string, terms: OrderTerms) => {
    watchers.push(orderId, ACCEPTED, {});
    for (const { state, effect } of TRANSITIONS) {
      if (state === ENDED) break;
      const facts = await DBOS.runStep(() => effect(orderId, terms), { name: state });
      watchers.push(orderId, state, facts);
    }
  },
  { name: 'execute' },
);

DBOS.setConfig({ name: 'orders', systemDatabaseUrl: setting('DATABASE_URL'), logLevel: 'warn' });
await DBOS.launch();

await serveOrders(watchers, async (terms) => {
  const orderId = randomUUID();
  const handle = await DBOS.startWorkflow(execute, { workflowID: orderId })(orderId, terms);
  // Resolves once the end is stored.
  void handle.getResult().then(() => watchers.push(orderId, ENDED, {}));
  return orderId;
});
