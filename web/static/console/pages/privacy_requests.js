// What a customer may ask for: a copy, what they agreed to, erasure; and whether a certificate holds.

import { h } from '/widget/dom.js';
import { dateAndTime, readable } from '../format.js';
import { badge, button, choice, field, table } from '../parts.js';
import { ask, show } from '../dialog.js';
import { offerFile } from '../files.js';
import { countsText } from './privacy_counts.js';

const SHORTEST_PURPOSE = '5';
const LONGEST_PURPOSE = '200';
const LONGEST_REFERENCE = '128';

export function requests(app) {
  const { words } = app;
  return h('div', { class: 'rights' },
    app.may('customers.export') && card(words.exportTitle, words.exportText,
      button(words.exportIt, () => exportCustomer(app), { symbol: 'download' })),
    card(words.consentsTitle, words.consentsText,
      button(words.show, () => showConsents(app), { symbol: 'review' })),
    app.may('customers.erase') && card(words.eraseTitle, words.eraseText,
      button(words.eraseIt, () => erase(app), { kind: 'danger', symbol: 'warn' })),
    card(words.verifyTitle, words.verifyText,
      button(words.verifyIt, () => verify(app), { symbol: 'audits' })));
}

function card(title, text, deed) {
  return h('section', { class: 'card' }, h('h2', null, title), h('p', null, text), h('p', null, deed));
}

/** Who and why: a reference may be an e-mail address, so that the browser is not to keep it. */
function whom(words) {
  const customer = h('input', { required: true, maxlength: LONGEST_REFERENCE, autocomplete: 'off', spellcheck: 'false' });
  const purpose = h('input', { required: true, minlength: SHORTEST_PURPOSE, maxlength: LONGEST_PURPOSE, autocomplete: 'off' });
  return {
    customer,
    customerField: field(words.customerReference, customer, words.customerHint),
    purposeField: field(words.purpose, purpose, words.purposeKept),
    body: () => ({ customer: customer.value.trim(), purpose: purpose.value.trim() }),
  };
}

/** The common words for 404 speak of something that was there before. */
async function ofKnown(words, answer) {
  try {
    return await answer;
  } catch (error) {
    if (error.status === 404) error.said = words.customerUnknown;
    throw error;
  }
}

async function exportCustomer(app) {
  const { words, api, language } = app;
  const who = whom(words);
  const format = choice([['html', words.formatPage], ['json', words.formatJson]], 'html');
  const tongue = choice([['en', words.english], ['zh', words.chinese]], language);
  const file = await ask({
    words, title: words.exportTitle, text: words.unsealText, confirm: words.exportIt,
    parts: [who.customerField, who.purposeField,
      h('div', { class: 'pair' }, field(words.fileFormat, format), field(words.language, tongue))],
    submit: () => ofKnown(words, api.exportCustomer({ ...who.body(), format: format.value, language: tongue.value })),
  });
  if (file) offerFile(file, `kefu-export.${format.value}`);
}

async function showConsents(app) {
  const { words, api } = app;
  const who = whom(words);
  const found = await ask({
    words, title: words.consentsTitle, text: words.consentsText, confirm: words.show,
    parts: [who.customerField, who.purposeField], submit: () => ofKnown(words, api.consents(who.body())),
  });
  if (!found) return;
  const rows = found.scopes.flatMap(({ scope, granted, history }) => history.map((one, index) => (
    { ...one, scope, holds: index === history.length - 1, granted, stated: one.granted })));
  show({
    words, title: words.consentsTitle, wide: true,
    parts: [rows.length ? consentTable(rows, words) : h('p', null, words.nothingStated)],
  });
}

function consentTable(rows, words) {
  const said = (granted) => (granted ? words.agreed : words.notAgreed);
  return table(words.consentsTitle, [
    { label: words.scope, cell: ({ scope }) => words[`scope_${scope}`] || readable(scope) },
    { label: words.time, cell: ({ at }) => dateAndTime(at, words) },
    { label: words.stated, cell: ({ stated }) => said(stated) },
    { label: words.holdsNow, cell: ({ holds, granted }) => (holds ? badge(said(granted), granted ? 'good' : 'warn') : '–') },
    { label: words.wording, cell: ({ wording_version: version, language }) => `${version} · ${language}` },
  ], rows);
}

async function erase(app) {
  const { words, api } = app;
  const who = whom(words);
  const again = h('input', { required: true, maxlength: LONGEST_REFERENCE, autocomplete: 'off', spellcheck: 'false' });
  const compare = () => {
    const same = again.value.trim() === who.customer.value.trim();
    again.setCustomValidity(same ? '' : words.notTheSame);
  };
  for (const control of [who.customer, again]) control.addEventListener('input', compare);
  const file = await ask({
    words, title: words.eraseSure, text: words.eraseText, confirm: words.eraseIt, danger: true,
    parts: [who.customerField, field(words.referenceAgain, again), who.purposeField],
    submit: () => ofKnown(words, api.eraseCustomer(who.body())),
  });
  if (file) showCertificate(app, file, await file.text());
}

/** The file is handed over as it was signed: written anew, a number might look different. */
function showCertificate({ words }, file, text) {
  const certificate = JSON.parse(text);
  const facts = [
    [words.erasure, certificate.erasure_id],
    [words.doneAt, dateAndTime(certificate.done_at, words)],
    [words.deleted, countsText(certificate.counts, words)],
  ];
  const naming = certificate.documents_naming_the_customer;
  // Articles are the company's own: people change them, and no erasure does.
  if (naming.length) facts.push([words.articlesNaming, naming.map((one) => `${one.collection}: ${one.document_id || one.unreadable}`).join(', ')]);
  const download = button(words.download, () => offerFile(file, `certificate-${certificate.erasure_id}.json`), { symbol: 'download' });
  show({
    words, title: words.certificate, wide: true,
    parts: [
      h('p', null, words.certificateText),
      h('dl', { class: 'proof' }, ...facts.map(([name, value]) => h('div', null, h('dt', null, name), h('dd', null, value)))),
      h('details', null, h('summary', null, words.certificateFile), h('pre', null, JSON.stringify(certificate, null, 2))),
      h('p', null, download)],
  });
}

async function verify(app) {
  const { words, api, language } = app;
  const file = h('input', { type: 'file', required: true, accept: '.json,application/json' });
  const verdict = await ask({
    words, title: words.verifyTitle, text: words.verifyText, confirm: words.verifyIt,
    parts: [field(words.certificateFile, file)],
    submit: async () => api.verifyCertificate(await certificateIn(file.files[0], words), language),
  });
  if (!verdict) return;
  const { holds, sentence } = verdict;
  show({
    words, title: words.verifyTitle,
    parts: [h('p', { role: 'status' }, badge(holds ? words.holds : words.holdsNot, holds ? 'good' : 'bad', holds ? 'done' : 'warn')),
      h('p', null, sentence)],
  });
}

async function certificateIn(file, words) {
  const text = await file.text();
  let found = null;
  try {
    found = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  if (!found || typeof found !== 'object' || Array.isArray(found)) {
    throw Object.assign(new Error('no certificate'), { said: words.noCertificate });
  }
  return text;
}
