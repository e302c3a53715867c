// Which company's (or department's) data a page is about, where there are several.

import { h, spoken } from '/widget/dom.js';
import { choice } from '../parts.js';

export class Collections {
  constructor(app, changed) {
    this.app = app;
    this.changed = changed;
    this.name = app.collection || null;
    this.element = h('span');
  }

  /** The chosen one; reads the list the first time. */
  async chosen() {
    if (!this.names) {
      const { collections } = await this.app.api.collections();
      this.names = collections.map(({ name }) => name);
      if (!this.names.includes(this.name)) [this.name] = this.names;
      this.draw();
    }
    return this.name;
  }

  draw() {
    const { words } = this.app;
    if (this.names.length < 2) return;
    const chosen = choice(this.names.map((name) => [name, name]), this.name, {
      onchange: () => {
        this.name = chosen.value;
        this.app.collection = chosen.value;
        this.changed();
      },
    });
    this.element.replaceChildren(h('label', null, spoken(words.collection), chosen));
  }
}
