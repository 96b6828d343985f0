/** `lift-hold`: for the operator, once the reason why orders are held is mended: every release may run them again. */
import { orderIdSchema } from '../../protocol/fields.ts';
import { passNothing } from '../../crash-points.ts';
import type { Config } from '../../settings/config.ts';
import { openDataDir } from '../../settings/data-dir.ts';
import type { WorkStore } from '../../store/ports.ts';
import { OperatorError } from '../../operator-error.ts';
import { openStore } from '../adapters/open-store.ts';

/** Held orders that are read at a time. */
const PAGE = 100;

/**
 * Without an argument, lists what is held. Processes may run at the same time; their sweeps take up what is lifted.
 * @param args order ids, or `--all`
 * @throws OperatorError
 */
export async function runLiftHold(
  args: readonly string[],
  config: Config,
  print: (line: string) => void,
): Promise<void> {
  const wrong = args.find((each) => each !== '--all' && !orderIdSchema.safeParse(each).success);
  if (wrong !== undefined)
    throw new OperatorError(
      `lift-hold ${wrong}: expected order ids (32 characters of a-z and 2-7), or --all`,
    );
  const store = await openStore(config, openDataDir(config.DATA_DIR), passNothing);
  try {
    if (args.length === 0) await list(store.work, print);
    else if (args.includes('--all')) await liftAll(store.work, print);
    else for (const orderId of args) await lift(store.work, orderId, print);
  } finally {
    await store.close();
  }
}

async function list(work: WorkStore, print: (line: string) => void): Promise<void> {
  const { total, orders } = await work.held(PAGE);
  for (const { orderId, status, hold } of orders) print(`${orderId} ${status} ${hold.code}: ${hold.message}`);
  print(total > orders.length ? `… and ${total - orders.length} more` : `${total} held`);
}

async function liftAll(work: WorkStore, print: (line: string) => void): Promise<void> {
  for (;;) {
    const { orders } = await work.held(PAGE);
    if (orders.length === 0) return;
    for (const { orderId } of orders) await lift(work, orderId, print);
  }
}

async function lift(work: WorkStore, orderId: string, print: (line: string) => void): Promise<void> {
  print(`${orderId} ${(await work.liftHold(orderId)) ? 'is no longer held' : 'was not held'}`);
}
