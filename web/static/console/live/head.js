// The line above a conversation: how it stands, and what may be done about it.

import { h } from '/widget/dom.js';
import { age, fill } from '../format.js';
import { icon } from '../icons.js';
import { badge, button } from '../parts.js';
import { mood } from './mood.js';
import { reasonWord } from './names.js';
import { tongue } from './queue.js';

const TONES = { waiting: 'warn', held: 'good', bot: 'info', closed: '' };

/** `on.move('take' | 'return' | 'close')`, `on.help()`. */
export function conversationHead(app, item, on) {
  const { words } = app;
  return [
    h('a', { class: 'button small plain back', href: '#/live', 'aria-label': words.backToQueue }, icon('back')),
    h('div', { class: 'standing' },
      h('h2', null, headline(item, words, app.waiting.now)),
      h('p', null,
        badge(words[`state_${item.state}`], TONES[item.state]),
        tongue(item.language, words),
        mood(item.sentiment, words),
        h('span', null, [item.channel, item.collection].filter(Boolean).join(' · ')))),
    h('div', { class: 'actions' },
      button(words.help, on.help, { kind: 'help', small: true, symbol: 'spark' }),
      ...moves(app, item, on.move)),
  ];
}

function headline(item, words, now) {
  if (item.state === 'waiting') {
    const since = item.waiting_since ? age(item.waiting_since, words, now) : '';
    const why = item.reason ? reasonWord(item.reason, words) : words.state_waiting;
    return fill(words.headWaiting, { why, since });
  }
  if (item.state === 'held') {
    return item.mine ? words.headMine : fill(words.headOther, { name: item.holder ? item.holder.name : '' });
  }
  return item.state === 'closed' ? words.headClosed : words.headBot;
}

function moves(app, item, move) {
  const { words } = app;
  if (!app.may('conversations.work') || item.state === 'closed') return [];
  const close = () => button(words.closeIt, () => move('close'), { small: true, symbol: 'done' });
  if (item.state === 'held' && item.mine) {
    return [button(words.giveBack, () => move('return'), { small: true, symbol: 'spark' }), close()];
  }
  if (item.state === 'held') return app.me.role === 'admin' ? [close()] : [];
  return [button(words.takeOver, () => move('take'), { kind: item.state === 'waiting' ? 'primary' : '', symbol: 'person' })];
}
