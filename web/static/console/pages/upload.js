// A file becomes articles; what was refused, and where personal data stands, is told.

import { h } from '/widget/dom.js';
import { ask, show } from '../dialog.js';
import { fill } from '../format.js';
import { field } from '../parts.js';

/** Resolves with the report, or null. */
export async function uploadArticles(app, collection) {
  const { words } = app;
  const file = h('input', { type: 'file', required: true });
  const hold = h('input', { type: 'checkbox' });
  const report = await ask({
    words, title: words.uploadTitle, confirm: words.uploadFile,
    parts: [
      field(words.fileFormat, file, words.uploadHint),
      h('label', { class: 'check' }, hold, words.uploadHold),
    ],
    submit: () => app.api.upload(file.files[0], { collection, hold: hold.checked ? 'personal_data' : 'nothing' }),
  });
  if (report) tell(words, report);
  return report;
}

function tell(words, report) {
  const { refused, findings, drafts } = report;
  show({
    words, title: words.uploadTitle,
    parts: [
      h('p', null, fill(words.uploadDone, report), drafts ? ` ${fill(words.uploadDrafts, { n: drafts })}` : ''),
      refused.length && h('p', null, words.uploadRefused),
      refused.length && h('ul', { class: 'told', lang: 'en' }, ...refused.map((sentence) => h('li', null, sentence))),
      findings.length && h('p', null, words.uploadData),
      findings.length && foundData(findings, words),
    ].filter(Boolean),
  });
}

/** Types, numbers and places of personal data; what it is stays where it stands. */
export function foundData(findings, words) {
  return h('ul', { class: 'told' }, ...findings.map((one) => h('li', { class: one.grave ? 'grave' : null },
    `${one.document_id} · ${words[`part_${one.field}`]}: ${Object.entries(one.counts).map((pair) => pair.join(' ')).join(', ')}`)));
}
