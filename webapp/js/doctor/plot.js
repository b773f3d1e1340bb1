import { svg } from '../base/dom.js';
import { formatNumber, t } from '../base/i18n.js';
import { latenessOf } from './verdict.js';

const WIDTH = 640;
const HEIGHT = 300;
const LEFT = 48;
const RIGHT = 12;
const TOP = 30;
const BOTTOM = 44;

/** Steps between two lines of the grid that people like, times a power of ten. */
const STEPS = [1, 2, 5];

let count = 0;

/**
 * Draws the times at which each event was sent and arrived, over its number. For a live stream the two lines coincide. Sent
 * times are converted to the page's clock, with the fastest event as the one without delay.
 */
export class Plot {
  #grid = svg('g', { class: 'doctor-grid' });
  #marks = svg('g');
  #description;
  #title;

  constructor() {
    const id = ++count;
    this.#title = svg('title', { id: `doctor-plot-title-${id}` }, t('doctor.plot.title'));
    this.#description = svg('desc', { id: `doctor-plot-desc-${id}` });
    this.element = svg(
      'svg',
      {
        class: 'doctor-plot',
        viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
        role: 'img',
        'aria-labelledby': `doctor-plot-title-${id}`,
        'aria-describedby': `doctor-plot-desc-${id}`,
      },
      this.#title,
      this.#description,
      this.#grid,
      this.#marks,
    );
  }

  /** What the plot shows, in words; for who does not see it. */
  describe(words) {
    this.#description.textContent = words;
  }

  /** @param {Object} recording as far as it has come */
  draw({ ticks, asked, reads }) {
    const points = pointsOf(ticks);
    const numbers = Math.max(asked.events, 2);
    const soon = asked.events * asked.interval;
    const seconds = Math.max(1000, soon, ...points.map(({ arrived }) => arrived)) / 1000;
    const x = (n) => LEFT + ((n - 1) / (numbers - 1)) * (WIDTH - LEFT - RIGHT);
    const y = (ms) => HEIGHT - BOTTOM - (ms / 1000 / seconds) * (HEIGHT - TOP - BOTTOM);
    this.#grid.replaceChildren(...axes(x, y, numbers, seconds));
    this.#marks.replaceChildren(
      ...points.map(({ n, sent, arrived }) =>
        svg('line', { class: 'doctor-delay', x1: x(n), x2: x(n), y1: y(sent), y2: y(arrived) }),
      ),
      svg('polyline', { class: 'doctor-sent', points: points.map(({ n, sent }) => `${x(n)},${y(sent)}`).join(' ') }),
      ...points.map(({ n, arrived }) =>
        svg('circle', { class: 'doctor-arrived', cx: x(n), cy: y(arrived), r: numbers > 200 ? 1.5 : 3 }),
      ),
    );
    this.element.dataset.reads = reads.length;
  }
}

/** @returns {{n: number, sent: number, arrived: number, late: number}[]} in ms since the first event was sent */
export function pointsOf(ticks) {
  if (ticks.length === 0) {
    return [];
  }
  const late = latenessOf(ticks);
  return ticks.map(({ n, sent }, index) => ({
    n,
    sent: sent - ticks[0].sent,
    arrived: sent - ticks[0].sent + late[index],
    late: late[index],
  }));
}

function axes(x, y, numbers, seconds) {
  const bottom = HEIGHT - BOTTOM;
  const lines = [];
  for (const value of scale(seconds, 5)) {
    const at = y(value * 1000);
    lines.push(
      svg('line', { x1: LEFT, x2: WIDTH - RIGHT, y1: at, y2: at }),
      svg('text', { x: LEFT - 8, y: at + 4, 'text-anchor': 'end' }, formatNumber(value)),
    );
  }
  for (const value of scale(numbers, 6)
    .map((n) => Math.max(1, n))
    .filter(Number.isInteger)) {
    lines.push(
      svg('line', { x1: x(value), x2: x(value), y1: bottom, y2: bottom + 4 }),
      svg('text', { x: x(value), y: bottom + 18, 'text-anchor': 'middle' }, formatNumber(value)),
    );
  }
  lines.push(
    svg('text', { x: 10, y: 16 }, t('doctor.plot.seconds')),
    svg('text', { x: WIDTH - RIGHT, y: HEIGHT - 6, 'text-anchor': 'end' }, t('doctor.plot.events')),
  );
  return lines;
}

/** Round values from 0 to at most `end`, about `wanted` of them. */
function scale(end, wanted) {
  const power = 10 ** Math.floor(Math.log10(end / wanted));
  const step = (STEPS.find((candidate) => candidate * power * wanted >= end) ?? 10) * power;
  return Array.from({ length: Math.floor(end / step + 1e-9) + 1 }, (_, i) => i * step);
}
