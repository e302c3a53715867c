// The queue as the console last saw it: read again, not too often, whenever something changes.

const PAUSE_MS = 200;

export class Waiting {
  constructor(api, feed) {
    this.api = api;
    this.state = 'open';
    this.queue = null;
    this.error = null;
    this.listeners = new Set();
    this.unsubscribe = feed.subscribe(({ event }) => {
      if (event === 'queue' || event === 'connected') this.readSoon();
    });
  }

  subscribe(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  choose(state) {
    this.state = state;
    this.queue = null;
    this.read();
  }

  readSoon() {
    this.timer = this.timer || setTimeout(() => { this.timer = null; this.read(); }, PAUSE_MS);
  }

  async read() {
    const { state } = this;
    this.tell();
    try {
      const queue = await this.api.queue(state);
      if (state !== this.state) return;
      // Waiting times go on from the server's clock, whatever this machine's says.
      this.skew = Date.parse(queue.now) - Date.now();
      this.queue = queue;
      this.error = null;
    } catch (error) {
      if (state === this.state) this.error = error;
    }
    this.tell();
  }

  get now() {
    return Date.now() + (this.skew || 0);
  }

  stop() {
    clearTimeout(this.timer);
    this.unsubscribe();
  }

  tell() {
    for (const listener of this.listeners) listener();
  }
}
