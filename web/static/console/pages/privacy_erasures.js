// Every erasure without anybody's name: when it was asked for, by when it is due, what was deleted.

import { h } from '/widget/dom.js';
import { dateAndTime, day } from '../format.js';
import { badge, empty, fillPlace, table } from '../parts.js';
import { countsText } from './privacy_counts.js';

export function erasures(app) {
  const { words } = app;
  const place = h('div');
  fillPlace(place, words, () => app.api.erasures(), ({ items }) => {
    if (!items.length) return empty('lock', words.erasuresEmpty);
    return table(words.privacyErasures, [
      { label: words.erasure, kind: 'about', cell: ({ id }) => h('small', null, id) },
      { label: words.requested, cell: ({ requested_at: at }) => dateAndTime(at, words) },
      { label: words.deadline, cell: ({ deadline }) => day(deadline, words) },
      { label: words.state, cell: (one) => stateOf(one, words) },
      { label: words.deleted, cell: ({ counts }) => h('small', null, countsText(counts, words)) },
    ], items);
  });
  return place;
}

function stateOf({ done_at: doneAt, overdue }, words) {
  const late = overdue ? [badge(words.overdue, 'bad', 'warn')] : [];
  if (!doneAt) return h('span', null, badge(words.notFinished, 'warn'), ...late);
  return h('span', null, badge(words.finished, 'good', 'done'), ...late, h('small', null, dateAndTime(doneAt, words)));
}
