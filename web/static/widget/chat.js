// Decides what happens; `view.js` shows it, `client.js` carries it, `state.js` remembers it.

import { Client } from './client.js';
import { Live } from './live.js';
import { Privacy } from './privacy.js';
import { newId } from './state.js';
import { STRINGS, baseLanguage, fill, guessTag, pickLanguage } from './strings.js';
import { View } from './view.js';

const TYPING_MILLISECONDS = 4000;
const FRESH = { handedOff: false, agent: '', heard: 0, ended: false };

export class Chat {
  constructor({ root, server, settings, state, onClose, onUnread }) {
    this.settings = settings;
    this.state = state;
    this.onUnread = onUnread;
    this.client = new Client(server);
    this.live = new Live(this.client, {
      hear: (event) => this.hear(event), heard: () => state.heard,
    });
    this.busy = false;
    this.opening = null;
    this.unreachable = false;
    this.language = this.chooseLanguage();
    const privacy = settings.customer && new Privacy(this.client, state, (call) => this.attempt(call));
    this.view = new View(root, this.actions(onClose), privacy);
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
    if (state.asked || state.handedOff) this.live.follow(state.conversation);
    this.view.render({
      words,
      messages: state.messages,
      current: state.conversation && state.conversation.id,
      draft: state.draft,
      busy: this.busy,
      handedOff: state.handedOff,
      agent: state.agent,
      speaker: this.speaker(),
      offline: !navigator.onLine,
      // A message that failed already says so, and has its own way to try again.
      unreachable: this.unreachable && !state.messages.some(({ status }) => status === 'failed'),
      asked: state.asked,
      examples: state.asked ? [] : this.settings.examples[language],
    });
  }

  // A person

  speaker() {
    const { words, state: { agent } } = this;
    if (this.typist) return fill(words.typing, { name: this.typist });
    return agent ? fill(words.withPerson, { name: agent }) : words.subtitle;
  }

  hear({ event, id, data }) {
    if (data && event === 'message') this.agentSaid(data);
    else if (data && event === 'state') this.stateChanged(data);
    else if (data && event === 'typing') this.agentTypes(data.agent_name || this.words.agent);
    if (id) this.state.set({ heard: Number(id) });
    if (data) this.render();
  }

  agentSaid({ message_id: messageId, text, language, agent_name: agent }) {
    this.agentTypes(null);
    // What was read before the connection broke may be told again.
    if (this.state.messages.some((message) => message.messageId === messageId)) return;
    this.received(this.state.add({
      kind: 'reply', author: 'agent', agent, text, messageId,
      language: baseLanguage(language) ? language : guessTag(text),
    }));
  }

  stateChanged({ state, agent_name: name }) {
    const { words } = this;
    const before = this.state.agent;
    const agent = state === 'held' ? name || words.agent : '';
    this.state.set({ agent, handedOff: state === 'held' || state === 'waiting' });
    if (agent && agent !== before) this.notice(fill(words.joined, { name: agent }));
    else if (state === 'bot' && before) this.notice(words.handedBack);
    else if (state === 'closed') this.end();
  }

  end() {
    this.state.set({ ended: true });
    this.notice(this.words.ended);
  }

  agentTypes(name) {
    clearTimeout(this.typistTimer);
    this.typist = name;
    if (name) this.typistTimer = setTimeout(() => { this.typist = null; this.render(); }, TYPING_MILLISECONDS);
  }

  notice(text) {
    this.state.add({ kind: 'notice', text, language: this.words.tag });
    this.view.announce(text, this.words.tag);
  }

  // Conversation

  /** When the panel opens: the disclosure is due before the first word. */
  begin() {
    this.conversation().catch(() => {});
  }

  conversation() {
    if (this.state.conversation) return Promise.resolve(this.state.conversation);
    this.opening = this.opening || this.openConversation().finally(() => { this.opening = null; });
    return this.opening;
  }

  async openConversation() {
    const { collection, customer } = this.settings;
    const asked = { language: this.words.tag, collection, customer };
    try {
      const opened = await this.client.open(asked);
      const conversation = { id: opened.conversation_id, token: opened.token };
      if (asked.language !== this.words.tag) {
        this.client.close(conversation);
        return await this.openConversation();
      }
      this.state.set({ conversation, ...FRESH });
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
      if (!this.state.ended) this.notice(this.words.renewed);
      return call(await this.conversation());
    }
  }

  /** As `converse`, but a failure is told to the customer, and null given back. */
  async attempt(call) {
    try {
      return await this.converse(call);
    } catch {
      this.view.warn(this.words.actionFailed);
      return null;
    }
  }

  newConversation() {
    if (this.busy) return;
    if (this.state.conversation) this.client.close(this.state.conversation);
    this.live.follow(null);
    this.state.set({ conversation: null, messages: [], ...FRESH });
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
    if (!this.state.agent) this.view.announce(this.words.answering, this.words.tag);
    this.render();
    try {
      const reply = await this.converse((conversation) => this.ask(conversation, message));
      this.state.change(message, { status: 'sent' });
      this.unreachable = false;
      if (reply) this.received(reply);
    } catch (error) {
      this.failed(message, error);
    } finally {
      this.busy = false;
      this.render();
    }
  }

  async ask(conversation, message) {
    // What the conversation had to say first stands above the question.
    this.state.moveToEnd(message);
    // While a person has the conversation, nobody answers at once.
    const reply = this.state.agent ? {} : this.state.add({
      kind: 'reply', text: '', pending: true, author: 'bot',
    });
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
      if (whole.author !== 'agent') {
        // The person may have left in the same moment.
        const shown = reply.key ? reply : this.state.add({ kind: 'reply' });
        this.state.change(shown, fromReply(whole));
        return shown;
      }
      this.state.remove(reply);
      return null;
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
    const called = await this.attempt((conversation) => this.client.handOff(conversation));
    this.busy = false;
    if (called) {
      const { text } = called;
      this.received(this.state.add({
        kind: 'reply', text, language: guessTag(text), action: 'handoff', author: 'bot',
      }));
    }
    this.render();
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
