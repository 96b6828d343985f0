import { z } from 'zod';
import type { Chart } from '../../src/charts/chart.ts';

const metaSchema = z.object({ progress: z.number().optional() });

/** A Markdown table of all states, in the order of the chart. */
export function stateTable({ states }: Chart): string {
  const rows = states
    .filter(({ path }) => path !== '')
    .map(({ path, meta, effects, description }) => {
      const { progress } = metaSchema.parse(meta);
      return `| \`${path}\` | ${progress ?? ''} | ${effects.map((each) => `\`${each}\``).join(', ')} | ${description ?? ''} |`;
    });
  return ['| state | progress | effect | what happens |', '| --- | --- | --- | --- |', ...rows].join('\n');
}
