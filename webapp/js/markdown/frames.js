/** The time that work beside rendering may take from one frame. A step begun is always finished. */
const BUDGET_MILLIS = 6;

const renders = new Set();
const steps = new Set();
const waiters = [];
let loads = 0;
let scheduled = false;

/**
 * Calls back once with the next frame, however often this is called before it. In a hidden page, which has no frames, it
 * calls back soon.
 *
 * @param {function(boolean): void} render is told whether it must not be put off again
 */
export function renderSoon(render) {
  renders.add(render);
  schedule();
}

/** Takes back what {@link renderSoon} was asked for. */
export function renderNoMore(render) {
  renders.delete(render);
}

/**
 * Has work done in small steps, some of them after each frame's rendering.
 *
 * @param {{step: function(): boolean}} work `step` says whether there is more to do now
 */
export function workSoon(work) {
  steps.add(work);
  schedule();
}

/** {@link settled} also waits for this promise, however it ends. */
export function loading(promise) {
  loads++;
  const loaded = () => {
    loads--;
    tellIfSettled();
  };
  promise.then(loaded, loaded);
}

/** Resolves when everything is rendered and coloured, and nothing is being loaded for it. */
export function settled() {
  return new Promise((resolve) => {
    waiters.push(resolve);
    queueMicrotask(tellIfSettled);
  });
}

function schedule() {
  if (scheduled) {
    return;
  }
  scheduled = true;
  if (document.hidden) {
    setTimeout(run, 0, false);
  } else {
    requestAnimationFrame(() => run(false));
  }
}

function run(urgent) {
  scheduled = false;
  const until = performance.now() + BUDGET_MILLIS;
  const due = [...renders];
  renders.clear();
  due.forEach((render) => render(urgent));
  for (const work of steps) {
    let more = true;
    do {
      more = work.step();
    } while (more && performance.now() < until);
    if (more) {
      break;
    }
    steps.delete(work);
    if (performance.now() >= until) {
      break;
    }
  }
  if (renders.size + steps.size > 0) {
    schedule();
  }
  tellIfSettled();
}

function tellIfSettled() {
  if (renders.size + steps.size + loads === 0) {
    waiters.splice(0).forEach((resolve) => resolve());
  }
}

document.addEventListener('visibilitychange', () => {
  // A frame that was requested may never come in a hidden page, so the page is rendered now.
  if (renders.size + steps.size > 0) {
    run(true);
  }
});
