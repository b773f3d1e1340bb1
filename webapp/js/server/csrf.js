/** What can be a header's name (RFC 9110). */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;

/** What can be its value, as frameworks make such tokens. */
const VALUE = /^[\x21-\x7e]+$/;

/**
 * The CSRF header for the host application around Sluice. Either the page
 * has it (`<meta name="_csrf" content="…">`, and its name in `<meta name="_csrf_header" content="…">`), or a cookie
 * `XSRF-TOKEN` does: Spring Security, Angular and others agree on both. Read anew for each request, for a login changes
 * it.
 *
 * @returns {Object<string, string>} no header, where there is neither
 */
export function csrfHeader() {
  const token = meta('_csrf');
  if (token !== '') {
    return header(meta('_csrf_header') || 'X-CSRF-TOKEN', token);
  }
  return header('X-XSRF-TOKEN', cookie('XSRF-TOKEN'));
}

/** Leaves out what fetch would refuse to send, so that the server can report what is missing. */
function header(name, value) {
  return TOKEN.test(name) && VALUE.test(value) ? { [name]: value } : {};
}

function meta(name) {
  return document.querySelector(`meta[name="${name}"]`)?.content.trim() ?? '';
}

function cookie(name) {
  const found = document.cookie.split(/;\s*/).find((each) => each.startsWith(`${name}=`)) ?? '';
  const value = found.slice(name.length + 1).replace(/^"(.*)"$/, '$1');
  try {
    return decodeURIComponent(value);
  } catch {
    return value; // it is not encoded
  }
}
