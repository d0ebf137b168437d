
// Shows the programs of one language, each at its operation, and keeps the others at the page's end.
const languages = document.querySelector('.languages');

function showPrograms(language) {
  for (const figure of document.querySelectorAll('.programs figure')) languages.append(figure);
  for (const programs of document.querySelectorAll('.programs')) {
    for (const link of programs.querySelectorAll('[data-language]')) {
      if (link.dataset.language === language) link.setAttribute('aria-current', 'true');
      else link.removeAttribute('aria-current');
    }
    const figure = document.getElementById(`${language}-${programs.dataset.of}`);
    if (figure) programs.append(figure);
  }
}

if (languages) {
  languages.hidden = true;
  showPrograms(remembered.get('language'));
  document.addEventListener('click', (event) => {
    const link = event.target.closest('.programs [data-language]');
    if (!link) return;
    event.preventDefault();
    const top = link.getBoundingClientRect().top;
    const language = link.hasAttribute('aria-current') ? '' : link.dataset.language;
    remembered.set('language', language);
    showPrograms(language);
    // The programs of the operations above it change their heights too.
    scrollBy(0, link.getBoundingClientRect().top - top);
  });
}
