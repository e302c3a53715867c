// Showing one original: only with a purpose, which is written down for good.

import { h } from '/widget/dom.js';
import { ask, show } from '../dialog.js';
import { choice, field } from '../parts.js';

const SHORTEST = 5;
const LONGEST = 200;

export async function unseal(app, message) {
  const { words } = app;
  const other = h('textarea', { rows: '2', maxlength: String(LONGEST), minlength: String(SHORTEST) });
  const otherField = field(words.purposeOther, other, words.purposeHint);
  otherField.hidden = true;
  const why = choice([
    [words.purposeCall, words.purposeCall], [words.purposeOrder, words.purposeOrder],
    [words.purposeComplaint, words.purposeComplaint], ['', words.purposeElse],
  ], words.purposeCall, {
    onchange: () => {
      otherField.hidden = Boolean(why.value);
      other.required = !why.value;
      if (!why.value) other.focus();
    },
  });
  const original = await ask({
    words, title: words.unsealTitle, text: words.unsealText, confirm: words.showOriginal,
    parts: [field(words.purpose, why), otherField],
    submit: () => app.api.unseal(message.message_id, why.value || other.value.trim()),
  });
  if (!original) return;
  show({
    words, title: words.original,
    parts: [h('blockquote', { dir: 'auto', lang: message.language || null }, original.text), h('p', null, words.unsealed)],
  });
}
