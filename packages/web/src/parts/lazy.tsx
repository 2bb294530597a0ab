/** A component that is loaded when it is first shown. */
import type { FunctionComponent } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { showError } from '../state/messages.js';

export function Lazy({ load }: { load: () => Promise<FunctionComponent> }) {
  const [component, setComponent] = useState<{ readonly Shown: FunctionComponent }>();
  useEffect(() => {
    load().then((Shown) => setComponent({ Shown }), showError);
  }, [load]);
  return component ? <component.Shown /> : null;
}
