/** Opens venues and submitter: simulated ones, those of the data folder's local chain, or those of the chain behind RPC_URL. */
import type { Config } from '../../settings/config.ts';
import type { Submitter } from '../../chain/port.ts';
import type { SignerState } from '../../chain/evm/funds/signer-states.ts';
import { openEvmSubmitter } from '../../chain/evm/submitter.ts';
import { privateKeySigner, type TransactionSigner } from '../../chain/evm/signing/transaction-signer.ts';
import { deployLocalChain, localChainFiles } from '../../chain/local/deployment/deploy.ts';
import { fundSigners } from '../../chain/local/deployment/fund-signers.ts';
import { grantAllowances } from '../../chain/local/deployment/grant-allowances.ts';
import { openSecret, signerKeys } from '../../chain/local/secret.ts';
import { EffectError } from '../../../machines/order/effect-error.ts';
import { readStoredContext } from '../../journal/stored-context.ts';
import { OtherChain } from '../../store/ledger.ts';
import { openNewHeads, type NewHeads } from '../../rpc/new-heads.ts';
import { systemClock } from '../../runtime/time.ts';
import { OperatorError } from '../../operator-error.ts';
import type { Log } from '../../telemetry/log.ts';
import type { OnchainVenue } from '../../venues/onchain/onchain-venue.ts';
import { checkMarket } from '../../venues/onchain/check-market.ts';
import { nodeFailure } from '../../venues/onchain/rpc-failure.ts';
import type { Venue } from '../../venues/port.ts';
import type { Backends } from './backends.ts';
import { readMarket, tradedTokensOf, type Market } from '../../settings/chain-file.ts';
import { listedTokens } from '../../settings/token-names.ts';
import { openMarket } from './open-market.ts';
import { openSigners } from './open-signers.ts';
import { openSimulation } from './open-simulation.ts';
import type { ShutdownSteps } from './shutdown.ts';

export interface Execution {
  readonly venues: readonly Venue[];
  readonly submitter: Submitter;
  /** Null: there are none on a simulated chain. */
  readonly signerStates: (() => Promise<readonly SignerState[]>) | null;
}

/** @throws OperatorError */
export async function openExecution(
  config: Config,
  backends: Backends,
  stops: ShutdownSteps,
): Promise<Execution> {
  if (config.EXECUTION === 'simulated') {
    const simulation = openSimulation({ ...config, DATA_DIR: backends.dataDir }, backends.passCrashPoint);
    stops.push(() => simulation.submitter.close());
    return { ...simulation, signerStates: null };
  }
  const { rpcUrl, market, signers } =
    config.RPC_URL === undefined
      ? await localChain(config, backends)
      : await remoteChain(config, config.RPC_URL);
  const { store, passCrashPoint, log } = backends;
  const heads = newHeads(config, log);
  if (heads !== null) {
    stops.push(() => {
      heads.close();
      return Promise.resolve();
    });
  }
  const { transport, weth, node, fees, venues } = openMarket(
    config,
    { rpcUrl, market, ...(heads === null ? {} : { heads }) },
    log,
  );
  try {
    if (config.RPC_URL !== undefined) await checkChainFile({ ...market, rpcUrl, transport, weth }, log);
    const submitter = await openEvmSubmitter({
      chainId: market.chainId,
      node,
      ledger: store.ledger,
      orders: store.orders,
      submissionOf: ({ state }) => {
        const { epoch, transactions, terms } = readStoredContext(state.context);
        return { epoch, hashes: transactions.map(({ hash }) => hash), validTo: terms.validTo };
      },
      signers,
      decoder: receiptDecoder(venues, log),
      addressOf: listedTokens(tradedTokensOf(market)).nameOf,
      settings: {
        confirmations: config.CONFIRMATIONS,
        finality: config.FINALITY,
        pollMs: config.CHAIN_POLL_MS,
        raiseAfterMs: config.RAISE_FEE_AFTER_MS,
        window: config.SIGNER_WINDOW,
        ...fees,
        allowance: config.ALLOWANCE,
      },
      clock: systemClock,
      passCrashPoint,
      log,
    });
    stops.push(() => submitter.close());
    return { venues, submitter, signerStates: submitter.signerStates };
  } catch (error) {
    if (error instanceof OtherChain && config.RPC_URL === undefined) {
      throw new OperatorError(otherPrivateChain(config, error), { cause: error });
    }
    if (error instanceof OtherChain || error instanceof EffectError) {
      throw new OperatorError(error.message, { cause: error });
    }
    throw error;
  }
}

