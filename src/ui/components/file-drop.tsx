import { IconFileUpload } from '@tabler/icons-react';
import { type ReactNode, useId, useRef, useState } from 'react';
import { useTexts } from '../texts.ts';
import classes from './file-drop.module.css';

type FileDropProps = {
  label: string;
  /** What kinds of file are welcome. */
  hint?: ReactNode;
  /** As for <input accept>: ".csv,.tsv,.gz" */
  accept?: string;
  disabled?: boolean;
  onFile: (file: File) => void;
};
/** A file by dropping or choosing; the whole area is the label of a real file input, so the keyboard works as it always does. */
export const FileDrop = ({ label, hint, accept, disabled, onFile }: FileDropProps) => {
  const t = useTexts();
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const take = (files: FileList | null) => {
    const file = files?.[0];
    if (file && !disabled) onFile(file);
    // The same file may be chosen again after it was mended.
    if (input.current) input.current.value = '';
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is for the mouse; the input inside does the same for everybody
    <div
      className={classes.drop}
      data-over={over || undefined}
      onDragOver={event => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={event => {
        event.preventDefault();
        setOver(false);
        take(event.dataTransfer.files);
      }}
    >
      <input
        ref={input}
        id={id}
        type="file"
        accept={accept}
        disabled={disabled}
        className={classes.input}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onChange={event => take(event.currentTarget.files)}
      />
      <label htmlFor={id} className={classes.area}>
        <IconFileUpload size={32} stroke={1.5} aria-hidden className={classes.icon} />
        <span className={classes.label}>{label}</span>
        <span className={classes.choose}>{t('ui.file.choose')}</span>
      </label>
      {hint && (
        <div id={`${id}-hint`} className={classes.hint}>
          {hint}
        </div>
      )}
    </div>
  );
};
