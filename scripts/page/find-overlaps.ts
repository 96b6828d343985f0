/**
 * Whether a drawing can be read: no label lies on another label, on a line or on the border of a state; no line runs through a state
 * that it does not belong to, or along another line. Lines may cross.
 */
import type { Chart, ChartState } from '../../src/charts/chart.ts';
import {
  TITLE_HEIGHT,
  type Box,
  type Drawing,
  type DrawnEdge,
  type Point,
} from '../../src/charts/drawing.ts';

/** Borders may touch. */
const TOLERANCE = 0.6;

/** @returns what overlaps, in words; empty: nothing does */
export function findOverlaps(chart: Chart, drawing: Drawing): readonly string[] {
  const unplaced = unplacedParts(chart, drawing);
  return unplaced.length > 0
    ? unplaced
    : [...labelOverlaps(chart, drawing), ...lineOverlaps(chart, drawing), ...boxOverlaps(chart, drawing)];
}

function unplacedParts({ states }: Chart, { width, height, boxes, edges }: Drawing): readonly string[] {
  const numbers = [
    width,
    height,
    ...states.slice(1).flatMap(({ id }) => numbersOf(boxes[id])),
    ...edges.flatMap(({ points, label }) => [...points.flat(), ...numbersOf(label)]),
  ];
  if (!numbers.every(Number.isFinite)) return ['a part has no place'];
  const slanted = edges.filter(({ points }) =>
    segmentsOf(points).some(([a, b]) => a[0] !== b[0] && a[1] !== b[1]),
  );
  return slanted.map(({ id }) => `the line ${id} is slanted`);
}

function numbersOf(box: Box | undefined): readonly number[] {
  return box === undefined ? [NaN] : [box.x, box.y, box.width, box.height];
}

function* labelOverlaps({ states }: Chart, { boxes, edges }: Drawing): Generator<string> {
  for (const [index, { id, label }] of edges.entries()) {
    for (const other of edges.slice(index + 1)) {
      if (intersect(label, other.label)) yield `the label of ${id} lies on the label of ${other.id}`;
    }
    for (const other of edges) {
      if (
        other.id !== id &&
        segmentsOf(other.points).some((segment) => intersect(label, boxAround(segment)))
      ) {
        yield `the label of ${id} lies on the line ${other.id}`;
      }
    }
    for (const state of states.slice(1)) {
      const box = boxes[state.id];
      if (box === undefined || !intersect(label, box)) continue;
      if (!hasChildren(state) || !contains(inside(box), label))
        yield `the label of ${id} lies on ${state.id}`;
    }
  }
}

function* lineOverlaps(chart: Chart, { boxes, edges }: Drawing): Generator<string> {
  for (const [index, edge] of edges.entries()) {
    for (const state of chart.states.slice(1)) {
      const box = boxes[state.id];
      if (box === undefined || mayEnter(chart, edge, state)) continue;
      if (segmentsOf(edge.points).some((segment) => intersect(box, boxAround(segment)))) {
        yield `the line ${edge.id} runs through ${state.id}`;
      }
    }
    for (const other of edges.slice(index + 1)) {
      if (runAlong(edge, other)) yield `the lines ${edge.id} and ${other.id} run along each other`;
    }
  }
}

function* boxOverlaps({ states }: Chart, { boxes }: Drawing): Generator<string> {
  for (const [index, one] of states.entries()) {
    for (const other of states.slice(index + 1)) {
      const [a, b] = [boxes[one.id], boxes[other.id]];
      if (a === undefined || b === undefined || !intersect(a, b)) continue;
      if (!isWithin(states, other, one.id)) yield `${one.id} lies on ${other.id}`;
      else if (!contains(inside(a), b)) yield `${other.id} leaves ${one.id}`;
    }
  }
}

function hasChildren({ kind }: ChartState): boolean {
  return kind === 'compound' || kind === 'parallel';
}

/** A line runs inside of the states that its ends lie in. */
function mayEnter({ states }: Chart, { source, target }: DrawnEdge, state: ChartState): boolean {
  return (
    hasChildren(state) &&
    states.some(
      (end) =>
        (end.id === source || end.id === target) && (end.id === state.id || isWithin(states, end, state.id)),
    )
  );
}

function isWithin(states: readonly ChartState[], state: ChartState, ancestor: string): boolean {
  for (let at = state.parent; at !== null; at = states.find(({ id }) => id === at)?.parent ?? null) {
    if (at === ancestor) return true;
  }
  return false;
}

type Segment = readonly [Point, Point];

function segmentsOf(points: readonly Point[]): readonly Segment[] {
  return points.slice(1).map((point, index): Segment => [points[index] ?? point, point]);
}

function boxAround([[x1, y1], [x2, y2]]: Segment): Box {
  return { x: Math.min(x1, x2), y: Math.min(y1, y2), width: Math.abs(x1 - x2), height: Math.abs(y1 - y2) };
}

/** Two lines run along each other where both are horizontal, or vertical, at the same place for more than a point. */
function runAlong(one: DrawnEdge, other: DrawnEdge): boolean {
  return segmentsOf(one.points).some((a) =>
    segmentsOf(other.points).some((b) => {
      const [p, q] = [boxAround(a), boxAround(b)];
      const across = Math.min(p.x + p.width, q.x + q.width) - Math.max(p.x, q.x);
      const down = Math.min(p.y + p.height, q.y + q.height) - Math.max(p.y, q.y);
      if (p.width === 0 && q.width === 0) return Math.abs(p.x - q.x) < 1 && down > TOLERANCE;
      if (p.height === 0 && q.height === 0) return Math.abs(p.y - q.y) < 1 && across > TOLERANCE;
      return false;
    }),
  );
}

function intersect(a: Box, b: Box): boolean {
  return (
    a.x + TOLERANCE < b.x + b.width &&
    b.x + TOLERANCE < a.x + a.width &&
    a.y + TOLERANCE < b.y + b.height &&
    b.y + TOLERANCE < a.y + a.height
  );
}

function contains(outer: Box, inner: Box): boolean {
  return (
    inner.x >= outer.x - TOLERANCE &&
    inner.y >= outer.y - TOLERANCE &&
    inner.x + inner.width <= outer.x + outer.width + TOLERANCE &&
    inner.y + inner.height <= outer.y + outer.height + TOLERANCE
  );
}

/** Below the strip with the name. */
function inside({ x, y, width, height }: Box): Box {
  return { x, y: y + TITLE_HEIGHT, width, height: height - TITLE_HEIGHT };
}
