// How is somebody asked for one thing that the page cannot do without?
import { useLayoutEffect, useRef, useState } from 'preact/hooks';

interface Props {
  id: string;
  label: string;
  /** What is in the field at first. */
  initial: string;
  /** Is not shown while it is typed. */
  isSecret?: boolean;
  /** What of the text counts; empty when nothing does. */
  clean: (text: string) => string;
  submit: string;
  onGiven: (value: string) => void;
}

/** A field that has the focus, and a button for what is in it. */
export function OneFieldForm({ id, label, initial, isSecret, clean, submit, onGiven }: Props) {
  const [text, setText] = useState(initial);
  const field = useRef<HTMLInputElement>(null);
  // Before the first frame: whoever sees the field may type, and no key is lost.
  useLayoutEffect(() => field.current?.focus(), []);
  const value = clean(text);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (value) onGiven(value);
      }}
    >
      <label for={id}>{label}</label>
      <input
        id={id}
        {...(isSecret ? { type: 'password' as const } : { type: 'text' as const })}
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        ref={field}
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
        }}
      />
      <button type="submit" class="primary" disabled={!value}>
        {submit}
      </button>
    </form>
  );
}
