/** Whether a change is not yet saved: leaving the page now would lose it. */

let underWay = 0;

export const isSaving = () => underWay > 0;

export async function saving<T>(work: Promise<T>): Promise<T> {
  underWay++;
  try {
    return await work;
  } finally {
    underWay--;
  }
}
