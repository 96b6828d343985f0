/** The chain of a fault run: an anvil with the local market and its signers, which can be disturbed. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { privateKeyToAccount } from 'viem/accounts';
import { encodeDeployData, type Address, type Hash, type Hex } from 'viem';
import { deployLocalChain, localChainFiles } from '../../../src/chain/local/deployment/deploy.ts';
import { fundSigners } from '../../../src/chain/local/deployment/fund-signers.ts';
import type { LocalChain } from '../../../src/chain/local/local-chain.ts';
import { openLocalClient, type LocalClient } from '../../../src/chain/local/local-client.ts';
import { openSecret, signerKeys } from '../../../src/chain/local/secret.ts';
import { L1FeeOracle } from '../../support/contracts/compiled.ts';
import { ContractDeployer } from '../../support/odd-token.ts';
import { LocalAnvil } from '../../support/chain/local-anvil.ts';

const SIGNERS = 4;
const POLL_MS = 20;
const SILENT = { info: () => undefined, warn: () => undefined };

interface MinedBlock {
  readonly number: bigint;
  readonly hash: Hash;
  readonly transactions: readonly Hash[];
}

export interface ChainRules {
  readonly blockMs: number;
  /** Null: anvil's own. `berlin` has no base fee. */
  readonly hardfork: string | null;
  /** What a rollup's contract says that a byte of a transaction costs; null: there is no such contract. */
  readonly weiPerByte: bigint | null;
}

const USUAL: ChainRules = { blockMs: 500, hardfork: null, weiPerByte: null };

export class HarnessChain {
  readonly chain: LocalChain;
  readonly keys: readonly Hex[];
  readonly signers: readonly Address[];
  /** The CHAIN_FILE of this chain. */
  readonly chainFile: string;
  /** All transactions of the signers come after this block. */
  readonly startBlock: bigint;
  readonly #anvil: LocalAnvil;
  readonly #blockMs: number;

  private constructor(
    anvil: LocalAnvil,
    { chain, chainFile, blockMs }: { chain: LocalChain; chainFile: string; blockMs: number },
    keys: readonly Hex[],
    startBlock: bigint,
  ) {
    this.#anvil = anvil;
    this.#blockMs = blockMs;
    this.chain = chain;
    this.keys = keys;
    this.signers = keys.map((key) => privateKeyToAccount(key).address);
    this.chainFile = chainFile;
    this.startBlock = startBlock;
  }

  static async start({ blockMs, hardfork, weiPerByte } = USUAL): Promise<HarnessChain> {
    const anvil = await new LocalAnvil().start(hardfork === null ? blockMs : USUAL.blockMs);
    const { chainDir } = anvil;
    const deployment = await deployLocalChain({ rpcUrl: anvil.rpcUrl, chainDir, log: SILENT });
    const keys = signerKeys(openSecret(localChainFiles(chainDir).secret), SIGNERS);
    const signers = keys.map((key) => privateKeyToAccount(key).address);
    await fundSigners(anvil.rpcUrl, deployment, signers);
    const chain = { ...deployment.chain, ...(await oracleOf(anvil, weiPerByte)) };
    const chainFile = join(chainDir, 'chain-file.json');
    writeFileSync(chainFile, JSON.stringify(chain));
    if (hardfork !== null) {
      // What deploys the market sends transactions of EIP-1559.
      await anvil.stop();
      anvil.moreArgs = ['--hardfork', hardfork];
      await anvil.start(blockMs);
    }
    const startBlock = await openLocalClient(anvil.rpcUrl).getBlockNumber();
    return new HarnessChain(anvil, { chain, chainFile, blockMs }, keys, startBlock);
  }

  get rpcUrl(): string {
    return this.#anvil.rpcUrl;
  }

