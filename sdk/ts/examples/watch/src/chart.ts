// A line of prices over time, without a library.
import { h, svg } from './dom.js';
import { percent } from './format.js';
import type { Point } from './history.js';

const [LEAST_WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT] = [280, 220, 44, 24, 10, 12];
const LEAST_SPAN_SECONDS = 60;
/** Between two lines of the grid, of a scale from 0 to 1 in twentieths. */
const GRID_STEPS = [1, 2, 5];
const MOST_LINES = 6;

/** Twentieths to draw lines at, which hold all prices. */
function linesFor(prices: readonly number[]): number[] {
	const low = Math.max(Math.floor(Math.min(...prices) * 20 - 0.5), 0);
	const high = Math.min(Math.ceil(Math.max(...prices) * 20 + 0.5), 20);
	const step = GRID_STEPS.find((size) => (high - low) / size < MOST_LINES) ?? 5;
	const first = Math.floor(low / step) * step;
	return Array.from({ length: Math.ceil((high - first) / step) + 1 }, (_, line) => first + line * step);
}

/** The points are of one outcome, by rising time; the last one is now. */
export function chart(points: readonly Point[], name: string, trades: number, room: number): HTMLElement {
	const [first, last] = [points[0], points.at(-1)];
	if (!first || !last) return h('p', { class: 'quiet' }, 'No prices yet.');
	const width = Math.max(room, LEAST_WIDTH);
	const span = Math.max(last.at - first.at, LEAST_SPAN_SECONDS);
	const start = last.at - span;
	const lines = linesFor(points.map(({ price }) => price));
	const [low, high] = [lines[0]! / 20, lines.at(-1)! / 20];
	const x = (at: number) => LEFT + ((at - start) / span) * (width - LEFT - RIGHT);
	const y = (price: number) => HEIGHT - BOTTOM - ((price - low) / (high - low)) * (HEIGHT - BOTTOM - TOP);
	const grid = lines.flatMap((line) => [
		svg('line', { class: 'grid', x1: LEFT, x2: width - RIGHT, y1: y(line / 20), y2: y(line / 20) }),
		svg('text', { class: 'tick', x: LEFT - 6, y: y(line / 20) + 4, 'text-anchor': 'end' }, `${line * 5} %`),
	]);
	const clock = (at: number) => new Date(at * 1_000).toLocaleTimeString();
	const times = [
		svg('text', { class: 'tick', x: LEFT, y: HEIGHT - 6 }, clock(start)),
		svg('text', { class: 'tick', x: width - RIGHT, y: HEIGHT - 6, 'text-anchor': 'end' }, clock(last.at)),
	];
	// A price stands until the next one.
	const steps = points.map(({ at, price }, index) =>
		index === 0 ? `M${x(start)} ${y(price)}H${x(at)}` : `H${x(at)}V${y(price)}`,
	);
	const label = `${name}: ${percent(first.price)} at ${clock(first.at)}, ${percent(last.price)} now, ${trades} trades between`;
	const line = svg('path', { class: 'line', d: `${steps.join('')}H${width - RIGHT}` });
	const dot = svg('circle', { class: 'dot', cx: x(last.at), cy: y(last.price), r: 4 });
	const drawn = svg('svg', { viewBox: `0 0 ${width} ${HEIGHT}`, role: 'img', 'aria-label': label }, ...grid, ...times, line, dot);
	const figure = h('figure', {});
	figure.append(drawn, h('figcaption', {}, `${label}. Trades at their average price; since this page looks, the price itself.`));
	return figure;
}
