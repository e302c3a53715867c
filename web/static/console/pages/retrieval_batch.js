// Many questions with their right answers: run, figures, mistakes, and the runs before.

import { h } from '/widget/dom.js';
import { dateAndTime, fill } from '../format.js';
import { badge, button, empty, failed, field, fillPlace, table } from '../parts.js';
import { Collections } from './collections.js';
import { percentage } from './retrieval_one.js';
import { linesOf } from './retrieval_csv.js';

const POLL_MS = 1000;
const STAMP = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/;

export function retrievalBatch(app) {
  return new ManyQuestions(app);
}

class ManyQuestions {
  constructor(app) {
    this.app = app;
    const { words } = app;
    this.name = 'queries.csv';
    this.collections = new Collections(app, () => {});
    this.text = h('textarea', { name: 'csv', spellcheck: 'false', placeholder: 'query,expected_id' });
    this.file = h('input', { type: 'file', accept: '.csv,text/csv', onchange: () => this.take() });
    this.runs = h('div');
    this.result = h('div', { 'aria-live': 'polite' });
    this.go = button(words.retrievalRun, () => this.run(), { kind: 'primary' });
    this.element = h('div', null,
      app.may('knowledge.write')
        ? h('div', { class: 'card batch' },
          field(words.retrievalCsv, this.text, words.retrievalCsvHint),
          field(words.retrievalFile, this.file), this.collections.element,
          h('div', { class: 'actions' }, this.go))
        : h('p', { class: 'batch' }, words.retrievalReadOnly),
      this.result,
      h('section', null, h('h2', null, words.retrievalRuns), this.runs));
    this.collections.chosen().catch((error) => app.complain(error));
    this.readRuns();
  }

  leave() {
    this.gone = true;
    clearTimeout(this.timer);
  }

  async take() {
    const [file] = this.file.files;
    if (!file) return;
    this.name = file.name;
    this.text.value = await file.text();
  }

  async run() {
    const { app } = this;
    const csv = this.text.value.replace(/^\ufeff/, '');
    if (!csv.trim()) {
      this.text.focus();
      return;
    }
    this.go.disabled = true;
    try {
      const collection = await this.collections.chosen();
      this.asked = linesOf(csv);
      this.follow(await app.api.testMany({ csv, collection, name: this.name }));
    } catch (error) {
      this.end(failed(error, app.words));
    }
  }

  async follow(job) {
    const { app } = this;
    if (this.gone) return;
    if (job.state === 'failed') {
      this.end(h('div', { class: 'state failed', role: 'alert' }, h('p', { lang: 'en' }, job.error)));
    } else if (job.state === 'done') {
      this.end(...this.figures(job.result));
      this.readRuns();
    } else {
      const share = job.total ? { value: String(job.done), max: String(job.total) } : {};
      this.result.replaceChildren(h('div', { class: 'card share' },
        h('p', null, app.words.retrievalRunning), h('progress', { ...share, 'aria-label': app.words.retrievalRunning })));
      this.timer = setTimeout(() => this.look(job.id), POLL_MS);
    }
  }

  async look(id) {
    try {
      this.follow(await this.app.api.job(id));
    } catch (error) {
      this.end(failed(error, this.app.words, () => this.look(id)));
    }
  }

  end(...shown) {
    this.go.disabled = false;
    this.result.replaceChildren(...shown);
  }

  figures({ figures, against, failures }) {
    const { words } = this.app;
    const shown = [
      [words.retrievalQueries, figures.n],
      [words.retrievalFirst, percentage(figures.recall_at_1)],
      [words.retrievalInThree, percentage(figures.recall_at_3)],
      [words.retrievalInFive, percentage(figures.recall_at_5)],
      [words.retrievalMrr, percentage(figures.mrr)],
      [words.retrievalPass, percentage(figures.answerable_pass_rate)],
      [words.retrievalFalsePass, percentage(figures.unanswerable_pass_rate)],
    ];
    return [
      h('section', null, h('h2', null, words.retrievalFigures),
        h('div', { class: 'card' },
          h('dl', { class: 'figures' }, ...shown.map(([label, value]) => (
            h('div', null, h('dt', null, label), h('dd', null, String(value)))))),
          against && h('p', null, fill(words.retrievalAgainst, {
            points: signed(against.recall_at_1_difference),
            verdict: against.significant ? words.retrievalSure : words.retrievalChance,
          })))),
      h('section', null, h('h2', null, words.retrievalFailures),
        failures.length ? this.mistakes(failures) : badge(words.retrievalNoFailures, 'good', 'done')),
    ];
  }

  mistakes(failures) {
    const { words } = this.app;
    return table(words.retrievalFailures, [
      { label: words.question, cell: ({ line }) => [h('span', null, this.asked.get(line) || '–'),
        h('small', null, fill(words.retrievalLine, { n: line }))] },
      { label: words.retrievalExpected, cell: ({ expected }) => expected.join(', ') || '–' },
      { label: words.retrievalFound, cell: ({ first }) => first || '–' },
      { label: words.retrievalScore, kind: 'number', cell: ({ score }) => percentage(score) },
      { label: words.retrievalPlace, kind: 'number', cell: ({ rank }) => String(rank || '–') },
    ], failures);
  }

  readRuns() {
    const { app } = this;
    return fillPlace(this.runs, app.words, () => app.api.testRuns(), ({ items }) => this.drawRuns(items));
  }

  drawRuns(items) {
    const { words } = this.app;
    if (!items.length) return empty('jobs', words.retrievalRunsEmpty, words.retrievalRunsEmptyText);
    const figure = (label, name) => (
      { label, kind: 'number', cell: ({ figures }) => percentage(figures[name]) });
    return table(words.retrievalRuns, [
      { label: words.retrievalWhen, cell: (run) => [dateAndTime(moment(run.name), words), h('small', null, run.queries)] },
      { label: words.retrievalKnowledge, cell: ({ knowledge }) => knowledge },
      { label: words.retrievalQueries, kind: 'number', cell: ({ figures }) => String(figures.n) },
      figure(words.retrievalFirst, 'recall_at_1'),
      { label: words.retrievalChange, kind: 'number', cell: (run) => change(run, items) },
      figure(words.retrievalInThree, 'recall_at_3'),
      figure(words.retrievalInFive, 'recall_at_5'),
      figure(words.retrievalMrr, 'mrr'),
    ], items);
  }
}

/** In the first place, since the run before that asked the same questions of the same knowledge. */
function change(run, items) {
  const before = items.slice(items.indexOf(run) + 1).find((one) => (
    one.queries_sha256 === run.queries_sha256 && one.knowledge === run.knowledge));
  if (!before) return '–';
  return signed(run.figures.recall_at_1 - before.figures.recall_at_1);
}

function signed(share) {
  const points = (100 * share).toFixed(1);
  return share > 0 ? `+${points}` : points.replace('-', '−');
}

/** A run's name begins with its moment, in UTC. */
function moment(name) {
  const found = STAMP.exec(name);
  if (!found) return null;
  const [, year, month, day, hour, minute, second] = found;
  return `${year}-${month}-${day}T${hour}:${minute}:${second}Z`;
}
