/** The chart with its zoom: the whole of it, or its true size, following the active state. */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { ChartState } from '../../src/charts/chart.ts';
import type { Detail } from '../../src/charts/drawing.ts';
import type { MachineDoc } from '../api/machines.ts';
import { ChartView } from './chart-view.tsx';
import type { Heat } from './heat.ts';
import type { Marks } from './marks.ts';

const PADDING = 20;
const LARGEST = 1.2;
/** Of the full chart: its labels can be read. */
const READABLE = 0.85;

/** `overview`: the whole chart with short labels; `full`: with all labels, following the active state. */
export type Zoom = Detail;

interface ChartPaneProps {
  readonly doc: MachineDoc;
  readonly marks: Marks;
  readonly zoom: Zoom;
  readonly heat?: Heat | null;
  readonly onPick?: (state: ChartState) => void;
}

export function ChartPane({ doc, marks, zoom, heat = null, onPick }: ChartPaneProps) {
  const box = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  const drawing = doc.drawings?.[zoom] ?? null;
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const measure = (): void => setSize({ width: element.clientWidth, height: element.clientHeight });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, []);
  const fit =
    drawing === null || size.width === 0
      ? 1
      : Math.min((size.width - PADDING) / drawing.width, (size.height - PADDING) / drawing.height, LARGEST);
  const scale = zoom === 'overview' ? fit : Math.max(READABLE, fit);
  const leaf = marks.active.at(-1);
  useEffect(() => {
    const element = box.current;
    const target = drawing?.boxes[leaf ?? ''];
    if (element === null || target === undefined || zoom === 'overview') return;
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    element.scrollTo({
      left: (target.x + target.width / 2) * scale - element.clientWidth / 2,
      top: (target.y + target.height / 2) * scale - element.clientHeight / 2,
      behavior: calm ? 'auto' : 'smooth',
    });
  }, [leaf, scale, drawing, zoom]);
  if (drawing === null) return <div class="empty">The server has no drawing of this machine version.</div>;
  return (
    <div ref={box} class="chart-pane" tabIndex={0} role="region" aria-label="Statechart, scrolls">
      <ChartView
        chart={doc.chart}
        drawing={drawing}
        marks={marks}
        scale={scale}
        heat={heat}
        {...(onPick === undefined ? {} : { onPick })}
      />
    </div>
  );
}
