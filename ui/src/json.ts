/**
 * JSON with a line for each member, so that a person can read it. Every token stays as it came: what is shown as
 * proof is not written anew. What is no object is left alone.
 */
export function laidOut(text: string): string {
  const trimmed = text.trim();
  if (!/^[[{]/.test(trimmed)) return text;
  let out = '';
  let depth = 0;
  const line = () => `\n${'  '.repeat(Math.max(0, depth))}`;
  for (const token of trimmed.match(/"(?:\\.|[^"\\])*"?|[{}[\],:]|\s+|[^"{}[\],:\s]+/gs) ?? []) {
    if (/^\s/.test(token)) continue;
    if (token === '}' || token === ']') {
      depth -= 1;
      out += /[{[]$/.test(out) ? token : line() + token;
    } else if (token === '{' || token === '[') {
      out += (/[{[]$/.test(out) ? line() : '') + token;
      depth += 1;
    } else if (token === ',') out += `,${line()}`;
    else if (token === ':') out += ': ';
    else out += (/[{[]$/.test(out) ? line() : '') + token;
  }
  return out;
}
