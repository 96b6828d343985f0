import { describe, expect, test } from '@jest/globals';
import { initialTransition } from 'xstate';
import { orderMachine } from '../../machines/order/machine.ts';
import type { OrderContext } from '../../machines/order/types.ts';
import { store } from '../../machines/replay.ts';
import {
  machineRegistry,
  openOrder,
  type MachineRegistry,
  type StoredState,
} from '../../machines/registry.ts';
import { anOrderInput } from './order-events.ts';

const now = store(1, initialTransition(orderMachine, anOrderInput())[0]);

/** As if a version 0 had called routing "finding" and the venue's name a number. */
const old: StoredState = {
  machineVersion: 0,
  value: { finding: 'quoting' },
  context: { ...(now.context as OrderContext), epoch: 'first' },
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
        context: { ...(state.context as OrderContext), epoch: 1 },
      }),
    ],
  ]),
};

describe('opening a stored order', () => {
  test('one of this version opens as it was stored', () => {
    const opened = openOrder(machineRegistry, now);
    expect(opened).toMatchObject({ kind: 'open', machineVersion: 1, snapshot: { value: 'pending' } });
  });

  test('one of an older version is carried over by its migration', () => {
    const opened = openOrder(withMigration, old);
    expect(opened).toMatchObject({
      kind: 'open',
      machineVersion: 1,
      snapshot: { value: { routing: 'quoting' }, context: { epoch: 1 } },
    });
  });

  test('an older machine that is still registered goes on with its own orders', () => {
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

  test('an older one without a path is unreadable, and the reason names the versions', () => {
    expect(openOrder(machineRegistry, old)).toEqual({
      kind: 'unreadable',
      message: 'No machine of version 0 and no migration from it; this release runs 1',
    });
  });

  test('a newer one is left alone', () => {
    expect(openOrder(machineRegistry, { ...now, machineVersion: 2 })).toEqual({ kind: 'newer' });
  });

  test('a state that the machine lacks is unreadable, not overwritten', () => {
    expect(openOrder(machineRegistry, { ...now, value: { routing: 'dreaming' } })).toMatchObject({
      kind: 'unreadable',
    });
  });

  test('a migration that leads nowhere is unreadable instead of endless', () => {
    const loop: MachineRegistry = { ...machineRegistry, migrations: new Map([[0, (state) => state]]) };
    expect(openOrder(loop, old)).toMatchObject({ kind: 'unreadable' });
  });
});
