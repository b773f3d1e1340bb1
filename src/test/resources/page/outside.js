// Lists the elements and attributes of an answer that are not among those an answer may have.
() => {
  const html = {
    '*': ['class', 'dir', 'title'],
    a: ['href', 'rel', 'target'], blockquote: [], br: [], button: ['type'], code: [],
    div: ['role', 'tabindex', 'aria-label'],
    em: [], figcaption: [], figure: [], h3: [], h4: [], h5: [], h6: [], hr: [],
    img: ['src', 'alt', 'decoding'], li: [],
    ol: ['start'], p: [], pre: ['tabindex'], s: [], span: ['role', 'aria-label', 'tabindex'],
    strong: [], table: [], tbody: [], td: [], th: ['scope'], thead: [], tr: [], ul: [],
  };
  const classes = new Set('h1 h2 h3 h4 h5 h6 tight task box open done table left center right code language quiet copy '
    .concat('lines host no-link bidi math display set digits-3 digits-4 digits-6 digits-9').split(' '));
  const faults = [];
  for (const element of document.querySelector('.markdown').querySelectorAll('*')) {
    const name = element.localName;
    const inMath = element.closest('.katex, .katex-error') !== null;
    if (!inMath && !element.closest('svg')) {
      if (!(name in html)) {
        faults.push(`<${name}>`);
      }
      for (const attribute of element.attributes) {
        if (![...html['*'], ...(html[name] ?? [])].includes(attribute.name)) {
          faults.push(`<${name} ${attribute.name}="${attribute.value}">`);
        }
      }
      for (const one of element.classList) {
        if (!classes.has(one) && !/^hljs-|^[a-z]+_+$/.test(one)) {
          faults.push(`<${name}> of class ${one}`);
        }
      }
    }
    if (name === 'script' || name === 'iframe' || name === 'object' || element.id !== ''
        || [...element.attributes].some((one) => one.name.startsWith('on'))) {
      faults.push(`<${name}> with ${element.getAttributeNames()}`);
    }
    const target = element.localName === 'a' ? element.getAttribute('href') : null;
    if (target !== null && !/^(https?:\/\/|mailto:)/.test(target)) {
      faults.push(`a link to ${target}`);
    }
    if (inMath && (element.hasAttribute('href') || name === 'img')) {
      faults.push(`a formula with <${name} href="${element.getAttribute('href')}">`);
    }
  }
  return faults;
}
