// One message. What people wrote only ever becomes text.

import { h, spoken } from '/widget/dom.js';
import { clock } from '../format.js';
import { icon } from '../icons.js';
import { badge, button, confidence, outward } from '../parts.js';
import { readable } from '../format.js';
import { actionWord } from './names.js';

// The redactor leaves `<PHONE_NUMBER_1>` where a number was.
const MASK = /(<[A-Z][A-Z0-9_]*_\d+>)/;

/** `actions` are `unseal(message)` and `correct(message)`; one that is missing is not offered. */
export function messageView(message, words, actions) {
  const { author } = message;
  return h('article', { class: `message ${author}`, 'data-id': message.message_id },
    h('p', { class: 'head' },
      h('strong', null, author === 'agent' && message.agent_name ? message.agent_name : words[`author_${author}`]),
      h('time', { datetime: message.at }, clock(message.at, words)),
      message.helpful === true && badge(words.helpful, 'good', 'done'),
      message.helpful === false && badge(words.unhelpful, 'bad', 'warn')),
    h('p', { class: 'text', dir: 'auto', lang: message.language || null }, ...masked(message, words)),
    evidence(message, words),
    tools(message, words, actions));
}

/** Who holds the conversation sees what the server made of a value: `138****8000`. */
function masked({ text, masks = {} }, words) {
  return text.split(MASK).filter(Boolean).map((piece) => {
    if (!MASK.test(piece)) return piece;
    if (Object.hasOwn(masks, piece)) return h('mark', { title: piece }, masks[piece]);
    return h('mark', { title: words.maskedTitle }, piece.slice(1, -1).replaceAll('_', ' ').toLowerCase());
  });
}

function evidence(message, words) {
  const { action, intent, citations } = message;
  if (message.author !== 'bot' || (!action && !intent)) return null;
  return h('details', null,
    h('summary', null, action ? actionWord(action, words) : words.evidence,
      intent && h('span', null, ` · ${readable(intent.name)}`)),
    h('dl', null,
      intent && h('div', null, h('dt', null, words.understoodAs),
        h('dd', null, readable(intent.name), ' ', confidence(intent.confidence, words.confidence))),
      intent && intent.rival && h('div', null, h('dt', null, words.asLikely), h('dd', null, readable(intent.rival))),
      citations && citations.length > 0 && h('div', null, h('dt', null, words.sources),
        h('dd', null, ...citations.map((one) => h('p', null,
          outward(one.title || one.document_id, one.url, words), ' ', confidence(one.score, words.score)))))));
}

function tools(message, words, { unseal, correct }) {
  const offered = [
    // Where nothing is masked there is nothing to uncover.
    unseal && message.sealed && MASK.test(message.text)
      && button(words.showOriginal, () => unseal(message), { kind: 'plain', small: true, symbol: 'lock' }),
    correct && message.author === 'customer'
      && button(words.correctIntent, () => correct(message), { kind: 'plain', small: true, symbol: 'edit' }),
  ].filter(Boolean);
  return offered.length ? h('p', { class: 'tools' }, ...offered) : null;
}

/** A reply on its way; once that has failed, `why`, and `again` to try it again. */
export function pendingView({ text }, words, failure) {
  return h('article', { class: 'message agent pending' },
    h('p', { class: 'text', dir: 'auto' }, text),
    failure
      ? h('p', { class: 'status failed', role: 'alert' }, icon('warn'), `${words.notSent} ${failure.why}`,
        button(words.tryAgain, failure.again, { kind: 'plain', small: true, symbol: 'retry' }))
      : h('p', { class: 'status' }, words.sending, spoken('…')));
}
