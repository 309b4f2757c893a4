// Makes an element with a class and children, which are elements or texts.
export function make(tag, className = "", ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

export const byId = id => document.getElementById(id);

// Text for screen readers alone.
export const spoken = text => make("span", "spoken", text);
