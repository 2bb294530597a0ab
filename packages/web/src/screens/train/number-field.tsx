interface NumberFieldProps {
  readonly id: string;
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly onValue: (value: number) => void;
}

/** A number; what is no valid one is marked by the browser and not taken. */
export function NumberField({ id, label, onValue, ...input }: NumberFieldProps) {
  return (
    <label class="field" for={id}>
      {label}
      <input
        id={id}
        type="number"
        required
        {...input}
        onChange={({ currentTarget }) =>
          currentTarget.checkValidity() && onValue(currentTarget.valueAsNumber)
        }
      />
    </label>
  );
}
