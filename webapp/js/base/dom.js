const SVG = 'http://www.w3.org/2000/svg';

/**
 * An element with its properties and children. Text becomes text, never markup.
 *
 * @param {string} tag
 * @param {Object} [properties] `class`, `dataset` (an object) and `on` (an object of listeners) are special; those that
 *   the element knows as properties are set as such, `null`, `undefined` and `false` leave an attribute out, and all
 *   else becomes an attribute
 * @param {...(Node|string|null|undefined|Array)} children
 * @returns {HTMLElement}
 */
export function el(tag, properties = {}, ...children) {
  return furnished(document.createElement(tag), properties, children);
}

/** The same in SVG, where all properties are attributes. */
export function svg(tag, properties = {}, ...children) {
  return furnished(document.createElementNS(SVG, tag), properties, children);
}

/** An icon of `img/icons.svg`, hidden from screen readers, because its button has a label. */
export function icon(name) {
  const use = svg('use', { href: `${new URL('../../img/icons.svg', import.meta.url)}#${name}` });
  return svg('svg', { class: 'icon', viewBox: '0 0 24 24', 'aria-hidden': 'true' }, use);
}

/** A button with an icon alone. The label is its name and its tooltip. */
export function iconButton(name, label, onClick, properties = {}) {
  return el(
    'button',
    { type: 'button', class: 'icon-button', 'aria-label': label, title: label, on: { click: onClick }, ...properties },
    icon(name),
  );
}

/** Makes these the children, in this order. A child that is in place already is not moved, so that it keeps the focus. */
export function arrange(parent, nodes) {
  const wanted = new Set(nodes);
  [...parent.childNodes].filter((node) => !wanted.has(node)).forEach((node) => node.remove());
  let at = parent.firstChild;
  nodes.forEach((node) => {
    if (node === at) {
      at = at.nextSibling;
    } else {
      parent.insertBefore(node, at);
    }
  });
}

function furnished(element, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) {
      continue;
    }
    if (name === 'class') {
      element.setAttribute('class', value);
    } else if (name === 'dataset') {
      Object.assign(element.dataset, value);
    } else if (name === 'on') {
      Object.entries(value).forEach(([type, listener]) => element.addEventListener(type, listener));
    } else if (name in element && element.namespaceURI !== SVG && !name.startsWith('aria')) {
      element[name] = value;
    } else {
      element.setAttribute(name, value === true ? '' : value);
    }
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}
