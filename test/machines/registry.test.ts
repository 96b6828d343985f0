import { describe, expect, test } from '@jest/globals';
import { initialTransition } from 'xstate';
import { orderMachine } from '../../machines/order/machine.ts';
import type { StoredOrderContext } from '../../machines/order/stored-context.ts';
import { toStoredState } from '../../machines/replay.ts';
import {
  machineRegistry,
  openOrder,
  type MachineRegistry,
  type StoredState,
} from '../../machines/registry.ts';
import { anOrderInput } from './order-events.ts';

const now = toStoredState(1, initialTransition(orderMachine, anOrderInput())[0]);

/** A state of an imaginary version 0, with other names and types. */
const old: StoredState = {
  machineVersion: 0,
  value: { finding: 'quoting' },
  context: { ...(now.context as StoredOrderContext), epoch: 'first' },
  status: 'active',
};

const withMigration: MachineRegistry = {
  ...machineRegistry,
  migrations: new Map([
    [
      0,
      (state) => ({
        ...state,
        machineVersion: 1,
        value: { routing: 'quoting' },
        context: { ...(state.context as StoredOrderContext), epoch: 1 },
      }),
    ],
  ]),
};

describe('opening a stored order', () => {
  test('an order of this version opens as it was stored', () => {
    const opened = openOrder(machineRegistry, now);
    expect(opened).toMatchObject({ kind: 'open', machineVersion: 1, snapshot: { value: 'pending' } });
  });

  test('an order of an older version is migrated', () => {
    const opened = openOrder(withMigration, old);
    expect(opened).toMatchObject({
      kind: 'open',
      machineVersion: 1,
      snapshot: { value: { routing: 'quoting' }, context: { epoch: 1 } },
    });
  });

  test('a registered older machine runs its own orders', () => {
    const both: MachineRegistry = {
      ...withMigration,
      current: 2,
      machines: new Map([
        [1, orderMachine],
        [2, orderMachine],
      ]),
    };
    expect(openOrder(both, now)).toMatchObject({ kind: 'open', machineVersion: 1 });
  });

  test('an older order without a migration is unreadable, and the message names the versions', () => {
    expect(openOrder(machineRegistry, old)).toEqual({
      kind: 'unreadable',
      message: 'Machine version 0 is not registered and has no migration: expected one of 1',
    });
  });

  test('an order of a newer version is reported as newer', () => {
    expect(openOrder(machineRegistry, { ...now, machineVersion: 2 })).toEqual({ kind: 'newer' });
  });

  test('a state that the machine does not have is unreadable', () => {
    expect(openOrder(machineRegistry, { ...now, value: { routing: 'dreaming' } })).toMatchObject({
      kind: 'unreadable',
    });
  });

  test('a migration to the same version makes the order unreadable, without an endless loop', () => {
    const loop: MachineRegistry = { ...machineRegistry, migrations: new Map([[0, (state) => state]]) };
    expect(openOrder(loop, old)).toMatchObject({ kind: 'unreadable' });
  });
});
