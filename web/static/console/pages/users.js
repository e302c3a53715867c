// Who may work with the console.

import { h } from '/widget/dom.js';
import { day } from '../format.js';
import { badge, button, choice, empty, field, fillPlace, pageHead, table } from '../parts.js';
import { ask } from '../dialog.js';

const ROLES = ['agent', 'admin', 'auditor'];
const SHORTEST_PASSWORD = 12;

export function users(app) {
  return new UsersPage(app);
}

class UsersPage {
  constructor(app) {
    this.app = app;
    const { words } = app;
    this.place = h('div');
    this.element = h('div', { class: 'page users' },
      pageHead(words.pageUsers, words.usersLead,
        button(words.addUser, () => this.add(), { kind: 'primary', symbol: 'add' })),
      this.place);
    this.read();
  }

  read() {
    const { app } = this;
    return fillPlace(this.place, app.words, () => app.api.users(), ({ items }) => this.draw(items));
  }

  draw(items) {
    const { words } = this.app;
    if (!items.length) return empty('users', words.usersEmpty);
    return table(words.pageUsers, [
      { label: words.name, cell: (user) => [user.name, h('small', null, user.email)] },
      { label: words.role, cell: (user) => words[`role_${user.role}`] },
      { label: words.language, cell: (user) => (user.language === 'zh' ? words.chinese : words.english) },
      { label: words.state, cell: (user) => (user.disabled ? badge(words.disabled, 'bad') : badge(words.active, 'good')) },
      { label: words.added, cell: (user) => day(user.created_at, words) },
      { label: words.actions, kind: 'deeds', cell: (user) => h('span', { class: 'actions' },
        button(words.edit, () => this.edit(user), { small: true, symbol: 'edit' }),
        button(words.setPassword, () => this.setPassword(user), { small: true }),
        user.id !== this.app.me.id && this.switcher(user)) },
    ], items);
  }

  /** Nobody can shut themselves out. */
  switcher(user) {
    const { words } = this.app;
    if (user.disabled) return button(words.enable, () => this.change(user, { disabled: false }), { small: true });
    const disable = () => ask({
      words, title: words.disableTitle, text: user.email, confirm: words.disable, danger: true,
      submit: () => this.app.api.changeUser(user.id, { disabled: true }),
    }).then((done) => done && this.read());
    return button(words.disable, disable, { kind: 'danger', small: true });
  }

  async change(user, changes) {
    try {
      await this.app.api.changeUser(user.id, changes);
      this.read();
    } catch (error) {
      this.app.complain(error);
    }
  }

  fields(user) {
    const { words } = this.app;
    const roles = ROLES.map((role) => [role, words[`role_${role}`]]);
    return {
      name: h('input', { value: user.name, required: true, maxlength: '128' }),
      role: choice(roles, user.role, { disabled: user.id === this.app.me.id }),
      language: choice([['en', words.english], ['zh', words.chinese]], user.language),
    };
  }

  async add() {
    const { app } = this;
    const { words } = app;
    const email = h('input', { type: 'email', required: true, maxlength: '254', autocomplete: 'off' });
    const password = this.password();
    const { name, role, language } = this.fields({ name: '', role: 'agent', language: app.language });
    const added = await ask({
      words, title: words.addUser, confirm: words.addUser,
      parts: [field(words.email, email), field(words.name, name),
        h('div', { class: 'pair' }, field(words.role, role), field(words.language, language)),
        field(words.password, password, words.passwordHint)],
      submit: () => app.api.addUser({
        email: email.value.trim(), name: name.value.trim(), role: role.value, language: language.value, password: password.value,
      }),
    });
    if (added) this.read();
  }

  async edit(user) {
    const { words, api } = this.app;
    const { name, role, language } = this.fields(user);
    const changed = await ask({
      words, title: user.email, confirm: words.save,
      parts: [field(words.name, name), h('div', { class: 'pair' }, field(words.role, role), field(words.language, language))],
      submit: () => api.changeUser(user.id, { name: name.value.trim(), role: role.value, language: language.value }),
    });
    if (changed) this.read();
  }

  async setPassword(user) {
    const { app } = this;
    const { words } = app;
    const password = this.password();
    const changed = await ask({
      words, title: words.setPassword, text: user.email, confirm: words.save,
      parts: [field(words.password, password, words.passwordHint)],
      submit: () => app.api.changeUser(user.id, { password: password.value }),
    });
    if (changed) app.say(words.passwordSet);
  }

  password() {
    return h('input', { type: 'password', autocomplete: 'new-password', required: true, minlength: String(SHORTEST_PASSWORD) });
  }
}
