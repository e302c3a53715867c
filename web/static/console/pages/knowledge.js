// What the assistant answers from: find, read, change, and build the index anew.

import { h } from '/widget/dom.js';
import { fill } from '../format.js';
import { badge, button, empty, fillPlace, pageHead, searchBox, segments, table } from '../parts.js';
import { ask } from '../dialog.js';
import { Collections } from './collections.js';
import { editDocument } from './document.js';

const SIZE = 50;
const PAUSE_MS = 300;

export function knowledge(app) {
  return new KnowledgePage(app);
}

class KnowledgePage {
  constructor(app) {
    this.app = app;
    this.asked = { q: '', language: '', offset: 0 };
    this.collections = new Collections(app, () => this.turn({}));
    const { words } = app;
    this.writes = app.may('knowledge.write');
    this.place = h('div');
    this.tongues = h('div');
    this.element = h('div', { class: 'page knowledge' },
      pageHead(words.pageKnowledge, words.knowledgeLead,
        ...(this.writes ? [
          button(words.buildIndex, () => this.build(), { symbol: 'retry' }),
          button(words.addArticle, () => this.edit(null), { kind: 'primary', symbol: 'add' })] : [])),
      h('div', { class: 'tools' },
        searchBox(words.searchArticles, { oninput: (event) => this.typed(event.target.value) }),
        this.tongues, this.collections.element),
      this.place);
    this.drawTongues();
    this.read();
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
      const searched = this.asked.q || this.asked.language;
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
      ...(this.writes ? [{ label: words.actions, kind: 'deeds', cell: (one) => h('span', { class: 'actions' },
        button(words.edit, () => this.edit(one), { small: true, symbol: 'edit' }),
        button(words.remove, () => this.remove(one), { kind: 'danger', small: true })) }] : []),
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

  async remove(document) {
    const { app } = this;
    const { words } = app;
    const done = await ask({
      words, title: words.removeTitle, text: document.title || document.question, confirm: words.remove, danger: true,
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
