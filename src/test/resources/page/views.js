// What the tests of MarkdownView share: puts a view into the page, alone.
async () => {
  const { loadLanguage } = await import(new URL('js/base/language.js', document.baseURI));
  await loadLanguage('en');
  if (!document.querySelector('link[href$="markdown.css"]')) {
    const sheet = document.createElement('link');
    sheet.rel = 'stylesheet';
    sheet.href = 'css/markdown.css';
    const there = new Promise((resolve) => sheet.addEventListener('load', resolve));
    document.head.append(sheet);
    await there;
  }
  const { MarkdownView } = await import(new URL('js/markdown/markdown.js', document.baseURI));
  window.newView = () => {
    const element = document.createElement('main');
    element.style.maxWidth = '48rem';
    element.style.margin = '1rem auto';
    document.body.replaceChildren(element);
    return { element, view: new MarkdownView(element) };
  };
  // What is due with the next frame is done when the page is shown or hidden, too: tests need not wait for frames.
  window.renderNow = () => document.dispatchEvent(new Event('visibilitychange'));
  window.onePass = async (text) => {
    const { element, view } = window.newView();
    view.append(text);
    view.finish();
    await view.settled();
    return element.innerHTML;
  };
}
