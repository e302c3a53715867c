// What the customer agrees to and tells, asked in the server's words. Nothing is chosen beforehand,
// and what was said on an earlier visit is not shown: somebody else may sit here now.

import { h } from './dom.js';

export class Privacy {
  constructor(client, state, attempt) {
    Object.assign(this, { client, state, attempt });
    this.title = h('summary');
    this.body = h('div', { tabindex: '-1' });
    this.element = h('details', { class: 'privacy', ontoggle: () => this.open() }, this.title, this.body);
  }

  relabel(words) {
    this.words = words;
    this.title.textContent = words.privacy;
    this.element.open = false;
  }

  async open() {
    const { element, words: { tag } } = this;
    if (!element.open) return;
    this.offer = await this.attempt((conversation) => this.client.consentOffer(conversation, tag));
    if (this.offer) this.draw();
    else element.open = false;
  }

  draw() {
    const { intro, attributes, attributes_intro: more } = this.offer;
    const tells = this.state.privacy.audit && attributes.length;
    this.body.replaceChildren(
      h('p', null, intro), ...['analytics', 'improve', 'audit'].map((scope) => this.question(scope)),
      ...(tells ? [h('p', null, more), ...attributes.map((each) => this.attribute(each))] : []),
    );
  }

  question(scope) {
    const choice = (agreed, word) => h('label', null, h('input', {
      type: 'radio', name: scope, checked: this.state.privacy[scope] === agreed,
      onchange: () => this.agree(scope, agreed),
    }), word);
    return h('fieldset', null, h('legend', null, this.offer[scope]),
      choice(true, this.words.yes), choice(false, this.words.no));
  }

  attribute({ name, label, values }) {
    const told = this.state.privacy[`=${name}`];
    const option = (value, text) => h('option', { value, selected: told === value }, text);
    return h('label', null, label, h('select', {
      name: `=${name}`, onchange: ({ target }) => this.tell(name, target.value),
    }, h('option', { disabled: true, selected: told == null }, '–'),
    ...values.map((each) => option(each.value, each.label)), option('', this.words.unsaid)));
  }

  agree(scope, agreed) {
    const { wording_version, language } = this.offer;
    const { privacy } = this.state;
    // Without audits, the server deletes what was told for them.
    const { analytics, improve } = privacy;
    const kept = scope === 'audit' && !agreed ? { analytics, improve } : privacy;
    const statement = { [scope]: agreed, wording_version, language };
    const call = (conversation) => this.client.consent(conversation, statement);
    this.answer(call, scope, { ...kept, [scope]: agreed });
  }

  tell(name, value) {
    const call = (conversation) => this.client.tell(conversation, name, value || null);
    this.answer(call, `=${name}`, { ...this.state.privacy, [`=${name}`]: value });
  }

  /** Shown as chosen only once the server has it; the keyboard stays where it was. */
  async answer(call, name, privacy) {
    if (await this.attempt(call)) this.state.set({ privacy });
    this.draw();
    const field = this.body.querySelector(`select[name="${name}"], [name="${name}"]:checked`);
    (field || this.body).focus();
  }
}
