// What the workers do, did, and could not do.

import { h } from '/widget/dom.js';
import { age, dateAndTime, fill, readable } from '../format.js';
import { badge, button, choice, empty, failed, field, loading, pageHead, table } from '../parts.js';
import { ask } from '../dialog.js';

const BUSY_MS = 1500;
const IDLE_MS = 8000;
const TONES = { queued: '', running: 'info', done: 'good', failed: 'bad' };

export function jobs(app) {
  return new JobsPage(app);
}

class JobsPage {
  constructor(app) {
    this.app = app;
    const { words } = app;
    this.place = h('div', null, loading(words));
    this.starter = button(words.startJob, () => this.start(), { kind: 'primary', symbol: 'add', disabled: true });
    this.element = h('div', { class: 'page jobs' },
      pageHead(words.pageJobs, words.jobsLead, app.may('jobs.start') && this.starter),
      this.place);
    this.read();
  }

  leave() {
    this.gone = true;
    clearTimeout(this.timer);
  }

  /** Again and again, sooner while something is running. */
  async read() {
    const { app } = this;
    clearTimeout(this.timer);
    let busy = false;
    try {
      const { items, startable } = await app.api.jobs();
      if (this.gone) return;
      this.startable = startable;
      this.starter.disabled = !startable.length;
      busy = items.some(({ state }) => state === 'queued' || state === 'running');
      this.draw(items);
    } catch (error) {
      if (this.gone) return;
      this.drawn = null;
      this.place.replaceChildren(failed(error, app.words, () => this.read()));
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.read(), busy ? BUSY_MS : IDLE_MS);
  }

  draw(items) {
    const { words } = this.app;
    // What is open or focused stays as it is while nothing has changed.
    const signature = JSON.stringify(items);
    if (signature === this.drawn) return;
    this.drawn = signature;
    const open = new Set([...this.place.querySelectorAll('details[open]')].map(({ dataset }) => dataset.id));
    this.place.replaceChildren(items.length
      ? table(words.pageJobs, this.columns(open), items)
      : empty('jobs', words.jobsEmpty, words.jobsEmptyText));
  }

  columns(open) {
    const { words } = this.app;
    return [
      { label: words.job, cell: (job) => [this.nameOf(job.name), h('small', null, job.requested_by)] },
      { label: words.state, cell: (job) => [
        badge(words[`job_${job.state}`], TONES[job.state]),
        job.attempts > 1 && h('small', null, fill(words.attempt, { n: job.attempts }))].filter(Boolean) },
      { label: words.progress, kind: 'progress', cell: (job) => this.progress(job, open) },
      { label: words.started, cell: (job) => dateAndTime(job.started_at || job.created_at, words) },
      { label: words.took, cell: (job) => (job.started_at
        ? age(job.started_at, words, job.finished_at ? Date.parse(job.finished_at) : Date.now()) : '–') },
    ];
  }

  /** What the server says a job does; one that it has forgotten is shown by its identifier. */
  nameOf(name) {
    const kind = this.startable.find((one) => one.name === name);
    return kind ? kind.summary[this.app.words.tag.slice(0, 2)] : name;
  }

  progress(job, open) {
    const { words } = this.app;
    if (job.error) return h('span', { class: 'error', lang: 'en' }, job.error);
    if (job.state === 'done') return job.result ? this.result(job, open) : '–';
    if (job.state === 'queued') return words.inLine;
    const share = job.total ? { value: String(job.done), max: String(job.total) } : {};
    return h('span', { class: 'share' },
      h('progress', { ...share, 'aria-label': words.progress }),
      h('small', null, [words[`stage_${job.stage.replace(/\W/g, '_')}`] || readable(job.stage), job.total ? `${job.done} / ${job.total}` : ''].filter(Boolean).join(' · ')));
  }

  result(job, open) {
    return h('details', { open: open.has(job.id), 'data-id': job.id },
      h('summary', null, this.app.words.result),
      h('dl', null, ...Object.entries(job.result).map(([name, value]) => (
        h('div', null, h('dt', null, readable(name)), h('dd', null, plain(value)))))));
  }

  async start() {
    const { app } = this;
    const { words } = app;
    const given = h('div', { class: 'given' });
    const drawGiven = () => {
      const { arguments: names, required } = this.startable.find(({ name }) => name === chosen.value);
      given.replaceChildren(...names.map((name) => {
        const needed = required.includes(name);
        return field(readable(name), h('input', { name, required: needed }), needed ? words.required : words.optional);
      }));
    };
    const chosen = choice(this.startable.map(({ name }) => [name, this.nameOf(name)]), null, { onchange: drawGiven });
    drawGiven();
    const job = await ask({
      words, title: words.startJob, confirm: words.start, parts: [field(words.job, chosen), given],
      submit: () => app.api.startJob(chosen.value, filled(given)),
    });
    if (!job) return;
    app.say(words.jobStarted);
    this.read();
  }
}

function filled(place) {
  const inputs = [...place.querySelectorAll('input')].filter(({ value }) => value.trim());
  return Object.fromEntries(inputs.map(({ name, value }) => [name, value.trim()]));
}

function plain(value) {
  return value !== null && typeof value === 'object' ? JSON.stringify(value) : String(value);
}
