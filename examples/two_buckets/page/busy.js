// Marks the page as busy while work is running, for assistive technology and for tests.

let running = 0;

export async function whileBusy(work) {
  running += 1;
  document.body.ariaBusy = "true";
  try {
    return await work();
  } finally {
    running -= 1;
    document.body.ariaBusy = String(running > 0);
  }
}
