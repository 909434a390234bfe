/** What is wrong with the text of a key, or undefined: it travels in a header. */
export function badKey(text: string): string | undefined {
  return /^[!-~]*$/.test(text)
    ? undefined
    : 'A key is visible ASCII characters without spaces, such as unanimous keygen makes.';
}
