/** How nodes of other chains, and providers, answer otherwise than an anvil. */
import { hexToBigInt, numberToHex, parseTransaction, size, type Hex } from 'viem';
import { z } from 'zod';
import { HttpStatus, NodeError, type Ask, type Rule, type RpcRequest } from './ruled-rpc.ts';

export const passOn: Rule = (request, ask) => ask(request);

/** Like Arbitrum: what the chain below charges is counted as gas, so that less than 60,000 is refused. */
export const gasForData: Rule = async (request, ask) => {
  const answer = async (): Promise<unknown> => ask(request);
  if (request.method === 'eth_estimateGas') return numberToHex(bigintOf(await answer()) + DATA_GAS);
  if (request.method !== 'eth_sendRawTransaction') return answer();
  const { gas = 0n } = parseTransaction(hexOf(request.params[0]));
  const least = LEAST_GAS + DATA_GAS;
  if (gas < least) throw new NodeError(-32000, `intrinsic gas too low: have ${gas}, want ${least}`);
  return answer();
};
const LEAST_GAS = 21_000n;
const DATA_GAS = 39_000n;

/** Like the OP stack: receipts say what the transaction's data cost. */
export function dataFee(weiPerByte: bigint): Rule {
  return async (request, ask) => {
    const answer = await ask(request);
    if (request.method !== 'eth_getTransactionReceipt') return answer;
    const receipt = z.looseObject({}).nullable().parse(answer);
    if (receipt === null) return null;
    const sent = await ask({ method: 'eth_getTransactionByHash', params: request.params });
    const { input } = z.looseObject({ input: z.string() }).parse(sent);
    return { ...receipt, l1Fee: numberToHex(weiPerByte * BigInt(size(hexOf(input)))) };
  };
}

const STATE_METHODS = ['eth_call', 'eth_getBalance', 'eth_getCode', 'eth_getTransactionCount'];

/** Has the state of the last blocks only, like a node with a small cache. */
export function pruning(blocks: bigint): Rule {
  return async (request, ask) => {
    if (STATE_METHODS.includes(request.method)) {
      const number = await heightOf(request, ask);
      const head = bigintOf(await ask({ method: 'eth_blockNumber', params: [] }));
      if (number !== null && head - number > blocks) {
        throw new NodeError(-32000, `missing trie node of block ${number} (pruned)`);
      }
    }
    return ask(request);
  };
}

/** The block that a request of state names; null: the latest. */
async function heightOf({ method, params }: RpcRequest, ask: Ask): Promise<bigint | null> {
  const place = params[1];
  if (typeof place === 'string') return place.startsWith('0x') ? hexToBigInt(hexOf(place)) : null;
  const named = z.looseObject({ blockHash: z.string() }).safeParse(place);
  if (!named.success) return null;
  const block = await ask({ method: 'eth_getBlockByHash', params: [named.data.blockHash, false] });
  const found = z.looseObject({ number: z.string() }).nullable().parse(block);
  if (found === null) throw new NodeError(-32001, `${method}: block not found`);
  return bigintOf(found.number);
}

/** Answers 429 to what exceeds `perSecond` requests, with the wish to wait for a second. */
export function rateLimited(perSecond: number): Rule {
  let second = 0;
  let asked = 0;
  return (request, ask) => {
    const now = Math.floor(performance.now() / 1_000);
    if (now !== second) [second, asked] = [now, 0];
    asked += 1;
    if (asked > perSecond) throw new HttpStatus(429, 'Too many requests', { 'Retry-After': '1' });
    return ask(request);
  };
}

/** A node that is some blocks behind: it has neither their receipts nor their state, and takes transactions like the other. */
export function behind(blocks: bigint): Rule {
  return async (request, ask) => {
    const { method, params } = request;
    const head = bigintOf(await ask({ method: 'eth_blockNumber', params: [] })) - blocks;
    const known = (answer: unknown): unknown => {
      const found = z
        .looseObject({ blockNumber: z.string().nullish(), number: z.string().nullish() })
        .nullable()
        .parse(answer);
      const number = found?.blockNumber ?? found?.number;
      return number == null || bigintOf(number) <= head ? found : null;
    };
    const atHead = params.map((each) => (each === 'latest' ? numberToHex(head) : each));
    switch (method) {
      case 'eth_blockNumber':
        return numberToHex(head);
      case 'eth_getTransactionReceipt':
      case 'eth_getBlockByHash':
      case 'eth_getBlockByNumber':
        return known(await ask({ method, params: atHead }));
      case 'eth_getTransactionByHash': {
        const sent = await ask(request);
        return known(sent) ?? pending(sent);
      }
      case 'eth_call':
      case 'eth_getBalance':
      case 'eth_getTransactionCount':
      case 'eth_feeHistory':
        return ask({ method, params: atHead });
      default:
        return ask(request);
    }
  };
}

function pending(sent: unknown): unknown {
  const found = z.looseObject({}).nullable().parse(sent);
  return found === null ? null : { ...found, blockHash: null, blockNumber: null, transactionIndex: null };
}

function hexOf(value: unknown): Hex {
  const text = z.string().startsWith('0x').parse(value);
  return `0x${text.slice(2)}`;
}

function bigintOf(value: unknown): bigint {
  return hexToBigInt(hexOf(value));
}
