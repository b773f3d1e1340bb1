// Streams a text into a view, a few characters with each frame, as a model's tokens arrive at 100 a second. Without
// a text, so many frames with next to nothing in them: what frames cost.
async ({ text, tokens, perFrame }) => {
  const { element, view } = window.newView();
  const tasks = [];
  const observer = new PerformanceObserver((list) => list.getEntries().forEach((task) => tasks.push(task.duration)));
  observer.observe({ type: 'longtask' });
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const size = text.length / tokens;
  let frames = 0;
  for (let token = 0; token < tokens; frames++) {
    const from = Math.round(token * size);
    token = Math.min(tokens, token + perFrame);
    if (text === '') {
      element.textContent = `${frames}`;
    } else {
      view.append(text.slice(from, Math.round(token * size)));
    }
    await frame();
    document.scrollingElement.scrollTop = 1e9; // as a reader follows
  }
  view.finish();
  await view.settled();
  await frame();
  await frame();
  observer.takeRecords().forEach((task) => tasks.push(task.duration));
  observer.disconnect();
  return { frames, longTasks: tasks.map(Math.round).sort((one, other) => other - one) };
}
