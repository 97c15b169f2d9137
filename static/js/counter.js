// <span data-counter="id of a textarea" data-limit="200"><span data-count></span></span>
// shows how many characters stand there, blanks and line ends not counted, as
// count_characters in indicators/progress.py does.
const count = (text) => Array.from(text.replace(/\s/g, "")).length;

for (const counter of document.querySelectorAll("[data-counter]")) {
  const field = document.getElementById(counter.dataset.counter);
  const shown = counter.querySelector("[data-count]");
  const limit = Number(counter.dataset.limit || 0);
  const update = () => {
    const now = count(field.value);
    shown.textContent = now;
    counter.classList.toggle("counter-over", limit > 0 && now > limit);
  };
  field.addEventListener("input", update);
  update();
}
