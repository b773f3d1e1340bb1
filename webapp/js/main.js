import { ask } from './api.js';
import { accessKey, keepAccessKey, forgetAccessKey } from './key.js';
import { Paper } from './paper.js';

const element = (id) => document.getElementById(id);
const promptForm = element('prompt-form');
const prompt = element('prompt');
const send = element('send');
const stop = element('stop');
const keyForm = element('key-form');
const key = element('key');
const state = element('state');
const clock = element('clock');
const reasoning = element('reasoning');

const answer = new Paper(element('answer'));
const thoughts = new Paper(element('reasoning-text'));

/** The request upload cannot be watched; a prompt is small, so after this many milliseconds it is taken for sent. */
const SENT_AFTER = 300;

/** What is being answered, or null. */
let running = null;

function start(question) {
  const run = { question, begun: false, since: performance.now(), abort: new AbortController() };
  running = run;
  element('exchange').hidden = false;
  element('question').textContent = question.prompt;
  answer.clear();
  thoughts.clear();
  reasoning.hidden = true;
  keyForm.hidden = true;
  showBusy(true);
  show('sending', 'Sending…');
  run.sent = setTimeout(() => show('waiting', 'Waiting for the first token…'), SENT_AFTER);
  run.ticking = setInterval(() => showTime(run, 0), 1000);
  clock.textContent = '';

  ask(question, accessKey(), run.abort.signal, {
    begun(bySimulator) {
      run.begun = true;
      clearTimeout(run.sent);
      element('simulator').hidden = !bySimulator;
      show('waiting', 'Waiting for the first token…');
    },
    reasoning(text) {
      reasoning.hidden = false;
      thoughts.append(text);
      show('reasoning', 'Reasoning…');
    },
    text(text) {
      answer.append(text);
      show('streaming', 'Streaming…');
    },
    done(end) {
      settle(run, 'done', inWords(end));
    },
  }).catch((error) => {
    if (run.abort.signal.aborted) {
      settle(run, 'stopped', 'Stopped.');
    } else {
      settle(run, 'failed', error.message);
      if (error.status === 401) {
        askForKey(question);
      }
    }
  });
}

/** The end of a run, once; what follows it is ignored. */
function settle(run, name, text) {
  if (running !== run) {
    return;
  }
  running = null;
  clearTimeout(run.sent);
  clearInterval(run.ticking);
  showTime(run, 1);
  answer.flush();
  thoughts.flush();
  show(name, text);
  showBusy(false);
  if (!run.begun && prompt.value === '') {
    prompt.value = run.question.prompt; // nothing came of it: ready to be sent again
  }
}

/** Says a state once, not with every token: it is read aloud. */
function show(name, text) {
  if (state.dataset.state !== name || state.textContent !== text) {
    state.dataset.state = name;
    state.textContent = text;
  }
}

function showBusy(busy) {
  const focused = document.activeElement;
  stop.hidden = !busy;
  send.hidden = busy;
  element('answer').setAttribute('aria-busy', String(busy));
  // The focus must not vanish with the button that had it.
  if (busy && focused === send) {
    stop.focus();
  } else if (!busy && (focused === stop || focused === document.body)) {
    prompt.focus({ preventScroll: true });
  }
}

function showTime(run, digits) {
  clock.textContent = `${((performance.now() - run.since) / 1000).toFixed(digits)} s`;
}

function inWords({ finish_reason: reason, usage }) {
  let words = 'Done';
  if (reason === 'length') {
    words = 'Done, cut short at the limit of tokens';
  } else if (reason === 'content_filter') {
    words = 'Done, cut short by the provider’s content filter';
  }
  if (Number.isFinite(usage?.completion_tokens)) {
    words += ` · ${counted(usage.prompt_tokens)} tokens in, ${counted(usage.completion_tokens)} out`;
    const thought = usage.completion_tokens_details?.reasoning_tokens;
    if (thought > 0) {
      words += `, ${counted(thought)} for reasoning`;
    }
  }
  return words;
}

function counted(number) {
  return Number.isFinite(number) ? number.toLocaleString('en') : '?';
}

function askForKey(question) {
  forgetAccessKey();
  keyForm.hidden = false;
  key.value = '';
  key.focus();
  keyForm.onsubmit = (event) => {
    event.preventDefault();
    keepAccessKey(key.value.trim());
    if (prompt.value === question.prompt) {
      prompt.value = '';
    }
    prompt.focus();
    start(question);
  };
}

promptForm.addEventListener('submit', (event) => {
  event.preventDefault();
  const text = prompt.value;
  if (running || text.trim() === '') {
    return;
  }
  prompt.value = '';
  start({ prompt: text, reasoning: element('show-reasoning').checked });
});

prompt.addEventListener('keydown', (event) => {
  // While an input method composes (Japanese, say), Enter takes its suggestion.
  const composing = event.isComposing || event.keyCode === 229;
  if (event.key === 'Enter' && !event.shiftKey && !event.altKey && !composing) {
    event.preventDefault();
    if (!running) {
      promptForm.requestSubmit();
    }
  }
});

stop.addEventListener('click', () => running?.abort.abort());

send.disabled = false; // not before: without this script the form would do nothing useful
