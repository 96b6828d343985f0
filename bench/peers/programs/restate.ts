/**
 * Restate as its documents set it up: a durable handler, an effect a `ctx.run`. Orders are posted to Restate's own ingress, which calls
 * this process. With PUSH=yes each transition goes to a WebSocket once it is stored; a handler that runs again
 * pushes all of them again.
 */
import './promise-with-resolvers.ts';
import * as restate from '@restatedev/restate-sdk';
import { ACCEPTED, TRANSITIONS, type OrderTerms } from './order-work.ts';
import { serveOrders, setting, Watchers } from './serve-orders.ts';

const watchers = new Watchers();
const isPushed = setting('PUSH') === 'yes';

const orders = restate.service({
  name: 'orders',
  handlers: {
    execute: async (context: restate.Context, terms: OrderTerms) => {
      const orderId = context.request().id;
      if (isPushed) watchers.push(orderId, ACCEPTED, {});
      for (const { state, effect } of TRANSITIONS) {
        const facts = await context.run(state, () => effect(orderId, terms));
        if (isPushed) watchers.push(orderId, state, facts);
      }
      return { orderId };
    },
  },
});

await restate.serve({ services: [orders], port: Number(setting('ENDPOINT_PORT')) });
await serveOrders(watchers, null);
