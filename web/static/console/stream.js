// Server-sent events over fetch, which unlike EventSource tells a lost session from a lost network.

const SILENCE_SECONDS = 45;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;

export class EventStream {
  /** `on.event({ event, data })`, `on.connected(boolean)`, `on.signedOut()`. */
  constructor(path, on) {
    this.path = path;
    this.on = on;
    this.lastId = null;
    this.pause = FIRST_PAUSE_MS;
    this.wake = () => this.hurry && this.hurry();
  }

  start() {
    this.open = true;
    addEventListener('online', this.wake);
    this.run();
  }

  stop() {
    this.open = false;
    removeEventListener('online', this.wake);
    if (this.controller) this.controller.abort();
    this.wake();
  }

  async run() {
    while (this.open) {
      await this.listen().catch(() => {});
      if (!this.open) return;
      this.on.connected(false);
      await this.rest();
    }
  }

  /** Longer after each failure; a little by chance, so that not all consoles return at once. */
  rest() {
    const pause = this.pause * (0.7 + 0.6 * Math.random());
    this.pause = Math.min(this.pause * 2, LONGEST_PAUSE_MS);
    return new Promise((resolve) => {
      this.hurry = resolve;
      setTimeout(resolve, pause);
    });
  }

  async listen() {
    this.controller = new AbortController();
    const headers = { Accept: 'text/event-stream', 'X-Kefu-Console': '1' };
    if (this.lastId) headers['Last-Event-ID'] = this.lastId;
    this.expectSomething();
    try {
      const response = await fetch(this.path, {
        headers, credentials: 'same-origin', cache: 'no-store', signal: this.controller.signal,
      });
      if (response.status === 401) {
        this.stop();
        this.on.signedOut();
      }
      if (!response.ok) return;
      this.pause = FIRST_PAUSE_MS;
      this.on.connected(true);
      await this.read(response.body.getReader());
    } finally {
      clearTimeout(this.timer);
    }
  }

  async read(reader) {
    const decoder = new TextDecoder();
    let rest = '';
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      this.expectSomething();
      // A carriage return at the end of a chunk may be half of a CRLF: it waits for the next one.
      rest = (rest + decoder.decode(value, { stream: true })).replace(/\r\n|\r(?!$)/g, '\n');
      const blocks = rest.split('\n\n');
      rest = blocks.pop();
      for (const block of blocks) this.take(block);
    }
  }

  take(block) {
    let event = 'message';
    let id = null;
    const data = [];
    for (const line of block.split('\n')) {
      const [, field, value] = /^([^:]*):? ?(.*)$/.exec(line);
      if (field === 'event') event = value;
      else if (field === 'data') data.push(value);
      else if (field === 'id') id = value;
    }
    if (data.length) this.on.event({ event, data: JSON.parse(data.join('\n')) });
    // Only what has been dealt with need not be sent again.
    if (id) this.lastId = id;
  }

  /** The server sends heartbeats: a long silence is a dead connection. */
  expectSomething() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.controller.abort(), SILENCE_SECONDS * 1000);
  }
}
