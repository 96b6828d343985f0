import type { Hash } from 'viem';
import type { Attempt } from '../../../store/ledger.ts';
import { asHex } from '../sign-and-store.ts';
import type { AccountContext } from '../submitter-context.ts';

type Node = Pick<AccountContext['node'], 'hasTransaction' | 'send'>;

/** The last is asked for first: it is the likeliest. @param head a block that could have held them: what is known from before it does not count */
export async function nodeHasAny(
  node: Pick<Node, 'hasTransaction'>,
  hashes: readonly string[],
  head?: Hash,
): Promise<boolean> {
  for (const hash of hashes.toReversed()) if (await node.hasTransaction(asHex(hash), head)) return true;
  return false;
}

/** Sends the last attempt again where the node has none of them. */
export async function resendIfLost(node: Node, attempts: readonly Attempt[]): Promise<void> {
  const last = attempts.at(-1);
  if (last === undefined) return;
  const hashes = attempts.map(({ hash }) => hash);
  if (!(await nodeHasAny(node, hashes))) await node.send(asHex(last.bytes));
}
