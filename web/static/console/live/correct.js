// An agent says what a customer wanted: the most valuable label there is.

import { ask } from '../dialog.js';
import { choice, field } from '../parts.js';
import { readable } from '../format.js';

export async function correctIntent(app, item, message) {
  const { words } = app;
  let intents;
  try {
    ({ intents } = await app.api.intents(item.collection));
  } catch (error) {
    app.complain(error);
    return;
  }
  const chosen = choice(intents.map((name) => [name, readable(name)]), null, { required: true });
  const done = await ask({
    words, title: words.correctTitle, text: message.text, confirm: words.save,
    parts: [field(words.wanted, chosen, words.correctHint)],
    submit: async () => {
      await app.api.correctIntent(message.message_id, chosen.value);
      return true;
    },
  });
  if (done) app.say(words.corrected);
}
