/** Writes down the numbered transactions of one deployer, and says what address each creates. */
import { getContractAddress, type Address, type Hex } from 'viem';

export interface Step {
  /** For people. */
  readonly what: string;
  /** Null: it creates a contract. */
  readonly to: Address | null;
  readonly data: Hex;
  readonly value: bigint;
}

export interface PlanWriter {
  readonly deployer: Address;
  readonly steps: readonly Step[];
  /** @param data creation code with its constructor's arguments */
  create(what: string, data: Hex): Address;
  call(what: string, to: Address, data: Hex, value?: bigint): void;
}

export function planWriter(deployer: Address): PlanWriter {
  const steps: Step[] = [];
  return {
    deployer,
    steps,
    create(what, data) {
      const address = getContractAddress({ from: deployer, nonce: BigInt(steps.length) });
      steps.push({ what, to: null, data, value: 0n });
      return address;
    },
    call(what, to, data, value = 0n) {
      steps.push({ what, to, data, value });
    },
  };
}