function newHeads({ RPC_URL, RPC_WS_URL: url }: Config, log: Pick<Log, 'warn'>): NewHeads | null {
  if (RPC_URL === undefined || url === undefined) return null;
  return openNewHeads(url, (why) => log.warn({ why }, 'RPC_WS_URL tells of no blocks: they are looked for'));
}

/** @throws OperatorError with one line for each thing that is not as CHAIN_FILE says; EffectError where the node gives no answer */
async function checkChainFile(
  market: Parameters<typeof checkMarket>[0],
  log: Pick<Backends['log'], 'warn'>,
): Promise<void> {
  const { problems, warnings } = await checkMarket(market).catch((error: unknown) => {
    throw nodeFailure('the check of CHAIN_FILE', error);
  });
  for (const warning of warnings) log.warn(`CHAIN_FILE: ${warning}`);
  if (problems.length === 0) return;
  throw new OperatorError(
    `CHAIN_FILE does not fit the chain behind RPC_URL:\n${problems.map((line) => `  ${line}`).join('\n')}`,
  );
}

function otherPrivateChain({ MONGODB_URL, DATA_DIR }: Config, { message }: OtherChain): string {
  if (MONGODB_URL === undefined) {
    const found = `the private chain in DATA_DIR (${DATA_DIR}) is not the one that its orders were swapped on`;
    return `${found}: name another DATA_DIR (${message})`;
  }
  return [
    'RPC_URL is not set, and the orders in MONGODB_URL are swapped on another private chain than the one in DATA_DIR',
    ` (${DATA_DIR}), which processes on other folders or machines cannot reach: set RPC_URL to a chain that all workers reach,`,
    ` or give them all the same DATA_DIR, or use another database (${message})`,
  ].join('');
}

interface Chain {
  readonly rpcUrl: string;
  readonly market: Market;
  readonly signers: readonly TransactionSigner[];
}

async function localChain(config: Config, { localChain, log }: Backends): Promise<Chain> {
  if (localChain === null) throw new Error('no local chain was opened for this process');
  const { rpcUrl, chainDir } = localChain;
  const deployment = await deployLocalChain({ rpcUrl, chainDir, log });
  const keys = signerKeys(openSecret(localChainFiles(chainDir).secret), config.LOCAL_SIGNERS);
  const signers = keys.map(privateKeySigner);
  const addresses = signers.map(({ address }) => address);
  const grants = config.ALLOWANCE === 'unlimited';
  // At once: funding waits for a block, in which time the allowances are written.
  await Promise.all([
    fundSigners(rpcUrl, deployment, addresses),
    grants ? grantAllowances(rpcUrl, deployment.chain, addresses) : null,
  ]);
  return { rpcUrl, market: deployment.chain, signers };
}

async function remoteChain(config: Config, rpcUrl: string): Promise<Chain> {
  const signers = await openSigners(config);
  return { rpcUrl, market: readMarket(config.CHAIN_FILE), signers };
}

function receiptDecoder(venues: readonly OnchainVenue[], log: Pick<Log, 'error'>) {
  const named = (name: string): OnchainVenue => {
    const venue = venues.find((each) => each.name === name);
    if (venue !== undefined) return venue;
    throw new EffectError('wait', 'venue_gone', `The venue "${name}" is no longer configured`);
  };
  return {
    readFill: async (name: string, ...[terms, receipt]: Parameters<OnchainVenue['readFill']>) => {
      const fill = await named(name).readFill(terms, receipt);
      const { orderId } = terms;
      const { transactionHash: hash } = receipt;
      if (fill.deviation !== undefined)
        log.error({ orderId, hash, ...fill }, 'a swap is not what its order asked for');
      return fill;
    },
    decodeRevert: (name: string, data: string) => {
      const venue = named(name);
      return venue.classifyRevert({ reason: venue.revertReason(data) });
    },
  };
}
