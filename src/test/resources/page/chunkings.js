// Streams a text in random pieces, rendering at random moments; tells what differs from one pass over it.
async ({ text, runs, seed }) => {
  let state = seed;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const wanted = new Map();
  const faults = [];
  for (let run = 0; run < runs; run++) {
    const most = [1, 4, 12, 40, 300, 2000][run % 6];
    const eager = [1, 0.7, 0.2][run % 3];
    const end = run % 4 === 3 ? Math.floor(random() * text.length) : text.length;
    const whole = text.slice(0, end);
    if (!wanted.has(end)) {
      wanted.set(end, await window.onePass(whole));
    }
    const { element, view } = window.newView();
    const sent = run % 5 === 4 ? whole.replaceAll('\n', '\r\n') : whole;
    for (let at = 0; at < sent.length; ) {
      const next = at + 1 + Math.floor(random() * most);
      view.append(sent.slice(at, next));
      at = next;
      if (random() < eager) {
        window.renderNow();
      }
      if (random() < 0.002) {
        view.finish(); // it looked like the end, and was not
        await view.settled();
      }
    }
    view.finish();
    await view.settled();
    const got = element.innerHTML;
    const want = wanted.get(end);
    if (got !== want) {
      let at = 0;
      while (got[at] === want[at]) {
        at++;
      }
      const near = (html) => `…${html.slice(Math.max(0, at - 200), at + 200)}…`;
      faults.push(`run ${run}, pieces of up to ${most}, ${end} characters: ${near(got)}\ninstead of ${near(want)}`);
    }
  }
  return faults;
}
