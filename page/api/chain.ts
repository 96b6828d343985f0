/** The chain and its tokens, as far as the server knows them. */
import { computed, signal } from '@preact/signals';
import { readChain, readTokens } from './answers.ts';

export interface Token {
  readonly symbol: string;
  readonly address: string;
  readonly decimals: number;
}

export interface Chain {
  readonly execution: 'chain' | 'simulated';
  readonly chainId: number | null;
  readonly confirmations: number | null;
  readonly explorer: string | null;
  /** The newest block. Servers of 0.2 do not tell it. */
  readonly head?: { readonly block: number; readonly at: string } | null;
}

export const chain = signal<Chain | null>(null);
export const tokens = signal<readonly Token[]>([]);

/** By symbol and by address, both in lower case. */
const byName = computed(
  () =>
    new Map(
      tokens.value.flatMap((token) =>
        [token.symbol, token.address].map((name) => [name.toLowerCase(), token] as const),
      ),
    ),
);

export function tokenOf(name: string): Token | undefined {
  return byName.value.get(name.toLowerCase());
}

/** A private chain has its tokens some seconds after its first start. */
const AGAIN_MS = 3_000;

export async function loadChain(): Promise<void> {
  try {
    const [read, list] = await Promise.all([readChain(), readTokens()]);
    chain.value = read;
    tokens.value = list;
    if (read.execution === 'simulated' || list.length > 0) return;
  } catch {
    // Without tokens, amounts are shown in base units until the server answers.
  }
  setTimeout(() => void loadChain(), AGAIN_MS);
}

const HEAD_EVERY_MS = 1_000;

/** Reads the newest block again and again, while something shown depends on it. @returns what ends it */
export function watchHead(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isStopped = false;
  const read = async (): Promise<void> => {
    try {
      if (!document.hidden) chain.value = await readChain();
    } catch {
      // The banner says that the server does not answer.
    }
    if (!isStopped) timer = setTimeout(() => void read(), HEAD_EVERY_MS);
  };
  void read();
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}

export interface Confirmations {
  readonly count: number;
  readonly of: number;
}

/** How many blocks are on top of this one, of those that an order waits for. Null: not known, or it waits for none. */
export function confirmationsOf(block: number): Confirmations | null {
  const known = chain.value;
  const of = known?.confirmations ?? 0;
  if (known?.head == null || of === 0) return null;
  return { count: Math.min(of, Math.max(0, known.head.block - block)), of };
}

export function transactionUrl(hash: string): string | null {
  return chain.value?.explorer?.replaceAll('{hash}', hash) ?? null;
}
