// Decides what happens; `view.js` shows it, `client.js` carries it, `state.js` remembers it.

import { Client } from './client.js';
import { newId } from './state.js';
import { STRINGS, baseLanguage, guessTag, pickLanguage } from './strings.js';
import { View } from './view.js';

export class Chat {
  constructor({ root, server, settings, state, onClose, onUnread }) {
    this.settings = settings;
    this.state = state;
    this.onUnread = onUnread;
    this.client = new Client(server);
    this.busy = false;
    this.opening = null;
    this.unreachable = false;
    this.language = this.chooseLanguage();
    this.view = new View(root, this.actions(onClose));
    addEventListener('online', () => this.reconnect());
    addEventListener('offline', () => this.render());
  }

  actions(onClose) {
    return {
      close: onClose,
      send: (text) => this.send(text),
      draft: (text) => this.typing(text),
      retry: (message) => this.deliver(message),
      handOff: () => this.handOff(),
      judge: (message, helpful, reason) => this.judge(message, helpful, reason),
      switchLanguage: () => this.switchLanguage(),
      reconnect: () => this.reconnect(),
      newConversation: () => this.newConversation(),
    };
  }

  get words() {
    return STRINGS[this.language];
  }

  show({ focus }) {
    this.state.set({ open: true, unread: 0 });
    this.render();
    this.view.show({ focus });
    this.begin();
    this.resume();
  }

  hide() {
    this.state.set({ open: false });
    this.view.hide();
  }

  render() {
    const { state, words, language } = this;
    this.view.render({
      words,
      messages: state.messages,
      current: state.conversation && state.conversation.id,
      draft: state.draft,
      busy: this.busy,
      handedOff: state.handedOff,
      offline: !navigator.onLine,
      // A message that failed already says so, and has its own way to try again.
      unreachable: this.unreachable && !state.messages.some(({ status }) => status === 'failed'),
      asked: state.asked,
      examples: state.asked ? [] : this.settings.examples[language],
    });
  }

  // Conversation

  /** The disclosure is due before the first word, so the conversation begins when the panel opens. */
  begin() {
    this.conversation().catch(() => {});
  }

  conversation() {
    if (this.state.conversation) return Promise.resolve(this.state.conversation);
    this.opening = this.opening || this.openConversation().finally(() => { this.opening = null; });
    return this.opening;
  }

  async openConversation() {
    const asked = { language: this.words.tag, collection: this.settings.collection };
    try {
      const opened = await this.client.open(asked);
      const conversation = { id: opened.conversation_id, token: opened.token };
      if (asked.language !== this.words.tag) {
        this.client.close(conversation);
        return await this.openConversation();
      }
      this.state.set({ conversation, handedOff: false });
      const { text, language } = opened.disclosure;
      this.state.add({ kind: 'disclosure', text, language });
      this.unreachable = false;
      this.render();
      return conversation;
    } catch (error) {
      this.unreachable = true;
      this.render();
      throw error;
    }
  }

  /** Runs `call` in the current conversation, or in a new one where the server lost the old one. */
  async converse(call) {
    const conversation = await this.conversation();
    try {
      return await call(conversation);
    } catch (error) {
      if (!error.lost) throw error;
      this.state.set({ conversation: null });
      this.state.add({ kind: 'notice', text: this.words.renewed, language: this.words.tag });
      return call(await this.conversation());
    }
  }

  newConversation() {
    if (this.busy) return;
    if (this.state.conversation) this.client.close(this.state.conversation);
    this.state.set({ conversation: null, messages: [], handedOff: false });
    this.render();
    this.begin();
  }

  reconnect() {
    this.unreachable = false;
    this.render();
    this.begin();
  }

  // Messages

  typing(text) {
    this.state.set({ draft: text });
    this.render();
  }

  send(text) {
    if (this.busy) return;
    const message = this.state.add({
      kind: 'customer', text, language: guessTag(text), id: newId(), status: 'sending',
    });
    this.state.set({ draft: '' });
    this.deliver(message);
  }

