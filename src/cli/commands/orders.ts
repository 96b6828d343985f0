/** `list`, `show` and `cancel`. */
import { ORDER_STATUSES } from '../../../machines/order/state.ts';
import type { OrderView, TransitionView } from '../../client/index.ts';
import { apiCommand, type ApiOptions, type Register } from '../command.ts';
import { Tokens, type Context } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { orderLine, orderLines } from '../order-lines.ts';
import { readWhole, readWords } from '../read-argument.ts';

interface ListArguments extends ApiOptions {
  readonly status?: string;
  readonly clientOrderId?: string;
  readonly limit: string;
  readonly all?: true;
}

export const registerOrders: Register = (program, run) => {
  apiCommand(program, 'list', 'list orders, newest first')
    .option('--status <status>', ORDER_STATUSES.join(', '))
    .option('--client-order-id <id>', 'orders of this name of yours')
    .option('--limit <n>', 'at most this many', '20')
    .option('--all', 'all of them')
    .action((options: ListArguments) => run(options, (context) => list(context, options)));
  apiCommand(program, 'show <order>', 'show an order: its terms, quotes, transactions and timeline').action(
    (orderId: string, options: ApiOptions) => run(options, (context) => show(context, orderId)),
  );
  apiCommand(program, 'cancel <orders...>', 'request that orders are cancelled').action(
    (orderIds: readonly string[], options: ApiOptions) =>
      run(options, (context) => cancel(context, orderIds)),
  );
};

const PAGE = 200;

async function list(context: Context, { status, clientOrderId, limit, all }: ListArguments): Promise<number> {
  const { client, output, signal } = context;
  const [wanted] = status === undefined ? [] : readWords('--status', status, ORDER_STATUSES);
  const most = all === true ? Infinity : readWhole('--limit', limit, 1, 1_000_000);
  const tokens = output.json ? null : await Tokens.of(context);
  const filter = {
    ...(wanted === undefined ? {} : { status: wanted }),
    ...(clientOrderId === undefined ? {} : { clientOrderId }),
    limit: Math.min(most, PAGE),
  };
  let count = 0;
  for await (const order of client.list(filter, { signal })) {
    if (tokens === null) output.record(order);
    else output.line(orderLine(order, tokens, output.paint));
    count += 1;
    if (count >= most) break;
  }
  if (count === 0 && !output.json) output.line('There are no such orders.');
  return EXIT.ok;
}

async function show(context: Context, orderId: string): Promise<number> {
  const { client, output, signal } = context;
  const order: OrderView = await client.get(orderId, { signal });
  const transitions: TransitionView[] = [];
  for await (const transition of client.transitions(orderId, {}, { signal })) transitions.push(transition);
  if (output.json) output.record({ ...order, timeline: transitions });
  else {
    const tokens = await Tokens.of(context);
    for (const line of orderLines(order, transitions, tokens, output.paint)) output.line(line);
  }
  return EXIT.ok;
}

async function cancel({ client, output, signal }: Context, orderIds: readonly string[]): Promise<number> {
  for (const orderId of orderIds) {
    const requested = await client.cancel(orderId, { signal });
    if (output.json) output.record(requested);
    else
      output.line(`${orderId} was ${requested.status}: the cancellation is requested and will not be lost`);
  }
  return EXIT.ok;
}
