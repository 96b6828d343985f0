/** The last blocks of a chain, each the parent of the next, and which of them holds a transaction. */
import type { Hash } from 'viem';

export interface Block {
  readonly number: bigint;
  readonly hash: Hash;
  readonly parentHash: Hash;
  /** Unix seconds. */
  readonly timestamp: bigint;
  /** Null: the chain has none (before EIP-1559). */
  readonly baseFeePerGas: bigint | null;
  /** Hashes of its transactions. */
  readonly transactions: readonly Hash[];
}

/** As viem gives it without its transactions. A block that is being built has no number or hash. */
interface RpcBlock {
  readonly number: bigint | null;
  readonly hash: Hash | null;
  readonly parentHash: Hash;
  readonly timestamp: bigint;
  readonly baseFeePerGas: bigint | null;
  readonly transactions: readonly Hash[];
}

export function toBlockOrNull(block: RpcBlock | null): Block | null {
  return block === null ? null : toBlock(block);
}

export function toBlock({
  number,
  hash,
  parentHash,
  timestamp,
  baseFeePerGas,
  transactions,
}: RpcBlock): Block {
  if (number === null || hash === null) throw new Error('the node answered a block without number or hash');
  return { number, hash, parentHash, timestamp, baseFeePerGas, transactions };
}

export class KeptChain {
  readonly #most: number;
  /** Ascending. */
  #blocks: Block[] = [];
  readonly #blockOf = new Map<Hash, Block>();

  /** @param most blocks that are kept */
  constructor(most: number) {
    this.#most = most;
  }

  get first(): Block | undefined {
    return this.#blocks[0];
  }

  get head(): Block | undefined {
    return this.#blocks.at(-1);
  }

  /** Undefined: it is not kept. */
  at(number: bigint): Block | undefined {
    const [first] = this.#blocks;
    return first === undefined || number < first.number
      ? undefined
      : this.#blocks[Number(number - first.number)];
  }

  has(hash: Hash): boolean {
    return this.#blocks.some((block) => block.hash === hash);
  }

  /** The block that holds the transaction; undefined: none of those that are kept. */
  holding(transaction: Hash): Block | undefined {
    return this.#blockOf.get(transaction);
  }

  /**
   * Takes blocks in place of those of their heights and above. Where none of those that are kept is their parent, the chain begins
   * with them.
   * @returns how many of those that were kept are no longer in the chain, but for those below the new ones
   */
  put(branch: readonly Block[]): number {
    const [first] = branch;
    if (first === undefined) return 0;
    const joint = this.#blocks.findIndex(({ hash }) => hash === first.parentHash);
    // A head that is the branch's first block was gone back to: it stays.
    const taken = this.#blocks.filter(({ number, hash }) => number >= first.number && hash !== first.hash);
    const joined = joint < 0 ? [] : this.#blocks.slice(0, joint + 1);
    this.#replace([...joined, ...branch].slice(-this.#most));
    return taken.length;
  }

  /** Takes the parent of the first block, if there is room for it. */
  putBelow(block: Block): void {
    if (this.first?.parentHash !== block.hash || this.#blocks.length >= this.#most) return;
    this.#blocks.unshift(block);
    this.#index(block);
  }

  #replace(next: Block[]): void {
    const before = this.#blocks;
    const [stays, known] = [next, before].map((blocks) => new Set(blocks.map(({ hash }) => hash)));
    for (const block of before) if (stays?.has(block.hash) !== true) this.#unindex(block);
    for (const block of next) if (known?.has(block.hash) !== true) this.#index(block);
    this.#blocks = next;
  }

  #index(block: Block): void {
    for (const transaction of block.transactions) this.#blockOf.set(transaction, block);
  }

  #unindex(block: Block): void {
    for (const transaction of block.transactions) this.#blockOf.delete(transaction);
  }
}
