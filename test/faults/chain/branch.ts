/** What a node that stays on a branch that lost goes on answering, as it was before a reorganisation. */
import { numberToHex } from 'viem';
import { z } from 'zod';
import type { LocalClient } from '../../../src/chain/local/local-client.ts';

const blockSchema = z.looseObject({
  hash: z.string(),
  number: z.string(),
  transactions: z.array(z.string()),
});

export class Branch {
  readonly #answers: ReadonlyMap<string, unknown>;

  private constructor(answers: ReadonlyMap<string, unknown>) {
    this.#answers = answers;
  }

  /** The last `depth` blocks, with the receipts of what they hold. */
  static async capture(client: LocalClient, depth: number): Promise<Branch> {
    const ask = (method: string, params: readonly unknown[]): Promise<unknown> =>
      client.request({ method, params } as never);
    const head = await client.getBlockNumber();
    const answers = new Map<string, unknown>();
    for (let number = head; number > head - BigInt(depth) && number >= 0n; number -= 1n) {
      const found = await ask('eth_getBlockByNumber', [numberToHex(number), false]);
      const block = blockSchema.parse(found);
      answers.set(keyOf('eth_getBlockByNumber', block.number), found);
      answers.set(keyOf('eth_getBlockByHash', block.hash), found);
      if (number === head) answers.set(keyOf('eth_getBlockByNumber', 'latest'), found);
      for (const hash of block.transactions) {
        answers.set(keyOf('eth_getTransactionReceipt', hash), await ask('eth_getTransactionReceipt', [hash]));
      }
    }
    return new Branch(answers);
  }

  /** Undefined: this node answers like the others. */
  answer(method: string, params: readonly unknown[]): unknown {
    return this.#answers.get(keyOf(method, params[0]));
  }
}

function keyOf(method: string, first: unknown): string {
  return `${method} ${String(first)}`;
}
