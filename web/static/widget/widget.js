// The entry. Any page shows the chat with
//   <script type="module" src="/widget.js" data-collection="demo" data-language="auto"></script>
// or places <kefu-chat data-collection="…"> by hand. Until the first click only a button is loaded.
//
// The shadow root is open: a closed one keeps nothing from the page's scripts.

import { h, icon } from './widget/dom.js';
import { State } from './widget/state.js';
import { STRINGS, fill, pickLanguage } from './widget/strings.js';

const TAG = 'kefu-chat';
const SERVER = new URL('.', import.meta.url);
// Settings of the element and of the script alike; questions are separated by a bar.
const SETTINGS = ['collection', 'language', 'customer', 'questionsEn', 'questionsZh'];

class KefuChat extends HTMLElement {
  connectedCallback() {
    if (this.shadowRoot) return;
    const root = this.attachShadow({ mode: 'open' });
    this.settings = readSettings(this.dataset);
    const { collection, customer } = this.settings;
    // The next customer in this tab must not meet the conversation of the last.
    this.state = new State(`${SERVER.href}#${collection}${customer ? `#${customer}` : ''}`);
    this.launcher = h('button', {
      type: 'button', class: 'launcher', hidden: true, 'aria-haspopup': 'dialog', 'aria-expanded': 'false',
      onclick: () => this.open(), onpointerenter: () => this.load().catch(() => {}),
    }, icon('chat'), h('span', { class: 'label' }), h('span', { class: 'unread', hidden: true }));
    root.append(stylesheet('launcher.css', () => { this.launcher.hidden = this.state.open; }), this.launcher);
    this.drawLauncher();
    if (this.state.open) this.open({ focus: false });
  }

  /** Shows the chat. `focus: false` leaves the keyboard where it is. */
  async open({ focus = true } = {}) {
    if (this.launcher.getAttribute('aria-expanded') === 'true') return;
    this.launcher.setAttribute('aria-expanded', 'true');
    try {
      const chat = await this.load();
      chat.show({ focus });
      this.launcher.hidden = true;
    } catch {
      // The server went away meanwhile: the button stays to be tried again.
      this.launcher.hidden = false;
      this.launcher.setAttribute('aria-expanded', 'false');
    }
    this.drawLauncher();
  }

  close() {
    if (this.chat) this.chat.hide();
    this.launcher.hidden = false;
    this.launcher.setAttribute('aria-expanded', 'false');
    this.drawLauncher();
    this.launcher.focus();
  }

  /** Opens the chat and sends the question, for links and buttons of the page. */
  async ask(question) {
    await this.open();
    if (this.chat) this.chat.send(question);
  }

  load() {
    this.loading = this.loading || this.build().catch((error) => {
      this.loading = null;
      throw error;
    });
    return this.loading;
  }

  async build() {
    const [{ Chat }] = await Promise.all([
      import('./widget/chat.js'),
      new Promise((done) => this.shadowRoot.prepend(stylesheet('style.css', done))),
    ]);
    this.chat = new Chat({
      root: this.shadowRoot,
      server: SERVER,
      settings: this.settings,
      state: this.state,
      onClose: () => this.close(),
      onUnread: () => this.drawLauncher(),
    });
    return this.chat;
  }

  drawLauncher() {
    const words = this.chat ? this.chat.words : STRINGS[pickLanguage(this.settings.language)];
    const { unread } = this.state;
    const [, text, badge] = this.launcher.children;
    text.textContent = words.launcher;
    badge.textContent = String(unread);
    badge.hidden = !unread;
    this.launcher.lang = words.tag;
    const label = unread ? fill(words.launcherUnread, { n: unread }) : words.launcherLabel;
    this.launcher.setAttribute('aria-label', label);
  }
}

function readSettings({ collection, language, customer, questionsEn, questionsZh }) {
  const list = (text) => (text || '').split('|').map((question) => question.trim()).filter(Boolean);
  const examples = { en: list(questionsEn), zh: list(questionsZh) };
  return { collection, language, customer, examples };
}

function stylesheet(name, loaded) {
  const href = new URL(`widget/${name}`, SERVER).href;
  return h('link', { rel: 'stylesheet', href, onload: loaded, onerror: loaded });
}

function start() {
  if (customElements.get(TAG)) return;
  customElements.define(TAG, KefuChat);
  if (document.querySelector(TAG)) return;
  const script = [...document.scripts].find(({ src }) => src === import.meta.url);
  const element = document.createElement(TAG);
  for (const name of SETTINGS) {
    if (script && script.dataset[name]) element.dataset[name] = script.dataset[name];
  }
  document.body.append(element);
}

start();
