import { parseArgs } from 'node:util';
import { UserFault } from '../src/user-fault.ts';

export type StoreName = 'sqlite' | 'mongodb';

export interface BenchArguments {
  readonly what: 'load' | 'scale' | 'lists';
  /** Where only one is measured: the first. */
  readonly stores: readonly [StoreName, ...StoreName[]];
  /** 0: everything in one process. */
  readonly workers: number;
  readonly apis: number;
  /** The processes whose descendants are the database server; none: it is not known. */
  readonly storePids: readonly number[];
  readonly runs: number;
  readonly orders: number;
  /** Of the moderate phase, a second. */
  readonly rate: number;
  /** Of the moderate phase. */
  readonly seconds: number;
  /** How many orders are stored when lists are measured. */
  readonly stored: readonly number[];
  /** Where the server processes leave CPU profiles; empty: they take none. */
  readonly profile: string;
  /** Where the figures are kept; empty: nowhere. */
  readonly json: string;
}

/** @throws UserFault for what cannot be measured */
export function readBenchArguments(args: readonly string[]): BenchArguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      scale: { type: 'boolean', default: false },
      lists: { type: 'boolean', default: false },
      store: { type: 'string' },
      workers: { type: 'string', default: '0' },
      apis: { type: 'string', default: '1' },
      'store-pid': { type: 'string', multiple: true, default: [] },
      runs: { type: 'string', default: '3' },
      orders: { type: 'string', default: '2000' },
      rate: { type: 'string', default: '50' },
      seconds: { type: 'string', default: '10' },
      stored: { type: 'string', multiple: true, default: ['10000', '1000000'] },
      profile: { type: 'string', default: '' },
      json: { type: 'string', default: '' },
    },
  });
  const { store, profile, json } = values;
  if (store !== undefined && store !== 'sqlite' && store !== 'mongodb') {
    throw new UserFault(`--store is "${store}": expected sqlite or mongodb`);
  }
  if (values.scale && values.lists) throw new UserFault('--scale and --lists are two benchmarks: choose one');
  return {
    what: values.scale ? 'scale' : values.lists ? 'lists' : 'load',
    stores: store === undefined ? ['sqlite', 'mongodb'] : [store],
    workers: count('workers', values.workers, 0),
    apis: count('apis', values.apis, 1),
    storePids: values['store-pid'].map((pid) => count('store-pid', pid, 1)),
    runs: count('runs', values.runs, 1),
    orders: count('orders', values.orders, 1),
    rate: count('rate', values.rate, 1),
    seconds: count('seconds', values.seconds, 0),
    stored: values.stored.map((stored) => count('stored', stored, 2)),
    profile,
    json,
  };
}

function count(name: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new UserFault(`--${name} is "${text}": expected a whole number, ${least} or more`);
}
