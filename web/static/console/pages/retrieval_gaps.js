// Questions that no article answers, those that mean the same together.

import { h } from '/widget/dom.js';
import { day } from '../format.js';
import { button, choice, empty, fillPlace, table } from '../parts.js';
import { Collections } from './collections.js';
import { editDocument } from './document.js';
import { percentage } from './retrieval_one.js';

const DAYS = ['7', '30', '90', '365'];

export function retrievalGaps(app) {
  return new Gaps(app);
}

class Gaps {
  constructor(app) {
    this.app = app;
    const { words } = app;
    this.collections = new Collections(app, () => this.read());
    this.days = choice(DAYS.map((days) => [days, days]), '30', { onchange: () => this.read() });
    this.place = h('div');
    this.element = h('div', null,
      h('div', { class: 'tools' },
        h('label', { class: 'field' }, h('span', null, words.gapsSince), this.days), this.collections.element),
      this.place);
    this.read();
  }

  read() {
    const { app } = this;
    return fillPlace(this.place, app.words, async () => app.api.gaps({
      collection: await this.collections.chosen(), days: this.days.value,
    }), ({ items }) => this.draw(items));
  }

  draw(items) {
    const { words } = this.app;
    if (!items.length) return empty('done', words.gapsEmpty);
    const tag = (language) => (language === 'zh' ? 'zh-Hans' : 'en');
    const writes = this.app.may('knowledge.write');
    return table(words.retrievalGaps, [
      { label: words.question, cell: (gap) => [h('span', { lang: tag(gap.language) }, gap.title),
        ...gap.examples.map((example) => h('small', null, example))] },
      { label: words.gapsAsked, kind: 'number', cell: (gap) => [String(gap.count), h('small', null, this.split(gap))] },
      { label: words.gapsLast, cell: (gap) => day(gap.last_seen, words) },
      { label: words.gapsNearest, cell: ({ nearest }) => (nearest
        ? [nearest.title || nearest.document_id, h('small', null, `${nearest.document_id} · ${percentage(nearest.score)}`)]
        : words.gapsNoArticle) },
      ...(writes ? [{ label: words.actions, kind: 'deeds', cell: (gap) => h('span', { class: 'actions' },
        button(words.gapsWrite, () => this.write(gap), { small: true, symbol: 'edit' })) }] : []),
    ], items);
  }

  split({ languages }) {
    const { words } = this.app;
    const names = { en: words.shortEnglish, zh: words.shortChinese };
    return Object.entries(languages).map(([language, count]) => `${names[language] || language} ${count}`).join(' · ');
  }

  async write(gap) {
    const { app } = this;
    const draft = {
      id: gap.id, question: gap.title, answer: '', title: '', url: '', language: gap.language, tags: [],
      variants: gap.examples,
    };
    if (await editDocument(app, draft, this.collections.name)) app.say(app.words.savedBuildNext);
  }
}
