// The versions of the intent model: which serves, how each was judged, and the way back.

import { h } from '/widget/dom.js';
import { dateAndTime, decimal, fill, readable } from '../format.js';
import { badge, button, empty, field, fillPlace, pageHead } from '../parts.js';
import { ask } from '../dialog.js';
import { icon } from '../icons.js';
import { Collections } from './collections.js';

const TONES = { champion: 'good', challenger: 'info', refused: 'bad', retired: '' };
// Names in the server's answer, and how many digits are worth reading.
const METRICS = [
  ['accuracy', 'metricAccuracy', 3], ['macro_f1', 'metricF1', 3], ['oos_auroc', 'metricAuroc', 3],
  ['ece', 'metricEce', 3], ['latency_ms_p50', 'metricLatency', 1],
];

export function models(app) {
  return new ModelsPage(app);
}

class ModelsPage {
  constructor(app) {
    this.app = app;
    this.collections = new Collections(app, () => this.read());
    const { words } = app;
    this.writes = app.may('models.write');
    this.place = h('div');
    this.back = h('span');
    this.element = h('div', { class: 'page models' },
      pageHead(words.pageModels, words.modelsLead, this.back),
      h('div', { class: 'tools' }, this.collections.element),
      this.place);
    this.read();
  }

  read() {
    const { app } = this;
    return fillPlace(this.place, app.words, async () => app.api.models(await this.collections.chosen()),
      (found) => this.draw(found));
  }

  draw({ versions, predecessor }) {
    const { words } = this.app;
    this.back.replaceChildren(...(this.writes && predecessor
      ? [button(words.rollBack, () => this.rollBack(predecessor), { symbol: 'back' })] : []));
    if (!versions.length) return empty('models', words.modelsEmpty, words.modelsEmptyText);
    return h('ol', { class: 'versions' }, ...versions.map((version) => h('li', null, this.version(version))));
  }

  version(version) {
    const { words } = this.app;
    const { name, state, gate, events, metrics, kept } = version;
    const known = METRICS.filter(([key]) => metrics && metrics[key] != null);
    return h('article', { class: `card version ${state}` },
      h('div', { class: 'title' },
        h('h2', null, name), badge(words[`model_${state}`], TONES[state]), !kept && badge(words.filesGone),
        events.length > 0 && h('span', null, dateAndTime(events[0].at, words)),
        this.writes && kept && (state === 'challenger' || state === 'retired' || state === 'refused')
          && button(words.promote, () => this.promote(version), { small: true, symbol: 'done', kind: state === 'challenger' ? 'primary' : '' })),
      known.length > 0 && h('dl', { class: 'figures' }, ...known.map(([key, word, digits]) => (
        h('div', null, h('dt', null, words[word]), h('dd', null, decimal(metrics[key], digits)))))),
      gate && h('details', { open: state === 'refused' },
        h('summary', null, gate.passed ? words.gatePassed : words.gateFailed),
        h('ul', { class: 'checks' }, ...gate.checks.map((check) => this.check(check)))),
      events.length > 0 && h('details', null,
        h('summary', null, words.history),
        h('ol', { class: 'events' }, ...events.map((event) => h('li', null,
          h('time', { datetime: event.at }, dateAndTime(event.at, words)), ' ',
          words[`event_${event.what.replaceAll(' ', '_')}`] || event.what, ' · ', event.by,
          event.note && h('small', null, event.note))))));
  }

  /** The gate says each of its checks as a whole sentence, in both languages. */
  check(check) {
    const said = check[`reason_${this.app.words.tag.slice(0, 2)}`];
    return h('li', { class: check.passed ? 'good' : 'bad' },
      icon(check.passed ? 'done' : 'warn'), h('span', null, said || readable(check.name)));
  }

  async promote({ name, state }) {
    const { words, api } = this.app;
    const refused = state === 'refused';
    await this.start(refused ? words.promoteRefusedTitle : words.promoteTitle,
      fill(refused ? words.promoteRefusedText : words.promoteText, { name }), words.promote,
      (note) => api.promote({ collection: this.collections.name, version: name, override: refused, note }), refused);
  }

  rollBack(predecessor) {
    const { words, api } = this.app;
    return this.start(words.rollBackTitle, fill(words.rollBackText, { name: predecessor }), words.rollBack,
      (note) => api.rollBack({ collection: this.collections.name, note }), true);
  }

  async start(title, text, confirm, begin, danger) {
    const { app } = this;
    const note = h('input', { maxlength: '200', required: danger });
    const job = await ask({
      words: app.words, title, text, confirm, danger,
      parts: [field(app.words.note, note, danger ? app.words.noteRequired : null)],
      submit: () => begin(note.value.trim()),
    });
    if (!job) return;
    app.say(app.words.jobStarted);
    this.follow(job.id);
  }

  /** Shows the new state as soon as the job is done. */
  async follow(id) {
    try {
      for (let tries = 0; tries < 60 && !this.gone; tries += 1) {
        const job = await this.app.api.job(id);
        if (job.state === 'failed') this.app.complain({ status: 409, detail: job.error });
        if (job.state === 'done' || job.state === 'failed') {
          this.read();
          return;
        }
        await new Promise((resolve) => { setTimeout(resolve, 1000); });
      }
    } catch (error) {
      this.app.complain(error);
    }
  }

  leave() {
    this.gone = true;
  }
}
