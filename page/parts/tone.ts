/** The colour of an order: by its status and whether it waits, which every machine version has. */
export type Tone = 'idle' | 'run' | 'wait' | 'ok' | 'bad' | 'off';

export function toneOf(status: string, isWaiting: boolean): Tone {
  switch (status) {
    case 'confirmed':
      return 'ok';
    case 'failed':
      return 'bad';
    case 'cancelled':
      return 'off';
    case 'pending':
      return isWaiting ? 'wait' : 'idle';
    default:
      return isWaiting ? 'wait' : 'run';
  }
}
