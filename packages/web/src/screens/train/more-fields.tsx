/** Settings whose fields follow from the table of settings. */
import { hypPresets } from '@froyolo/data';
import { type FormField, formFields, readField } from '@froyolo/run/settings';
import type { MoreSettings } from '../../library/types.js';
import { device } from '../../state/device.js';
import { showError } from '../../state/messages.js';
import { texts } from '../../texts/index.js';

const RECIPES = [...Object.keys(hypPresets), 'demo'];
const NAMES = [
  'hyp',
  'unfreeze',
  'lrScale',
  'freezeBn',
  'optimizer',
  'cosLr',
  'patience',
  'multiScale',
  'amp',
] as const;

interface MoreFieldsProps {
  readonly more: MoreSettings;
  readonly onChange: (more: MoreSettings) => void;
}

export function MoreFields({ more, onChange }: MoreFieldsProps) {
  const fields = formFields().filter(
    ({ name }) => NAMES.some((one) => one === name) && isOffered(name, more),
  );
  const given: Readonly<Record<string, unknown>> = more;
  const put = (name: string, value: unknown) => {
    const { [name]: _, ...rest } = given;
    onChange(value === undefined ? rest : { ...rest, [name]: value });
  };
  return (
    <>
      {fields.map((field) => (
        <MoreField key={field.name} field={field} value={given[field.name]} onValue={put} />
      ))}
    </>
  );
}

/** Half precision is for devices that have it; where it is chosen all the same, it can be taken back. */
function isOffered(name: string, { amp }: MoreSettings): boolean {
  if (name !== 'amp' || amp) return true;
  return 'device' in device.value && device.value.device.halfPrecision;
}

interface MoreFieldProps {
  readonly field: FormField;
  readonly value: unknown;
  readonly onValue: (name: string, value: unknown) => void;
}

function MoreField({ field, value, onValue }: MoreFieldProps) {
  const { name, control } = field;
  const { fields, helps } = texts.value.settings;
  const label = fields[name] ?? field.label;
  const help = helps[name] ?? field.help;
  const shown = Array.isArray(value) ? value.join(' ') : value;
  const given = (written: string | boolean) => {
    try {
      onValue(name, written === field.value ? undefined : readField(name, written));
    } catch (error) {
      showError(error);
    }
  };
  if (control.type === 'checkbox')
    return (
      <label class="inline" title={help}>
        <input
          type="checkbox"
          checked={shown === undefined ? field.value === true : shown === true}
          onChange={({ currentTarget }) => given(currentTarget.checked)}
        />
        {label}
      </label>
    );
  // Which recipes there are is for the page to say: it reads no files.
  const choices = name === 'hyp' ? RECIPES : control.type === 'select' ? control.choices : undefined;
  const text = String(shown ?? field.value);
  const id = `setting-${name}`;
  return (
    <label class="field" title={help} for={id}>
      {label}
      {choices ? (
        <select id={id} value={text} onChange={({ currentTarget }) => given(currentTarget.value)}>
          {choices.map((choice) => (
            <option key={choice}>{choice}</option>
          ))}
        </select>
      ) : (
        <input
          id={id}
          type="text"
          inputMode={control.type === 'number' ? 'decimal' : 'text'}
          value={text}
          onChange={({ currentTarget }) => given(currentTarget.value)}
        />
      )}
    </label>
  );
}
