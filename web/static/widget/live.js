// What the customer hears without asking: a person's words, who speaks now, who is typing.

import { Patience } from './client.js';

// The server sends a sign of life every 15 seconds.
const SILENCE_SECONDS = 45;
const PAUSES = [500, 1000, 2000, 5000, 10000];

export class Live {
  /** `hear(event)` gets each event once it is read; `heard()` is the number to go on from. */
  constructor(client, { hear, heard }) {
    Object.assign(this, { client, hear, heard, conversation: null });
    addEventListener('online', () => { if (this.wake) this.wake(); });
  }

  follow(conversation) {
    if (this.conversation && conversation && this.conversation.id === conversation.id) return;
    this.conversation = conversation;
    if (this.patience) this.patience.end();
    if (conversation) this.run(conversation);
  }

  /** A stream that breaks off is taken up again, later each time it fails at once. */
  async run(conversation) {
    const current = () => this.conversation === conversation;
    for (let failures = 0; current(); failures += 1) {
      const patience = new Patience(SILENCE_SECONDS);
      this.patience = patience;
      try {
        const stream = this.client.listen(conversation, this.heard(), patience);
        for await (const event of stream) {
          if (!current()) break;
          failures = 0;
          if (event) this.hear(event);
        }
      } catch (error) {
        // Unknown or closed: the next message opens another.
        if (error.lost && current()) this.conversation = null;
      }
      patience.stop();
      if (current()) await this.pause(PAUSES[Math.min(failures, PAUSES.length - 1)]);
    }
  }

  pause(milliseconds) {
    return new Promise((done) => {
      this.wake = done;
      setTimeout(done, milliseconds);
    });
  }
}
