// What happens on the server, for whatever part of the console wants to know.

import { EventStream } from './stream.js';

const PATH = '/v1/console/events';

export class Feed {
  constructor({ signedOut }) {
    this.signedOut = signedOut;
    this.listeners = new Set();
    this.connected = true;
  }

  /** `listener({ event, data })`; returns what ends it. `event` is also `connected` or `lost`. */
  subscribe(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** From now on also the messages of this conversation, those after `lastId` included. */
  watch(conversation, lastId) {
    // Without a place to begin at, it goes on where the last one stopped.
    const begin = lastId == null ? this.stream && this.stream.lastId : String(lastId);
    this.stop();
    const path = conversation ? `${PATH}?conversation=${encodeURIComponent(conversation)}` : PATH;
    this.stream = new EventStream(path, {
      event: (event) => this.tell(event),
      connected: (yes) => this.reach(yes),
      signedOut: this.signedOut,
    });
    this.stream.lastId = begin;
    this.stream.start();
  }

  stop() {
    if (this.stream) this.stream.stop();
    this.stream = null;
  }

  reach(connected) {
    const changed = connected !== this.connected;
    this.connected = connected;
    if (changed) this.tell({ event: connected ? 'connected' : 'lost', data: {} });
  }

  tell(event) {
    for (const listener of this.listeners) listener(event);
  }
}