  /** A reload may have cut an answer off; the id of the question makes asking again harmless. */
  resume() {
    const cut = this.state.messages.find(({ status }) => status === 'sending' || status === 'answering');
    if (cut && !this.busy) this.deliver(cut);
  }

  async deliver(message) {
    if (this.busy) return;
    this.busy = true;
    this.state.change(message, { status: 'sending' });
    this.view.announce(this.words.answering, this.words.tag);
    this.render();
    try {
      const reply = await this.converse((conversation) => this.ask(conversation, message));
      this.state.change(message, { status: 'sent' });
      this.unreachable = false;
      this.received(reply);
    } catch (error) {
      this.failed(message, error);
    } finally {
      this.busy = false;
      this.render();
    }
  }

  async ask(conversation, message) {
    // Whatever the conversation had to say first (its disclosure, a notice) stands above the question.
    this.state.moveToEnd(message);
    const reply = this.state.add({ kind: 'reply', text: '', pending: true, author: 'bot' });
    this.render();
    const body = { text: message.text, client_message_id: message.id };
    try {
      const whole = await this.client.send(conversation, body, {
        meta: (meta) => {
          reply.language = meta.language;
          this.state.change(message, { status: 'answering' });
        },
        token: (token) => {
          reply.text += token.text;
          this.view.renderSoon(() => this.render());
        },
      });
      this.state.change(reply, fromReply(whole));
      return reply;
    } catch (error) {
      this.state.remove(reply);
      throw error;
    }
  }

  received(reply) {
    if (reply.action === 'handoff') this.state.set({ handedOff: true });
    this.view.announce(reply.text, reply.language);
    if (this.state.open) return;
    this.state.set({ unread: this.state.unread + 1 });
    this.onUnread();
  }

  failed(message, error) {
    const problem = problemName(error);
    this.state.change(message, { status: 'failed', problem });
    this.view.announce(this.words[problem], this.words.tag);
  }

  async handOff() {
    if (this.busy || this.state.handedOff) return;
    this.busy = true;
    this.render();
    try {
      const { text } = await this.converse((conversation) => this.client.handOff(conversation));
      this.received(this.state.add({
        kind: 'reply', text, language: guessTag(text), action: 'handoff', author: 'bot',
      }));
    } catch {
      this.view.warn(this.words.actionFailed);
    } finally {
      this.busy = false;
      this.render();
    }
  }

  async judge(message, helpful, reason) {
    const before = { helpful: message.helpful, reason: message.reason };
    this.state.change(message, { helpful, reason });
    this.render();
    try {
      const judged = { messageId: message.messageId, helpful, reason };
      await this.client.feedback(this.state.conversation, judged);
    } catch {
      this.state.change(message, before);
      this.view.warn(this.words.actionFailed);
      this.render();
    }
  }

  // Language

  chooseLanguage() {
    const { choice } = this.state;
    if (choice && choice.page === document.documentElement.lang) return choice.language;
    return pickLanguage(this.settings.language);
  }

  /** A disclosure nobody has answered yet is given again in the language now chosen. */
  switchLanguage() {
    this.language = this.language === 'en' ? 'zh' : 'en';
    const page = document.documentElement.lang;
    this.state.set({ choice: { language: this.language, page } });
    if (this.state.asked || this.state.handedOff) this.render();
    else this.newConversation();
  }
}

function fromReply(reply) {
  return {
    pending: false,
    text: reply.text,
    language: baseLanguage(reply.language) ? reply.language : guessTag(reply.text),
    messageId: reply.message_id,
    action: reply.action,
    author: reply.author || 'bot',
    citations: reply.citations || [],
    suggestions: reply.suggestions || [],
  };
}

function problemName(error) {
  if (error.status === 413) return 'failedLong';
  if (error.status === 422) return 'failedText';
  if (error.status === 429) return 'failedBusy';
  if (error.status) return 'failedServer';
  return navigator.onLine ? 'failedUnreachable' : 'failedOffline';
}
