// How long what is kept, and what was deleted because its time was over.

import { h } from '/widget/dom.js';
import { dateAndTime, fill, readable } from '../format.js';
import { empty, fillPlace, table } from '../parts.js';
import { countsText } from './privacy_counts.js';

export function retention(app) {
  const { words } = app;
  const place = h('div', { class: 'retention' });
  fillPlace(place, words, () => app.api.retention(), ({ rules, purges }) => [
    table(words.privacyRetention, [
      { label: words.category, cell: ({ category }) => words[`kept_${category}`] || readable(category) },
      { label: words.keptFor, cell: ({ days }) => fill(words.keptDays, { n: days }) },
    ], rules),
    h('h2', null, words.purges),
    purges.length ? table(words.purges, [
      { label: words.time, cell: ({ at }) => dateAndTime(at, words) },
      { label: words.who, cell: ({ role }) => words[`role_${role}`] || readable(role) },
      { label: words.deleted, cell: ({ counts }) => countsText(counts, words) },
    ], purges) : empty('jobs', words.purgesEmpty)]);
  return place;
}
