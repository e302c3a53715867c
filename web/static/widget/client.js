// The HTTP contract of one Kefu server, nothing else.

const SILENCE_SECONDS = 60;
// Unknown, closed, or no longer open to this token.
const LOST = new Set([401, 404, 409, 410]);

export class Problem extends Error {
  /** `status` is 0 when no answer came at all. */
  constructor(status, detail) {
    super(detail || `status ${status}`);
    this.status = status;
    this.lost = LOST.has(status);
  }
}

export class Client {
  constructor(server) {
    this.root = new URL('v1/conversations', server).href;
  }

  async open({ language, collection, customer }) {
    const body = { channel: 'web', language };
    if (collection) body.collection = collection;
    if (customer) body.customer = customer;
    const response = await this.post('', body);
    return response.json();
  }

  /** Calls `on[event](data)` for each event; resolves with the whole reply. */
  async send(conversation, message, on) {
    const patience = new Patience(SILENCE_SECONDS);
    try {
      const response = await this.say(conversation, 'messages', message, {
        accept: 'text/event-stream', signal: patience.signal,
      });
      if (!isStream(response)) return await response.json();
      return await readReply(response.body, on, patience);
    } catch (error) {
      throw asProblem(error);
    } finally {
      patience.stop();
    }
  }

  /** Yields null once the stream is open, then its events as they come, until it breaks off. */
  async* listen(conversation, last, patience) {
    const headers = last ? { 'Last-Event-ID': String(last) } : {};
    try {
      const response = await this.request(`/${conversation.id}/events`, {
        token: conversation.token, accept: 'text/event-stream', signal: patience.signal, headers,
      });
      yield null;
      yield* readEvents(response.body, patience);
    } catch (error) {
      throw asProblem(error);
    }
  }

  async feedback(conversation, { messageId, helpful, reason }) {
    const body = { message_id: messageId, helpful };
    if (reason) body.reason = reason;
    await this.say(conversation, 'feedback', body);
  }

  async handOff(conversation) {
    const response = await this.say(conversation, 'handoff', {});
    return response.json();
  }

  async consentOffer({ id, token }, language) {
    const response = await this.request(`/${id}/consent?language=${language}`, { token });
    return response.json();
  }

  consent(conversation, statement) {
    return this.say(conversation, 'consent', statement);
  }

  tell(conversation, name, value) {
    return this.say(conversation, `attributes/${name}`, { value }, { method: 'PUT' });
  }

  /** The page may be gone before the answer. */
  close(conversation) {
    this.say(conversation, 'close', {}, { keepalive: true }).catch(() => {});
  }

  say({ id, token }, what, body, options) {
    return this.post(`/${id}/${what}`, body, { token, ...options });
  }

  post(path, body, options) {
    const headers = { 'Content-Type': 'application/json' };
    return this.request(path, { method: 'POST', headers, body: JSON.stringify(body), ...options });
  }

  async request(path, { token, accept = 'application/json', headers, ...options }) {
    const all = { ...headers, Accept: accept };
    if (token) all.Authorization = `Bearer ${token}`;
    let response;
    try {
      response = await fetch(this.root + path, {
        ...options, headers: all, credentials: 'omit', cache: 'no-store',
      });
    } catch (error) {
      throw asProblem(error);
    }
    if (!response.ok) throw await problemOf(response);
    return response;
  }
}

/** Aborts a request once nothing has arrived for a while. */
export class Patience {
  constructor(seconds) {
    this.milliseconds = seconds * 1000;
    this.controller = new AbortController();
    this.signal = this.controller.signal;
    this.renew();
  }

  renew() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.end(), this.milliseconds);
  }

  end() {
    this.controller.abort();
  }

  stop() {
    clearTimeout(this.timer);
  }
}

async function readReply(stream, on, patience) {
  for await (const { event, data } of readEvents(stream, patience)) {
    if (event === 'done') return data;
    if (event === 'error') throw new Problem(data.status || 500, data.title);
    if (on[event]) on[event](data);
  }
  // An answer that breaks off is no answer: the caller retries with the same id.
  throw new Problem(0, 'the stream ended early');
}

/** Server-sent events of a byte stream (WHATWG HTML, section 9.2.6), their data parsed as JSON. */
export async function* readEvents(stream, patience) {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      patience.renew();
      // A carriage return at the end may be half of a CRLF: it waits.
      rest = (rest + decoder.decode(value, { stream: true })).replace(/\r\n|\r(?!$)/g, '\n');
      const blocks = rest.split('\n\n');
      rest = blocks.pop();
      yield* blocks.map(parseBlock).filter(Boolean);
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

function parseBlock(block) {
  let event = 'message';
  let id;
  const data = [];
  for (const line of block.split('\n')) {
    const [, field, value] = /^([^:]*):? ?(.*)$/.exec(line);
    if (field === 'event') event = value;
    else if (field === 'data') data.push(value);
    else if (field === 'id') id = value;
  }
  // A number alone is worth remembering too.
  if (!data.length && !id) return null;
  return { event, id, data: data.length ? JSON.parse(data.join('\n')) : null };
}

function isStream(response) {
  return (response.headers.get('Content-Type') || '').startsWith('text/event-stream');
}

async function problemOf(response) {
  const body = await response.json().catch(() => ({}));
  return new Problem(response.status, body.title);
}

function asProblem(error) {
  return error instanceof Problem ? error : new Problem(0, error.message);
}
