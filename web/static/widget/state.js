// What the widget remembers, for this tab only and only until it is closed.

const LIMIT = 200;

const EMPTY = {
  conversation: null,
  messages: [],
  draft: '',
  open: false,
  unread: 0,
  handedOff: false,
  // The person who has the conversation, and the last event heard of it.
  agent: '',
  heard: 0,
  ended: false,
  // A language chosen by hand, and what the page was written in then.
  choice: null,
  privacy: {},
};

export class State {
  constructor(key) {
    this.key = `kefu:${key}`;
    Object.assign(this, EMPTY, { messages: [] }, this.load());
  }

  /** Adds a message and returns it; later changes go through `change`. */
  add(message) {
    const added = { key: newId(), conversation: this.conversation && this.conversation.id, ...message };
    this.messages.push(added);
    if (this.messages.length > LIMIT) this.messages.shift();
    this.save();
    return added;
  }

  change(message, changes) {
    Object.assign(message, changes);
    this.save();
  }

  remove(message) {
    this.messages = this.messages.filter((other) => other !== message);
    this.save();
  }

  moveToEnd(message) {
    this.messages = [...this.messages.filter((other) => other !== message), message];
    this.save();
  }

  set(changes) {
    Object.assign(this, changes);
    this.save();
  }

  get asked() {
    return this.messages.some((message) => message.kind === 'customer');
  }

  load() {
    try {
      const kept = JSON.parse(sessionStorage.getItem(this.key)) || {};
      // A half-streamed answer is asked for again under the id of its question.
      kept.messages = (kept.messages || []).filter((message) => !message.pending);
      return kept;
    } catch {
      return {};
    }
  }

  save() {
    const kept = {};
    for (const name of Object.keys(EMPTY)) kept[name] = this[name];
    try {
      sessionStorage.setItem(this.key, JSON.stringify(kept));
    } catch {
      // Storage is full or forbidden: the conversation lives as long as the page.
    }
  }
}

/** A random UUID; `crypto.randomUUID` is missing on pages served without TLS. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
