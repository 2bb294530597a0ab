/** An area that files are dropped on, or chosen for. */
import { filesOfDrop, filesOfInput, type SourceFile } from '@froyolo/data/browser';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { showError } from '../state/messages.js';

interface DropProps {
  readonly class?: string;
  readonly onFiles: (files: SourceFile[]) => void;
  readonly children: ComponentChildren;
}

export function Drop({ class: name = '', onFiles, children }: DropProps) {
  const area = useRef<HTMLElement>(null);
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    const element = area.current;
    if (!element) return;
    const onDrop = (event: DragEvent) => {
      event.preventDefault();
      setOver(false);
      if (event.dataTransfer) filesOfDrop(event.dataTransfer.items).then(onFiles, showError);
    };
    const onDragOver = (event: DragEvent) => {
      event.preventDefault();
      setOver(true);
    };
    const onDragLeave = () => setOver(false);
    element.addEventListener('drop', onDrop);
    element.addEventListener('dragover', onDragOver);
    element.addEventListener('dragleave', onDragLeave);
    return () => {
      element.removeEventListener('drop', onDrop);
      element.removeEventListener('dragover', onDragOver);
      element.removeEventListener('dragleave', onDragLeave);
    };
  }, [onFiles]);
  return (
    <section ref={area} class={`drop ${name} ${isOver ? 'over' : ''}`}>
      {children}
    </section>
  );
}

interface FileButtonProps {
  readonly id: string;
  readonly label: string;
  readonly accept?: string;
  readonly folder?: boolean;
  readonly primary?: boolean;
  readonly disabled?: boolean;
  readonly onFiles: (files: SourceFile[]) => void;
}

/** A button that opens the browser's file dialog; the same files may be chosen again. */
export function FileButton({ id, label, accept, folder, primary, disabled, onFiles }: FileButtonProps) {
  const onChange = ({ currentTarget }: { currentTarget: HTMLInputElement }) => {
    const files = filesOfInput(currentTarget.files ?? []);
    currentTarget.value = '';
    if (files.length > 0) onFiles(files);
  };
  return (
    <label class={`button ${primary ? 'primary' : ''} ${disabled ? 'disabled' : ''}`} for={id}>
      {label}
      <input
        class="hidden"
        type="file"
        id={id}
        multiple
        disabled={disabled}
        onChange={onChange}
        {...(accept ? { accept } : {})}
        {...(folder ? { webkitdirectory: true } : {})}
      />
    </label>
  );
}
