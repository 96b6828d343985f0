/** `watch` and `tail`: orders as they go on. */
import { ORDER_STATUSES } from '../../../machines/order/state.ts';
import { printMessage } from '../../terminal/print-message.ts';
import type { ShownTerms } from '../../terminal/message-text.ts';
import { apiCommand, type ApiOptions, type Register } from '../command.ts';
import { Tokens, termsOf, type Context } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { followOrder } from '../follow-order.ts';
import { readWhole, readWords } from '../read-argument.ts';

interface TailArguments extends ApiOptions {
  readonly status?: string;
  readonly sell?: string;
  readonly buy?: string;
}

export const registerWatch: Register = (program, run) => {
  apiCommand(program, 'watch <order>', 'follow an order to its end; exit code 0: it was confirmed')
    .option('--after <seq>', 'begin after this entry', '0')
    .action((orderId: string, options: ApiOptions & { readonly after: string }) =>
      run(options, (context) =>
        followOrder(context, orderId, readWhole('--after', options.after, 0, 999_999_999)),
      ),
    );
  apiCommand(program, 'tail', 'follow all orders from now on, until Ctrl-C')
    .option('--status <list>', `entries that reach one of these: ${ORDER_STATUSES.join(',')}`)
    .option('--sell <token>', 'orders that sell this token')
    .option('--buy <token>', 'orders that buy this token')
    .action((options: TailArguments) => run(options, (context) => tail(context, options)));
};

/** Orders whose terms are kept for printing amounts: those that moved last. */
const MOST_TERMS = 10_000;

async function tail(context: Context, { status, sell, buy }: TailArguments): Promise<number> {
  const { client, output, signal } = context;
  const filter = {
    ...(status === undefined ? {} : { status: readWords('--status', status, ORDER_STATUSES) }),
    ...(sell === undefined ? {} : { sellToken: sell }),
    ...(buy === undefined ? {} : { buyToken: buy }),
  };
  const tokens = output.json ? new Tokens([]) : await Tokens.of(context);
  const textOf = tokens.texts();
  const terms = new Map<string, ShownTerms>();
  const onLink = (link: string): void => {
    output.status(
      link === 'offline' ? output.paint('red', 'The connection was lost: connecting again …') : '',
    );
  };
  for await (const entry of client.watchAll(filter, { signal, onLink })) {
    if (output.json) output.record(entry);
    else if (entry.type === 'resync') {
      output.line(output.paint('yellow', `Entries may be missing here: ${entry.message}`));
    } else {
      const accepted = termsOf(entry);
      if (accepted !== undefined) terms.set(entry.orderId, tokens.shown(accepted));
      for (const oldest of terms.size > MOST_TERMS ? terms.keys() : []) {
        terms.delete(oldest);
        break;
      }
      output.line(printMessage(entry, textOf(entry, terms.get(entry.orderId)), output.paint));
    }
  }
  return EXIT.ok;
}
