/** Orders over REST: submit, read, list, follow, cancel. */
import { Router, type Request } from 'express';
import { z } from 'zod';
import {
  idempotencyKeySchema,
  listQuerySchema,
  orderPathSchema,
  submissionSchema,
  transitionsQuerySchema,
} from '../../protocol/requests.ts';
import { orderLinks, type CancelRequestedView, type SubmittedView } from '../../protocol/views.ts';
import type { CancelOrder } from '../../orders/cancel-order.ts';
import type { ReadOrders } from '../../orders/read-orders.ts';
import type { SubmitOrder } from '../../orders/submit-order.ts';
import { refuseForeignOrigin } from '../../edge/foreign-origin.ts';
import { otherMethods } from './methods.ts';
import { webSocketUrl } from '../../edge/public-url.ts';
import { readJsonBody } from '../read-body.ts';
import { bareName, jsonPointer, readInput } from '../../edge/read-input.ts';
import { readQuery } from '../../edge/read-query.ts';
import { sendJson } from '../../edge/send.ts';

export interface OrderRoutesDeps {
  readonly submitOrder: SubmitOrder;
  readonly cancelOrder: CancelOrder;
  readonly orders: ReadOrders;
  /** Whose orders a request is about. */
  readonly ownerOf: (req: Request) => string;
  /** `https://orders.example`, where the Host header does not tell it; null: the Host header does. */
  readonly publicUrl: string | null;
  readonly allowedOrigins: readonly string[];
}

const nothing = z.strictObject({});

export function orderRoutes(deps: OrderRoutesDeps): Router {
  const { submitOrder, cancelOrder, orders, ownerOf, publicUrl } = deps;
  const router = Router({ caseSensitive: true });
  const ownOrigin = publicUrl === null ? [] : [new URL(publicUrl).origin];
  const fromHere = refuseForeignOrigin([...ownOrigin, ...deps.allowedOrigins]);

  router
    .route('/api/orders/execute')
    .post(fromHere, async (req, res) => {
      readQuery(nothing, req.url);
      const idempotencyKey = readIdempotencyKey(req);
      const body = await readJsonBody(req);
      const submission = readInput(submissionSchema, body, jsonPointer);
      const { created, order } = await submitOrder({ owner: ownerOf(req), idempotencyKey, body, submission });
      const links = orderLinks(order.orderId);
      const view: SubmittedView = {
        orderId: order.orderId,
        status: order.status,
        wsUrl: webSocketUrl(req, order.orderId, publicUrl),
        links,
      };
      sendJson(res, created ? 201 : 200, view, { Location: links.self });
    })
    .all(otherMethods('POST'));

  router
    .route('/api/orders')
    .get(async (req, res) => {
      const { status, clientOrderId, limit, cursor } = readQuery(listQuerySchema, req.url);
      const page = await orders.list({
        owner: ownerOf(req),
        limit,
        ...(status === undefined ? {} : { status }),
        ...(clientOrderId === undefined ? {} : { clientOrderId }),
        ...(cursor === undefined ? {} : { cursor }),
      });
      sendJson(res, 200, page);
    })
    .all(otherMethods('GET, HEAD'));

  router
    .route('/api/orders/:orderId')
    .get(async (req, res) => {
      const orderId = readOrderId(req);
      readQuery(nothing, req.url);
      sendJson(res, 200, await orders.one(ownerOf(req), orderId));
    })
    .all(otherMethods('GET, HEAD'));

  router
    .route('/api/orders/:orderId/transitions')
    .get(async (req, res) => {
      const orderId = readOrderId(req);
      const { after, limit } = readQuery(transitionsQuerySchema, req.url);
      sendJson(res, 200, await orders.transitions({ owner: ownerOf(req), orderId, after, limit }));
    })
    .all(otherMethods('GET, HEAD'));

  router
    .route('/api/orders/:orderId/cancel')
    .post(fromHere, async (req, res) => {
      const orderId = readOrderId(req);
      readQuery(nothing, req.url);
      readInput(nothing, (await readJsonBody(req)) ?? {}, jsonPointer);
      const { status } = await cancelOrder(ownerOf(req), orderId);
      const view: CancelRequestedView = { orderId, status, links: orderLinks(orderId) };
      sendJson(res, 202, view);
    })
    .all(otherMethods('POST'));

  return router;
}

function readOrderId(req: Request): string {
  return readInput(orderPathSchema, { ...req.params }, bareName).orderId;
}

/** Null where the client names none. Sent twice, Node joins both with a comma and a space, which no key holds. */
function readIdempotencyKey(req: Request): string | null {
  const key = req.headers['idempotency-key'];
  return key === undefined ? null : readInput(idempotencyKeySchema, key, () => 'Idempotency-Key');
}
