// Who changed what, and word by word how: of one article, or of all.

import { h } from '/widget/dom.js';
import { ask, show } from '../dialog.js';
import { dateAndTime, fill } from '../format.js';
import { button, fillPlace } from '../parts.js';

const SHOWN = 50;

/** `document` is null for all; `changed` is called after somebody went back to a revision. */
export function showHistory(app, { collection, document = null, changed = null }) {
  const { words } = app;
  const place = h('div');
  show({ words, title: document ? document.title || document.question : words.articleHistory, parts: [place], wide: true });
  fillPlace(place, words, () => app.api.history({ collection, document: document && document.id, limit: SHOWN }), ({ items }) => (
    items.length
      ? h('ol', { class: 'history' }, ...items.map((one) => entry(app, one, { collection, document, changed })))
      : h('p', null, words.historyNone)));
}

function entry(app, one, { collection, document, changed }) {
  const { words } = app;
  const place = h('div', { class: 'differences' });
  const to = one.target ? ` → ${one.target}` : '';
  const counts = document ? null : h('small', null, fill(words.historyCounts, one));
  const details = h('details', { ontoggle: () => details.open && read() },
    h('summary', null, `${one.number} · ${words[`turn_${one.what}`]}${to}`,
      h('small', null, [one.by, dateAndTime(one.at, words)].filter(Boolean).join(' · ')), counts),
    place);

  function read() {
    const asked = { collection, older: one.number - 1, newer: one.number, document: document && document.id };
    fillPlace(place, words, () => app.api.difference(asked), (found) => [
      ...differences(found, words, !document),
      changed && button(words.rollBackTo, () => goBack(app, one.number, collection, back), { small: true, symbol: 'retry' }),
    ].filter(Boolean));
  }

  function back() {
    place.closest('dialog').close();
    changed();
  }

  return h('li', null, details);
}

function differences({ total, items }, words, named) {
  if (!total) return [h('p', null, words.historySame)];
  const rest = total - items.length;
  return [
    ...items.map(({ id, fields }) => h('section', null,
      named && h('strong', null, id),
      h('dl', null, ...fields.map(({ field, pieces }) => h('div', null,
        h('dt', null, words[`part_${field}`]),
        h('dd', null, ...pieces.map(marked))))))),
    rest > 0 && h('p', null, fill(words.historyMore, { n: rest })),
  ];
}

function marked({ fate, text }) {
  return h({ gone: 'del', new: 'ins' }[fate] || 'span', null, text);
}

async function goBack(app, number, collection, changed) {
  const { words } = app;
  const done = await ask({
    words, title: fill(words.goBackTitle, { number }), text: words.goBackText, confirm: words.rollBackTo, danger: true,
    submit: () => app.api.rollBackKnowledge({ collection, revision: number }),
  });
  if (done) changed();
}
