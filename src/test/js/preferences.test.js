import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { draft, forgetDrafts, keepDraft } from '../../../webapp/js/chat/drafts.js';
import { Preferences } from '../../../webapp/js/conversations/preferences.js';
import { accessKey, forgetAccessKey, keepAccessKey } from '../../../webapp/js/server/key.js';

/** What a browser keeps of strings, by name. `full` makes it refuse more. */
class Keeping {
  items = new Map();
  full = false;

  getItem(name) {
    return this.items.get(name) ?? null;
  }

  setItem(name, value) {
    if (this.full) {
      throw new DOMException('full', 'QuotaExceededError');
    }
    this.items.set(name, value);
  }

  removeItem(name) {
    this.items.delete(name);
  }
}

beforeEach(() => {
  for (const name of ['localStorage', 'sessionStorage']) {
    Object.defineProperty(globalThis, name, { value: new Keeping(), configurable: true, writable: true });
  }
});

afterEach(() => {
  forgetDrafts();
  forgetAccessKey();
});

test('preferences_areKept_andReadAtOnce', () => {
  new Preferences().set('theme', 'dark');
  new Preferences().set('language', 'de');
  assert.deepEqual(new Preferences().all(), { theme: 'dark', language: 'de' });
  new Preferences().set('theme', undefined);
  assert.deepEqual(new Preferences().all(), { language: 'de' });
  new Preferences().clear();
  assert.deepEqual(new Preferences().all(), {});
});

test('preferences_thatFindNoRoom_lastAsLongAsThePage', () => {
  const preferences = new Preferences();
  preferences.set('theme', 'dark');
  localStorage.full = true;
  preferences.set('theme', 'light');
  assert.equal(preferences.all().theme, 'light');
  assert.equal(new Preferences().all().theme, 'dark');
});

for (const kept of ['null', '[1]', '"x"', '{broken']) {
  test(`preferences_keptAs_${kept}_areNone`, () => {
    localStorage.setItem('sluice.preferences', kept);
    assert.deepEqual(new Preferences().all(), {});
  });
}

test('withoutStorage_preferencesDraftsAndTheKey_lastAsLongAsThePage', () => {
  for (const name of ['localStorage', 'sessionStorage']) {
    Object.defineProperty(globalThis, name, {
      get: () => {
        throw new DOMException('blocked', 'SecurityError');
      },
      configurable: true,
    });
  }
  const preferences = new Preferences();
  preferences.set('theme', 'dark');
  assert.equal(preferences.all().theme, 'dark');
  keepDraft('new', 'half a question');
  assert.equal(draft('new'), 'half a question');
  keepAccessKey('k');
  assert.equal(accessKey(), 'k');
});

test('accessKey_isKeptForTheSessionOnly', () => {
  keepAccessKey('k');
  assert.equal(localStorage.items.size, 0);
  assert.equal(sessionStorage.getItem('sluice.access-key'), 'k');
  forgetAccessKey();
  assert.equal(accessKey(), null);
});

test('drafts_areKeptByConversation_theNewest50_andForgottenWhenEmpty', () => {
  for (let at = 0; at < 60; at++) {
    keepDraft(`c${at}`, `draft ${at}`);
  }
  assert.equal(draft('c9'), '');
  assert.equal(draft('c10'), 'draft 10');
  keepDraft('c10', 'draft 10, now the newest');
  keepDraft('c60', 'one more');
  assert.equal(draft('c10'), 'draft 10, now the newest');
  assert.equal(draft('c11'), '');
  keepDraft('c10', '');
  assert.equal(draft('c10'), '');
  assert.equal(draft('c60'), 'one more');
});
