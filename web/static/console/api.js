// Every call that the console makes, by the name of what it does.

const part = encodeURIComponent;

export class Api {
  constructor(server) {
    this.server = server;
  }

  // Session
  me() { return this.server.get('console/me'); }
  signIn(email, password) { return this.server.post('console/sign-in', { email, password }); }
  signOut() { return this.server.post('console/sign-out'); }
  speak(language) { return this.server.post('console/me', { language }); }

  // Conversations
  queue(state) { return this.server.get('console/queue', { state }); }
  conversation(id) { return this.server.get(`console/conversations/${part(id)}`); }
  /** `what` is `take`, `return` or `close`. */
  move(id, what) { return this.server.post(`console/conversations/${part(id)}/${what}`); }
  reply(id, message) { return this.server.post(`console/conversations/${part(id)}/reply`, message); }
  typing(id) { return this.server.post(`console/conversations/${part(id)}/typing`); }
  suggestions(id) { return this.server.get(`console/conversations/${part(id)}/suggestions`); }
  judgeSuggestion(id, outcome) { return this.server.post(`console/suggestions/${part(id)}`, { outcome }); }
  findPassages(query, collection) { return this.server.post('console/knowledge/search', { query, collection }); }
  intents(collection) { return this.server.get('console/intents', { collection }); }
  correctIntent(id, intent) { return this.server.post(`console/messages/${part(id)}/intent`, { intent }); }
  unseal(id, purpose) { return this.server.post(`console/messages/${part(id)}/unseal`, { purpose }); }

  // Knowledge
  collections() { return this.server.get('admin/collections'); }
  documents(query) { return this.server.get('admin/knowledge', query); }
  saveDocument(id, collection, document) {
    return this.server.put(`admin/knowledge/${part(id)}?collection=${part(collection)}`, document);
  }
  removeDocument(id, collection) {
    return this.server.remove(`admin/knowledge/${part(id)}?collection=${part(collection)}`);
  }
  /** `what` is `publish`, `withdraw` or `restore`. */
  turnDocument(id, what, collection) {
    return this.server.post(`admin/knowledge/${part(id)}/${what}?collection=${part(collection)}`);
  }
  history(query) { return this.server.get('admin/knowledge/history', query); }
  difference(query) { return this.server.get('admin/knowledge/diff', query); }
  personalData(query) { return this.server.get('admin/knowledge/personal-data', query); }
  rollBackKnowledge(body) { return this.server.post('admin/knowledge/rollback', body); }
  upload(file, query) { return this.server.upload('admin/knowledge/import', { ...query, name: file.name }, file); }
  build(collection) { return this.server.post('admin/knowledge/build', { collection }); }

  // Testing the search
  testSearch(asked) { return this.server.post('admin/knowledge/search', asked); }
  testMany(asked) { return this.server.post('admin/knowledge/evaluate', asked); }
  gaps(query) { return this.server.get('admin/knowledge/gaps', query); }
  testRuns() { return this.server.get('admin/knowledge/runs'); }

  // Learning
  review(query) { return this.server.get('admin/review', query); }
  decide(id, label) { return this.server.post(`admin/review/${part(id)}`, { label }); }
  models(collection) { return this.server.get('admin/models', { collection }); }
  promote(body) { return this.server.post('admin/models/promote', body); }
  rollBack(body) { return this.server.post('admin/models/rollback', body); }

  // Work, evidence, people
  jobs() { return this.server.get('admin/jobs', { limit: 50 }); }
  job(id) { return this.server.get(`admin/jobs/${part(id)}`); }
  startJob(name, given) { return this.server.post('admin/jobs', { name, arguments: given }); }
  audits() { return this.server.get('admin/audits'); }
  // Customers' rights. Whom it is about stands in the body, never in an address.
  exportCustomer(asked) { return this.server.file('admin/privacy/export', asked); }
  eraseCustomer(asked) { return this.server.file('admin/privacy/erasures', asked); }
  consents(asked) { return this.server.post('admin/privacy/consents', asked); }
  erasures() { return this.server.get('admin/privacy/erasures'); }
  /** `text` is the certificate as it was signed: parsed and written again, a number might change. */
  verifyCertificate(text, language) {
    return this.server.post('admin/privacy/certificates/verify', `{"certificate":${text},"language":"${language}"}`);
  }
  retention() { return this.server.get('admin/privacy/retention'); }
  ledger(query) { return this.server.get('admin/ledger', query); }
  verifyLedger() { return this.server.get('admin/ledger/verification'); }
  users() { return this.server.get('admin/users'); }
  addUser(user) { return this.server.post('admin/users', user); }
  changeUser(id, changes) { return this.server.post(`admin/users/${part(id)}`, changes); }
}
