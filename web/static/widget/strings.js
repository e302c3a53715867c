// Every word the widget itself says. Both languages carry the same keys; a test holds that.

export const STRINGS = {
  en: {
    tag: 'en',
    launcher: 'Ask us',
    launcherLabel: 'Open the customer support chat',
    launcherUnread: 'Open the customer support chat, {n} new',
    title: 'Customer support',
    subtitle: 'Automatic assistant',
    switchLanguage: '中文',
    switchLanguageLabel: '切换到中文',
    newConversation: 'New conversation',
    close: 'Close the chat',
    log: 'Conversation',
    welcome: 'Hello! What can I help you with?',
    examples: 'Often asked',
    placeholder: 'Type your question',
    inputLabel: 'Your question. Enter sends, Shift and Enter starts a new line.',
    send: 'Send',
    person: 'Talk to a person',
    personAsked: 'A person has been asked to join',
    you: 'You said:',
    assistant: 'Assistant:',
    agent: 'Support agent',
    answering: 'The assistant is answering',
    sources: 'Sources',
    source: 'Source {n}',
    quote: 'Show the passage',
    newTab: '(opens in a new tab)',
    meant: 'Did you mean',
    related: 'You can also ask',
    feedback: 'Did this help?',
    helpful: 'Yes, this helped',
    unhelpful: 'No, this did not help',
    thanks: 'Thank you for telling us.',
    why: 'What was wrong?',
    reasonOther: 'Not what I asked',
    reasonWrong: 'Wrong or out of date',
    reasonUnclear: 'Hard to understand',
    retry: 'Try again',
    cancel: 'Cancel',
    sending: 'Sending',
    failedOffline: 'Not sent: you are offline.',
    failedUnreachable: 'Not sent: our service cannot be reached just now.',
    failedBusy: 'Not sent: too many messages at once. Please wait a moment.',
    failedLong: 'Not sent: the message is too long.',
    failedText: 'Not sent: the message is empty, too long or not readable.',
    failedServer: 'Something went wrong on our side. Your message is kept.',
    offline: 'You are offline. You can keep typing.',
    unreachable: 'Our service cannot be reached just now.',
    actionFailed: 'That did not work. Please try again.',
    startOver: 'Start a new conversation? What is shown here will be cleared.',
    startOverYes: 'Start new',
    renewed: 'The earlier conversation has ended. This is a new one.',
    tooLong: '{n} of {max} characters: please shorten your message.',
    count: '{n} of {max} characters',
  },
  zh: {
    tag: 'zh-Hans',
    launcher: '在线咨询',
    launcherLabel: '打开在线客服',
    launcherUnread: '打开在线客服，{n} 条新消息',
    title: '在线客服',
    subtitle: '智能助手为您解答',
    switchLanguage: 'English',
    switchLanguageLabel: 'Switch to English',
    newConversation: '新对话',
    close: '关闭客服窗口',
    log: '对话内容',
    welcome: '您好！请问有什么可以帮您？',
    examples: '常见问题',
    placeholder: '请输入您的问题',
    inputLabel: '您的问题。按 Enter 发送，按 Shift 加 Enter 换行。',
    send: '发送',
    person: '转人工客服',
    personAsked: '已为您申请人工客服',
    you: '您说：',
    assistant: '智能助手：',
    agent: '人工客服',
    answering: '智能助手正在回答',
    sources: '参考来源',
    source: '来源 {n}',
    quote: '查看原文',
    newTab: '（在新标签页打开）',
    meant: '您想问的是',
    related: '您还可以问',
    feedback: '这个回答有帮助吗？',
    helpful: '有帮助',
    unhelpful: '没有帮助',
    thanks: '感谢您的反馈。',
    why: '哪里不对？',
    reasonOther: '答非所问',
    reasonWrong: '内容有误或过时',
    reasonUnclear: '看不明白',
    retry: '重试',
    cancel: '取消',
    sending: '发送中',
    failedOffline: '未发送：您当前处于离线状态。',
    failedUnreachable: '未发送：暂时无法连接服务。',
    failedBusy: '未发送：消息过于频繁，请稍候。',
    failedLong: '未发送：消息过长。',
    failedText: '未发送：消息为空、过长或无法识别。',
    failedServer: '我们这边出了点问题，您的消息已保留。',
    offline: '您当前处于离线状态，可以继续输入。',
    unreachable: '暂时无法连接服务。',
    actionFailed: '操作未成功，请重试。',
    startOver: '开始新对话？这里显示的内容将被清空。',
    startOverYes: '开始新对话',
    renewed: '之前的对话已结束，这是一个新对话。',
    tooLong: '已输入 {n} 字，最多 {max} 字，请精简。',
    count: '已输入 {n} 字，最多 {max} 字',
  },
};

export function fill(template, values) {
  return template.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

/** `en` or `zh` for a BCP 47 tag, or null for any other language. */
export function baseLanguage(tag) {
  const base = (tag || '').toLowerCase().split('-')[0];
  return base in STRINGS ? base : null;
}

/** What the page asks for, else what the page is written in, else what the browser prefers. */
export function pickLanguage(wanted) {
  const preferences = [wanted, document.documentElement.lang, ...(navigator.languages || [])];
  return preferences.map(baseLanguage).find(Boolean) || 'en';
}

/** Good enough to choose a voice for a sentence whose language nobody has told us. */
export function guessTag(text) {
  return /\p{Script=Han}/u.test(text) ? 'zh-Hans' : 'en';
}
