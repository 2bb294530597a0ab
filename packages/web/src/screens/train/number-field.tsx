import { useState } from 'preact/hooks';

interface NumberFieldProps {
  readonly id: string;
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly onValue: (value: number) => void;
}

/** A field for a number; the browser marks an invalid one, which isn't used. */
export function NumberField({ id, label, value, onValue, ...input }: NumberFieldProps) {
  // Keeps the typed text when the form is redrawn.
  const [typed, setTyped] = useState<string>();
  return (
    <label class="field" for={id}>
      {label}
      <input
        id={id}
        type="number"
        required
        {...input}
        value={typed ?? value}
        onInput={({ currentTarget }) => setTyped(currentTarget.value)}
        onChange={({ currentTarget }) => {
          if (!currentTarget.checkValidity()) return;
          onValue(currentTarget.valueAsNumber);
          setTyped(undefined);
        }}
      />
    </label>
  );
}
