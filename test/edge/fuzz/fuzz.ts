/**
 * Draws inputs for all doors of a stack and sends them, several at a time, a thousand from one seed: the seed of a thousand in which
 * something failed repeats it. The server's memory is looked at between them, when nothing is under way.
 */
import fc from 'fast-check';
import { FuzzedStack, type Memory } from './fuzzed-stack.ts';
import { anyInput, type Input } from './inputs.ts';
import { Sender } from './send-input.ts';

export const INPUTS_OF_A_SEED = 1_000;
const IN_FLIGHT = 16;
const MEMORY_SAMPLES = 100;
/** More are not worth reading. */
const MOST_FAULTS = 20;

export interface FuzzOptions {
  readonly inputs: number;
  /** Of the first thousand; each thousand after it has the next one. */
  readonly seed: number;
  /** Ends the run earlier. */
  readonly minutes?: number;
  readonly onProgress?: (progress: FuzzFigures) => void;
}

export interface FuzzFigures {
  readonly inputs: number;
  readonly seconds: number;
  /** How often each outcome was had: a door, and a status, a close code or an acknowledgement. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** In order, evenly over the inputs. */
  readonly memory: readonly (Memory & { readonly inputs: number })[];
  /** Each with the seed that repeats it. */
  readonly faults: readonly string[];
}

export async function fuzz({
  inputs,
  seed,
  minutes = Infinity,
  onProgress,
}: FuzzOptions): Promise<FuzzFigures> {
  const begun = performance.now();
  const stack = await FuzzedStack.start();
  const outcomes = new Map<string, number>();
  const memory: (Memory & { readonly inputs: number })[] = [];
  const faults: string[] = [];
  let sent = 0;
  const figures = (): FuzzFigures => ({
    inputs: sent,
    seconds: (performance.now() - begun) / 1_000,
    outcomes: Object.fromEntries([...outcomes].sort(([one], [other]) => one.localeCompare(other))),
    memory,
    faults,
  });
  try {
    const sender = new Sender(stack, await stack.submitOrders(), IN_FLIGHT);
    const sampleEach = Math.max(INPUTS_OF_A_SEED, inputs / MEMORY_SAMPLES);
    for (let thousand = 0; sent < inputs && faults.length < MOST_FAULTS; thousand += 1) {
      if (performance.now() - begun > minutes * 60_000) break;
      const own = seed + thousand;
      const numRuns = Math.min(INPUTS_OF_A_SEED, inputs - sent);
      const drawn = fc.sample(anyInput, { seed: own, numRuns });
      await inParallel(drawn, async (input) => {
        const { what, isFault } = await sender.send(input);
        outcomes.set(what, (outcomes.get(what) ?? 0) + 1);
        if (isFault) faults.push(faultOf(what, own, input));
        // Which of the inputs under way it was, only a repetition shows.
        for (const defect of stack.defects.splice(0)) faults.push(faultOf(defect, own, input));
      });
      sent += drawn.length;
      if (sent >= memory.length * sampleEach || sent >= inputs) {
        memory.push({ inputs: sent, ...(await stack.memory()) });
        onProgress?.(figures());
      }
      await sender.renew(await stack.submitOrders());
    }
    await sender.close();
  } finally {
    await stack.end();
  }
  for (const defect of stack.defects) faults.push(faultOf(defect, seed));
  return figures();
}

async function inParallel(inputs: readonly Input[], act: (input: Input) => Promise<void>): Promise<void> {
  const left = inputs[Symbol.iterator]();
  await Promise.all(
    Array.from({ length: IN_FLIGHT }, async () => {
      for (const input of left) await act(input);
    }),
  );
}

function faultOf(what: string, seed: number, input?: Input): string {
  return `${what}\n  seed ${seed}; ${input === undefined ? '' : fc.stringify(input)}`;
}
