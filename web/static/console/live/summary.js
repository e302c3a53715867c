// What has happened so far, for whoever comes in now. Made of redacted text only.

import { h } from '/widget/dom.js';
import { badge, outward } from '../parts.js';
import { readable } from '../format.js';
import { moodWord } from './mood.js';

export function summaryView(summary, words) {
  if (!summary) return null;
  const language = words.tag.slice(0, 2);
  return h('details', { class: 'summary', open: true },
    h('summary', null, words.summary),
    summary.text && h('p', null, summary.text[language]),
    h('dl', null,
      line(words.wants, summary.intent && readable(summary.intent)),
      line(words.asked, many(summary.asked)),
      line(words.tried, many(summary.tried, (one) => [
        outward(one.title || one.document_id, one.url, words), ' ',
        one.helpful === true && badge(words.helpful, 'good'),
        one.helpful === false && badge(words.unhelpful, 'bad')])),
      line(words.slots, many(summary.slots, ({ name, value }) => [`${readable(name)}: ${value == null ? '–' : value}`])),
      line(words.mood, summary.sentiment == null ? null : moodWord(summary.sentiment, words))));
}

function line(label, content) {
  return content && h('div', null, h('dt', null, label), h('dd', null, content));
}

function many(values, draw = (value) => [value]) {
  if (!values || !values.length) return null;
  return h('ul', null, ...values.map((value) => h('li', null, ...draw(value).filter(Boolean))));
}
