/** What code may be written in, as models call it, by the name of its grammar in highlight.js. */
const NAMES = {
  apache: 'apacheconf htaccess',
  awk: '',
  bash: 'sh zsh',
  c: 'h',
  clojure: 'clj edn',
  cmake: '',
  cpp: 'c++ cc cxx h++ hh hpp hxx',
  csharp: 'c# cs',
  css: '',
  dart: '',
  diff: 'patch',
  dockerfile: 'docker containerfile',
  dos: 'bat batch cmd',
  elixir: 'ex exs',
  erlang: 'erl',
  fsharp: 'f# fs',
  go: 'golang',
  graphql: 'gql',
  groovy: 'gradle jenkinsfile',
  haskell: 'hs',
  http: 'https',
  ini: 'toml cfg conf',
  java: 'jsp',
  javascript: 'cjs js jsx mjs node',
  json: 'json5 jsonc jsonl',
  julia: 'jl',
  kotlin: 'kt kts',
  latex: 'tex',
  less: '',
  lua: '',
  makefile: 'make mk',
  markdown: 'md mdx',
  matlab: 'octave',
  nginx: 'nginxconf',
  objectivec: 'objc objective-c',
  ocaml: 'ml',
  perl: 'pl pm',
  php: '',
  powershell: 'ps ps1 pwsh',
  properties: '',
  protobuf: 'proto',
  python: 'py python3 ipython',
  r: '',
  ruby: 'rb',
  rust: 'rs',
  scala: '',
  scss: 'sass',
  shell: 'console shellsession',
  sql: 'mysql sqlite postgres postgresql pgsql plsql tsql',
  swift: '',
  typescript: 'cts mts ts tsx',
  xml: 'astro atom html plist rss svelte svg vue xhtml xsd xsl',
  yaml: 'yml',
};

/** The grammars that one contains pieces of. */
const PARTS = {
  dart: ['markdown'],
  dockerfile: ['bash'],
  javascript: ['xml', 'css', 'graphql'],
  markdown: ['xml'],
  shell: ['bash'],
  typescript: ['xml', 'css', 'graphql'],
  xml: ['css', 'javascript'],
  yaml: ['ruby'],
};

const byName = new Map();
for (const [grammar, others] of Object.entries(NAMES)) {
  [grammar, ...others.split(' ').filter(Boolean)].forEach((name) => byName.set(name, grammar));
}

/**
 * The grammar for what a fence says of its code.
 *
 * @param {string} name as in {@link languageName}
 * @returns {?string} null if there is none
 */
export function grammarOf(name) {
  return byName.get(name.toLowerCase()) ?? null;
}

/** A grammar and all that it contains pieces of, without end: what must be loaded to colour it always alike. */
export function neededGrammars(grammar, known = new Set()) {
  if (!known.has(grammar)) {
    known.add(grammar);
    PARTS[grammar]?.forEach((part) => neededGrammars(part, known));
  }
  return known;
}

/** The language in the words after a fence; empty if they name none that could be one. */
export function languageName(info) {
  return /^\s*\{?\.?([\p{L}\p{N}][\p{L}\p{N}+#._-]{0,29})(?=[\s,{}:;]|$)/u.exec(info)?.[1] ?? '';
}
