/**
 * The verdict on several test streams with long silences. A proxy closes a connection without data after a timeout; heartbeats
 * prevent that.
 */

/** The heartbeats that are recommended, in seconds. */
const USUAL = [1, 2, 5, 10, 15, 20, 30, 45];

/**
 * @param {{seconds: number, heartbeat: boolean, found: Object}[]} runs with what `judge` found of each
 * @param {number} heartbeat the server's, in ms
 * @returns {{verdict: string, after: ?number, longest: number, recommended: ?number, moot: boolean}} `verdict` is
 *   `held`: not even without heartbeats was anything cut;
 *   `saved`: cut without heartbeats, alive with them;
 *   `sparse`: cut even with them, for they come too seldom;
 *   `unheeded`: cut though they come often enough, for something holds them back or limits the whole answer;
 *   `failed`: the streams were blocked, or cut before the silence;
 *   `partial`: nothing was cut, but not all has been tried. `after` is the shortest silence that was cut, in ms;
 *   `recommended` a heartbeat that should do, in s; `moot` says that no heartbeat was due within the silences
 */
export function judgeSilences(runs, heartbeat) {
  const cut = runs.filter(({ found }) => found.verdict === 'cut' && found.reason === 'silence');
  const failed = runs.filter(
    ({ found }) => found.verdict === 'blocked' || (found.verdict === 'cut' && found.reason !== 'silence'),
  );
  const held = runs.filter((run) => isHeld(run.found));
  const longest = Math.max(0, ...held.map(({ seconds }) => seconds));
  const moot = runs.every((run) => !run.heartbeat || run.seconds * 1000 <= heartbeat);
  const answer = (verdict, after = null) => ({
    verdict,
    after,
    longest,
    recommended: after === null ? null : recommend(after),
    moot,
  });
  if (failed.length > 0) {
    return answer('failed');
  }
  if (cut.length === 0) {
    return answer(held.length === runs.length && runs.length > 0 ? 'held' : 'partial');
  }
  const after = Math.min(...cut.map(({ found }) => found.after));
  const cutWithHeartbeats = cut.filter((run) => run.heartbeat);
  if (cutWithHeartbeats.length === 0) {
    return answer(held.some((run) => run.heartbeat) ? 'saved' : 'partial', after);
  }
  // A stream without heartbeats is preferred: in one with heartbeats, only the silence since the last one counts.
  const silent = cut.filter((run) => !run.heartbeat).map(({ found }) => found.after);
  const bearable = silent.length > 0 ? Math.min(...silent) : after;
  return answer(bearable <= heartbeat ? 'sparse' : 'unheeded', bearable);
}

/** Whether the stream got over its silence, however its events came. */
function isHeld(found) {
  return !['cut', 'blocked', 'stopped'].includes(found.verdict);
}

/** A third of the shortest silence that was cut, so that one heartbeat may be lost. */
function recommend(after) {
  const most = after / 3000;
  return USUAL.filter((seconds) => seconds <= most).pop() ?? USUAL[0];
}
