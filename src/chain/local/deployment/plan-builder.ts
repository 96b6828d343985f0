/** Collects the numbered transactions of one deployer, and computes the addresses that they create. */
import { getContractAddress, type Address, type Hex } from 'viem';

export interface DeploymentStep {
  /** For error messages. */
  readonly what: string;
  /** Null: it creates a contract. */
  readonly to: Address | null;
  readonly data: Hex;
  readonly value: bigint;
}

export interface PlanBuilder {
  readonly deployer: Address;
  readonly steps: readonly DeploymentStep[];
  /** @param data creation code with its constructor's arguments */
  create(what: string, data: Hex): Address;
  call(what: string, to: Address, data: Hex, value?: bigint): void;
}

export function planBuilder(deployer: Address): PlanBuilder {
  const steps: DeploymentStep[] = [];
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
