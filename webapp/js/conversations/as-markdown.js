import { language, t } from '../base/i18n.js';
import { failureInWords } from '../server/failure.js';
import { path } from './conversation.js';

/** A conversation as Markdown text: the messages of the chosen path with their authors. */
export function markdownOf(conversation) {
  const title = conversation.title.replace(/\s+/g, ' ').trim() || t('exchange.untitled');
  const day = new Intl.DateTimeFormat(language(), { dateStyle: 'long', timeStyle: 'short' });
  const facts = [`- ${t('exchange.created', { date: day.format(conversation.created) })}`];
  if (conversation.model !== '') {
    facts.push(`- ${t('exchange.model', { model: conversation.model })}`);
  }
  const sections = [`# ${title}`, facts.join('\n')];
  if (conversation.system.trim() !== '') {
    sections.push(`## ${t('exchange.system')}`, quoted(conversation.system));
  }
  path(conversation).forEach((message) => sections.push(...sectionsOf(message)));
  return `${sections.join('\n\n')}\n`;
}

function sectionsOf(message) {
  const assistant = message.model ? t('exchange.assistantModel', { model: message.model }) : t('exchange.assistant');
  const sections = [`## ${message.role === 'user' ? t('exchange.user') : assistant}`];
  if (message.reasoning?.trim()) {
    sections.push(quoted(`**${t('exchange.reasoning')}**\n\n${message.reasoning}`));
  }
  if (message.content.trim() !== '') {
    sections.push(closed(message.content.trimEnd()));
  }
  if (message.toolCalls?.length > 0) {
    sections.push(t('exchange.toolCalls'), fenced(JSON.stringify(message.toolCalls, null, 2)));
  }
  if (message.error) {
    sections.push(`*${t('exchange.failed', { reason: failureInWords(message.error) })}*`);
  } else if (['stopped', 'interrupted', 'streaming'].includes(message.state)) {
    sections.push(`*${t('exchange.unfinished')}*`);
  }
  return sections;
}

function quoted(text) {
  return closed(text.trim()).replace(/^(?=.)/gm, '> ').replace(/^$/gm, '>');
}

function fenced(json) {
  return `\`\`\`json\n${json}\n\`\`\``;
}

/** Closes an unclosed code block, so that the following text is not part of it. */
function closed(text) {
  let fence = null;
  for (const [, mark, info] of text.matchAll(/^ {0,3}(`{3,}|~{3,})(.*)$/gm)) {
    if (fence === null) {
      fence = mark;
    } else if (mark.startsWith(fence) && info.trim() === '') {
      fence = null;
    }
  }
  return fence === null ? text : `${text}\n${fence}`;
}
