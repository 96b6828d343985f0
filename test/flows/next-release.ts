/**
 * Runs as the next release would: new orders use another machine version, and this release's machine is still registered for
 * the orders in progress. `next-release.ts api|worker`, with the usual settings.
 */
import { createMachine } from 'xstate';
import { orderMachine, type OrderMachine } from '../../machines/order/machine.ts';
import { machineRegistry, type MachineRegistry } from '../../machines/registry.ts';
import { startFillstream } from '../../src/app/fillstream.ts';
import { readConfig } from '../../src/settings/config.ts';

const version = machineRegistry.current + 1;
/** The same statechart with another id, which the edges in its orders' journals show. */
const config = { ...orderMachine.config, id: `order@${version}` };
const machine = createMachine(
  config as never,
  orderMachine.implementations as never,
) as unknown as OrderMachine;
const registry: MachineRegistry = {
  ...machineRegistry,
  current: version,
  machines: new Map([...machineRegistry.machines, [version, machine]]),
};

const role = process.argv[2] === 'worker' ? 'worker' : 'api';
const running = await startFillstream(readConfig(process.env), role, { registry });
if (running === null) throw new Error('it was not interrupted and did not start');
process.once('SIGTERM', () => void running.close().then(() => process.exit(0)));
