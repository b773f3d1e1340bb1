import { spellOut } from './bidi.js';
import { addText, element, wordsOf } from './pieces.js';

const PICTURE = /^data:image\/(?:png|jpeg|gif|webp);base64,[a-z0-9+/]+=*$/i;
const LONGEST_PICTURE = 4 * 1024 * 1024;
const ADDRESS = /^(?:https?:\/\/)?([\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+)(?=[/:?#]|$)/iu;

/**
 * A link to the web or to a mail address. For other targets it is the text alone, with the target as its tooltip.
 *
 * @param {string} target
 * @param {?string} title
 * @param {Piece[]} children
 * @returns {Piece}
 */
export function linkPiece(target, title, children) {
  const url = safe(target);
  if (url === null) {
    return element('span', 'no-link', { title: shortened(spellOut(target)) }, children);
  }
  const about = title ? `${spellOut(title)}\n${url.href}` : url.href;
  const link = element(
    'a',
    '',
    { href: url.href, title: shortened(about), rel: 'noopener noreferrer nofollow', target: '_blank' },
    children,
  );
  const claimed = claimedHost(wordsOf(children));
  if (claimed !== null && claimed !== bare(url.host)) {
    const real = element('span', 'host', null);
    addText(real.children, ` (${url.host || url.pathname})`);
    link.children.push(real);
  }
  return link;
}

/**
 * An image with a `data:` URL. Any other image becomes a link, because an answer must not make the page load anything.
 *
 * @param {string} source
 * @param {?string} title
 * @param {string} words what stands for it
 */
export function imagePiece(source, title, words) {
  if (source.length <= LONGEST_PICTURE && PICTURE.test(source)) {
    return element('img', '', { src: source, alt: words, decoding: 'async' });
  }
  const children = [];
  addText(children, words || source);
  return linkPiece(source, title, children);
}

/** A URL as text, in which host names that imitate others are written in Punycode. */
export function shownAddress(address) {
  try {
    const url = new URL(address);
    return /^https?:$/.test(url.protocol) && url.host.includes('xn--') ? url.href : address;
  } catch {
    return address;
  }
}

function safe(target) {
  let url;
  try {
    url = new URL(target);
  } catch {
    return null; // relative: there is nothing here for it to be relative to
  }
  const web = url.protocol === 'https:' || url.protocol === 'http:';
  // https://bank.example@evil.example leads to the latter, and nobody needs it.
  return (web && url.username === '' && url.password === '') || url.protocol === 'mailto:' ? url : null;
}

/** The host that the words of a link seem to promise. */
function claimedHost(words) {
  const host = ADDRESS.exec(words.trim())?.[1];
  if (!host) {
    return null;
  }
  try {
    return bare(new URL(`https://${host}`).host);
  } catch {
    return null;
  }
}

function bare(host) {
  return host.replace(/^www\./, '').replace(/:\d+$/, '');
}

function shortened(text) {
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
