/** Places the names of states with children: ELK leads lines through the strip that they stand in. */
import type { Chart } from '../../src/charts/chart.ts';
import { TITLE_HEIGHT, titleWidth, type Box, type DrawnEdge } from '../../src/charts/drawing.ts';

const STEP = 6;

/** @returns by the id of the state, where its name begins: as far left as no line crosses it */
export function placeTitles(
  chart: Chart,
  boxes: Readonly<Record<string, Box>>,
  edges: readonly DrawnEdge[],
): Readonly<Record<string, number>> {
  const titles: Record<string, number> = {};
  for (const state of chart.states.slice(1)) {
    const box = boxes[state.id];
    if (box === undefined || (state.kind !== 'compound' && state.kind !== 'parallel')) continue;
    const width = titleWidth(chart, state) - 24;
    const crossings = edges.flatMap((edge) => crossingsOf(edge, box));
    const isFree = (x: number) => crossings.every((at) => at < x - 4 || at > x + width);
    let x = box.x + 14;
    while (!isFree(x) && x + width < box.x + box.width) x += STEP;
    titles[state.id] = isFree(x) ? x : box.x + 14;
  }
  return titles;
}

/** Where a line goes down through the strip at the top of a box. */
function crossingsOf({ points }: DrawnEdge, { y }: Box): readonly number[] {
  return points.slice(1).flatMap((to, index) => {
    const [x, fromY] = points[index] ?? to;
    const isVertical = x === to[0];
    const reaches = Math.min(fromY, to[1]) < y + TITLE_HEIGHT && Math.max(fromY, to[1]) > y;
    return isVertical && reaches ? [x] : [];
  });
}
