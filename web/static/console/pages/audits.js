// Reports of fairness and privacy, each opened in a tab of its own.

import { h, spoken } from '/widget/dom.js';
import { dateAndTime, day, readable } from '../format.js';
import { badge, button, choice, empty, field, fillPlace, pageHead, table } from '../parts.js';
import { icon } from '../icons.js';
import { ask } from '../dialog.js';

const USUAL_DAYS = 30;
const MOST_DAYS = 3650;
const WRITERS = 'kefu.audit.';

export function audits(app) {
  return new AuditsPage(app);
}

class AuditsPage {
  constructor(app) {
    this.app = app;
    const { words } = app;
    this.place = h('div');
    this.element = h('div', { class: 'page audits' },
      pageHead(words.pageAudits, words.auditsLead,
        app.may('jobs.start') && button(words.newAudit, () => this.start(), { kind: 'primary', symbol: 'add' })),
      this.place);
    this.read();
  }

  read() {
    const { app } = this;
    return fillPlace(this.place, app.words, () => app.api.audits(), ({ items }) => this.draw(items));
  }

  draw(items) {
    const { words } = this.app;
    if (!items.length) return empty('audits', words.auditsEmpty, words.auditsEmptyText);
    return table(words.pageAudits, [
      { label: words.report, cell: (one) => [words[`audit_${one.kind}`] || readable(one.kind),
        h('small', null, dateAndTime(one.created_at, words))] },
      { label: words.period, cell: (one) => `${day(one.since, words)} – ${day(one.until, words)}` },
      { label: words.findings, cell: (one) => this.findings(one.summary) },
      { label: words.actions, kind: 'deeds', cell: (one) => h('span', { class: 'actions' }, ...this.links(one.reports)) },
    ], items);
  }

  findings(summary) {
    const { words } = this.app;
    const { flags, unmet } = summary || {};
    if (typeof flags === 'number') {
      // Groups that fare worse, and duties that are not met.
      const found = flags + (unmet || 0);
      return found ? badge(`${found} ${words.flags}`, 'warn', 'warn') : badge(words.noFlags, 'good', 'done');
    }
    const facts = Object.entries(summary || {}).filter(([, value]) => typeof value !== 'object').slice(0, 3);
    return facts.length ? h('span', null, facts.map(([name, value]) => `${readable(name)}: ${value}`).join(' · ')) : '–';
  }

  /** The one in the console's own language first. */
  links(reports) {
    const { words, language } = this.app;
    const ordered = [...reports].sort((a, b) => (b.language === language) - (a.language === language));
    return ordered.map((report) => h('a', {
      class: 'button small', href: report.url, target: '_blank', rel: 'noopener noreferrer',
    }, icon('tab'), report.language === 'zh' ? words.openChinese : words.openEnglish, spoken(words.newTab)));
  }

  async start() {
    const { app } = this;
    const { words } = app;
    let job;
    try {
      const { startable } = await app.api.jobs();
      job = startable.find(({ name }) => name.startsWith(WRITERS));
    } catch (error) {
      app.complain(error);
      return;
    }
    if (!job) {
      app.say(words.noAuditJob);
      return;
    }
    const fields = this.fields();
    const asked = Object.entries(fields).filter(([name]) => job.arguments.includes(name));
    const started = await ask({
      words, title: words.newAudit, confirm: words.start,
      parts: asked.map(([, [label, control]]) => field(label, control)),
      submit: () => app.api.startJob(job.name, Object.fromEntries(asked.map(([name, [, control]]) => [name, control.value]))),
    });
    if (!started) return;
    app.say(words.jobStarted);
    location.hash = '#/jobs';
  }

  fields() {
    const { words } = this.app;
    const kinds = ['fairness', 'compliance'].map((kind) => [kind, words[`audit_${kind}`]]);
    return {
      kind: [words.report, choice(kinds, kinds[0][0])],
      days: [words.days, h('input', { type: 'number', min: '1', max: String(MOST_DAYS), value: String(USUAL_DAYS), required: true })],
    };
  }
}
