// What the assistant answers from: find, read, change, publish, go back, and build the index anew.

import { h } from '/widget/dom.js';
import { fill } from '../format.js';
import { badge, button, choice, empty, fillPlace, pageHead, searchBox, segments, table } from '../parts.js';
import { ask } from '../dialog.js';
import { Collections } from './collections.js';
import { editDocument } from './document.js';
import { showHistory } from './history.js';
import { foundData, uploadArticles } from './upload.js';

const SIZE = 50;
const PAUSE_MS = 300;
const STATES = ['published', 'draft', 'waiting', 'expired', 'deleted'];
const TONES = { published: 'good', draft: 'warn', waiting: 'info', expired: 'bad' };

export function knowledge(app) {
  return new KnowledgePage(app);
}

class KnowledgePage {
  constructor(app) {
    this.app = app;
    this.asked = { q: '', language: '', status: '', offset: 0 };
    this.collections = new Collections(app, () => this.turn({}));
    const { words } = app;
    this.writes = app.may('knowledge.write');
    this.place = h('div');
    this.tongues = h('div');
    this.element = h('div', { class: 'page knowledge' },
      pageHead(words.pageKnowledge, words.knowledgeLead,
        button(words.articleHistory, () => this.history(null)),
        ...(this.writes ? [
          button(words.uploadFile, () => this.upload()),
          button(words.buildIndex, () => this.build(), { symbol: 'retry' }),
          button(words.addArticle, () => this.edit(null), { kind: 'primary', symbol: 'add' })] : [])),
      h('div', { class: 'tools' },
        searchBox(words.searchArticles, { oninput: (event) => this.typed(event.target.value) }),
        this.tongues, this.states(), this.collections.element),
      this.place);
    this.drawTongues();
    this.read();
  }

  states() {
    const { words } = this.app;
    const options = [['', words.allStates], ...STATES.map((state) => [state, words[`life_${state}`]])];
    const chosen = choice(options, '', {
      'aria-label': words.articleState, onchange: () => this.turn({ status: chosen.value }),
    });
    return chosen;
  }

  drawTongues() {
    const { words } = this.app;
    const options = [['', words.allLanguages], ['en', words.english], ['zh', words.chinese]];
    this.tongues.replaceChildren(segments(words.language, options, this.asked.language, (language) => {
      this.turn({ language });
      this.drawTongues();
      this.tongues.querySelector('[aria-pressed=true]').focus();
    }));
  }

  typed(q) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.turn({ q: q.trim() }), PAUSE_MS);
  }

  turn(changes) {
    Object.assign(this.asked, { offset: 0 }, changes);
    this.read();
  }

  read() {
    const { app, asked } = this;
    return fillPlace(this.place, app.words, async () => (
      app.api.documents({ ...asked, collection: await this.collections.chosen(), limit: SIZE })
    ), (found) => this.draw(found));
  }

  draw({ total, items }) {
    const { words } = this.app;
    if (!total) {
      const searched = this.asked.q || this.asked.language || this.asked.status;
      return empty('knowledge', searched ? words.noHits : words.knowledgeEmpty, searched ? null : words.knowledgeEmptyText);
    }
    return [table(words.pageKnowledge, this.columns(), items), this.pager(total, items.length)];
  }

  columns() {
    const { words } = this.app;
    const tag = ({ language }) => (language === 'zh' ? 'zh-Hans' : 'en');
    return [
      { label: words.article, cell: (one) => [
        h('span', { lang: tag(one) }, one.title || one.question),
        h('small', null, one.id)] },
      { label: words.question, cell: (one) => h('span', { lang: tag(one) }, one.question) },
      { label: words.answer, kind: 'answer', cell: (one) => h('span', { lang: tag(one) }, one.answer) },
      { label: words.language, cell: (one) => badge(one.language === 'zh' ? words.chinese : words.english, 'info') },
      { label: words.articleState, cell: (one) => h('span', null,
        badge(words[`life_${one.state}`], TONES[one.state]), this.validity(one)) },
      { label: words.actions, kind: 'deeds', cell: (one) => h('span', { class: 'actions' }, ...this.deeds(one)) },
    ];
  }

  validity({ valid_from: from, valid_until: until }) {
    const { words } = this.app;
    return (from || until) && h('small', { class: 'days' },
      from && h('span', null, fill(words.validFrom, { day: from })), ' ',
      until && h('span', null, fill(words.validUntil, { day: until })));
  }

  deeds(one) {
    const { words } = this.app;
    const history = button(words.articleHistory, () => this.history(one), { small: true });
    if (!this.writes) return [history];
    if (one.state === 'deleted') return [history, button(words.restoreArticle, () => this.move(one, 'restore'), { small: true })];
    return [
      button(words.edit, () => this.edit(one), { small: true, symbol: 'edit' }),
      one.status === 'draft'
        ? button(words.publishArticle, () => this.publish(one), { small: true })
        : button(words.withdrawArticle, () => this.move(one, 'withdraw'), { small: true }),
      history,
      button(words.remove, () => this.remove(one), { kind: 'danger', small: true }),
    ];
  }

  pager(total, shown) {
    const { words } = this.app;
    const { offset } = this.asked;
    return h('nav', { class: 'pager', 'aria-label': words.pages },
      button(words.previous, () => this.turn({ offset: Math.max(0, offset - SIZE) }), { small: true, disabled: offset === 0 }),
      h('span', null, fill(words.range, { from: offset + 1, to: offset + shown, total })),
      button(words.next, () => this.turn({ offset: offset + SIZE }), { small: true, disabled: offset + shown >= total }));
  }

  async edit(document) {
    const { app } = this;
    const saved = await editDocument(app, document, this.collections.name);
    if (!saved) return;
    app.say(app.words.savedBuildNext);
    this.read();
  }

  history(document) {
    const changed = this.writes && !document ? () => this.saved() : null;
    showHistory(this.app, { collection: this.collections.name, document, changed });
  }

  async upload() {
    const report = await uploadArticles(this.app, this.collections.name);
    if (!report) return;
    // It may be the first file of all.
    this.collections.names = null;
    this.read();
  }

  /** What is personal in it is said first. */
  async publish(document) {
    const { app } = this;
    const { words } = app;
    try {
      const { items } = await app.api.personalData({ collection: this.collections.name, document: document.id });
      if (!items.length) {
        await this.move(document, 'publish');
        return;
      }
      const done = await ask({
        words, title: words.publishTitle, text: words.publishData, parts: [foundData(items, words)], confirm: words.publishArticle,
        submit: () => app.api.turnDocument(document.id, 'publish', this.collections.name),
      });
      if (done) this.saved();
    } catch (error) {
      app.complain(error);
    }
  }

  async move(document, what) {
    try {
      await this.app.api.turnDocument(document.id, what, this.collections.name);
      this.saved();
    } catch (error) {
      this.app.complain(error);
    }
  }

  saved() {
    this.app.say(this.app.words.savedBuildNext);
    this.read();
  }

  async remove(document) {
    const { app } = this;
    const { words } = app;
    const done = await ask({
      words, title: words.removeTitle, text: `${document.title || document.question} – ${words.restoreHint}`, confirm: words.remove, danger: true,
      submit: async () => {
        await app.api.removeDocument(document.id, this.collections.name);
        return true;
      },
    });
    if (!done) return;
    app.say(words.savedBuildNext);
    this.read();
  }

  async build() {
    const { app } = this;
    try {
      await app.api.build(this.collections.name);
      app.say(app.words.buildStarted);
      if (app.may('jobs.read')) location.hash = '#/jobs';
    } catch (error) {
      app.complain(error);
    }
  }
}
