// How the console speaks to its server: JSON requests, problems, and nothing about pages.

const ROOT = '/v1/';
const PATIENCE_SECONDS = 30;
// There a 401 means a wrong password, not a session that has ended.
const SIGN_IN = 'console/sign-in';

export class Problem extends Error {
  /** `status` is 0 when no answer came at all. `detail` is the server's own sentence, in English. */
  constructor(status, detail) {
    super(detail || `status ${status}`);
    this.status = status;
    this.detail = detail || '';
  }
}

export class Server {
  /** `signedOut` is called when the session has ended on the server's side. */
  constructor({ signedOut }) {
    this.signedOut = signedOut;
  }

  get(path, query) {
    return this.call('GET', path + search(query));
  }

  post(path, body = {}) {
    return this.call('POST', path, body);
  }

  /** A file as it is. */
  upload(path, query, file) {
    return this.call('POST', path + search(query), file);
  }

  put(path, body) {
    return this.call('PUT', path, body);
  }

  patch(path, body) {
    return this.call('PATCH', path, body);
  }

  remove(path) {
    return this.call('DELETE', path);
  }

  /** What comes as a file, byte for byte. */
  async file(path, body) {
    return (await this.answer('POST', path, body)).blob();
  }

  async call(method, path, body) {
    const response = await this.answer(method, path, body);
    return response.status === 204 ? null : response.json();
  }

  async answer(method, path, body) {
    const response = await request(method, path, body);
    if (response.ok) return response;
    const problem = await response.json().catch(() => ({}));
    if (response.status === 401 && path !== SIGN_IN) this.signedOut();
    throw new Problem(response.status, problem.detail);
  }
}

/** A body that is a text is sent as the JSON that it is, and a file as it is. */
async function request(method, path, body) {
  // The header cannot be sent by a form of another site, which is what the server relies on.
  const headers = { Accept: 'application/json', 'X-Kefu-Console': '1' };
  const file = body instanceof Blob;
  if (body !== undefined) headers['Content-Type'] = file ? 'application/octet-stream' : 'application/json';
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE_SECONDS * 1000);
  try {
    return await fetch(ROOT + path, {
      method,
      headers,
      body: body === undefined || file || typeof body === 'string' ? body : JSON.stringify(body),
      credentials: 'same-origin',
      cache: 'no-store',
      signal: patience.signal,
    });
  } catch (error) {
    throw new Problem(0, error.message);
  } finally {
    clearTimeout(timer);
  }
}

function search(query) {
  const given = Object.entries(query || {}).filter(([, value]) => value != null && value !== '');
  return given.length ? `?${new URLSearchParams(given)}` : '';
}
