import { OperatorError } from '../src/operator-error.ts';
import { readOptions } from '../src/terminal/read-options.ts';

export type StoreName = 'sqlite' | 'mongodb';

export interface BenchArguments {
  readonly what: 'load' | 'scale' | 'lists' | 'terms' | 'chain' | 'peers' | 'watchers' | 'timing' | 'growth';
  /** A benchmark of one store measures the first. */
  readonly stores: readonly [StoreName, ...StoreName[]];
  /** 0: everything in one process. */
  readonly workers: number;
  readonly apis: number;
  /** The processes that are the database server, with their descendants. Empty: unknown. */
  readonly storePids: readonly number[];
  readonly runs: number;
  readonly orders: number;
  /** Orders that a new stack runs before the measured ones. 0: none, and the stack is measured cold. */
  readonly warmUp: number;
  /** Orders a second in the moderate phase. */
  readonly rate: number;
  /** Duration of the moderate phase. */
  readonly seconds: number;
  /** The numbers of stored orders with which lists, and new orders, are measured. */
  readonly stored: readonly number[];
  /** The numbers of signers, with one measurement each. */
  readonly signers: readonly number[];
  /** The peers to measure. Empty: all of them. */
  readonly peers: readonly string[];
  /** The folder for CPU profiles of the server processes. Empty: none are taken. */
  readonly profile: string;
  /** The file for the figures. Empty: they are only printed. */
  readonly json: string;
}

const LOAD_SIZE = { orders: '2000', rate: '50', seconds: '10' };
const CHAIN_SIZE = { orders: '300', rate: '4', seconds: '20' };
const STORED = { lists: ['10000', '1000000'], growth: ['100', '10000', '1000000'] } as const;

/** @throws OperatorError for an invalid argument */
export function readBenchArguments(args: readonly string[]): BenchArguments {
  const { values } = readOptions(args, 'an option that bench/run.ts describes', {
    options: {
      scale: { type: 'boolean', default: false },
      lists: { type: 'boolean', default: false },
      terms: { type: 'boolean', default: false },
      chain: { type: 'boolean', default: false },
      peers: { type: 'boolean', default: false },
      peer: { type: 'string', multiple: true, default: [] },
      watchers: { type: 'boolean', default: false },
      timing: { type: 'boolean', default: false },
      growth: { type: 'boolean', default: false },
      signers: { type: 'string', multiple: true, default: ['1', '2', '4'] },
      store: { type: 'string' },
      workers: { type: 'string', default: '0' },
      apis: { type: 'string', default: '1' },
      'store-pid': { type: 'string', multiple: true, default: [] },
      runs: { type: 'string', default: '3' },
      orders: { type: 'string' },
      'warm-up': { type: 'string', default: '500' },
      rate: { type: 'string' },
      seconds: { type: 'string' },
      stored: { type: 'string', multiple: true, default: [] },
      profile: { type: 'string', default: '' },
      json: { type: 'string', default: '' },
    },
  });
  const { store, profile, json } = values;
  if (store !== undefined && store !== 'sqlite' && store !== 'mongodb') {
    throw new OperatorError(`--store is "${store}": expected sqlite or mongodb`);
  }
  const [what = 'load', another] = (
    ['scale', 'lists', 'terms', 'chain', 'peers', 'watchers', 'timing', 'growth'] as const
  ).filter((name) => values[name]);
  if (another !== undefined)
    throw new OperatorError(`--${what} and --${another} are two benchmarks: choose one`);
  // On a chain an order takes seconds, and throughput is tens of orders a second.
  const size = what === 'chain' ? CHAIN_SIZE : LOAD_SIZE;
  return {
    what,
    stores: store === undefined ? ['sqlite', 'mongodb'] : [store],
    workers: count('workers', values.workers, 0),
    apis: count('apis', values.apis, 1),
    storePids: values['store-pid'].map((pid) => count('store-pid', pid, 1)),
    runs: count('runs', values.runs, 1),
    orders: count('orders', values.orders ?? size.orders, 1),
    warmUp: count('warm-up', values['warm-up'], 0),
    rate: count('rate', values.rate ?? size.rate, 1),
    seconds: count('seconds', values.seconds ?? size.seconds, 0),
    signers: values.signers.map((signers) => count('signers', signers, 1)),
    stored: (values.stored.length > 0 ? values.stored : STORED[what === 'growth' ? 'growth' : 'lists']).map(
      (stored) => count('stored', stored, 2),
    ),
    peers: values.peer,
    profile,
    json,
  };
}

function count(name: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new OperatorError(`--${name} is "${text}": expected a whole number, ${least} or more`);
}
