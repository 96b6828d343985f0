/** `fillstream/client`: what programs import. docs/reference/client.md describes it. */
export {
  FillstreamClient,
  type ClientOptions,
  type ListFilter,
  type OrderRequest,
  type SubmitOptions,
  type SubmittedOrder,
  type Token,
  type WatchOptions,
} from './fillstream-client.ts';
export { ApiError, ConnectionError, StreamError, type ApiErrorCode, type ProblemDetails } from './errors.ts';
export type { DryRunView as DryRun, QuotesView as Quotes } from '../protocol/views.ts';
export type { CallOptions } from './rest.ts';
export { isFinalMessage, type FinalMessage, type Link, type Resync } from './follow.ts';
export type { Watch } from './watch.ts';
export type { SomeWebSocket } from './transports/websocket.ts';
export type {
  After,
  JournaledMessage,
  Message,
  OrdersFilter,
  OrdersMessage,
} from './transports/transport.ts';
export type { MessageOf } from '../protocol/messages.ts';
export type {
  CancelRequestedView,
  OrderCountsView,
  OrderPageView,
  OrderView,
  RetryRequestedView,
  TransitionsView,
  TransitionView,
} from '../protocol/views.ts';
export type { OrderStatus } from '../../machines/order/state.ts';
export {
  parseAmount,
  parseTokens,
  printAmount,
  printTokens,
  printWholeTokens,
} from '../../machines/amount.ts';
