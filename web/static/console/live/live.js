// The live page: who waits, the open conversation, and what helps to answer it.

import { h } from '/widget/dom.js';
import { empty } from '../parts.js';
import { ConversationView } from './conversation.js';
import { QueueView } from './queue.js';

export function live(app, rest) {
  return new LivePage(app, rest);
}

class LivePage {
  constructor(app, rest) {
    this.app = app;
    this.queue = new QueueView(app);
    this.desk = h('div', { class: 'desk' });
    this.element = h('div', { class: 'live' }, this.queue.element, this.desk);
    this.turnTo(rest);
  }

  turnTo(id) {
    this.putAway();
    this.element.classList.toggle('opened', Boolean(id));
    this.queue.mark(id);
    if (!id) {
      const { words } = this.app;
      this.app.feed.watch(null);
      this.desk.replaceChildren(empty('live', words.chooseOne, words.chooseOneText));
      return;
    }
    this.conversation = new ConversationView(this.app, id);
    this.desk.replaceChildren(this.conversation.element);
  }

  putAway() {
    if (this.conversation) this.conversation.leave();
    this.conversation = null;
  }

  leave() {
    this.putAway();
    this.app.feed.watch(null);
    this.queue.leave();
  }
}
