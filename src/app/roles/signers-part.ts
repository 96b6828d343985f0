import type { SignerState } from '../../chain/evm/funds/signer-states.ts';
import type { Probe } from '../../http/probes.ts';

/**
 * The part `signers` of `/health`: how many there are, how many are halted, and how many have ether for few more swaps. Their addresses are
 * in the log: `/health` is public. Without facts until the worker has opened its submitter, and on a simulated chain.
 */
export class SignersPart {
  #read: (() => Promise<readonly SignerState[]>) | null = null;

  watch(read: () => Promise<readonly SignerState[]>): void {
    this.#read = read;
  }

  readonly probe: Probe = async () => {
    if (this.#read === null) return undefined;
    const signers = await this.#read();
    const halted = signers.filter(({ isHalted }) => isHalted).length;
    const low = signers.filter(({ isLow }) => isLow).length;
    const facts = { signers: signers.length, halted, low };
    return halted + low === 0 ? facts : { ...facts, status: 'degraded' };
  };
}
