// Waits until the countdown shows a text.
const [text, done] = arguments;
const countdown = document.getElementById("countdown");
const observer = new MutationObserver(check);
function check() {
  if (countdown.textContent !== text) return;
  observer.disconnect();
  done(true);
}
observer.observe(countdown, { childList: true });
check();
