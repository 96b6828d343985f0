/** The charts of the machine versions, each loaded once. */
import { signal } from '@preact/signals';
import type { Chart } from '../../src/charts/chart.ts';
import type { Drawings } from '../../src/charts/drawing.ts';
import { readMachine } from './answers.ts';

export interface MachineDoc {
  readonly version: number;
  readonly chart: Chart;
  readonly drawings: Drawings | null;
}

export interface MachineSummary {
  readonly version: number;
  readonly id: string;
  readonly description: string | null;
  readonly states: number;
  readonly transitions: number;
}

export const machines = signal<ReadonlyMap<number, MachineDoc>>(new Map());
const asked = new Set<number>();

/** It appears in `machines`. */
export async function loadMachine(version: number): Promise<void> {
  if (asked.has(version)) return;
  asked.add(version);
  try {
    const doc = await readMachine(version);
    machines.value = new Map([...machines.value, [version, doc]]);
  } catch {
    asked.delete(version);
  }
}