  get client(): LocalClient {
    return openLocalClient(this.#anvil.rpcUrl);
  }

  /** Waits for blocks, so that no disturbance can undo the setup. */
  async deepen(blocks: number): Promise<void> {
    const target = (await this.client.getBlockNumber()) + BigInt(blocks);
    while ((await this.client.getBlockNumber()) < target) await sleep(this.#blockMs / 2);
  }

  /** Drops a pending transaction, and with it those of later nonces. @returns whether there was one */
  async dropOne(random: () => number, withinMs: number): Promise<boolean> {
    const { client } = this;
    for (let waitedMs = 0; waitedMs < withinMs; waitedMs += POLL_MS) {
      const { pending } = await client.getTxpoolContent();
      const waiting = Object.values(pending).flatMap((byNonce) =>
        Object.values(byNonce).map(({ hash }) => hash),
      );
      const hash = waiting[Math.floor(random() * waiting.length)];
      if (hash !== undefined) {
        await client.dropTransaction({ hash });
        const isKnown = await client.getTransaction({ hash }).then(
          () => true,
          () => false,
        );
        if (!isKnown) return true;
      }
      await sleep(POLL_MS);
    }
    return false;
  }

  /**
   * Replaces at most `most` of the last blocks, with at least one transaction, by empty ones.
   * @returns the number of undone transactions
   */
  async reorganise(most: number, random: () => number, withinMs: number): Promise<number> {
    const { client } = this;
    for (let waitedMs = 0; waitedMs < withinMs; waitedMs += this.#blockMs / 2) {
      const last = await this.#lastBlocks(most);
      const depths = last.flatMap(({ transactions }, index) => (transactions.length > 0 ? [index + 1] : []));
      const depth = depths[Math.floor(random() * depths.length)];
      if (depth !== undefined) {
        // After a restart anvil has no states of earlier blocks, and refuses to go back to them.
        const isDone = await client.request({ method: 'anvil_reorg', params: [depth, []] } as never).then(
          () => true,
          () => false,
        );
        if (isDone) return this.#undone(last);
      }
      await sleep(this.#blockMs / 2);
    }
    return 0;
  }

  /** `kill -9`, and a restart from the last dump. @returns the number of lost blocks */
  async killAndRestart(awayMs: number): Promise<number> {
    const before = await this.#lastBlocks(LOOK_BACK);
    const head = before[0]?.number ?? 0n;
    await this.#anvil.kill();
    await sleep(awayMs);
    await this.#anvil.start(this.#blockMs);
    for (const { number, hash } of before) {
      const now = await this.client.getBlock({ blockNumber: number }).catch(() => null);
      if (now?.hash === hash) return Number(head - number);
    }
    return LOOK_BACK;
  }

  async #undone(blocks: readonly MinedBlock[]): Promise<number> {
    let undone = 0;
    for (const { number, hash, transactions } of blocks) {
      const now = await this.client.getBlock({ blockNumber: number }).catch(() => null);
      if (now?.hash !== hash) undone += transactions.length;
    }
    return undone;
  }

  async remove(): Promise<void> {
    await this.#anvil.remove();
  }

  /** Newest first. */
  async #lastBlocks(count: number): Promise<readonly MinedBlock[]> {
    const { client } = this;
    const head = await client.getBlockNumber();
    const numbers = Array.from({ length: count }, (_, index) => head - BigInt(index)).filter(
      (each) => each >= 0n,
    );
    return Promise.all(numbers.map((blockNumber) => client.getBlock({ blockNumber })));
  }
}

async function oracleOf(
  { rpcUrl }: LocalAnvil,
  weiPerByte: bigint | null,
): Promise<{ readonly l1FeeOracle?: Address }> {
  if (weiPerByte === null) return {};
  const { abi, bytecode } = L1FeeOracle;
  const creation = encodeDeployData({ abi, bytecode, args: [weiPerByte] });
  return { l1FeeOracle: await new ContractDeployer(openLocalClient(rpcUrl)).deploy(creation) };
}

/** A dump is never so many blocks behind. */
const LOOK_BACK = 40;
