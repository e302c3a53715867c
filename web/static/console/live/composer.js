// Where an agent writes. Drafts outlive a change of conversation or language.

import { h } from '/widget/dom.js';
import { icon } from '../icons.js';

const TYPING_MS = 3000;

export class Composer {
  /** `on.send(text, suggestion, id?)`, `on.typing()`. */
  constructor(words, draft, on) {
    this.words = words;
    this.draft = draft;
    this.on = on;
    this.input = h('textarea', {
      rows: '2', 'aria-label': words.replyLabel, placeholder: words.replyPlaceholder,
      oninput: () => this.typed(), onkeydown: (event) => this.pressed(event),
    });
    this.input.value = draft.text;
    this.element = h('form', { class: 'composer', onsubmit: (event) => { event.preventDefault(); this.submit(); } },
      this.input,
      h('div', { class: 'below' },
        h('span', { class: 'hint' }, words.replyHint),
        h('button', { type: 'submit', class: 'button primary' }, icon('send'), words.send)));
  }

  typed() {
    this.draft.text = this.input.value;
    if (!this.draft.text.trim()) this.draft.suggestion = null;
    this.grow();
    const now = Date.now();
    if (now - (this.told || 0) < TYPING_MS || !this.draft.text) return;
    this.told = now;
    this.on.typing();
  }

  pressed(event) {
    // While an input method composes, Enter chooses a word; Safari says so only by the code 229.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.submit();
  }

  submit() {
    const text = this.draft.text.trim();
    if (!text) return;
    const { suggestion, unsent } = this.draft;
    Object.assign(this.draft, { text: '', suggestion: null, unsent: null });
    this.input.value = '';
    this.told = 0;
    this.grow();
    // An unchanged text that may have arrived after all is sent under its old id.
    this.on.send(text, suggestion, unsent && unsent.text === text ? unsent.id : undefined);
    this.input.focus();
  }

  /** Puts a text in: instead of nothing, else where the caret is. */
  insert(text, suggestion) {
    const { selectionStart: start, selectionEnd: end, value } = this.input;
    if (value.trim()) this.input.setRangeText(text, start, end, 'end');
    else this.input.value = text;
    this.draft.text = this.input.value;
    if (suggestion) this.draft.suggestion = suggestion;
    this.grow();
    this.input.focus();
  }

  edit(text, suggestion) {
    this.insert(text, suggestion);
    this.input.setSelectionRange(0, 0);
  }

  grow() {
    this.input.style.height = 'auto';
    this.input.style.height = `${this.input.scrollHeight + 2}px`;
  }

  focus() {
    this.input.focus();
  }
}
