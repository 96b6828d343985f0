/** Paths of SVG for the lines of a drawing. */
import type { Box, Point } from '../../src/charts/drawing.ts';

const RADIUS = 7;

/** Horizontal and vertical stretches, with round corners. */
export function linePath(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (first === undefined) return '';
  let d = `M${first[0]} ${first[1]}`;
  rest.forEach((corner, index) => {
    const before = points[index] ?? corner;
    const after = rest[index + 1];
    if (after === undefined) {
      d += `L${corner[0]} ${corner[1]}`;
      return;
    }
    const radius = Math.min(RADIUS, distance(before, corner) / 2, distance(corner, after) / 2);
    const from = towards(corner, before, radius);
    const to = towards(corner, after, radius);
    d += `L${from[0]} ${from[1]}Q${corner[0]} ${corner[1]} ${to[0]} ${to[1]}`;
  });
  return d;
}

/** The line without what lies under its label. */
export function pathAroundLabel(points: readonly Point[], label: Box): string {
  for (const [index, to] of points.entries()) {
    const from = points[index - 1];
    if (from === undefined) continue;
    const isVertical = from[0] === to[0];
    const axis = isVertical ? 1 : 0;
    const [low, high] = isVertical ? [label.y, label.y + label.height] : [label.x, label.x + label.width];
    const [left, right] = isVertical ? [label.x, label.x + label.width] : [label.y, label.y + label.height];
    const across = isVertical ? from[0] : from[1];
    const isUnder =
      across > left &&
      across < right &&
      Math.min(from[axis], to[axis]) < low &&
      Math.max(from[axis], to[axis]) > high;
    if (!isUnder) continue;
    const at = (value: number): Point => (isVertical ? [across, value] : [value, across]);
    const [enters, leaves] = from[axis] < to[axis] ? [low, high] : [high, low];
    return linePath([...points.slice(0, index), at(enters)]) + linePath([at(leaves), ...points.slice(index)]);
  }
  return linePath(points);
}

/** The head of the arrow at the end of the line. */
export function arrowHead(points: readonly Point[]): string {
  const tip = points.at(-1);
  const before = points.at(-2);
  if (tip === undefined || before === undefined) return '';
  const length = distance(before, tip) || 1;
  const [u, v] = [(tip[0] - before[0]) / length, (tip[1] - before[1]) / length];
  const base: Point = [tip[0] - u * 7, tip[1] - v * 7];
  return `M${tip[0]} ${tip[1]}L${base[0] - v * 3.8} ${base[1] + u * 3.8}L${base[0] + v * 3.8} ${base[1] - u * 3.8}Z`;
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1]);
}

function towards(from: Point, to: Point, length: number): Point {
  const whole = distance(from, to) || 1;
  return [from[0] + ((to[0] - from[0]) / whole) * length, from[1] + ((to[1] - from[1]) / whole) * length];
}
