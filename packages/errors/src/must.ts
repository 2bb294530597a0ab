/**
 * The value, where the program itself has taken care that there is one: its absence is a defect, not bad input.
 * @param what names the value in the message
 */
export function must<T>(value: T | null | undefined, what: string): T {
  if (value === null || value === undefined)
    throw new Error(`${what} is missing, which is a defect of Froyolo`);
  return value;
}
