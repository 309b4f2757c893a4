// Tells assistive technology, and whatever else waits for the page, that it is at work.

let works = 0;

export async function whileBusy(work) {
  works += 1;
  document.body.ariaBusy = "true";
  try {
    return await work();
  } finally {
    works -= 1;
    document.body.ariaBusy = String(works > 0);
  }
}
