// One conversation: what was said, who speaks now, and the next move.

import { h } from '/widget/dom.js';
import { failed, loading } from '../parts.js';
import { ask } from '../dialog.js';
import { Assist } from './assist.js';
import { Composer } from './composer.js';
import { correctIntent } from './correct.js';
import { conversationHead } from './head.js';
import { Log } from './log.js';
import { unseal } from './unseal.js';

export class ConversationView {
  constructor(app, id) {
    this.app = app;
    this.id = id;
    this.element = h('div', { class: 'conversation' });
    this.unsubscribe = app.feed.subscribe((event) => this.happened(event));
    this.load();
  }

  get words() {
    return this.app.words;
  }

  leave() {
    this.left = true;
    this.unsubscribe();
    if (!this.log) return;
    for (const entry of this.log.unsent) this.keep(entry);
    this.log.leave();
  }

  // Reading

  async load() {
    const { app, id } = this;
    this.element.replaceChildren(loading(this.words, 9));
    try {
      const conversation = await app.api.conversation(id);
      if (this.left) return;
      this.item = conversation;
      app.feed.watch(id, conversation.last_event_id);
      this.build();
    } catch (error) {
      if (this.left) return;
      const back = h('a', { class: 'button', href: '#/live' }, this.words.backToQueue);
      const state = failed(error, this.words, () => this.load());
      state.append(back);
      this.element.replaceChildren(state);
    }
  }

  build() {
    const { app, words, item } = this;
    this.head = h('header', { class: 'head' });
    this.log = new Log(words, () => this.messageActions());
    this.foot = h('div', { class: 'foot' });
    this.assist = new Assist(app, item, {
      insert: (text, suggestion) => this.composer && this.composer.insert(text, suggestion),
      edit: (text, suggestion) => this.composer && this.composer.edit(text, suggestion),
    });
    const close = h('button', { type: 'button', class: 'button small shut', onclick: () => this.showAssist(false) }, words.backToChat);
    this.assist.element.prepend(close);
    this.element.replaceChildren(
      h('section', { class: 'talk', 'aria-label': words.conversation }, this.head, this.log.element, this.foot),
      this.assist.element);
    this.log.show(item.messages);
    this.drawState();
  }

  happened({ event, data }) {
    if (data.conversation_id !== this.id || !this.log) return;
    if (event === 'message') this.receive(data.message);
    if (event === 'state') this.change(data);
  }

  receive(message) {
    this.log.add(message);
    if (message.author === 'customer') this.assist.refreshSoon();
  }

  change({ state, holder, mine }) {
    const wasMine = this.isMine;
    Object.assign(this.item, { state, holder, mine });
    if (wasMine && !this.isMine) this.log.forgetMasks();
    this.drawState();
    if (this.isMine && !wasMine) this.learnMasks();
  }

  /** Those of what was said before: what comes from now on brings its own. */
  async learnMasks() {
    try {
      const { messages } = await this.app.api.conversation(this.id);
      if (!this.left && this.isMine) this.log.learnMasks(messages);
    } catch (error) {
      if (!this.left) this.app.complain(error);
    }
  }

  // Drawing

  get isMine() {
    return this.item.state === 'held' && this.item.mine;
  }

  drawState() {
    const focused = this.head.contains(document.activeElement) || this.foot.contains(document.activeElement);
    this.head.replaceChildren(...conversationHead(this.app, this.item, {
      move: (what) => this.move(what),
      help: () => this.showAssist(true),
    }));
    this.drawFoot();
    this.log.redraw();
    this.assist.hold(this.isMine);
    if (focused && !this.element.contains(document.activeElement)) {
      const next = this.composer ? this.composer.input : this.head.querySelector('button');
      if (next) next.focus();
    }
  }

  drawFoot() {
    const { words, app } = this;
    if (!this.isMine) {
      this.composer = null;
      const note = app.may('conversations.work') ? words[`foot_${this.item.state}`] : words.readOnly;
      this.foot.replaceChildren(h('p', null, note));
      return;
    }
    if (this.composer) return;
    if (!app.drafts.has(this.id)) app.drafts.set(this.id, { text: '', suggestion: null });
    this.composer = new Composer(words, app.drafts.get(this.id), {
      send: (text, suggestion, id) => this.send(text, suggestion, id),
      // Nobody is told that the others could not be told.
      typing: () => app.api.typing(this.id).catch(() => {}),
    });
    this.foot.replaceChildren(this.composer.element);
    this.composer.grow();
  }

  showAssist(yes) {
    this.element.classList.toggle('helped', yes);
    const next = yes ? this.assist.element.querySelector('.shut') : this.head.querySelector('.help');
    if (next) next.focus();
  }

  messageActions() {
    const { app } = this;
    const mayUnseal = app.may('originals.unseal') && (app.me.role !== 'agent' || this.isMine);
    return {
      unseal: mayUnseal ? (message) => unseal(app, message) : null,
      correct: app.may('conversations.work') ? (message) => correctIntent(app, this.item, message) : null,
    };
  }

  // Moves

  async move(what) {
    const { app, words } = this;
    if (what === 'close') {
      const sure = await ask({
        words, title: words.closeTitle, text: words.closeText, confirm: words.closeIt, danger: true,
        submit: () => app.api.move(this.id, 'close'),
      });
      if (sure) this.moved(sure);
      return;
    }
    try {
      this.moved(await app.api.move(this.id, what));
      if (what === 'take' && this.composer) this.composer.focus();
    } catch (error) {
      app.complain(error);
      // Somebody else was quicker: show how it stands now.
      if (error.status === 409) this.load();
    }
  }

  moved(item) {
    this.change(item);
    this.app.waiting.readSoon();
  }

  /** The id stays the same for every attempt, so that trying again never says a thing twice. */
  async send(text, suggestion, id = newId()) {
    const pending = this.log.expect({ id, text, suggestion });
    try {
      const body = { text, client_message_id: id };
      if (suggestion) body.suggestion_id = suggestion;
      const message = await this.app.api.reply(this.id, body);
      this.log.arrived(pending, message);
      this.app.waiting.readSoon();
      this.assist.refreshSoon();
    } catch (error) {
      if (this.left) this.keep({ id, text, suggestion });
      else this.log.failed(pending, error, () => this.send(text, suggestion, id));
    }
  }

  /** What could not be sent is a draft again for whoever comes back. */
  keep({ id, text, suggestion }) {
    const draft = this.app.drafts.get(this.id);
    if (draft && !draft.text) Object.assign(draft, { text, suggestion, unsent: { id, text } });
  }
}

/** 128 random bits; `crypto.randomUUID` is missing on pages served without TLS. */
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
