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
import { ContractDeployer, OddTokenOnMarket } from '../../support/odd-token.ts';
import { LocalAnvil } from '../../support/chain/local-anvil.ts';
import { Branch } from './branch.ts';

const SIGNERS = 4;
/** Of each signer. */
const ODD_TOKENS = 100_000n * 10n ** 18n;
const POLL_MS = 20;
const SILENT = { info: () => undefined, warn: () => undefined };

interface MinedBlock {
  readonly number: bigint;
  readonly hash: Hash;
  readonly transactions: readonly Hash[];
}

export interface Reorganised {
  readonly undone: number;
  readonly branch: Branch;
}

export interface ChainRules {
  readonly blockMs: number;
  /** Null: anvil's own. `berlin` has no base fee. */
  readonly hardfork: string | null;
  /** What a rollup's contract says that a byte of a transaction costs; null: there is no such contract. */
  readonly weiPerByte: bigint | null;
  /** Whether a token is traded, too, that behaves in other ways (`odd`). */
  readonly hasOddToken: boolean;
}

export const USUAL_RULES: ChainRules = { blockMs: 500, hardfork: null, weiPerByte: null, hasOddToken: false };

interface Opened {
  readonly chain: LocalChain;
  readonly chainFile: string;
  readonly blockMs: number;
  readonly odd: OddTokenOnMarket | null;
}

export class HarnessChain {
  readonly chain: LocalChain;
  readonly keys: readonly Hex[];
  readonly signers: readonly Address[];
  /** The CHAIN_FILE of this chain. */
  readonly chainFile: string;
  /** All transactions of the signers come after this block. */
  readonly startBlock: bigint;
  /** Null: it is not traded. */
  readonly odd: OddTokenOnMarket | null;
  readonly #anvil: LocalAnvil;
  readonly #blockMs: number;

  private constructor(
    anvil: LocalAnvil,
    { chain, chainFile, blockMs, odd }: Opened,
    keys: readonly Hex[],
    startBlock: bigint,
  ) {
    this.#anvil = anvil;
    this.#blockMs = blockMs;
    this.odd = odd;
    this.chain = chain;
    this.keys = keys;
    this.signers = keys.map((key) => privateKeyToAccount(key).address);
    this.chainFile = chainFile;
    this.startBlock = startBlock;
  }

  static async start({ blockMs, hardfork, weiPerByte, hasOddToken } = USUAL_RULES): Promise<HarnessChain> {
    const anvil = await new LocalAnvil().start(hardfork === null ? blockMs : USUAL_RULES.blockMs);
    const { chainDir } = anvil;
    const deployment = await deployLocalChain({ rpcUrl: anvil.rpcUrl, chainDir, log: SILENT });
    const keys = signerKeys(openSecret(localChainFiles(chainDir).secret), SIGNERS);
    const signers = keys.map((key) => privateKeyToAccount(key).address);
    await fundSigners(anvil.rpcUrl, deployment, signers);
    const odd = hasOddToken ? await openOddToken(anvil, deployment.chain, signers) : null;
    const chain = {
      ...deployment.chain,
      tokens: [...deployment.chain.tokens, ...(odd === null ? [] : [odd.token])],
      ...(await oracleOf(anvil, weiPerByte)),
    };
    const chainFile = join(chainDir, 'chain-file.json');
    writeFileSync(chainFile, JSON.stringify(chain));
    if (hardfork !== null) {
      // What deploys the market sends transactions of EIP-1559.
      await anvil.stop();
      anvil.moreArgs = ['--hardfork', hardfork];
      await anvil.start(blockMs);
    }
    const startBlock = await openLocalClient(anvil.rpcUrl).getBlockNumber();
    return new HarnessChain(anvil, { chain, chainFile, blockMs, odd }, keys, startBlock);
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
   * Replaces at most `most` of the last blocks, with at least one transaction, by others: what they held is in none of these, or in another
   * block, or only what each account sent first is.
   * @returns the number of undone transactions, and the branch that lost; null: there was nothing to undo
   */
  async reorganise(most: number, random: () => number, withinMs: number): Promise<Reorganised | null> {
    const { client } = this;
    for (let waitedMs = 0; waitedMs < withinMs; waitedMs += this.#blockMs / 2) {
      const last = await this.#lastBlocks(most);
      const depths = last.flatMap(({ transactions }, index) => (transactions.length > 0 ? [index + 1] : []));
      const depth = depths[Math.floor(random() * depths.length)];
      if (depth !== undefined) {
        const branch = await Branch.capture(client, depth);
        const instead = random() < 0.5 ? [] : await this.#someOf(last.slice(0, depth), random);
        // After a restart anvil has no states of earlier blocks, and refuses to go back to them.
        const isDone = await client
          .request({ method: 'anvil_reorg', params: [depth, instead] } as never)
          .then(
            () => true,
            () => false,
          );
        if (isDone) return { undone: await this.#undone(last), branch };
      }
      await sleep(this.#blockMs / 2);
    }
    return null;
  }

  /** Of each account some of the first transactions, each with the block that is to hold it: not an earlier one than the last. */
  async #someOf(
    blocks: readonly MinedBlock[],
    random: () => number,
  ): Promise<readonly (readonly [bytes: string, block: number])[]> {
    const chosen: (readonly [string, number])[] = [];
    const lastBlockOf = new Map<string, number>();
    for (const hash of [...blocks].reverse().flatMap(({ transactions }) => transactions)) {
      const { from } = await this.client.getTransaction({ hash });
      const last = lastBlockOf.get(from) ?? 0;
      // The account's others come after it.
      if (last >= blocks.length || random() < 0.3) {
        lastBlockOf.set(from, blocks.length);
        continue;
      }
      const block = last + Math.floor(random() * (blocks.length - last));
      lastBlockOf.set(from, block);
      const bytes: unknown = await this.client.request({
        method: 'eth_getRawTransactionByHash',
        params: [hash],
      } as never);
      if (typeof bytes === 'string') chosen.push([bytes, block]);
      else lastBlockOf.set(from, blocks.length);
    }
    return chosen;
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

async function openOddToken(
  { rpcUrl }: LocalAnvil,
  chain: LocalChain,
  [holder, ...others]: readonly Address[],
): Promise<OddTokenOnMarket | null> {
  if (holder === undefined) return null;
  const odd = await OddTokenOnMarket.open(openLocalClient(rpcUrl), chain, { holder });
  for (const signer of others) await odd.give(signer, ODD_TOKENS);
  return odd;
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
