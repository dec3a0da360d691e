const patterns: Record<string, string> = {
  '0': 'nnnwwnwnn', '1': 'wnnwnnnnw', '2': 'nnwwnnnnw', '3': 'wnwwnnnnn', '4': 'nnnwwnnnw', '5': 'wnnwwnnnn', '6': 'nnwwwnnnn',
  '7': 'nnnwnnwnw', '8': 'wnnwnnwnn', '9': 'nnwwnnwnn', G: 'nnnnnwwnw', '*': 'nwnnwnwnn',
};

/** Code 39 as widths in modules, bar first, with a wide bar of three. */
export const code39 = (text: string): number[] =>
  [...`*${text}*`].flatMap((letter, n) => [...(n ? [1] : []), ...[...patterns[letter]!].map((width) => (width === 'w' ? 3 : 1))]);
