/**
 * Which of the machine's GPUs a process sees. Programs count those in `CUDA_VISIBLE_DEVICES`, from 0; the driver's tool
 * counts all of the machine.
 */

type Environment = Readonly<Record<string, string | undefined>>;

/** Numbers, UUIDs or bus addresses of the GPUs that this process sees; undefined where it sees all. */
export function visibleGpus({ CUDA_VISIBLE_DEVICES: list }: Environment = process.env): string[] | undefined {
  if (list === undefined) return undefined;
  const entries = list.split(',').map((entry) => entry.trim());
  // CUDA itself stops at the first entry that names no GPU, such as -1.
  const end = entries.findIndex((entry) => !/^(\d+|(GPU|MIG)-[\w/-]+)$/i.test(entry));
  return end < 0 ? entries : entries.slice(0, end);
}

/** What the driver calls the GPU that this process knows by a number; undefined where it sees no such one. */
export function driverGpu(index: number, env: Environment = process.env): string | undefined {
  const visible = visibleGpus(env);
  return visible ? visible[index] : String(index);
}
