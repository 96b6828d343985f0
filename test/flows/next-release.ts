/**
 * The release after this one, as a process: new orders begin on a machine of another version, and this one's machine is
 * still there for the orders that are under way. `next-release.ts api|worker`, settings as ever.
 */
import { createMachine } from 'xstate';
import { orderMachine, type OrderMachine } from '../../machines/order/machine.ts';
import { machineRegistry, type MachineRegistry } from '../../machines/registry.ts';
import { startFillstream } from '../../src/app/fillstream.ts';
import { readConfig } from '../../src/settings/config.ts';

const version = machineRegistry.current + 1;
/** The same chart under another name: what its orders did is told apart by the edges in their journals. */
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
const running = await startFillstream(readConfig(process.env), role, registry);
process.once('SIGTERM', () => void running.close().then(() => process.exit(0)));
