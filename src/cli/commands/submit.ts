/** `submit`: one order, in whole tokens or in base units. */
import { apiCommand, type Register } from '../command.ts';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { followOrder } from '../follow-order.ts';
import { readOrder, type OrderArguments, type Pair } from '../read-order.ts';

interface SubmitArguments extends OrderArguments {
  readonly key?: string;
  readonly watch?: true;
  readonly dryRun?: true;
}

export const registerSubmit: Register = (program, run) => {
  apiCommand(
    program,
    'submit <amount> <sell> <buy>',
    'submit an order: sell this much of a token for another one',
  )
    .option('--min-buy <amount>', 'buy at least this much')
    .option('--slippage <percent>', 'of the chosen quote, without --min-buy', '0.5')
    .option('--valid-for <time>', 'such as 90s, 10m, 2h; default: ten minutes')
    .option('--recipient <address>', 'who receives; default: the signer')
    .option('--client-order-id <id>', 'a name of yours')
    .option('--key <key>', 'idempotency key: repeated with the same order it makes no second one')
    .option('--base-units', 'amounts are base units, not whole tokens')
    .option('--watch', 'follow the order to its end')
    .option('--dry-run', 'only check whether the order would be accepted')
    .action((amount: string, sell: string, buy: string, options: SubmitArguments) =>
      run(options, (context) => submit(context, { amount, sell, buy }, options)),
    );
};

async function submit(context: Context, pair: Pair, options: SubmitArguments): Promise<number> {
  const { client, output, signal } = context;
  const request = await readOrder(context, pair, options);
  const key = options.key === undefined ? {} : { idempotencyKey: options.key };
  if (options.dryRun === true) {
    const checked = await client.dryRun(request, { ...key, signal });
    if (output.json) output.record(checked);
    else if (checked.wouldCreate) output.line('The order would be accepted. Nothing was stored.');
    else output.line(`The key has an order already: ${checked.orderId ?? '?'}`);
    return EXIT.ok;
  }
  const order = await client.submit(request, { ...key, signal });
  if (output.json) output.record(order);
  else if (options.watch === undefined) {
    output.line(`${order.created ? 'Accepted' : 'Accepted before'}: ${order.orderId}`);
    output.line(output.paint('gray', `Follow it: fillstream watch ${order.orderId}`));
  } else output.line(order.orderId);
  return options.watch === undefined ? EXIT.ok : followOrder(context, order.orderId, 0);
}
