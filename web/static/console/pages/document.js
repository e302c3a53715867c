// One article, in a form.

import { h } from '/widget/dom.js';
import { ask } from '../dialog.js';
import { choice, field } from '../parts.js';

const ID = '[A-Za-z0-9][A-Za-z0-9._-]{0,199}';

/** Null for a new one; resolves with the saved article, or null. */
export function editDocument(app, document, collection) {
  const { words } = app;
  const old = document || { id: '', question: '', answer: '', title: '', url: '', language: app.language, tags: [], variants: [] };
  const id = h('input', { value: old.id, required: true, pattern: ID, disabled: Boolean(document) });
  const language = choice([['en', words.english], ['zh', words.chinese]], old.language);
  const title = h('input', { value: old.title });
  const question = h('input', { value: old.question, required: true });
  const answer = h('textarea', { rows: '7', required: true });
  const variants = h('textarea', { rows: '3' });
  const url = h('input', { value: old.url });
  const tags = h('input', { value: old.tags.join(', ') });
  answer.value = old.answer;
  variants.value = (old.variants || []).join('\n');
  return ask({
    words, title: document ? words.editArticle : words.addArticle, confirm: words.save, wide: true,
    parts: [
      h('div', { class: 'pair' }, field(words.identifier, id, words.identifierHint), field(words.language, language)),
      field(words.title, title), field(words.question, question), field(words.answer, answer),
      field(words.variants, variants, words.variantsHint),
      h('div', { class: 'pair' }, field(words.address, url), field(words.tags, tags, words.tagsHint)),
    ],
    submit: () => app.api.saveDocument(id.value.trim(), collection, {
      question: question.value.trim(),
      answer: answer.value.trim(),
      title: title.value.trim(),
      url: url.value.trim(),
      language: language.value,
      tags: pieces(tags.value, /[,，]/),
      variants: pieces(variants.value, '\n'),
    }),
  });
}

function pieces(text, separator) {
  return text.split(separator).map((piece) => piece.trim()).filter(Boolean);
}
