/** What CUDA back-ends need and what is there, in words. */
import type { BackendReport, CudaReport } from '@froyolo/run/node';
import { formatBytes } from './format.js';

export function cudaLines({ gpus, visible, driver, driverCuda, backends }: CudaReport): string[] {
  const title =
    driver === undefined
      ? 'NVIDIA GPUs: none, or no driver (nvidia-smi is missing or lists nothing)'
      : `NVIDIA driver ${driver}${driverCuda === undefined ? '' : `, for CUDA up to ${driverCuda}`}`;
  const cards = gpus.map(
    ({ index, name, memory }) =>
      `  ${index}: ${name}${memory ? `, ${formatBytes(memory.total)}, ${formatBytes(memory.free)} free` : ''}`,
  );
  const hidden = visible ? [`  CUDA_VISIBLE_DEVICES leaves: ${visible.join(', ') || 'none'}`] : [];
  return [title, ...cards, ...hidden, ...backends.flatMap(backendLines)];
}

function backendLines({ devices, cuda, cudnn, advice, ...found }: BackendReport): string[] {
  const { package: own, provider, libraries } = found;
  const all = [provider, ...libraries];
  const there = all.filter(({ path }) => path !== undefined);
  const missing = all.filter(({ path }) => path === undefined);
  const named = own.path === undefined ? `${own.name} is not installed` : `${own.name} ${own.version}`;
  return [
    `${devices.join(', ')} (CUDA ${cuda}, cuDNN ${cudnn}): ${named}`,
    ...there.map(({ name, path }) => `  found    ${name}: ${path}`),
    ...(missing.length === 0 ? [] : [`  missing  ${missing.map(({ name }) => name).join(', ')}`]),
    ...advice.map((line) => `  to do    ${line}`),
  ];
}
