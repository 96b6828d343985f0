import type Database from 'better-sqlite3';
import type { Command } from '../../../../machines/order/types.ts';
import { toCommand } from './rows.ts';

/** Reads the commands of an order that are numbered above `n`, in order. */
export type CommandsAbove = (orderNo: number, n: number) => readonly Command[];

export function commandsAbove(db: Database.Database): CommandsAbove {
  const select = db
    .prepare<[number, number], string>('SELECT body FROM commands WHERE order_no = ? AND n > ? ORDER BY n')
    .pluck();
  return (orderNo, n) => select.all(orderNo, n).map(toCommand);
}
