import uPlot from 'uplot';
import type { Line } from './plot.tsx';

export function drawPlot(
  element: HTMLElement,
  height: number,
  lines: readonly Line[],
  data: uPlot.AlignedData,
): uPlot {
  // A canvas takes no `light-dark()`: an element resolves it.
  const probe = element.appendChild(document.createElement('i'));
  const token = (name: string): string => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  // Read with each drawing, so that another theme shows with the next data.
  const axis = {
    stroke: () => token('--ink-3'),
    grid: { stroke: () => token('--line'), width: 1 },
    ticks: { show: false },
    font: '11px system-ui, sans-serif',
  };
  return new uPlot(
    {
      width: element.clientWidth,
      height,
      legend: { show: false },
      cursor: { show: false },
      scales: { y: { range: (_plot, _least, most) => [0, Math.max(most * 1.1, 0.1)] } },
      axes: [axis, { ...axis, size: 44 }],
      series: [
        {},
        ...lines.map(({ name, colour }) => ({
          label: name,
          stroke: () => token(colour),
          width: 1.6,
          // A line through one value between two gaps has no length: it is drawn as a point.
          points: { show: () => false, filter: lonePoints, size: 5, fill: () => token(colour) },
        })),
      ],
    },
    data,
    element,
  );
}

/** The indices of values that have none beside them. */
export function lonePoints({ data }: Pick<uPlot, 'data'>, series: number): number[] {
  const values = data[series] ?? [];
  const lone: number[] = [];
  for (let index = 0; index < values.length; index += 1) {
    if (values[index] != null && values[index - 1] == null && values[index + 1] == null) lone.push(index);
  }
  return lone;
}
