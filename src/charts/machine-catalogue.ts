/** The machine versions of a release, as `/api/machines` shows them. */
import type { MachineRegistry } from '../../machines/registry.ts';
import { chartOf, type Chart } from './chart.ts';
import type { Drawings } from './drawing.ts';
import { configJson, mermaid, statelyTypeScript } from './formats.ts';

export interface MachineCatalogue {
  /** The version of new orders. */
  readonly current: number;
  readonly machines: readonly CataloguedMachine[];
}

export interface CataloguedMachine {
  readonly version: number;
  readonly chart: Chart;
  /** Null: the page, with which charts are laid out, is not built. */
  readonly drawings: Drawings | null;
  /** XState's config without functions. */
  readonly json: string;
  readonly typescript: string;
  readonly mermaid: string;
}

/** @param drawings by version */
export function machineCatalogue(
  { current, machines }: MachineRegistry,
  drawings: Readonly<Record<string, Drawings>>,
): MachineCatalogue {
  return {
    current,
    machines: [...machines].map(([version, machine]) => {
      const chart = chartOf(machine);
      return {
        version,
        chart,
        drawings: drawings[version] ?? null,
        json: configJson(machine),
        typescript: statelyTypeScript(machine, chart),
        mermaid: mermaid(chart),
      };
    }),
  };
}
