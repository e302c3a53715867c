// The door: shown to whoever is not signed in, and again when a session has ended.

import { h } from '/widget/dom.js';
import { icon } from './icons.js';
import { field } from './parts.js';
import { problemText } from './problems.js';

export function signIn(app, ended) {
  const { words } = app;
  const email = h('input', { type: 'email', name: 'email', autocomplete: 'username', required: true, autofocus: true });
  const password = h('input', { type: 'password', name: 'password', autocomplete: 'current-password', required: true });
  const wrong = h('div', { role: 'alert' }, ended && note(words.sessionEnded));
  const submit = h('button', { type: 'submit', class: 'button primary submit' }, words.signIn);

  async function send(event) {
    event.preventDefault();
    submit.disabled = true;
    wrong.replaceChildren();
    try {
      app.enter(await app.api.signIn(email.value.trim(), password.value));
    } catch (error) {
      wrong.replaceChildren(note(reason(error, words)));
      password.value = '';
      (error.status === 401 ? password : submit).focus();
    } finally {
      submit.disabled = false;
    }
  }

  return h('main', { class: 'door' },
    h('form', { onsubmit: send },
      h('span', { class: 'mark', lang: 'zh-Hans', 'aria-hidden': 'true' }, '客'),
      h('h1', null, words.signInTitle),
      field(words.email, email),
      field(words.password, password),
      wrong, submit,
      h('button', {
        type: 'button', class: 'button plain small language', lang: words.otherTag, onclick: () => app.speak(words.other),
      }, words.otherName)));
}

function reason(error, words) {
  if (error.status === 401) return words.wrongPair;
  if (error.status === 429) return words.tooManyTries;
  return problemText(error, words)[0];
}

function note(text) {
  return h('p', { class: 'wrong' }, icon('warn'), h('span', null, text));
}
