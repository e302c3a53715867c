// The messages in their order, each once, and the replies that are still on their way.

import { h } from '/widget/dom.js';
import { messageView, pendingView } from './message.js';
import { empty } from '../parts.js';
import { problemText } from '../problems.js';

const NEAR_THE_END = 80;

export class Log {
  constructor(words, actions) {
    this.words = words;
    this.actions = actions;
    this.messages = [];
    this.pending = new Map();
    this.later = [];
    this.element = h('div', { class: 'log', role: 'log', 'aria-live': 'off', 'aria-label': words.log, tabindex: '0' });
    this.follows = true;
    this.element.addEventListener('scroll', () => {
      const { scrollHeight, scrollTop, clientHeight } = this.element;
      this.follows = scrollHeight - scrollTop - clientHeight < NEAR_THE_END;
    });
    this.observer = new ResizeObserver(() => this.keepUp());
    this.observer.observe(this.element);
  }

  leave() {
    this.observer.disconnect();
  }

  show(messages) {
    this.messages = [...messages];
    this.redraw();
    // What was said before is not read out; what is said from now on is.
    setTimeout(() => this.element.setAttribute('aria-live', 'polite'), 0);
  }

  /** From the same messages as the server has them now. */
  learnMasks(messages) {
    const known = new Map(messages.map(({ message_id: id, masks }) => [id, masks]));
    this.messages = this.messages.map((message) => ({ ...message, masks: known.get(message.message_id) || message.masks }));
    if (messages.some(({ masks }) => Object.keys(masks).length)) this.redraw();
  }

  forgetMasks() {
    this.messages = this.messages.map((message) => ({ ...message, masks: {} }));
  }

  redraw() {
    const { words, messages } = this;
    const actions = this.actions();
    const rows = messages.map((message) => messageView(message, words, actions));
    if (!rows.length && !this.pending.size) rows.push(empty('live', words.nothingYet));
    this.element.replaceChildren(...rows, ...[...this.pending.values()].map(({ row }) => row));
    this.keepUp();
  }

  add(message) {
    // Our own reply may come as an event before its own answer: it waits until that is clear.
    if (message.author === 'agent' && this.sending) this.later.push(message);
    else this.append(message);
  }

  append(message) {
    if (this.messages.some(({ message_id: id }) => id === message.message_id)) return;
    this.messages.push(message);
    const row = messageView(message, this.words, this.actions());
    const nothing = this.element.querySelector('.state');
    if (nothing) nothing.remove();
    const [first] = this.pending.values();
    this.element.insertBefore(row, first ? first.row : null);
    this.keepUp();
  }

  get sending() {
    return [...this.pending.values()].some(({ failed }) => !failed);
  }

  get unsent() {
    return [...this.pending.values()].filter(({ failed }) => failed);
  }

  expect({ id, text, suggestion }) {
    const old = this.pending.get(id);
    const entry = { id, text, suggestion, failed: false, row: pendingView({ text }, this.words) };
    this.pending.set(id, entry);
    if (old) old.row.replaceWith(entry.row);
    else this.element.append(entry.row);
    this.follows = true;
    this.keepUp();
    return entry;
  }

  arrived(entry, message) {
    entry.row.remove();
    this.pending.delete(entry.id);
    this.append(message);
    this.settle();
  }

  failed(entry, error, again) {
    const [why] = problemText(error, this.words);
    const row = pendingView(entry, this.words, { why, again });
    entry.row.replaceWith(row);
    Object.assign(entry, { row, failed: true });
    this.settle();
    this.keepUp();
  }

  settle() {
    if (this.sending) return;
    for (const message of this.later.splice(0)) this.append(message);
  }

  keepUp() {
    if (this.follows) this.element.scrollTop = this.element.scrollHeight;
  }
}
