const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

// oxlint-disable-next-line no-control-regex -- XML has none of them, whatever their spelling
const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g;

/** A text so that it is nothing but text in HTML and XML, between tags and in attributes with quotes. */
export function escaped(text: string): string {
  return text.replaceAll(control, '').replaceAll(/[&<>"']/g, (one) => entities[one] ?? one);
}
