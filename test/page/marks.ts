/** What the chart of the page marks, and what it has to mark. */
import type { Page } from 'playwright-core';
import { machineRegistry } from '../../machines/registry.ts';
import { activeStates, chartOf } from '../../src/charts/chart.ts';
import { edgeGroups, staysOf } from '../../src/charts/drawing.ts';
import type { TransitionView } from '../../src/protocol/views.ts';

interface ShownMarks {
  readonly active: readonly string[];
  readonly taken: readonly string[];
  readonly stayed: readonly string[];
}

/** Ids of the states that are marked as active, of the lines that are marked as taken, and of the states that were stayed in. */
export function marks(page: Page): Promise<ShownMarks> {
  return page.evaluate(() => {
    const idsOf = (selector: string, attribute: string) =>
      [...document.querySelectorAll(selector)].map((element) => element.getAttribute(attribute) ?? '').sort();
    return {
      active: idsOf('[data-active]', 'data-state'),
      taken: idsOf('[data-taken]', 'data-edge'),
      stayed: idsOf('.state:has(.stays.taken)', 'data-state'),
    };
  });
}

/** What the chart has to mark, by what REST says of the entry. */
export function expectedMarks(entry: TransitionView | undefined): ShownMarks {
  const machine = machineRegistry.machines.get(entry?.machineVersion ?? 0);
  if (entry === undefined || machine === undefined) throw new Error('there is no such entry');
  const chart = chartOf(machine);
  const isTaken = ({ id }: { readonly id: string }) => entry.edges.includes(id);
  return {
    active: activeStates(chart, entry.state)
      .map(({ id }) => id)
      .sort(),
    taken: edgeGroups(chart)
      .filter(({ transitions }) => transitions.some(isTaken))
      .map(({ id }) => id)
      .sort(),
    stayed: chart.states
      .filter(({ id }) => staysOf(chart, id).some(isTaken))
      .map(({ id }) => id)
      .sort(),
  };
}
