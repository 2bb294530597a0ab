/** Whether something that was changed is not yet on the disk: a page that is left just then would lose it. */

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
