// What every page is made of.

import { h, safeHref, spoken } from '/widget/dom.js';
import { problemText } from './problems.js';
import { icon } from './icons.js';
import { percent } from './format.js';

/** `kind` is `primary`, `danger` or `plain`; `symbol` names an icon. */
export function button(label, onclick, { kind = '', symbol, small, disabled, title } = {}) {
  return h('button', {
    type: 'button', class: ['button', kind, small && 'small'].filter(Boolean).join(' '), onclick, disabled, title,
  }, symbol && icon(symbol), label);
}

/** `tone` is `good`, `warn`, `bad` or `info`; the words say it too, for colour alone says nothing. */
export function badge(label, tone = '', symbol = null) {
  return h('span', { class: `badge ${tone}` }, symbol && icon(symbol), label);
}

export function field(label, control, hint) {
  return h('label', { class: 'field' }, h('span', null, label), control, hint && h('small', null, hint));
}

/** Options are `[value, label]`. */
export function choice(options, chosen, properties) {
  return h('select', properties, ...options.map(([value, label]) => (
    h('option', { value, selected: value === chosen }, label))));
}

export function searchBox(label, properties) {
  return h('label', { class: 'searchbox' }, icon('search'), spoken(label),
    h('input', { type: 'search', placeholder: label, autocomplete: 'off', ...properties }));
}

export function segments(label, options, chosen, choose) {
  return h('div', { class: 'segments', role: 'group', 'aria-label': label },
    ...options.map(([value, text]) => h('button', {
      type: 'button', 'aria-pressed': String(value === chosen), onclick: () => choose(value),
    }, text)));
}

export function confidence(share, label) {
  return h('span', { class: 'confidence' },
    h('meter', { min: '0', max: '1', low: '0.5', optimum: '1', value: String(share), 'aria-label': label }),
    h('span', null, percent(share)));
}

/** A link to an address that is a web address, else plain text. */
export function outward(label, address, words) {
  const href = safeHref(address);
  if (!href) return h('span', null, label);
  return h('a', { href, target: '_blank', rel: 'noopener noreferrer' }, label, spoken(words.newTab));
}

// A column of buttons needs no heading for the eye.
const DEEDS = 'deeds';

/** Columns are `{ label, cell(row), kind }`; the first one names the row. */
export function table(caption, columns, rows) {
  return h('div', { class: 'sheet' }, h('table', null,
    h('caption', null, caption),
    h('thead', null, h('tr', null, ...columns.map(({ label, kind }) => (
      h('th', { scope: 'col', class: kind || null }, kind === DEEDS ? spoken(label) : label))))),
    h('tbody', null, ...rows.map((row) => h('tr', null, ...columns.map((column, index) => cell(column, index, row)))))));
}

function cell({ label, cell: draw, kind }, index, row) {
  const inside = [].concat(draw(row));
  if (index === 0) return h('th', { scope: 'row' }, ...inside);
  return h('td', { class: kind || null, 'data-label': kind === DEEDS ? null : label }, ...inside);
}

// The states of a page

export function loading(words, lines = 6) {
  return h('div', { class: 'bones', role: 'status', 'aria-label': words.loading },
    ...Array.from({ length: lines }, () => h('i')));
}

export function empty(symbol, title, text, ...more) {
  return h('div', { class: 'state' }, icon(symbol), h('strong', null, title), text && h('p', null, text), ...more);
}

export function failed(error, words, again) {
  const [text, detail] = problemText(error, words);
  return h('div', { class: 'state failed', role: 'alert' },
    icon(navigator.onLine ? 'warn' : 'offline'),
    h('strong', null, text),
    detail && h('p', { lang: 'en' }, detail),
    again && button(words.tryAgain, again, { symbol: 'retry' }));
}

/** Loads and draws into `place`, with bones before and a way to try again after a failure. */
export async function fillPlace(place, words, load, draw) {
  const turn = {};
  turns.set(place, turn);
  if (!place.childElementCount || place.querySelector(':scope > .failed')) place.replaceChildren(loading(words));
  try {
    const loaded = await load();
    // A newer request has been made meanwhile: its answer counts.
    if (turns.get(place) === turn) place.replaceChildren(...[].concat(draw(loaded)));
  } catch (error) {
    if (turns.get(place) !== turn) return;
    place.replaceChildren(failed(error, words, () => fillPlace(place, words, load, draw)));
  }
}

const turns = new WeakMap();

export function pageHead(title, lead, ...actions) {
  return h('header', null,
    h('div', null, h('h1', { tabindex: '-1' }, title), lead && h('p', null, lead)),
    h('div', { class: 'actions' }, ...actions));
}
