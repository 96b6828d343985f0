/** A plot over time by uPlot, which is loaded when the first one is shown. */
import { useEffect, useRef } from 'preact/hooks';
import type uPlot from 'uplot';

export interface Line {
  readonly name: string;
  /** A colour of tokens.css: `--accent`. */
  readonly colour: string;
  readonly values: readonly (number | null)[];
}

interface PlotProps {
  readonly title: string;
  /** Unix seconds, ascending. */
  readonly times: readonly number[];
  readonly lines: readonly Line[];
}

const HEIGHT = 150;

export function Plot({ title, times, lines }: PlotProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const shown = useRef({ times, lines });
  shown.current = { times, lines };
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    let isGone = false;
    const observer = new ResizeObserver(() => {
      plot.current?.setSize({ width: element.clientWidth, height: HEIGHT });
    });
    void import('./draw-plot.ts').then(({ drawPlot }) => {
      if (isGone) return;
      plot.current = drawPlot(element, HEIGHT, shown.current.lines, dataOf(shown.current));
      observer.observe(element);
    });
    return () => {
      isGone = true;
      observer.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, []);
  useEffect(() => plot.current?.setData(dataOf({ times, lines })), [times, lines]);
  return (
    <section class="card plot" aria-label={title}>
      <h2>{title}</h2>
      <ul class="legend">
        {lines.map(({ name, colour, values }) => (
          <li key={name}>
            <i class={colour.slice(2)} />
            {name}
            <b>{lastOf(values)}</b>
          </li>
        ))}
      </ul>
      <div ref={box} class="canvas" aria-hidden="true" />
    </section>
  );
}

function dataOf({ times, lines }: Pick<PlotProps, 'times' | 'lines'>): uPlot.AlignedData {
  return [[...times], ...lines.map(({ values }) => [...values])];
}

/** The last step is not over: the one before is shown. */
function lastOf(values: readonly (number | null)[]): string {
  const value = values.at(-2);
  return value == null ? '–' : value.toFixed(value < 10 ? 2 : 0);
}
